"""What `check-portal` sees and what comes of it, as values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pec_autorenew.errors import Candidate

#: The pages in the order of the walk: the key of each and its name for people.
PAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "login": "Accedi",
        "login_username": "Accedi, nome utente",
        "login_password": "Accedi, password",
        "home": "Home",
        "caselle": "Caselle PEC",
        "ordini": "Ordini associati al servizio",
        "gestione_caselle": "Gestione caselle PEC",
        "kit_firma": "Kit di Firma Digitale",
        "dati_intestatario": "Dati Intestatario",
        "dati_fatturazione": "Dati fatturazione",
        "modulo_ordine": "Modulo Ordine",
        "gestione_caselle_several": "Gestione caselle PEC, by «Rinnova caselle»",
    }
)


class ElementState(StrEnum):
    """What became of a documented element."""

    PRESENT = "present"
    MISSING = "missing"
    AMBIGUOUS = "ambiguous"
    RENAMED = "renamed"
    OPTIONAL_ABSENT = "optional-absent"
    NOT_REACHED = "not-reached"

    @property
    def is_drift(self) -> bool:
        """Whether the client would stop at it."""
        return self in {ElementState.MISSING, ElementState.AMBIGUOUS, ElementState.RENAMED}


class BaselineState(StrEnum):
    """What came of a page's baseline."""

    ABSENT = "absent"
    COMPARED = "compared"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True, order=True)
class Control:
    """Something that can be pressed, chosen or filled: its role, and its name with everything volatile masked."""

    role: str
    name: str

    def __str__(self) -> str:
        """Return it as people read it."""
        return f"{self.role} «{self.name}»"


@dataclass(frozen=True, slots=True)
class Observation:
    """Something that a look can tell of the portal which no guide says; without personal data."""

    topic: str
    seen: str


@dataclass(frozen=True, slots=True)
class SeenElement:
    """A documented element and how often it was there."""

    key: str
    kind: str
    documented: tuple[str, ...]
    optional: bool
    each_row: bool
    count: int
    #: Whether its name only has to hold the documented words.
    phrase: bool = False
    #: What was found under one of its names.
    found: Control | None = None
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class PageLook:
    """What stood on one page."""

    page: str
    elements: tuple[SeenElement, ...]
    #: Those of the page itself, then those in the rows of a list, which come and go with what the rows are about.
    controls: frozenset[Control] = frozenset()
    row_controls: frozenset[Control] = frozenset()
    snapshot: str = ""
    observations: tuple[Observation, ...] = ()
    #: A picture (PNG) without anything personal; empty where none may be taken.
    picture: bytes = b""
    #: Whether the page was recognised as the one that it should have been.
    recognised: bool = True

    @property
    def shows(self) -> int:
        """How much there is to see: of two looks at one page the fuller one is pictured."""
        return len(self.controls | self.row_controls)

    def joined(self, other: PageLook) -> PageLook:
        """Return what was there in one look or the other: another tab, or the same page with something opened."""
        pairs = zip(self.elements, other.elements, strict=True)
        return replace(
            self,
            elements=tuple(mine if mine.count >= its.count else its for mine, its in pairs),
            controls=self.controls | other.controls,
            row_controls=self.row_controls | other.row_controls,
            snapshot=other.snapshot if self.snapshot in other.snapshot else f"{self.snapshot}\n{other.snapshot}",
            observations=tuple(dict.fromkeys((*self.observations, *other.observations))),
            picture=(self if self.shows > other.shows else other).picture,
            recognised=self.recognised and other.recognised,
        )


@dataclass(frozen=True, slots=True)
class ElementCheck:
    """What became of one documented element."""

    key: str
    kind: str
    documented: tuple[str, ...]
    state: ElementState
    count: int = 0
    found: Control | None = None
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class PageCheck:
    """What became of one page: its elements, and what differs from the baseline."""

    page: str
    elements: tuple[ElementCheck, ...]
    snapshot: str = ""
    controls: tuple[Control, ...] = ()
    #: Controls that are neither documented nor in the baseline; none where there is no baseline.
    new: tuple[Control, ...] = ()
    #: Controls of the baseline that are no longer there.
    gone: tuple[Control, ...] = ()
    #: Lines of the snapshot that only the baseline (-) or only this look (+) has.
    differences: tuple[str, ...] = ()
    #: What came of the baseline: absent, compared, written.
    baseline: BaselineState = BaselineState.ABSENT
    #: What writing the baseline anew changed, a line for each.
    changes: tuple[str, ...] = ()
    #: Why the page was not reached, or what stopped the walk on it; "" where all went well.
    reason: str = ""
    observations: tuple[Observation, ...] = ()
    picture: bytes = b""
    #: Those of `controls` that stand in rows, which come and go.
    row_controls: tuple[Control, ...] = ()
    #: Whether the way went on without this page, which the portal did not show.
    passed: bool = False

    @property
    def title(self) -> str:
        """The page's name for people."""
        return PAGES[self.page]

    @property
    def reached(self) -> bool:
        """Whether the walk got there."""
        return any(one.state is not ElementState.NOT_REACHED for one in self.elements)

    @property
    def seen(self) -> bool:
        """Whether the walk came so far as to know whether the page is there."""
        return self.reached or self.passed

    @property
    def drift(self) -> tuple[ElementCheck, ...]:
        """The elements at which the client would stop."""
        return tuple(one for one in self.elements if one.state.is_drift)


@dataclass(frozen=True, slots=True)
class AccountCheck:
    """The walk of one account."""

    account: str
    pages: tuple[PageCheck, ...]
    #: What the walk has to tell, in sentences.
    notes: tuple[str, ...] = ()

    @property
    def drift(self) -> tuple[tuple[PageCheck, ElementCheck], ...]:
        """Every element at which the client would stop, with its page."""
        return tuple((page, one) for page in self.pages for one in page.drift)


@dataclass(slots=True)
class Drawn:
    """A page as it stood drawn, for a recording: people's data are in it, and it is never written as it is."""

    #: The pages that it was looked at as: two may stand in one document.
    pages: list[str]
    #: `pages.freezing`: a text, or tag, attributes, children, those of the shadow root, looks, document of the frame.
    tree: list[Any]
    #: The accessibility snapshot, unmasked.
    snapshot: str
    address: str
    #: What was looked for on each of the pages, and how often it was there.
    found: dict[str, dict[str, int]]


@dataclass(slots=True)
class Looks:
    """What a walk has seen so far, page by page, and why it went no further."""

    seen: dict[str, PageLook] = field(default_factory=dict)
    #: Why the rest was not reached.
    reason: str = ""
    notes: list[str] = field(default_factory=list)
    #: Words that belong to a person: they are masked at the end.
    personal: set[str] = field(default_factory=set)
    #: For a recording: each page as it stood drawn, and what the browser keeps of the sign-in, which no file may hold.
    drawn: list[Drawn] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def add(self, look: PageLook) -> None:
        """Keep a look, together with an earlier one on the same page."""
        before = self.seen.get(look.page)
        self.seen[look.page] = before.joined(look) if before else look

    def draw(self, look: PageLook, tree: list[Any], snapshot: str, address: str) -> None:
        """Keep a page as it stands drawn; a second page in the same document is told with the first."""
        found = {one.key: one.count for one in look.elements}
        if self.drawn and self.drawn[-1].tree == tree and look.page not in self.drawn[-1].pages:
            self.drawn[-1].pages.append(look.page)
            self.drawn[-1].found[look.page] = found
        else:
            self.drawn.append(Drawn([look.page], tree, snapshot, address, {look.page: found}))
