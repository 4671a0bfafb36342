"""What `check-portal` found: for people on a terminal, for a test server (JUnit), and as one page of HTML."""

from __future__ import annotations

from base64 import b64encode
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from pec_autorenew.checks import BaselineState, ElementState, account_as_json, since_as_json
from pec_autorenew.planning import ROME
from pec_autorenew.report.document import run_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from pec_autorenew.checks import AccountCheck, ElementCheck, PageCheck, Since
    from pec_autorenew.ledger import Run

_COLOURS: Final = {
    ElementState.PRESENT: "green",
    ElementState.MISSING: "bold red",
    ElementState.AMBIGUOUS: "bold red",
    ElementState.RENAMED: "bold red",
    ElementState.OPTIONAL_ABSENT: "dim",
    ElementState.NOT_REACHED: "dim",
}
#: So many candidates are told for an element that is not there.
_MOST: Final = 3
#: Longer names, such as those of consents, are cut in a table.
_WIDEST: Final = 60


def check_document(run: Run, checks: Sequence[AccountCheck], since: Since | None) -> dict[str, Any]:
    """Return the run as JSON: its envelope, what was found account by account, and what has changed."""
    return run_document(run) | check_facts(checks, since)


def check_facts(checks: Sequence[AccountCheck], since: Since | None) -> dict[str, Any]:
    """Return what a check adds to the document of a run."""
    return {
        "summary": summary_line(checks),
        "since": since_as_json(since),
        "accounts": [account_as_json(check) for check in checks],
    }


# -- for people --------------------------------------------------------------------------------------------------------


def print_checks(
    console: Console, checks: Sequence[AccountCheck], since: Since | None = None, *, quiet: bool = False
) -> None:
    """Print every page with its elements, and what has changed.

    Quietly, only those pages on which something is not as documented, and nothing where there is none and no change.
    """
    for check in checks:
        pages = [page for page in check.pages if not quiet or page.drift]
        if pages:
            console.print(f"Account {check.account}", style="bold", highlight=False, markup=False)
        for reason, alike in groupby(pages, lambda page: "" if page.reached else page.reason):
            if reason:
                _say(console, f"  Not reached: {', '.join(page.title for page in alike)} ({reason})", style="dim")
            else:
                for page in alike:
                    _print_page(console, page)
        for note in check.notes if not quiet else ():
            _say(console, f"  Note: {note}")
    if since is not None and (since.changes or not quiet):
        _print_since(console, since)
    if not quiet or (since and since.changes) or any(check.drift for check in checks):
        _say(console, summary_line(checks), style="bold")


def _print_since(console: Console, since: Since) -> None:
    _say(console, since_line(since), style="bold")
    for page in since.changes:
        _say(console, f"  {page.account}, {page.title}", style="yellow")
        for change in page.changes:
            _say(console, f"    {change.text}")


def since_line(since: Since) -> str:
    """Return the line that says since when there is how much."""
    number = sum(len(page.changes) for page in since.changes)
    counted = "nothing has changed" if not number else f"{number} change{'' if number == 1 else 's'}"
    return f"Since the check of {since.at.astimezone(ROME):%d/%m/%Y %H:%M} ({since.run_id}): {counted}."


def summary_line(checks: Sequence[AccountCheck]) -> str:
    """Return the line that says what came of it all."""
    pages = [page for check in checks for page in check.pages]
    states = [one.state for page in pages for one in page.elements]
    drift = sum(state.is_drift for state in states)
    counted = (
        f"{sum(page.reached for page in pages)} of {len(pages)} pages, {states.count(ElementState.PRESENT)} elements"
    )
    told = [
        f"{number} {word}"
        for number, word in (
            (sum(len(page.new) for page in pages), "new"),
            (sum(len(page.gone) for page in pages), "gone"),
        )
        if number
    ]
    more = f" Controls since the baseline: {', '.join(told)}." if told else ""
    if drift:
        return f"{counted} are there; {drift} {'is' if drift == 1 else 'are'} not as documented.{more}"
    return f"{counted} are there; nothing is missing, renamed or ambiguous.{more}"


def _print_page(console: Console, page: PageCheck) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), title=page.title, title_justify="left")
    table.add_column("Element", overflow="fold", ratio=5)
    table.add_column("Found", overflow="fold", ratio=6)
    table.add_column("State", no_wrap=True)
    for one in page.elements:
        table.add_row(Text(one.key), Text(_found(one)), Text(one.state.value, _COLOURS[one.state]))
    console.print(table)
    for line in page_lines(page):
        _say(console, f"  {line}")


def _found(one: ElementCheck) -> str:
    times = f"{one.count} times" if one.count else "–"
    if one.found is None:
        return times
    name = one.found.name if len(one.found.name) <= _WIDEST else f"{one.found.name[:_WIDEST]}…"
    return f"{one.found.role} «{name}»{f' ({times})' if one.count > 1 else ''}"


def page_lines(page: PageCheck) -> list[str]:
    """Return what is to be said of a page beyond its elements."""
    lines = [f"{page.reason}."] if page.reason else []
    for one in page.drift:
        names = " / ".join(f"«{name}»" for name in one.documented)
        lines.append(f"{one.key} is {one.state.value}; documented: {names or 'a check box in each row'}")
        for candidate in one.candidates[:_MOST]:
            lines.append(
                f"  nearest: {candidate.role} «{candidate.name}» ({candidate.similarity:.0%}); to take it, below"
            )
            lines += [f"    {line}" for line in candidate.toml.splitlines()]
    lines += [f"new: {control}" for control in page.new]
    lines += [f"gone: {control}" for control in page.gone]
    match page.baseline:
        case BaselineState.ABSENT:
            lines.append("No baseline yet: only the documented elements were judged (--update-baseline takes one).")
        case BaselineState.WRITTEN:
            lines.append("Baseline written." if page.changes else "Baseline written; it changes nothing.")
            lines += [f"  {change}" for change in page.changes]
        case BaselineState.COMPARED if not (page.new or page.gone):
            lines.append("No control is new or gone since the baseline.")
        case _:
            pass
    return lines


def _say(console: Console, line: str, style: str = "") -> None:
    # A line of configuration is there to be copied: it is not broken.
    console.print(line, style=style or None, highlight=False, markup=False, soft_wrap=True)


# -- for a test server -------------------------------------------------------------------------------------------------


def junit(checks: Sequence[AccountCheck], since: Since | None = None) -> str:
    """Return the result as JUnit knows it: a suite for each page and account, a case for each element.

    What has changed stands among the suite's properties: it is no failure by itself.
    """
    changed = {(page.account, page.page): page.changes for page in since.changes} if since else {}
    root = ET.Element("testsuites", name="pec-autorenew check-portal")
    totals = {"tests": 0, "failures": 0, "skipped": 0}
    for check in checks:
        for page in check.pages:
            suite = ET.SubElement(root, "testsuite", name=f"{check.account}: {page.title}")
            counts = {"tests": 0, "failures": 0, "skipped": 0}
            changes = [change.text for change in changed.get((check.account, page.page), ())]
            if since:
                properties = ET.SubElement(suite, "properties")
                for name, value in (("since", since.run_id), *(("changed", text) for text in changes)):
                    ET.SubElement(properties, "property", name=name, value=value)
            for one in page.elements:
                case = ET.SubElement(suite, "testcase", classname=f"{check.account}.{page.page}", name=one.key)
                counts["tests"] += 1
                if one.state.is_drift:
                    counts["failures"] += 1
                    failure = ET.SubElement(case, "failure", type=one.state.value, message=_failure(one))
                    failure.text = "\n".join(candidate.toml for candidate in one.candidates[:_MOST])
                elif one.state is not ElementState.PRESENT:
                    counts["skipped"] += 1
                    message = page.reason if one.state is ElementState.NOT_REACHED else "optional, and not there"
                    ET.SubElement(case, "skipped", message=message)
            told = [f"new: {control}" for control in page.new] + [f"gone: {control}" for control in page.gone]
            if since and changes:
                told += [f"since {since.run_id}:", *(f"  {text}" for text in changes)]
            if told:
                ET.SubElement(suite, "system-out").text = "\n".join(told)
            suite.attrib.update({key: str(number) for key, number in counts.items()}, errors="0")
            totals = {key: totals[key] + counts[key] for key in totals}
    root.attrib.update({key: str(number) for key, number in totals.items()}, errors="0")
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _failure(one: ElementCheck) -> str:
    names = " / ".join(f"«{name}»" for name in one.documented)
    nearest = f"; nearest: {one.candidates[0].role} «{one.candidates[0].name}»" if one.candidates else ""
    seen = f"seen {one.count} times" if one.count else "not seen"
    return f"{one.state.value}: {names or one.key} {seen}{nearest}"


# -- as a page of HTML -------------------------------------------------------------------------------------------------


def html(run: Run, checks: Sequence[AccountCheck], since: Since | None = None) -> str:
    """Return one HTML file that needs no other: elements, what has changed, masked snapshots, pictures.

    Of a run of the past, which the ledger tells, there are no snapshots and pictures.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    templates = Environment(loader=PackageLoader("pec_autorenew.report"), autoescape=True, undefined=StrictUndefined)
    template = templates.get_template("check_portal.html.j2")
    return template.render(
        run=run,
        checks=checks,
        summary=summary_line(checks),
        since=since,
        since_line=since_line(since) if since else "",
        pictures=dict(_pictures(checks)),
        lines=page_lines,
    )


def _pictures(checks: Sequence[AccountCheck]) -> Iterator[tuple[str, str]]:
    for check in checks:
        for page in check.pages:
            if page.picture:
                yield f"{check.account}/{page.page}", f"data:image/png;base64,{b64encode(page.picture).decode()}"
