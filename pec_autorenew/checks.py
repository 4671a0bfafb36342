"""What `check-portal` saw of the portal's pages, as values, and how two looks differ: pure, from values to values.

A look holds what stood on one page; a baseline is an earlier look, kept as text; one judged by the other is a check.
What changes by itself (addresses, dates, amounts, numbers, how many rows a list has) is masked before anything is kept.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, Final

from pec_autorenew.italian import DATE_IN_TEXT, MONEY_IN_TEXT
from pec_autorenew.names import CONSENTS, DOCUMENTED, ROW_ACTIONS, core, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pec_autorenew.errors import Candidate

#: The pages in the order of the walk: the key of each and its name for people.
PAGES: Final[Mapping[str, str]] = {
    "login": "Accedi",
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
#: So like a documented name, a control is taken for the same one under another name.
_LIKE: Final = 0.6
#: Of these a page may show more than one: they are read, and nothing of that name is pressed.
_MAY_REPEAT: Final = frozenset({"text", "heading"})

_ADDRESS: Final = re.compile(r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER: Final = re.compile(r"(?<!\[level=)\d+(?:[.,/]\d+)*")
_ATTRIBUTE: Final = re.compile(r" \[(?:ref|cursor|active)(?:=[^\]]*)?\]")


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
            picture=other.picture or self.picture,
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

    @property
    def title(self) -> str:
        """The page's name for people."""
        return PAGES[self.page]

    @property
    def reached(self) -> bool:
        """Whether the walk got there."""
        return any(one.state is not ElementState.NOT_REACHED for one in self.elements)

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


# -- masking -----------------------------------------------------------------------------------------------------------


def masked(text: str, personal: Iterable[str] = ()) -> str:
    """Return `text` without what changes by itself, and without the `personal` words."""
    for word in sorted(filter(None, personal), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "‹personal›", text, flags=re.IGNORECASE)
    text = _ADDRESS.sub("‹address›", text)
    text = MONEY_IN_TEXT.sub("‹amount›", text.replace("\u00a0", " "))
    return _NUMBER.sub("#", DATE_IN_TEXT.sub("‹date›", text))


def masked_snapshot(text: str, personal: Iterable[str] = ()) -> str:
    """Return an accessibility snapshot in which nothing differs that changes by itself."""
    return "\n".join(_ATTRIBUTE.sub("", line).rstrip() for line in masked(text, personal).splitlines())


def masked_address(scheme_and_host: str, path: str, parameters: Iterable[str]) -> str:
    """Return an address without what may identify anybody: steps with figures or an «@» and all values are left out."""
    steps = ["…" if re.search(r"\d{2}|@|%40", step) or len(step) > 40 else step for step in path.split("/")]  # noqa: PLR2004 - an id is long
    asked = f"?{'&'.join(f'{name}=…' for name in parameters)}" if parameters else ""
    return f"{scheme_and_host}{'/'.join(steps)}{asked}"


def redacted(look: PageLook, personal: Iterable[str]) -> PageLook:
    """Return the look without the `personal` words, which are known only when the walk is over."""
    words = tuple(personal)

    def control(one: Control) -> Control:
        return Control(one.role, masked(one.name, words))

    def element(one: SeenElement) -> SeenElement:
        candidates = tuple(replace(c, name=masked(c.name, words), line=without(c.line, words)) for c in one.candidates)
        return replace(one, found=control(one.found) if one.found else None, candidates=candidates)

    return replace(
        look,
        elements=tuple(map(element, look.elements)),
        controls=frozenset(map(control, look.controls)),
        row_controls=frozenset(map(control, look.row_controls)),
        snapshot=masked_snapshot(look.snapshot, words),
        observations=tuple(replace(one, seen=without(one.seen, words)) for one in look.observations),
    )


def without(text: str, personal: Iterable[str]) -> str:
    """Return `text` without addresses and without the `personal` words; its numbers are facts."""
    for word in sorted(filter(None, personal), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "‹personal›", text, flags=re.IGNORECASE)
    return _ADDRESS.sub("‹address›", text)


# -- the baseline ------------------------------------------------------------------------------------------------------


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


# -- judging -----------------------------------------------------------------------------------------------------------


def judged(look: PageLook, baseline: Baseline | None, reason: str = "") -> PageCheck:
    """Return what the look comes to, measured by the documented elements and by the baseline."""
    there = look.controls | look.row_controls
    new: tuple[Control, ...] = ()
    gone: tuple[Control, ...] = ()
    differences: tuple[str, ...] = ()
    if baseline is not None:
        new = tuple(sorted(one for one in there - baseline.every_control if not _is_documented(one)))
        gone = tuple(sorted(one for one in baseline.controls - there if not _is_documented(one)))
        differences = _differences(baseline.snapshot, look.snapshot)
    return PageCheck(
        look.page,
        tuple(_element(one, baseline) for one in look.elements),
        look.snapshot,
        tuple(sorted(there)),
        new,
        gone,
        differences,
        baseline=BaselineState.ABSENT if baseline is None else BaselineState.COMPARED,
        reason=reason,
        observations=look.observations,
        picture=look.picture,
    )


def not_reached(page: str, elements: Sequence[SeenElement], reason: str) -> PageCheck:
    """Return the check of a page to which the walk did not get."""
    state = ElementState.NOT_REACHED
    return PageCheck(page, tuple(ElementCheck(o.key, o.kind, o.documented, state) for o in elements), reason=reason)


def changes(before: Baseline, now: Baseline) -> list[str]:
    """Return what a new baseline changes, a line for each."""
    lines = [f"+ {one}" for one in sorted(now.every_control - before.every_control)]
    lines += [f"- {one}" for one in sorted(before.every_control - now.every_control)]
    lines += [f"+ element {one}" for one in sorted(now.elements - before.elements)]
    lines += [f"- element {one}" for one in sorted(before.elements - now.elements)]
    return lines or [f"  {line}" for line in _differences(before.snapshot, now.snapshot)]


def _element(seen: SeenElement, baseline: Baseline | None) -> ElementCheck:
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
    unknown = fold(masked(best.name)) not in {one.name for one in baseline.every_control}
    if seen.optional:
        return unknown and best.similarity >= _LIKE
    return unknown or best.similarity >= _LIKE


def _is_documented(control: Control) -> bool:
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


@dataclass(slots=True)
class Looks:
    """What a walk has seen so far, page by page, and why it went no further."""

    seen: dict[str, PageLook] = field(default_factory=dict)
    #: Why the rest was not reached.
    reason: str = ""
    notes: list[str] = field(default_factory=list)
    #: Words that belong to a person: they are masked at the end.
    personal: set[str] = field(default_factory=set)

    def add(self, look: PageLook) -> None:
        """Keep a look, together with an earlier one on the same page."""
        before = self.seen.get(look.page)
        self.seen[look.page] = before.joined(look) if before else look


# -- as JSON -----------------------------------------------------------------------------------------------------------


def account_as_json(check: AccountCheck) -> dict[str, object]:
    """Return the walk of an account as `check-portal --json` prints it."""
    return {"account": check.account, "notes": list(check.notes), "pages": [_page_as_json(one) for one in check.pages]}


def _page_as_json(page: PageCheck) -> dict[str, object]:
    return {
        "page": page.page,
        "title": page.title,
        "reached": page.reached,
        "baseline": page.baseline.value,
        "reason": page.reason,
        "elements": [_element_as_json(one) for one in page.elements],
        "new": [asdict(one) for one in page.new],
        "gone": [asdict(one) for one in page.gone],
        "changes": list(page.changes),
    }


def _element_as_json(one: ElementCheck) -> dict[str, object]:
    return {
        "element": one.key,
        "kind": one.kind,
        "state": one.state.value,
        "count": one.count,
        "found": asdict(one.found) if one.found else None,
        "candidates": [asdict(candidate) for candidate in one.candidates],
    }
