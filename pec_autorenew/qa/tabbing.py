"""Where the Tab key led, judged: pure, from what was seen to what is in the way."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pec_autorenew.qa.barriers import Barrier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pec_autorenew.checks import Control


@dataclass(frozen=True, slots=True)
class Stop:
    """Something that can have the focus: which it is in reading order, and that of the group which is one stop."""

    control: Control
    index: int
    #: Index of the first of its group, of which Tab stops at one and the arrows lead to the others; -1 for none.
    group: int = -1
    tabbable: bool = True

    @property
    def named(self) -> str:
        """It as people read it."""
        return str(self.control) if self.control.name else f"{self.control.role} without a name"


@dataclass(slots=True)
class Walk:
    """Where Tab led so far, by index; each stop once."""

    stops: Sequence[Stop]
    led: list[int] = field(default_factory=list)
    unseen: list[Control] = field(default_factory=list)
    #: The stop at which Tab did nothing any more.
    trap: Stop | None = None
    #: Where the last press led; of what is in no list, nothing.
    _last: int = field(default=-1, init=False)

    def goes_on(self, here: Mapping[str, Any] | None, unlisted: Control | None = None) -> bool:
        """Hear where a press led, and say whether to press again: until the page is left, or begins anew."""
        if here is None:
            return not self.led
        index = int(here["index"])
        if index < 0:
            if not here["seen"] and unlisted is not None and unlisted not in self.unseen:
                self.unseen.append(unlisted)
            return True
        if here["frame"] and index == self._last:
            return True  # inside of it
        if index in self.led:
            if index == self._last:
                self.trap = self.stops[index]
            return False
        if not here["seen"]:
            self.unseen.append(self.stops[index].control)
        self.led.append(index)
        self._last = index
        return True

    def reaches(self, stop: Stop) -> bool:
        """Whether Tab led there, or into its group."""
        group = self.stops[stop.index].group
        return stop.index in self.led or (
            group >= 0 and any(self.stops[one].group == group or one == group for one in self.led)
        )


def barriers_of(walk: Walk, needed: Iterable[tuple[str, Stop]]) -> tuple[Barrier, ...]:
    """Return what kept Tab from what the flow needs and from what else can be acted on, and where it went astray."""
    return tuple(dict.fromkeys((*_unreached(walk, needed), *_astray(walk), *_hidden(walk), *_trapped(walk))))


def _unreached(walk: Walk, needed: Iterable[tuple[str, Stop]]) -> Iterator[Barrier]:
    told = set()
    for key, stop in needed:
        if stop.index < 0:
            yield Barrier("tab-focus", stop.control, f"the flow needs it ({key}), and it cannot have the focus")
        elif not walk.reaches(stop):
            told.add(stop.index)
            yield Barrier("tab-reach", stop.control, f"the flow needs it ({key}), and Tab does not lead to it")
    for stop in walk.stops:
        if stop.tabbable and stop.index not in told and not walk.reaches(stop):
            yield Barrier("tab-reach", stop.control, "Tab does not lead to it")


def _astray(walk: Walk) -> Iterator[Barrier]:
    """Those stops that are out of the reading order: the fewest without which the others would be in it."""
    orderly = set(_longest_rise(walk.led))
    for turn, index in enumerate(walk.led):
        if index in orderly:
            continue
        after = walk.stops[walk.led[turn - 1]].named if turn else ""
        before = walk.stops[index - 1].named if index else ""
        why = (
            f"Tab leads to it {f'after {after}' if after else 'first'}, "
            f"and on the page it stands {f'after {before}' if before else 'first'}"
        )
        yield Barrier("tab-order", walk.stops[index].control, why)


def _hidden(walk: Walk) -> Iterator[Barrier]:
    for control in walk.unseen:
        yield Barrier("tab-visible", control, "it has the focus, and cannot be seen")


def _trapped(walk: Walk) -> Iterator[Barrier]:
    left = any(one.tabbable and not walk.reaches(one) for one in walk.stops)
    if walk.trap is not None and left:  # where it is all there is, Tab comes back to it
        yield Barrier("tab-trap", walk.trap.control, "Tab does not get past it")


def _longest_rise(led: Sequence[int]) -> list[int]:
    """Return the longest rising selection of a sequence without repetitions."""
    ends: list[int] = []
    best: list[list[int]] = []
    for one in led:
        at = bisect_left(ends, one)
        chain = [*(best[at - 1] if at else []), one]
        ends[at : at + 1] = [one]
        best[at : at + 1] = [chain]
    return best[-1] if best else []
