"""How a page names its elements, and by which of them it is recognised: data for `finding.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pec_autorenew.errors import Candidate

Kind = Literal["press", "check", "choice", "radio", "field", "select", "spin", "password", "heading", "text"]


@dataclass(frozen=True, slots=True)
class Element:
    """A documented element: its role is code, its name is data (a key of `names.py`)."""

    kind: Kind
    key: str
    #: Whether the name only has to hold one of the documented phrases.
    phrase: bool = False
    #: Key of the words beside which it stands, where the page has several of that name.
    near: str = ""
    #: Key of the heading below which it belongs to something else.
    above: str = ""
    #: Whether the page may do without it, in some generation or for some customer.
    optional: bool = False
    #: Whether each row of a list has one of its own.
    each_row: bool = False


@dataclass(frozen=True, slots=True)
class Sighting:
    """How often an element is visible on a page, and what is nearest to it where that is not once."""

    element: Element
    count: int
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What of one landmark stands on a page: its heading, each thing that it must show, each that it must not."""

    heading: bool
    all: Sequence[bool]
    none: Sequence[bool]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something by which a page is recognised that has no name of its own.

    «mailbox» is an address with a date and a word or control of a mailbox beside it; «alert» is text that a page
    announces; «empty-password» is a password field in which nothing stands, as after a sign-in that was refused.
    """

    kind: Literal["mailbox", "address", "alert", "empty-password"]


@dataclass(frozen=True, slots=True)
class Landmark:
    """How a page is recognised (DRF-1): its heading, what it must show, and what it must not."""

    heading: str | None = None
    all: tuple[Element | Mark, ...] = ()
    none: tuple[Element | Mark, ...] = ()
    #: Whether it counts only with its style sheets: without them, hidden words show.
    dressed: bool = True
