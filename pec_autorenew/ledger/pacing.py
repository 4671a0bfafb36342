"""At what pace the portal's pages are loaded: one bucket for all workers on all machines, and one pause.

It is the generic cell rate algorithm: a page has its share of a minute, and a few may come at once after a rest. Every
taker is promised a time of its own, one after the other, so nobody overtakes. Whoever takes a turn says what time it
is, and is told how long to wait: a clock that is set back in the meantime makes nobody wait longer, and takes along
what was promised to others. One that leaps forward finds what a rest of that length leaves: a few pages at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, delete, insert, select

from pec_autorenew.ledger import schema
from pec_autorenew.ledger.records import aware, origin
from pec_autorenew.ledger.rows import write_event
from pec_autorenew.ledger.verbs import Verbs

if TYPE_CHECKING:
    from datetime import datetime

_ROW: Final = schema.pace.c
_MINUTE: Final = timedelta(minutes=1)
_NO_TIME: Final = timedelta(0)
#: So many pages may come at once after a rest: a sign-in and a look at the list are that many.
BURST: Final = 5
#: No pause is shorter or longer, whatever the portal says.
SHORTEST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
#: The clocks of two machines may differ by so much; one that is further behind was set back.
_SET_BACK: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Pace:
    """A row: what was promised, until when nothing is, and when that was seen."""

    free_at: datetime
    paused_until: datetime
    seen_at: datetime

    def by(self, now: datetime) -> _Pace:
        """Return it by a clock that shows `now`: one that was set back takes the promises along."""
        shift = now - self.seen_at if now < self.seen_at - _SET_BACK else _NO_TIME
        return _Pace(self.free_at + shift, self.paused_until + shift, max(self.seen_at + shift, now))


class PacingVerbs(Verbs):
    """Turns and pauses."""

    def take_turn(self, portal: str, now: datetime, per_minute: int, pages: int = 1) -> timedelta:
        """Promise `pages` pages to the caller and return how long to wait until the last of them may be loaded."""
        portal, now = origin(portal), aware(now)
        share = _MINUTE / per_minute
        at_once = share * (min(BURST, per_minute) - 1)
        with self._database.writing() as connection:
            pace = _pace_on(connection, portal, now)
            # A pause leaves the bucket empty: those who waited come one by one.
            free_at = max(pace.free_at, pace.paused_until + at_once, now) + share * pages
            _write(connection, portal, replace(pace, free_at=free_at))
            return max(free_at - share - at_once - now, _NO_TIME)

    def left_of_pause(self, portal: str, now: datetime) -> timedelta:
        """Return how long nobody may load a page; nothing while there is no pause."""
        now = aware(now)
        with self._database.reading() as connection:
            pace = _pace_on(connection, origin(portal), now)
        return max(pace.paused_until - now, _NO_TIME)

    def pause_portal(
        self, portal: str, now: datetime, length: timedelta, *, run_id: str | None = None, why: str = ""
    ) -> timedelta:
        """Let nobody load a page for so long, within bounds; a longer pause that is under way stays. Return its rest.

        What was promised for a time within it is void: whoever waits asks again.
        """
        portal, now = origin(portal), aware(now)
        length = min(max(length, SHORTEST_PAUSE), LONGEST_PAUSE)
        with self._database.writing() as connection:
            pace = _pace_on(connection, portal, now)
            until = max(pace.paused_until, now + length)
            _write(connection, portal, replace(pace, paused_until=until))
            facts = {"seconds": round(length.total_seconds()), "why": why}
            write_event(connection, "portal-paused", now, run_id=run_id, facts=facts)
            return until - now


def _pace_on(connection: Connection, portal: str, now: datetime) -> _Pace:
    found: Any = connection.execute(select(schema.pace).where(_ROW.portal == portal)).first()
    if found is None:
        return _Pace(now, now - LONGEST_PAUSE, now)
    return _Pace(found.free_at, found.paused_until, found.seen_at).by(now)


def _write(connection: Connection, portal: str, pace: _Pace) -> None:
    connection.execute(delete(schema.pace).where(_ROW.portal == portal))
    connection.execute(
        insert(schema.pace),
        {
            "portal": portal,
            "free_at": pace.free_at,
            "paused_until": pace.paused_until,
            "seen_at": pace.seen_at,
        },
    )
