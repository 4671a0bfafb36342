"""A look judged by what is documented and by a baseline, which is an earlier look kept as text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from pec_autorenew.checks.looks import BaselineState, Control, ElementCheck, ElementState, PageCheck
from pec_autorenew.checks.normalising import normalised
from pec_autorenew.names import CONSENTS, DOCUMENTED, ROW_ACTIONS, core, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pec_autorenew.checks.looks import PageLook, SeenElement
    from pec_autorenew.errors import Candidate

#: So like a documented name, a control is taken for the same one under another name.
LIKE: Final = 0.6
#: Of these a page may show more than one: they are read, and nothing of that name is pressed.
_MAY_REPEAT: Final = frozenset({"text", "heading"})


@dataclass(frozen=True, slots=True)
class Baseline:
    """What stood on a page when somebody said that it was right."""

    #: Keys of the documented elements that were there.
    elements: frozenset[str] = frozenset()
    controls: frozenset[Control] = frozenset()
    row_controls: frozenset[Control] = frozenset()
    snapshot: str = ""

    @property
    def every_control(self) -> frozenset[Control]:
        """The controls of the page and of its rows."""
        return self.controls | self.row_controls


_LISTS: Final = ("elements", "controls", "row_controls")
_HEAD: Final = "# What stood on this page when the baseline was taken: `pec-autorenew check-portal` compares with it.\n"


def baseline_of(look: PageLook, before: Baseline | None = None) -> Baseline:
    """Return the look as a baseline; what rows had `before` stays, for rows come and go."""
    return Baseline(
        frozenset(one.key for one in look.elements if one.count),
        look.controls,
        look.row_controls | (before.row_controls if before else frozenset()),
        look.snapshot,
    )


def baseline_text(baseline: Baseline) -> str:
    """Return the baseline as a YAML file."""
    lists: dict[str, list[str]] = {
        "elements": sorted(baseline.elements),
        "controls": [f"{one.role} {one.name}" for one in sorted(baseline.controls)],
        "row_controls": [f"{one.role} {one.name}" for one in sorted(baseline.row_controls)],
    }
    lines = []
    for name, entries in lists.items():
        lines.append(f"{name}:" if entries else f"{name}: []")
        lines += [f"  - {json.dumps(entry, ensure_ascii=False)}" for entry in entries]
    lines.append("snapshot: |2")
    lines += [f"  {line}".rstrip(" ") for line in baseline.snapshot.split("\n")]
    return _HEAD + "\n".join(lines) + "\n"


def baseline_from(text: str) -> Baseline:
    """Return the baseline that `baseline_text` wrote. Raises ValueError for anything else."""
    lists: dict[str, list[str]] = {name: [] for name in _LISTS}
    head, mark, snapshot = text.partition("\nsnapshot: |2\n")
    if not mark:
        raise ValueError("there is no snapshot in it")
    here = ""
    for line in head.split("\n"):  # not at every sign that may end a line: a name may hold one
        if line.startswith("  - "):
            lists[here].append(json.loads(line.removeprefix("  - ")))
        elif line and not line.startswith("#"):
            here = line.split(":")[0]
            if here not in lists:
                raise ValueError(f"nobody knows what «{here}» is")
    controls = [frozenset(Control(*one.partition(" ")[::2]) for one in lists[name]) for name in _LISTS[1:]]
    shown = "\n".join(line.removeprefix("  ") for line in snapshot.removesuffix("\n").split("\n"))
    return Baseline(frozenset(lists["elements"]), controls[0], controls[1], shown)


def judged(look: PageLook, baseline: Baseline | None, reason: str = "") -> PageCheck:
    """Return what the look comes to, measured by the documented elements and by the baseline."""
    there = look.controls | look.row_controls
    new: tuple[Control, ...] = ()
    gone: tuple[Control, ...] = ()
    differences: tuple[str, ...] = ()
    if baseline is not None:
        new = tuple(sorted(one for one in there - baseline.every_control if not is_documented(one)))
        gone = tuple(sorted(one for one in baseline.controls - there if not is_documented(one)))
        differences = _differences(baseline.snapshot, look.snapshot)
    return PageCheck(
        look.page,
        tuple(_element(one, baseline) for one in look.elements),
        look.snapshot,
        tuple(sorted(there)),
        new,
        gone,
        differences,
        row_controls=tuple(sorted(look.row_controls)),
        baseline=BaselineState.ABSENT if baseline is None else BaselineState.COMPARED,
        reason=reason,
        observations=look.observations,
        picture=look.picture,
    )


def not_reached(page: str, elements: Sequence[SeenElement], reason: str, *, passed: bool = False) -> PageCheck:
    """Return the check of a page to which the walk did not get; `passed`: for the way went on without it."""
    state = ElementState.NOT_REACHED
    checked = tuple(ElementCheck(one.key, one.kind, one.documented, state) for one in elements)
    return PageCheck(page, checked, reason=reason, passed=passed)


def changes(before: Baseline, now: Baseline) -> list[str]:
    """Return what a new baseline changes, a line for each."""
    lines = [f"+ {one}" for one in sorted(now.every_control - before.every_control)]
    lines += [f"- {one}" for one in sorted(before.every_control - now.every_control)]
    lines += [f"+ element {one}" for one in sorted(now.elements - before.elements)]
    lines += [f"- element {one}" for one in sorted(before.elements - now.elements)]
    return lines or [f"  {line}" for line in _differences(before.snapshot, now.snapshot)]


def _element(seen: SeenElement, baseline: Baseline | None) -> ElementCheck:
    if baseline is not None and not seen.count and seen.key in baseline.elements:
        # What stood beside it then is not what it became.
        seen = replace(seen, candidates=tuple(sorted(seen.candidates, key=lambda one: _was_there(one, baseline))))
    return ElementCheck(
        seen.key, seen.kind, seen.documented, _state(seen, baseline), seen.count, seen.found, seen.candidates
    )


def _state(seen: SeenElement, baseline: Baseline | None) -> ElementState:
    if seen.count:
        alone = seen.count == 1 or seen.each_row or seen.kind in _MAY_REPEAT
        return ElementState.PRESENT if alone else ElementState.AMBIGUOUS
    if _is_renamed(seen, baseline):
        return ElementState.RENAMED
    return ElementState.OPTIONAL_ABSENT if seen.optional else ElementState.MISSING


def _is_renamed(seen: SeenElement, baseline: Baseline | None) -> bool:
    """Whether it was there once, and something else seems to stand in its place."""
    if baseline is None or seen.key not in baseline.elements or not seen.candidates:
        return False
    best = seen.candidates[0]
    unknown = not _was_there(best, baseline)
    if seen.optional:
        return unknown and best.similarity >= LIKE
    return unknown or best.similarity >= LIKE


def _was_there(candidate: Candidate, baseline: Baseline) -> bool:
    return fold(normalised(candidate.name)) in {one.name for one in baseline.every_control}


def is_documented(control: Control) -> bool:
    """Whether a guide names the control, alone or as a part: then it is judged as an element."""
    if all(core(part) in _DOCUMENTED for part in _PARTS.split(control.name)):  # «Rinnovo automatico: Non attivo»
        return True
    return any(phrase in control.name for phrase in _PHRASES)


_DOCUMENTED: Final = frozenset(core(name) for name in (*chain.from_iterable(DOCUMENTED.values()), *ROW_ACTIONS))
_PARTS: Final = re.compile(r"\s*[:|(]\s*")
_PHRASES: Final = tuple(fold(name) for key in CONSENTS.values() for name in DOCUMENTED[key])


def _differences(before: str, now: str) -> tuple[str, ...]:
    """Return the lines that only one of two snapshots has; how often a row stands there makes no difference."""
    old, new = (dict.fromkeys(line.strip() for line in text.splitlines()) for text in (before, now))
    return (*(f"- {line}" for line in old if line not in new), *(f"+ {line}" for line in new if line not in old))
