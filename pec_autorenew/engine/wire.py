"""What goes between a run and its workers: calls, questions in the middle of one, answers, and errors.

Everything here can be pickled, and holds no secret; an error stays what it is.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from pec_autorenew.errors import PecAutorenewError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from pec_autorenew.checks import Looks
    from pec_autorenew.config import Account
    from pec_autorenew.engine.ports import OpenVisits
    from pec_autorenew.turns import Pace

#: What a worker calls to start its browser, with what that waits for before it asks the portal for a page.
Start: TypeAlias = "Callable[[Pace], AbstractContextManager[OpenVisits]]"


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is told first: how to start its browser, and whose worker it is."""

    start: Start
    parent: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that stays in the worker, by its number; `facts` are what the run needs to know of it."""

    number: int
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """In the place of an argument that is called: by calling it the worker asks the run."""


@dataclass(frozen=True, slots=True)
class Call:
    """One verb of an account's portal, or of what it keeps under the number `of`."""

    account: Account
    verb: str
    arguments: tuple[Any, ...] = ()
    named: dict[str, Any] = field(default_factory=dict)
    of: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """The worker waits for the run's word before it goes on."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The worker is about to ask the portal for so many pages, and waits until it may."""

    pages: int


@dataclass(frozen=True, slots=True)
class BackOff:
    """The portal answered so, and asked to be left alone for so many seconds, if it said for how many."""

    status: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The run's word: to go on, or the error that is to be raised there."""

    error: Carried | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker has its browser."""


@dataclass(frozen=True, slots=True)
class Done:
    """A call came to its end; `looks` is what a walk has seen so far."""

    value: Any
    looks: Looks | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A call raised; after it the worker is good for no more unless it is `sound`."""

    error: Carried
    looks: Looks | None = None
    sound: bool = True


class Surprise(Exception):
    """An error that nobody foresaw, in the process next door: its kind and its place, never its own words (SEC-1)."""

    def __init__(self, kind: str, place: str) -> None:
        super().__init__(kind, place)
        self.kind = kind
        self.place = place


@dataclass(frozen=True, slots=True)
class Carried:
    """An error on its way to another process: itself, what it came from, and whether it is the other side's own."""

    error: PecAutorenewError | Surprise
    cause: Carried | None = None
    returned: bool = False

    def unpacked(self, own: BaseException | None = None) -> BaseException:
        """Return the error, with its cause; `own`, which was sent out, where that is what comes back."""
        if self.returned and own is not None:
            return own
        if self.cause is not None:
            self.error.__cause__ = self.cause.unpacked(own)
        return self.error


def carried(error: BaseException, own: BaseException | None = None) -> Carried:
    """Pack an error; `own` is the one that came from the other side and is told apart when it goes back."""
    cause = None if error.__cause__ is None else carried(error.__cause__, own)
    if isinstance(error, PecAutorenewError | Surprise):
        return Carried(error, cause, error is own)
    return Carried(Surprise(type(error).__name__, place_of(error)), cause)


def place_of(error: BaseException) -> str:
    """Return where an error arose, file and line, or ""."""
    if isinstance(error, Surprise):
        return error.place
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""


def kind_of(error: BaseException) -> str:
    """Return what kind of error it is."""
    return error.kind if isinstance(error, Surprise) else type(error).__name__
