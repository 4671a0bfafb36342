"""Italian money and dates, read strictly: an error, never a guess (LOC-1)."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final

MONTHS: Final = (
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
)

_AMOUNT = r"(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+),[0-9]{2}"
_EURO = r"(?:€|euro\b|eur\b)"
_MONEY = re.compile(
    rf"(?:(?P<before>{_EURO})\s*)?(?P<sign>[-−–]\s*)?(?P<amount>{_AMOUNT})(?:\s*(?P<after>{_EURO}))?", re.IGNORECASE
)

#: Money inside a longer text: an amount with two decimals and the euro's sign or name on one side.
MONEY_IN_TEXT: Final = re.compile(
    rf"(?<![0-9.,])(?<![0-9][-−–])(?:[-−–]\s*)?"
    rf"(?:{_EURO}\s*[-−–]?\s*{_AMOUNT}|{_AMOUNT}\s*{_EURO})(?![0-9,]|\.[0-9])",
    re.IGNORECASE,
)

_NUMERIC_DATE = r"(?P<d1>[0-9]{1,2})(?P<sep>[/.-])(?P<m1>[0-9]{1,2})(?P=sep)(?P<y1>[0-9]{4})"
_MONTH = "|".join((*MONTHS, *(month[:3] for month in MONTHS)))
_WORD_DATE = rf"(?P<d2>[0-9]{{1,2}})(?:°|º)?\s+(?P<m2>{_MONTH})\.?\s+(?P<y2>[0-9]{{4}})"
_ISO_DATE = r"(?P<y3>[0-9]{4})-(?P<m3>[0-9]{2})-(?P<d3>[0-9]{2})"

#: A date inside a longer text.
DATE_IN_TEXT: Final = re.compile(
    rf"(?<![0-9/.-])(?:{_NUMERIC_DATE}|{_WORD_DATE}|{_ISO_DATE})(?![0-9/-]|\.[0-9])", re.IGNORECASE
)


def parse_money(text: str) -> Decimal:
    """Return the amount that `text` is, in euro with two decimals; `text` must be nothing but the amount.

    Raises ValueError for anything else: no decimals, a foreign currency, an ambiguous point, three decimals.
    """
    match = _MONEY.fullmatch(text.replace("\u00a0", " ").strip())
    if match is None or (match["before"] and match["after"]):
        raise ValueError(f"not an Italian amount: {text!r}")
    value = Decimal(match["amount"].replace(".", "").replace(",", "."))
    return -value if match["sign"] else value


def money_in(text: str) -> tuple[Decimal, ...]:
    """Return the amounts in euro that occur in `text`, in order."""
    return tuple(_signed(match[0]) for match in MONEY_IN_TEXT.finditer(text.replace("\u00a0", " ")))


def _signed(text: str) -> Decimal:
    negative = any(sign in text for sign in "-−–")
    value = parse_money(re.sub(r"[-−–]\s*", "", text))
    return -value if negative else value


def format_money(amount: Decimal) -> str:
    """Return `amount` as Italians write it: «1.234,56 €»."""
    whole, cents = f"{abs(amount):,.2f}".split(".")
    return f"{'-' if amount < 0 else ''}{whole.replace(',', '.')},{cents} €"


def _date_of(match: re.Match[str]) -> date:
    if match["y1"]:
        return date(int(match["y1"]), int(match["m1"]), int(match["d1"]))
    if match["y2"]:
        month = next(i for i, name in enumerate(MONTHS, 1) if name.startswith(match["m2"].lower()))
        return date(int(match["y2"]), month, int(match["d2"]))
    return date(int(match["y3"]), int(match["m3"]), int(match["d3"]))


def parse_date(text: str) -> date:
    """Return the calendar date that `text` is: «31/12/2026», «31 dicembre 2026», «1° gennaio 2027».

    Raises ValueError for anything else, a two-digit year or an impossible day among them.
    """
    match = DATE_IN_TEXT.fullmatch(" ".join(text.split()))
    if match is None:
        raise ValueError(f"not an Italian date: {text!r}")
    return _date_of(match)


def dates_in(text: str) -> tuple[date, ...]:
    """Return the dates that occur in `text`, in order. Raises ValueError for an impossible day."""
    return tuple(_date_of(match) for match in DATE_IN_TEXT.finditer(" ".join(text.split())))


def format_date(day: date) -> str:
    """Return `day` as Italians write it: «31/12/2026»."""
    return f"{day:%d/%m/%Y}"
