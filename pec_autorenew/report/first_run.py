"""The record of an attended walk: what it answered of all that nobody knew of the portal. Safe to send."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pec_autorenew import __version__
from pec_autorenew.checks import PAGES
from pec_autorenew.guidance import toml_lines
from pec_autorenew.report.checking import summary_line
from pec_autorenew.report.unknowns import UNKNOWNS, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pec_autorenew.checks import AccountCheck, PageCheck
    from pec_autorenew.ledger import Run


@dataclass(frozen=True, slots=True)
class Answer:
    """What the walk says to one question."""

    unknown: Unknown
    seen: tuple[str, ...]

    @property
    def state(self) -> str:
        """Whether it is answered, in part, or unknown."""
        if not self.seen:
            return "unknown"
        return "in part" if self.unknown.later else "answered"

    @property
    def told_by(self) -> str:
        """What would tell the rest; "" where there is none."""
        if self.unknown.later:
            return self.unknown.later
        return "" if self.seen else "a walk that gets further"


def answers(checks: Sequence[AccountCheck]) -> tuple[Answer, ...]:
    """Return, question by question, what the walks saw."""
    observations = [one for check in checks for page in check.pages for one in page.observations]
    notes = [note for check in checks for note in check.notes]
    said: dict[str, list[str]] = {
        "notices": [f"closed a window with {n.removeprefix('notice: ')}" for n in notes if n.startswith("notice: ")],
        "two-step": [note for note in notes if note.startswith("at the sign-in")],
    }
    for check in checks:
        there = {page.page for page in check.pages if page.reached}
        for page, topic in (("kit_firma", "kit"), ("dati_fatturazione", "billing")):
            if "modulo_ordine" in there and page not in there:
                said.setdefault(topic, []).append(f"«{PAGES[page]}» was not shown on the way to the form")
    for one in observations:
        said.setdefault(one.topic, []).append(one.seen)
    return tuple(
        Answer(unknown, tuple(dict.fromkeys(seen for topic in unknown.topics for seen in said.get(topic, ()))))
        for unknown in UNKNOWNS
    )


def record_as_json(run: Run, checks: Sequence[AccountCheck]) -> str:
    """Return the record for programs."""
    document = {
        "schema": "pec-autorenew/first-live-run/1",
        "version": __version__,
        "date": run.started_at.date().isoformat(),
        "summary": summary_line(checks),
        "unknowns": [
            {
                "key": one.unknown.key,
                "question": one.unknown.question,
                "state": one.state,
                "seen": list(one.seen),
                "told_by": one.told_by,
            }
            for one in answers(checks)
        ],
        "pages": [_page(page) for page in _pages(checks)],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def record_as_text(run: Run, checks: Sequence[AccountCheck]) -> str:
    """Return the record for people, in Markdown."""
    told = answers(checks)
    counts = {state: sum(one.state == state for one in told) for state in ("answered", "in part", "unknown")}
    lines = [
        "# A first walk over the portal",
        "",
        f"pec-autorenew {__version__}, {run.started_at:%Y-%m-%d}. Nothing was ordered.",
        "Addresses, names and what fields hold are left out; look it through all the same before you send it.",
        "",
        summary_line(checks),
        f"Questions: {counts['answered']} answered, {counts['in part']} in part, {counts['unknown']} still unknown.",
        "",
        "## What was not known",
        "",
    ]
    for number, one in enumerate(told, 1):
        lines += [f"### {number}. {one.unknown.key}: {one.state}", "", one.unknown.question, ""]
        lines += [f"- {seen}" for seen in one.seen]
        if one.told_by:
            lines += [*([""] if one.seen else []), f"Told by: {one.told_by}."]
        lines += [""]
    lines += ["## Pages", ""]
    for page in _pages(checks):
        lines += [f"### {page.title}", "", *_page_lines(page), ""]
    return "\n".join(lines).rstrip() + "\n"


def _pages(checks: Iterable[AccountCheck]) -> list[PageCheck]:
    return [page for check in checks for page in check.pages]


def _page_lines(page: PageCheck) -> list[str]:
    if not page.reached:
        return [f"Not reached: {page.reason}."]
    lines = ["| element | state | found |", "|---|---|---|"]
    lines += [f"| `{one.key}` | {one.state.value} | {_cell(str(one.found or '–'))} |" for one in page.elements]
    nearest = [candidate for one in page.drift for candidate in one.candidates[:1]]
    if nearest:
        text = toml_lines((candidate.table, candidate.line) for candidate in nearest)
        lines += ["", "To take what is nearest, if it is the right thing:", "", "```toml", *text, "```"]
    return lines


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _page(page: PageCheck) -> dict[str, object]:
    return {
        "page": page.page,
        "reached": page.reached,
        "reason": page.reason,
        "elements": {one.key: {"state": one.state.value, "found": str(one.found or "")} for one in page.elements},
        "controls": [str(control) for control in page.controls],
    }
