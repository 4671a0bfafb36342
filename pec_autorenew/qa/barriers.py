"""What is in the way of who cannot see a page, as values; and what of it is known and accepted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pec_autorenew.checks import Control

#: In the place of a page or an element: every one.
_ANY: Final = "*"
#: Of one rule so many elements are told one by one.
_MOST: Final = 10


@dataclass(frozen=True, slots=True)
class Barrier:
    """One rule that one element breaks: a rule of axe-core's, or one of the Tab key's (`tab-…`)."""

    rule: str
    element: Control
    why: str
    #: As axe-core says: minor, moderate, serious, critical.
    impact: str = ""
    #: A selector, for who looks for it in the markup.
    place: str = ""

    @property
    def named(self) -> str:
        """The element as people read it."""
        return str(self.element) if self.element.name else f"{self.element.role} without a name"

    def __str__(self) -> str:
        """Return it as a sentence."""
        impact = f" ({self.impact})" if self.impact else ""
        place = f" [{self.place}]" if self.place else ""
        return f"{self.rule}{impact}: {self.named}: {self.why}{place}"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A barrier that is known: a page, a rule, and an element; «*» for any page, no element for each."""

    page: str
    rule: str
    element: str = _ANY

    @classmethod
    def of(cls, line: str) -> Accepted:
        """Read «page rule element». Raises ValueError for a line that names no rule."""
        page, _, rest = line.strip().partition(" ")
        rule, _, element = rest.strip().partition(" ")
        if not rule or rule == _ANY:
            raise ValueError(f"«{line.strip()}» accepts no rule: page, rule, and the element if it is one alone")
        return cls(page, rule, element.strip() or _ANY)

    def covers(self, page: str, barrier: Barrier) -> bool:
        """Whether this says that the barrier on that page is known."""
        return self.page in {_ANY, page} and self.rule == barrier.rule and self.element in {_ANY, barrier.named}


def accepted_in(file: Path) -> tuple[Accepted, ...]:
    """Return what a file accepts: a line each; empty lines and those that begin with «#» are for people.

    None where there is no file. Raises ValueError with the place for a line that accepts nothing.
    """
    if not file.is_file():
        return ()
    taken = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                taken.append(Accepted.of(line))
            except ValueError as error:
                raise ValueError(f"{file}, line {number}: {error}") from error
    return tuple(taken)


def told(title: str, name: str, barriers: Sequence[Barrier], file: Path | None) -> str:
    """Return what is in the way on a page, for people, and how to accept it."""
    shown: Counter[str] = Counter()
    lines = [f"«{title}» ({name}) is not accessible to everybody:"]
    for one in dict.fromkeys(barriers):
        shown[one.rule] += 1
        if shown[one.rule] <= _MOST:
            lines.append(f"  {one}")
    lines += [f"  {rule}: and {count - _MOST} more" for rule, count in shown.items() if count > _MOST]
    lines.append(f"known and to stay? A line in {file}, or in `accept` without the page:" if file else "to accept it:")
    lines += [f"  {line}" for line in dict.fromkeys(f"{name} {one.rule} {one.named}" for one in barriers[:_MOST])]
    return "\n".join(lines)
