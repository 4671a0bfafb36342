"""What happens on which day, drawn by seed: when the timer fires, what goes wrong at the portal, how people are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from tests.year.cast import dice

if TYPE_CHECKING:
    from random import Random

    from tests.year.cast import Cast

ROME: Final = ZoneInfo("Europe/Rome")


class Trouble(StrEnum):
    """Something that goes wrong at the portal, for a day or longer."""

    MAINTENANCE = "maintenance"
    DRIFT_IN_LIST = "drift in the list"
    DRIFT_IN_FORM = "drift in the form"
    UNREACHABLE = "unreachable"
    LOST_AFTER = "the answer to the next order is lost"
    LOST_BEFORE = "the next order is lost"
    LISTED_LATE = "orders are listed late"
    SESSIONS_END = "sessions end"
    PASSWORD = "password"
    PRICE = "price"
    CANCELLED = "an order is cancelled"
    FOREIGN = "somebody else orders"


#: How many days each lasts at most, and how often it comes in a year.
LASTS: Final = {Trouble.MAINTENANCE: 1, Trouble.DRIFT_IN_LIST: 2, Trouble.DRIFT_IN_FORM: 2, Trouble.UNREACHABLE: 1}
#: These strike the first run of a day only.
AT_ONCE: Final = frozenset({Trouble.LOST_AFTER, Trouble.LOST_BEFORE, Trouble.SESSIONS_END})
_TIMES: Final = {
    Trouble.MAINTENANCE: 4,
    Trouble.DRIFT_IN_LIST: 2,
    Trouble.DRIFT_IN_FORM: 3,
    Trouble.UNREACHABLE: 4,
    Trouble.LOST_AFTER: 4,
    Trouble.LOST_BEFORE: 3,
    Trouble.LISTED_LATE: 8,
    Trouble.SESSIONS_END: 20,
    Trouble.CANCELLED: 3,
    Trouble.FOREIGN: 3,
    Trouble.PASSWORD: 2,
}
_DAYS_OF_A_YEAR: Final = 366
#: The first days are calm: who has never seen a mailbox cannot shout about it.
_CALM: Final = 2


@dataclass(slots=True)
class Day:
    """One day of the story."""

    date: date
    #: When the client is started; not at all on some days (TIM-2).
    runs: tuple[datetime, ...]
    troubles: list[Trouble] = field(default_factory=list)


def story(cast: Cast, seed: int) -> list[Day]:
    """Return the days of a span, with what a seed puts into them."""
    random, span = dice("story", seed), cast.span
    holiday = random.randrange(span.days // 4, span.days * 3 // 4)
    missed = {holiday + one for one in range(7 if span.days > _DAYS_OF_A_YEAR // 2 else 2)}
    missed |= {random.randrange(_CALM, span.days) for _ in range(span.days // 40)}
    troubles = _troubles(span.days, random)
    return [
        Day(span.day(number), () if number in missed else _runs(span.day(number), random), troubles[number])
        for number in range(span.days)
    ]


def _troubles(days: int, random: Random) -> defaultdict[int, list[Trouble]]:
    by_day: defaultdict[int, list[Trouble]] = defaultdict(list)
    for trouble, times in _TIMES.items():
        for _ in range(max(times * days // _DAYS_OF_A_YEAR, 1)):
            first = random.randrange(_CALM, days)
            for day in range(first, min(first + LASTS.get(trouble, 1), days)):
                by_day[day].append(trouble)
    by_day[days * 11 // 12].append(Trouble.PRICE)
    return by_day


def _runs(day: date, random: Random) -> tuple[datetime, ...]:
    """Return one instant, now and then two, at some hour of a day in Italy; a few right after midnight."""
    first = time(0, 1) if random.randrange(10) == 0 else time(random.randrange(18), random.randrange(60))
    at = datetime.combine(day, first, ROME).astimezone(UTC)
    if random.randrange(10):
        return (at,)
    return (at, at + timedelta(hours=random.randrange(2, 5), minutes=random.randrange(60)))
