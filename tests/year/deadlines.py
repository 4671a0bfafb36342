"""Working days in Italy and what is counted in them: written down once more, so that the client's are judged."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from tests.year.cast import REGISTERED_WITHIN

if TYPE_CHECKING:
    from collections.abc import Sequence

_DAY: Final = timedelta(days=1)
#: Day and month of the national holidays; 4 October is one again since 2026.
_FIXED: Final = frozenset(
    {(1, 1), (6, 1), (25, 4), (1, 5), (2, 6), (15, 8), (4, 10), (1, 11), (8, 12), (25, 12), (26, 12)}
)
_EASTER_MONDAYS: Final = frozenset({date(2026, 4, 6), date(2027, 3, 29), date(2028, 4, 17), date(2029, 4, 2)})
#: Days after the expiry in which a mailbox can still be renewed; in the last month of them each day counts.
GRACE: Final = 90
_DAILY_FROM: Final = 60


def works(day: date) -> bool:
    """Whether banks and post offices work."""
    return day.weekday() < 5 and (day.day, day.month) not in _FIXED and day not in _EASTER_MONDAYS


def working_days_later(day: date, number: int) -> date:
    """Return the day on which so many working days have begun since."""
    while number:
        day += _DAY
        number -= works(day)
    return day


def pay_by(expiry: date, method: str, today: date) -> date:
    """Return the last day to pay: a working day with enough of them after it until the expiry, or the deletion."""
    deadline = expiry if today <= expiry else expiry + timedelta(days=GRACE)
    needed = REGISTERED_WITHIN[method]
    if not needed:
        return deadline
    day = deadline
    while not works(day) or sum(works(day + _DAY * one) for one in range(1, (deadline - day).days + 1)) < needed:
        day -= _DAY
    return day


def last_step(expiry: date, today: date, ladder: Sequence[int], last: date) -> date | None:
    """Return the last day up to today on which somebody is to be told again; None before the first.

    `last` is the last day on which it helps.
    """
    since = (today - expiry).days
    if since > GRACE:
        return expiry + timedelta(days=GRACE)
    if since >= _DAILY_FROM:
        return today
    if since > 0:
        return max(day for day in map(expiry.__add__, map(timedelta, range(1, since + 1, 7))))
    return max((day for day in (last - timedelta(days=left) for left in (*ladder, -1)) if day <= today), default=None)


def later(day: date, years: int) -> date:
    """Return the day so many years later; the 28th where there is no 29 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
