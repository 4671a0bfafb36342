"""Whether this machine's clock may be believed: orders, budgets and proofs are dated by it (TIM-3)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pec_autorenew.planning import ROME

if TYPE_CHECKING:
    from datetime import datetime

    from pec_autorenew.engine.visit import Visit

#: The portal's clock and ours may differ by so much: an order is not too early because it is dated before midnight.
CLOCKS_DIFFER: Final = timedelta(minutes=10)
#: A clock may be set back by so much between two runs.
_SET_BACK: Final = timedelta(minutes=1)
#: This machine's clock and the portal's may differ by so much.
_FAR: Final = timedelta(minutes=10)


def why_not_believed(visit: Visit) -> str:
    """Return why nothing may be ordered by this clock, or "": it is before an earlier run, or far from the portal's."""
    errand, now = visit.errand, visit.errand.clock()
    last = errand.ledger.last_moment(errand.portal, but=errand.run_id, started_only=errand.pretended_clock)
    if last is not None and is_behind(now, last):
        return _different(now, "an earlier run was at", last)
    there = portal_time(visit)
    if there is not None and is_far(now, there):
        return _different(now, "the portal's shows", there)
    return ""


def settle_by(visit: Visit) -> timedelta:
    """Return how old a click has to be by this clock until an empty list proves anything: `settle` by the portal's.

    A clock that leapt, or another machine's, would take for lost what was clicked a moment ago (DUP-4, TIM-3).
    """
    settle, now, there = visit.errand.config.renewal.settle, visit.errand.clock(), portal_time(visit)
    ahead = now - there if there is not None else timedelta(0)
    return settle + ahead if ahead > _SET_BACK else settle


def portal_time(visit: Visit) -> datetime | None:
    """Return what time it is by the portal's clock; None where nobody knows, or where ours is a test's."""
    return None if visit.errand.pretended_clock else visit.portal.portal_clock()


def not_before(there: datetime | None, now: datetime) -> datetime:
    """Return the instant of a click by a clock that shows `now`: by the portal's, where ours is behind (DUP-4)."""
    return there if there is not None and there - now > _SET_BACK else now


def is_behind(now: datetime, last: datetime) -> bool:
    """Whether this clock was set back since the last run, by more than is plausible."""
    return now < last - _SET_BACK


def is_far(now: datetime, there: datetime) -> bool:
    """Whether this clock and the portal's differ by more than is plausible."""
    return abs(there - now) > _FAR


def _different(now: datetime, other: str, then: datetime) -> str:
    shown, told = (f"{instant.astimezone(ROME):%d/%m/%Y %H:%M}" for instant in (now, then))
    return f"The clock shows {shown}, and {other} {told}: nothing is ordered by a clock that may be wrong."
