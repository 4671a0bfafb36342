"""What was seen, as values: lines of text and controls in reading order, and what they say about a label."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.italian import dates_in
from pec_autorenew.model import MailboxType, fold_address
from pec_autorenew.names import core, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

ADDRESS: Final = re.compile(
    r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?![a-z0-9@-]|\.[a-z0-9])", re.IGNORECASE
)
#: An order number: «12345678», «MO 12345678»; never part of a date, an amount or a word.
ORDER_NUMBER: Final = re.compile(r"(?<![\w.,/-])(?:MO[\s-]?)?\d{4,}(?![\w,/]|\.\d)", re.IGNORECASE)
#: «2 anni», «Anni: 2»; what stands before «Anni:» is something else's number.
_YEARS: Final = re.compile(r"(?<!\d)(\d{1,2})\s*ann[oi]\b(?!\s*:)|\bann[oi]\s*:\s*(\d{1,2})(?!\d)", re.IGNORECASE)
_CONTROLS: Final = frozenset({"radio", "option", "check", "press"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of text or one control, in reading order."""

    #: text | press | check | radio | option | field | select | spin
    kind: str
    text: str = ""
    #: Text of the table column's head, or "".
    head: str = ""
    #: Whether the line is itself such a head.
    header: bool = False
    heading: bool = False
    #: Whether the line is the name of a control beside it.
    label: bool = False
    #: The kind of the control in which the line stands, or "".
    within: str = ""
    #: Number of the table row or list item around it, 0 for none.
    row: int = 0
    names: tuple[str, ...] = ()
    #: None where it cannot be seen whether the control is chosen.
    checked: bool | None = None
    #: Where to press it, in pixels from its upper left corner.
    spot: tuple[float, float] = (0, 0)
    disabled: bool = False
    #: Whether it folds something out that is folded in, and whether there are boxes to tick in that.
    folded: bool = False
    holds_boxes: bool = False
    required: bool = False
    #: What the portal calls the set of radio buttons to which it belongs, or "".
    group: str = ""
    value: str = ""
    options: tuple[tuple[str, bool], ...] = ()
    #: The documented elements that the operator's own locators find here.
    located: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The control's first name on one line, or ""."""
        return self.names[0].replace("\n", " ") if self.names else ""

    @property
    def plain(self) -> bool:
        """Whether it is text that is neither a control's nor a column's name."""
        return self.kind == "text" and not self.label and not self.header and self.within not in _CONTROLS

    @property
    def is_lacking(self) -> bool:
        """Whether it is a field that must be filled in, as the portal marks it, and is empty."""
        marked = self.required or self.name.endswith("*")
        return self.kind in {"field", "spin"} and marked and not self.value and not self.disabled

    def is_named(self, variants: Sequence[str]) -> bool:
        """Whether a name of the control is one of the folded `variants`: whole, its first line, or up to a sign."""
        return any(core(part) in variants for name in self.names for part in _heads(name))


def _heads(name: str) -> tuple[str, ...]:
    return name.replace("\n", " "), re.split(r"\n|\s[-–—]\s|\s*[(:,;—–]|\.\s", name)[0]


def entry_from(raw: Mapping[str, Any]) -> Entry:
    """Return the entry that `finding.js` described."""
    options = tuple((option["text"], bool(option["disabled"])) for option in raw.get("options", ()))
    told = {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}
    return Entry(**told | {"options": options})


@dataclass(frozen=True, slots=True)
class Row:
    """One block of a list: the address it is about ("" for an order), and what it shows."""

    key: str
    entries: tuple[Entry, ...]
    #: Whether it is a mailbox of the list: not an address by the way, but one with a date and a word or control more.
    listed: bool = False

    @property
    def text(self) -> str:
        """Everything that can be read in the row, on one line."""
        return " ".join(entry.text for entry in self.entries if entry.kind == "text" and not entry.header)

    def values(self, labels: Sequence[str]) -> list[str]:
        """Return what the row says for a label: in its column, behind it on the line, or on the next line.

        A state that can be pressed says something too; the line after such a control counts as the next one as well.
        """
        said = [one for one in self.entries if one.kind == "press" or (one.kind == "text" and not one.header)]
        found: list[str] = []
        for index, entry in enumerate(said):
            words = entry.text or entry.name
            if entry.head and core(entry.head) in labels:
                found.append(words)
                continue
            rest = _behind(words, labels)
            if rest:
                found.append(rest)
            elif rest == "":
                pressed = takewhile(lambda one: one.kind == "press", said[index + 1 :])
                found += [one.name for one in pressed]
                found += [one.text for one in said[index + 1 :] if one.kind == "text"][:1]
        return found

    def dates(self) -> set[date]:
        """Return the distinct dates in the row."""
        return {day for entry in self.entries if entry.kind == "text" for day in dates_in(entry.text)}


def row_from(raw: Mapping[str, Any]) -> Row:
    """Return the row that `finding.js` described."""
    return Row(raw["key"], tuple(entry_from(item) for item in raw["items"]), listed=raw["listed"])


def _behind(text: str, labels: Sequence[str]) -> str | None:
    folded = fold(text).lstrip(" :.-–•·")
    for label in sorted(labels, key=len, reverse=True):
        if folded == label or (folded.startswith(label) and not folded[len(label)].isalnum()):
            return folded.removeprefix(label).strip(" :.-–")
    return None


def addresses_in(text: str) -> frozenset[str]:
    """Return the folded e-mail addresses in `text`, each whole: `a@pec.it` is not in `a@pec.it.example`."""
    return frozenset(fold_address(match) for match in ADDRESS.findall(text))


def types_in(texts: Iterable[str]) -> set[MailboxType]:
    """Return the mailbox types named, as words of their own, in `texts`."""
    words = {word for text in texts for word in re.findall(r"[\w@.]+", ADDRESS.sub(" ", text).upper())}
    return {one for one in MailboxType if one.value in words}


def years_in(text: str) -> set[int]:
    """Return the numbers of years («1 anno», «2 anni», «Anni: 2») in `text`."""
    return {int(before or behind) for before, behind in _YEARS.findall(text)}


def says(text: str, phrases: Iterable[str]) -> bool:
    """Whether `text`, folded, holds one of the folded `phrases` as words of their own."""
    said = _words(text)
    return any(_words(phrase) in said for phrase in phrases)


def _words(text: str) -> str:
    return " " + re.sub(r"[\W_]+", " ", fold(text)).strip() + " "
