"""The accounts file: a spreadsheet's rows, a line for each account, and whose passwords lie where a pattern says.

Nothing is judged here but the form; what a cell may hold, the models say. No message repeats what a cell holds.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from pec_autorenew.config.models import Account, model_within
from pec_autorenew.config.sources import anchored
from pec_autorenew.config.values import NAME_HERE, SecretPattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pydantic import BaseModel

#: Keys of an account that no cell can hold: a mailbox has a table of its own.
_NO_COLUMN: Final = frozenset({"mailboxes"})
#: Columns that hold several values, separated by blanks.
_LISTS: Final = frozenset({"include", "exclude", "command"})
#: What stands for a password where the pattern that should give it is wrong, so that this is said once.
_ANY_PLACE: Final = {"env": "ANY"}


@dataclass(frozen=True, slots=True)
class Roster:
    """What an accounts file holds."""

    #: For each account, its line, and what the line says of it.
    rows: tuple[tuple[int, dict[str, Any]], ...] = ()
    #: Tells one state of the file from another.
    sha256: str = ""


def read_accounts_file(path: Path, problems: list[str]) -> Roster:
    """Return the rows of the accounts file with their lines; a column is a key of an account, as `password.env`.

    Comma or semicolon separates, whichever stands in the first line: Italian spreadsheets write the latter. An empty
    cell says nothing.
    """
    try:
        written = path.read_bytes()
        text = written.decode("utf-8-sig")
    except OSError as error:
        problems.append(f"accounts_file: {path}: cannot be read: {error.strerror}")
        return Roster()
    except UnicodeDecodeError as error:
        line = written.count(b"\n", 0, error.start) + 1
        problems.append(f"{path} line {line}: is not written in UTF-8: save it as «CSV UTF-8»")
        return Roster()
    rows = tuple(_Reading(path, text, problems).rows())
    return Roster(rows, hashlib.sha256(written).hexdigest())


class _Reading:
    """One reading of a file, with what it finds wrong."""

    def __init__(self, path: Path, text: str, problems: list[str]) -> None:
        self.path = path
        self.text = text
        self.problems = problems

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the accounts with their lines; none where the first line is not what it must be."""
        head = self.text.partition("\n")[0]
        if ";" in head and "," in head:
            self._problem(1, "must name the columns with one separator between them, comma or semicolon")
            return
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=";" if ";" in head else ",", strict=True)
        line, header = 1, None
        try:
            for cells in reader:
                if header is None:
                    header = ",".join(cell.strip() for cell in cells).rstrip(",").split(",")
                    if not self._is_header(header):
                        return
                elif any(cell.strip() for cell in cells) and self._is_row(line, cells, len(header)):
                    yield line, _account(dict(zip(header, cells, strict=False)), self.path.parent)
                line = reader.line_num + 1  # of the next row: a quoted cell may hold line breaks
        except csv.Error:
            self._problem(line, "is no line of a CSV file: look for a quote that is not closed")
        if header is None:
            self._is_header([])

    def _is_header(self, header: list[str]) -> bool:
        """Whether these are columns that are known, each once, and all that an account needs."""
        wrong = len(self.problems)
        known = set(columns())
        for column in sorted(set(header) - known):
            if column == "password":
                text = "unknown column password: a password is never written here: name its place in password.file, "
                self._problem(1, text + "password.command or another, or in accounts_password")
            else:
                near = get_close_matches(column, sorted(known), 1)
                self._problem(1, "unknown column" + (f": did you mean {near[0]}?" if near else f" {column!r:.40}"))
        if len(set(header)) != len(header) or not {"name", "username"} <= set(header):
            self._problem(1, "must name the columns, each once, name and username among them")
        return len(self.problems) == wrong

    def _is_row(self, line: int, cells: list[str], columns: int) -> bool:
        """Whether a line has the form of an account."""
        wrong = len(self.problems)
        if any(cell.strip() for cell in cells[columns:]):
            self._problem(line, "more cells than columns")
        if any("\n" in cell or "\r" in cell for cell in cells):
            self._problem(line, "a line break inside a cell: look for a quote that is not closed")
        if any(cell.lstrip().startswith("=") for cell in cells):
            self._problem(line, "a formula: the spreadsheet has to save what it shows")
        return len(self.problems) == wrong

    def _problem(self, line: int, text: str) -> None:
        self.problems.append(f"{self.path} line {line}: {text}")


def columns(model: type[BaseModel] = Account, above: str = "") -> Iterator[str]:
    """Yield the names of the columns: each key of an account, with a point before a key of a table in it."""
    for name, field in model.model_fields.items():
        inner = model_within(field.annotation)
        if name in _NO_COLUMN and not above:
            continue
        if inner is None:
            yield above + name
        else:
            yield from columns(inner, f"{above}{name}.")


def _account(cells: Mapping[str, str], folder: Path) -> dict[str, Any]:
    account: dict[str, Any] = {}
    for column, cell in cells.items():
        if not (text := cell.strip()):
            continue
        *tables, key = column.split(".")
        node = account
        for table in tables:
            node = node.setdefault(table, {})
        node[key] = anchored(key, text.split() if key in _LISTS else text, folder)
    return account


def fill_in_passwords(accounts: list[Any], pattern: object) -> None:
    """Give each account that says nothing of its password the place that the pattern names for it."""
    if not isinstance(pattern, dict):
        return
    try:
        SecretPattern.model_validate(pattern)
    except ValidationError:  # told where the pattern stands, and not once more for each account
        pattern = _ANY_PLACE
    for account in accounts:
        if isinstance(account, dict) and isinstance(name := account.get("name"), str) and "password" not in account:
            account["password"] = {kind: _filled(place, name.strip()) for kind, place in pattern.items()}


def _filled(place: object, name: str) -> object:
    if isinstance(place, list):
        return [_filled(word, name) for word in place]
    return place.replace(NAME_HERE, name) if isinstance(place, str) else place
