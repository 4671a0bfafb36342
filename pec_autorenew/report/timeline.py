"""A year of expiries, as places on a line: pure, from dates to shares of a width."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from pec_autorenew.italian import format_date
from pec_autorenew.planning import days_left

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    _Place: TypeAlias = Callable[[date], float]

#: More mailboxes than this are counted by month; lines of their own have those that are near.
MOST_LANES: Final = 40
#: Months from the present one on.
_MONTHS: Final = 13
#: What expired longer ago is drawn at the edge.
_LONGEST_AGO: Final = timedelta(days=90)
_NAMES: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DECEMBER: Final = 12


@dataclass(frozen=True, slots=True)
class Expiring:
    """One mailbox and its days."""

    mailbox: str
    account: str
    expiry: date
    window_days: int
    critical_days: int
    #: The last day to pay its order; None where none waits.
    pay_by: date | None = None
    #: Why nobody has to order it: it renews itself, or is not looked after; "" for all others.
    calm: str = ""

    def tone(self, today: date) -> str:
        """Return how near it is: `late`, `waits` for a payment, `due`, or `far`."""
        left = days_left(self.expiry, today)
        if self.pay_by is not None:
            return "late" if self.pay_by < today or left < self.critical_days else "waits"
        if self.calm:
            return "far"
        return "late" if left < self.critical_days else "due" if left <= self.window_days else "far"


@dataclass(frozen=True, slots=True)
class Tick:
    """The first day of a month."""

    at: float
    name: str
    #: Where it is told.
    year: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One mailbox's line, in percent of the width."""

    mailbox: str
    account: str
    tone: str
    when: str
    pay: str
    calm: str
    expiry_at: float
    window_at: float
    critical_at: float
    pay_at: float | None


@dataclass(frozen=True, slots=True)
class Month:
    """How many expire in a month, by how near they are, and the widths that show it."""

    name: str
    total: int
    parts: tuple[tuple[str, int, float, float], ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is drawn."""

    ticks: tuple[Tick, ...]
    today_at: float
    lanes: tuple[Lane, ...]
    months: tuple[Month, ...]
    #: Mailboxes that have no line of their own because there are too many.
    counted: int
    #: Mailboxes that expire after the end of the line: how many, and the first of them.
    later: str


def timeline(known: Iterable[Expiring], today: date) -> Timeline:
    """Return the line from the earliest expiry that still matters to a year from now."""
    boxes = sorted(known, key=lambda one: (one.expiry, one.mailbox))
    earliest = min((one.expiry for one in boxes), default=today)
    first = max(min(earliest, today - timedelta(days=7)), today - _LONGEST_AGO).replace(day=1)
    end = _months_on(today.replace(day=1), _MONTHS)
    span = (end - first).days

    def at(day: date) -> float:
        return round(min(max((day - first).days / span, 0.0), 1.0) * 100, 2)

    shown = [one for one in boxes if one.expiry < end]
    own = shown if len(shown) <= MOST_LANES else [one for one in shown if one.tone(today) != "far"][:MOST_LANES]
    beyond = boxes[len(shown) :]
    return Timeline(
        tuple(_ticks(first, end, at)),
        at(today),
        tuple(_lane(one, today, at) for one in own),
        () if own == shown else tuple(_months(shown, today)),
        len(shown) - len(own),
        _later(beyond),
    )


def when(day: date, today: date) -> str:
    """Return how far away a day is, in words."""
    left = days_left(day, today)
    if not left:
        return "today"
    number = f"{abs(left)} day{'' if abs(left) == 1 else 's'}"
    return f"in {number}" if left > 0 else f"{number} ago"


def month_name(day: date) -> str:
    """Return the month of a day, whatever the machine's language."""
    return f"{_NAMES[day.month - 1]} {day.year}"


def _lane(one: Expiring, today: date, at: _Place) -> Lane:
    return Lane(
        one.mailbox,
        one.account,
        one.tone(today),
        f"{format_date(one.expiry)}, {when(one.expiry, today)}",
        f"pay by {format_date(one.pay_by)}" if one.pay_by else "",
        one.calm,
        at(one.expiry),
        at(one.expiry - timedelta(days=one.window_days)),
        at(one.expiry - timedelta(days=one.critical_days)),
        at(one.pay_by) if one.pay_by else None,
    )


def _ticks(first: date, end: date, at: _Place) -> Iterable[Tick]:
    month = first
    while month < end:
        year = str(month.year) if month.month == 1 or month == first else ""
        yield Tick(at(month), _NAMES[month.month - 1], year)
        month = _months_on(month, 1)


def _months(boxes: Sequence[Expiring], today: date) -> Iterable[Month]:
    by_month: dict[date, Counter[str]] = {}
    for one in boxes:
        by_month.setdefault(one.expiry.replace(day=1), Counter())[one.tone(today)] += 1
    most = max((counts.total() for counts in by_month.values()), default=1)
    for month, counts in sorted(by_month.items()):
        parts, x = [], 0.0
        for tone in ("late", "waits", "due", "far"):
            width = round(counts[tone] / most * 100, 2)
            if counts[tone]:
                parts.append((tone, counts[tone], round(x, 2), width))
            x += width
        yield Month(month_name(month), counts.total(), tuple(parts))


def _later(boxes: Sequence[Expiring]) -> str:
    if not boxes:
        return ""
    first = boxes[0]
    if len(boxes) == 1:
        return f"Beyond this line: {first.mailbox}, {format_date(first.expiry)}."
    return f"Beyond this line: {len(boxes)} mailboxes, the first on {format_date(first.expiry)} ({first.mailbox})."


def _months_on(month: date, number: int) -> date:
    years, rest = divmod(month.month - 1 + number, _DECEMBER)
    return date(month.year + years, rest + 1, 1)
