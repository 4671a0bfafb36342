"""The mock's own clock: set it, and it ticks on from there. Nothing else in the mock knows the time."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import date

ROME = ZoneInfo("Europe/Rome")
DEFAULT_NOW = datetime(2026, 12, 1, 9, 0, tzinfo=ROME)


class MockClock:
    """A clock that somebody sets, and that then runs at the speed of the world."""

    def __init__(self, now: datetime = DEFAULT_NOW) -> None:
        """Start ticking from `now`, which must know its time zone."""
        self._lock = Lock()
        self.set(now)

    def set(self, now: datetime) -> None:
        """Tick from `now` on."""
        if now.tzinfo is None:
            raise ValueError(f"the mock's clock needs a time zone, and {now.isoformat()} has none")
        with self._lock:
            self._set_to = now
            self._set_at = time.monotonic()

    def advance(self, seconds: float) -> None:
        """Jump forward (or, with a negative number, back)."""
        self.set(self.now() + timedelta(seconds=seconds))

    def now(self) -> datetime:
        """Say what time it is in Italy."""
        with self._lock:
            elapsed = timedelta(seconds=time.monotonic() - self._set_at)
            return (self._set_to + elapsed).astimezone(ROME)

    def today(self) -> date:
        """Say what day it is in Italy."""
        return self.now().date()
