"""How one snapshot of a page differs from an earlier one, told by its elements: renamed, new, gone, moved, changed."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from difflib import SequenceMatcher, unified_diff
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, Final

from pec_autorenew.checks.judging import LIKE
from pec_autorenew.checks.outline import Part, parts_of
from pec_autorenew.names import CONSENTS, DOCUMENTED, core, fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class PartChangeKind(StrEnum):
    """What became of an element since the baseline."""

    RENAMED = "renamed"
    NEW = "new"
    GONE = "gone"
    MOVED = "moved"
    #: Its role, or its state: pressed, chosen, disabled.
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class PartChange:
    """One element that is not as it was."""

    kind: PartChangeKind
    #: As it was; for a new one, as it is.
    part: Part
    #: As it is now; None for one that is gone.
    now: Part | None = None
    #: What it stood after, and what it stands after now: «textbox «Email»», or "" at the beginning.
    was_after: str = ""
    is_after: str = ""
    #: Which documented element it is: a key of `names.py`, or "".
    key: str = ""

    def __str__(self) -> str:
        """Return it as a sentence that begins with the element."""
        place = f", after {self.is_after}" if self.is_after else ", at the beginning"
        match self.kind:
            case PartChangeKind.RENAMED:
                told = f"{self._placed} {_renamed(self.part, self.now)}"
            case PartChangeKind.NEW:
                told = f"{self.part} is new{place}"
            case PartChangeKind.GONE:
                told = f"{self.part} is gone; it stood {_after(self.was_after)}"
            case PartChangeKind.MOVED:
                told = f"{self.part} moved: it stood {_after(self.was_after)}, and stands {_after(self.is_after)} now"
            case PartChangeKind.CHANGED:
                told = f"{self.part} {_changed(self.part, self.now)}"
        return f"{told} (the documented {self.key})" if self.key else told

    @property
    def _placed(self) -> str:
        """A text is one of many; what stands before it tells which."""
        after = f" after {self.was_after}" if self.was_after and self.part.role not in _CONTROLS else ""
        return f"{self.part}{after}"

    @property
    def remedy(self) -> str:
        """The line of the configuration that takes the new name of a documented element; "" where there is none."""
        if self.kind is not PartChangeKind.RENAMED or not self.key or self.now is None or not self.now.says:
            return ""
        return f'portal.names."{self.key}" = [{json.dumps(self.now.says, ensure_ascii=False)}]'


def changes_between(before: str, now: str, page: str = "") -> tuple[PartChange, ...]:
    """Return how two kept snapshots of one page differ, element by element, in reading order.

    `page` is the page's key, by which its documented elements are known. What has neither name nor text, such as a list
    around something, is told only where nothing else changed.
    """
    old, new = parts_of(before), parts_of(now)
    differing = _Differing(old, new)
    in_turn = (differing.states, differing.moved, differing.of_another_role, differing.renamed, differing.rest)
    found = sorted(chain.from_iterable(tell() for tell in in_turn), key=lambda one: one[0])
    told = [_keyed(change, page) for _, change in found]
    named = [one for one in told if _matters(one.part)]
    return tuple(_without_labels(named or told))


def lines_between(before: str, now: str) -> tuple[str, ...]:
    """Return the lines that differ, each with the one before and the one after it, as `diff -u` writes them."""
    old, new = ([one.line for one in parts_of(text)] for text in (before, now))
    return tuple(line for line in unified_diff(old, new, n=1, lineterm="") if not line.startswith(("---", "+++")))


class _Differing:
    """Those parts of two snapshots that do not stand opposite each other, with their stretch; each is told once."""

    def __init__(self, old: Sequence[Part], new: Sequence[Part]) -> None:
        self.old, self.new = old, new
        #: Index in the snapshot -> number of the stretch in which the two differ.
        self.lost: dict[int, int] = {}
        self.came: dict[int, int] = {}
        self.same: list[tuple[int, int]] = []
        matcher = SequenceMatcher(None, [one.key for one in old], [one.key for one in new], autojunk=False)
        for stretch, (tag, i1, i2, j1, j2) in enumerate(matcher.get_opcodes()):
            if tag == "equal":
                self.same += zip(range(i1, i2), range(j1, j2), strict=True)
            else:
                self.lost |= dict.fromkeys(range(i1, i2), stretch)
                self.came |= dict.fromkeys(range(j1, j2), stretch)

    def states(self) -> Iterator[tuple[int, PartChange]]:
        """Tell what stands where it stood, in another state."""
        for was, now in self.same:
            if self.old[was].states != self.new[now].states:
                yield self._change(PartChangeKind.CHANGED, was, now)

    def moved(self) -> Iterator[tuple[int, PartChange]]:
        """Tell what stands elsewhere."""
        for was in list(self.lost):
            now = next((at for at in self.came if self.new[at].key == self.old[was].key), None)
            if now is not None:
                yield self._pair(PartChangeKind.MOVED, was, now)

    def of_another_role(self) -> Iterator[tuple[int, PartChange]]:
        """Tell what has its name still, in the same place, and is something else."""
        for was in list(self.lost):
            says, stretch = core(self.old[was].says), self.lost[was]
            if self.old[was].role == "text" or not says:
                continue
            now = next((at for at in self.came if core(self.new[at].name) == says and self.came[at] == stretch), None)
            if now is not None and self.new[now].role != self.old[was].role:
                yield self._pair(PartChangeKind.CHANGED, was, now)

    def renamed(self) -> Iterator[tuple[int, PartChange]]:
        """Tell what has another name: one that is like it, or that of the only one of its role that came there."""
        pairs = [
            (SequenceMatcher(None, core(self.old[was].says), core(self.new[now].says)).ratio(), was, now)
            for was in self.lost
            for now in self.came
            if self.old[was].role == self.new[now].role
        ]
        for like, was, now in sorted(pairs, key=lambda one: (-one[0], one[1], one[2])):
            if like >= LIKE and was in self.lost and now in self.came:
                yield self._pair(PartChangeKind.RENAMED, was, now)
        for was in list(self.lost):
            now_here = self._only_successor(was)
            if now_here is not None:
                yield self._pair(PartChangeKind.RENAMED, was, now_here)

    def rest(self) -> Iterator[tuple[int, PartChange]]:
        """Tell what is gone, and what is new."""
        for was in self.lost:
            yield was, PartChange(PartChangeKind.GONE, self.old[was], was_after=_before(self.old, was))
        for now in self.came:
            change = PartChange(PartChangeKind.NEW, self.new[now], self.new[now], is_after=_before(self.new, now))
            yield self._opposite(now), change

    def _only_successor(self, was: int) -> int | None:
        """Return what came in the place of what was there: of its role as many came there as went."""
        stretch, role = self.lost[was], self.old[was].role
        went = [at for at in self.lost if self.lost[at] == stretch and self.old[at].role == role]
        came = [at for at in self.came if self.came[at] == stretch and self.new[at].role == role]
        return came[went.index(was)] if len(went) == len(came) else None

    def _pair(self, kind: PartChangeKind, was: int, now: int) -> tuple[int, PartChange]:
        del self.lost[was], self.came[now]
        return self._change(kind, was, now)

    def _change(self, kind: PartChangeKind, was: int, now: int) -> tuple[int, PartChange]:
        return was, PartChange(kind, self.old[was], self.new[now], _before(self.old, was), _before(self.new, now))

    def _opposite(self, now: int) -> int:
        """Return where in the old snapshot that stands which is nearest before this in the new one."""
        return max((was for was, at in self.same if at < now), default=-1)


def _before(parts: Sequence[Part], at: int) -> str:
    """Return what stands before a part, and has words of its own, not those of the part."""
    own = core(parts[at].says)
    others = (parts[one] for one in range(at - 1, -1, -1))
    return next((str(one) for one in others if _matters(one) and one.says and core(one.says) != own), "")


def _matters(part: Part) -> bool:
    """Whether it can be pressed, chosen or filled, or has words of its own."""
    return part.role in _CONTROLS or any(sign.isalpha() for sign in part.says)


_CONTROLS: Final = frozenset(
    {
        *("button", "link", "checkbox", "switch", "radio", "option", "tab", "textbox", "searchbox", "combobox"),
        *("spinbutton", "slider", "menuitem"),
    }
)


#: What has a name because words stand in it.
_WORDS: Final = frozenset({"cell", "gridcell", "term", "definition", "text", "strong", "paragraph", "listitem"})


def _keyed(change: PartChange, page: str) -> PartChange:
    """Return the change with the documented element that the part is, or was."""
    says, whole = core(change.part.says), fold(change.part.says)
    phrases = CONSENTS.values() if change.part.role == "checkbox" else ()
    keys = [key for key in DOCUMENTED if says and _is_of(key, page)]
    exact = (key for key in keys if says in {core(name) for name in DOCUMENTED[key]})
    holding = (key for key in keys if key in phrases and any(fold(name) in whole for name in DOCUMENTED[key]))
    return replace(change, key=next(exact, "") or next(holding, ""))


def _is_of(key: str, page: str) -> bool:
    """Whether a documented element belongs to a page, or to the half of it that `page` is: «login_username»."""
    first = key.partition(".")[0]
    return page.startswith(first) and not page.removeprefix(first)[:1].isalnum()


def _without_labels(changes: Sequence[PartChange]) -> list[PartChange]:
    """Return the changes without those of a label's words, where its control is told to have changed likewise."""
    told = Counter(_words(one) for one in changes if one.part.role in _CONTROLS)
    return [one for one in changes if one.part.role in _CONTROLS or not told[_words(one)]]


def _words(change: PartChange) -> tuple[PartChangeKind, str, str]:
    return change.kind, core(change.part.says), core(change.now.says) if change.now else ""


def _renamed(was: Part, now: Part | None) -> str:
    says = now.says if now else ""
    if not says:
        return "has no name any more"
    if not was.says:
        return f"has a name now: «{says}»"
    is_words = was.role in _WORDS or not was.name
    return f"reads «{says}» now" if is_words else f"is renamed to «{says}»"


def _changed(was: Part, now: Part | None) -> str:
    if now is None or was.role != now.role:
        return f"is a {now.role if now else 'nothing'} now"
    came = [one for one in now.states if one not in was.states]
    went = [one for one in was.states if one not in now.states]
    told = [f"is {', '.join(came)} now"] if came else []
    return ", and ".join([*told, *([f"is {', '.join(went)} no longer"] if went else [])])


def _after(what: str) -> str:
    return f"after {what}" if what else "at the beginning"
