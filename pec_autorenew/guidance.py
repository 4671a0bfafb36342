"""What a person is told when the portal was not recognised: facts for the ledger, and lines to read (DRF-4)."""

from __future__ import annotations

import textwrap
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pec_autorenew.errors import Drift

    Facts = Mapping[str, Any]

#: Columns of a text that is written to a file.
PAPER: Final = 80


def toml_lines(chosen: Iterable[tuple[str, str]]) -> list[str]:
    """Return lines, given with their tables, as they may be added to a file: a table may have one head only."""
    pairs = tuple(chosen)
    tables = dict.fromkeys(table for table, _ in pairs)
    return [text for table in tables for text in (f"[{table}]", *(line for other, line in pairs if other == table))]


def drift_as_json(error: Drift) -> dict[str, Any]:
    """Return what the ledger and the run's document hold of it, apart from the account."""
    return {
        "page": error.page,
        "address": error.address,
        "reason": error.reason,
        "message": error.message,
        "elements": [
            {
                "element": lack.element,
                "documented": list(lack.documented),
                "count": lack.count,
                "override": lack.override,
                "candidates": [
                    {
                        "role": one.role,
                        "name": one.name,
                        "similarity": one.similarity,
                        "where": one.where,
                        "table": one.table,
                        "line": one.line,
                    }
                    for one in error.candidates
                    if one.element == lack.element
                ],
            }
            for lack in error.lacks
        ],
        "evidence": list(error.evidence),
    }


def told_once(drifts: Iterable[Facts]) -> list[dict[str, Any]]:
    """Return what needs to be told of several drifts: the same one of several accounts once, with all of them."""
    told: dict[str, dict[str, Any]] = {}
    for drift in drifts:
        if drift["reason"] == "inventory-shrank":
            continue  # the pages were as documented
        mark = repr([drift["page"], drift["message"], drift["elements"]])
        if mark in told:
            accounts = dict.fromkeys((*told[mark]["account"].split(", "), drift["account"]))
            told[mark]["account"] = ", ".join(accounts)
            told[mark]["evidence"] = [*told[mark]["evidence"], *drift["evidence"]]
        else:
            told[mark] = dict(drift)
    return list(told.values())


def help_text(drift: Facts) -> str:
    """Return the help as a text of its own."""
    return "\n".join(line for line, _ in help_lines(drift)) + "\n"


def help_lines(drift: Facts, width: int = PAPER) -> Iterator[tuple[str, str]]:
    """Yield the help line by line, each with its part: title, plain, element, candidate or toml.

    Lines of TOML and paths are as long as they are, so that they can be copied.
    """
    who = f" (account {drift['account']})" if drift.get("account") else ""
    yield from _wrapped(f"Not recognised: «{drift['page']}»{who}", "", "title", width)
    if drift["address"]:
        yield f"  at {drift['address']}", "plain"
    if not drift["elements"]:
        yield from _wrapped(f"{drift['message']}.", "  ", "plain", width)
    for element in drift["elements"]:
        yield from _of_element(element, width)
    chosen = [one for element in drift["elements"] for one in element["candidates"][:1]]
    if chosen:
        yield from _where_to_write(chosen, width)
    else:
        text = (
            "Nothing on the page is like it: compare the page with the portal in a browser of your own, and report it."
        )
        yield from _wrapped(text, "  ", "plain", width)
    for folder in dict.fromkeys(str(PurePath(path).parent) for path in drift["evidence"]):
        yield "  The page as it was, and this text:", "plain"
        yield f"    {folder}", "plain"


def _of_element(element: Facts, width: int) -> Iterator[tuple[str, str]]:
    yield "", "plain"
    names = " / ".join(f"«{name}»" for name in element["documented"])
    problem = f"There {element['count']} times" if element["count"] else "Missing"
    yield from _wrapped(f"{problem}: {element['element']}, known as {names}", "  ", "element", width)
    if element["override"]:
        text = f"The configuration has a line for it under [{element['override']}]: that line has to go, or to change."
        yield from _wrapped(text, "  ", "plain", width)
    if element["candidates"]:
        said = "They are" if element["count"] else "Like it, the likeliest first"
        yield f"  {said}:", "plain"
    for one in element["candidates"]:
        where = f", {one['where']}" if one["where"] else ""
        text = f"{one['similarity']:>4.0%}  {one['role']} «{one['name']}»{where}"
        yield from _wrapped(text, "    ", "candidate", width, hanging=6)
        yield f"          {one['line']}", "toml"


def _where_to_write(chosen: Sequence[Facts], width: int) -> Iterator[tuple[str, str]]:
    """Yield what is surely valid TOML: a table may have one head only, and stands best at the end of the file."""
    yield "", "plain"
    tables = dict.fromkeys(one["table"] for one in chosen)
    heads = " or ".join(f"[{table}]" for table in tables)
    text = (
        f"If one of them is the right one, write its line into config.toml, below {heads}. Where the file has no such "
        "line yet, add both at its end, as here for the first:"
    )
    yield from _wrapped(text, "  ", "plain", width)
    for line in toml_lines((one["table"], one["line"]) for one in chosen):
        yield f"    {line}", "toml"
    if "portal.names" in tables:
        text = "It takes the place of the names known so far. Then look: pec-autorenew renew --dry-run"
    else:
        text = "Then look: pec-autorenew renew --dry-run"
    yield from _wrapped(text, "  ", "plain", width)


def _wrapped(text: str, indent: str, part: str, width: int, *, hanging: int = 0) -> Iterator[tuple[str, str]]:
    rest = indent + " " * hanging
    for line in textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=rest, break_on_hyphens=False):
        yield line, part
