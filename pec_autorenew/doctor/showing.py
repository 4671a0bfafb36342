"""What was found, for people: a table on a terminal, a line for each finding elsewhere."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.doctor.findings import Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console
    from rich.table import Table

    Line = Mapping[str, Any]

_MARKS: Final = MappingProxyType({"ok": ("✓", "green"), "warning": ("!", "yellow"), "defect": ("✗", "bold red")})


def print_document(console: Console, document: Line, *, quiet: bool = False) -> None:
    """Print what was found, and what it comes to; `quiet`, only what is not as it should be."""
    lines = [one for one in document["checks"] if not quiet or one["result"] != Result.OK.value]
    if console.is_terminal:
        if lines:
            console.print(_table(lines))
    else:
        for line in lines:
            console.out(_plain(line), highlight=False)
    if lines or not quiet:
        style = "bold red" if document["defects"] else "bold yellow" if document["warnings"] else "bold green"
        console.print(_summary(document), style=style, highlight=False, markup=False)


def _plain(line: Line) -> str:
    advice = f" {line['advice']}" if line["advice"] else ""
    return f"{line['result']:7} {_what(line)}: {line['message']}{advice}"


def _what(line: Line) -> str:
    return f"{line['check']}, {line['about']}" if line["about"] else str(line["check"])


def _summary(document: Line) -> str:
    where = " as a service" if document["as_service"] else ""
    defects, warnings = document["defects"], document["warnings"]
    besides = f", {_number(warnings, 'warning')}" if warnings else ""
    if defects:
        return f"{_number(defects, 'defect')}{besides}: `renew` does not work{where} like this."
    return f"All that a run needs{where} is there{besides}."


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _table(lines: Iterable[Line]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("")
    table.add_column("Check", no_wrap=True)
    table.add_column("What was found", overflow="fold")
    before = ""
    for line in lines:
        mark, colour = _MARKS[line["result"]]
        name = line["check"] if line["check"] != before else ""
        before = line["check"]
        about = f"{line['about']}: " if line["about"] else ""
        found = Text().append(about, "dim").append(line["message"], "" if line["result"] == "ok" else colour)
        if line["advice"]:
            found.append(f"\n{line['advice']}", "dim")
        table.add_row(Text(mark, colour), Text(name, "bold"), found)
    return table
