"""The run's part in the portal's pace: turns are the ledger's, for all workers everywhere; here they are waited for."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pec_autorenew.errors import Interrupted, TooManyRequests

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pec_autorenew.config import Config
    from pec_autorenew.ledger import Ledger

#: For so long nobody asks for a page after 429 or 503, where the portal does not say for how long.
_PAUSES: Final = {429: timedelta(seconds=60), 503: timedelta(seconds=30)}
_NO_TIME: Final = timedelta(0)
#: Seconds in one step of a wait.
_STEP_S: Final = 1.0


@dataclass(slots=True)
class LedgersPace:
    """What a run's browsers wait for: `turns.Pace`, kept in the ledger."""

    ledger: Ledger
    portal: str
    per_minute: int
    clock: Callable[[], datetime]
    run_id: str
    #: Until when the run may take, by `seconds`; None for as long as it likes.
    ends: float | None = None
    sleep: Callable[[float], object] = time.sleep
    seconds: Callable[[], float] = time.monotonic
    _left: threading.Event = field(default_factory=threading.Event)

    def leave(self) -> None:
        """Let nobody wait any more: the run ends, and its browsers are closed."""
        self._left.set()

    def turn(self, pages: int) -> None:
        """Wait until the portal may be asked for so many pages; the ledger is locked only while a turn is taken.

        Raises TooManyRequests, at once, where the run would be over by then.
        """
        wait = self._take(pages)
        while wait:
            self._wait(wait)
            # What was promised for a time at which nobody may load is void.
            paused = self.ledger.left_of_pause(self.portal, self.clock())
            wait = self._take(pages) if paused else _NO_TIME

    def back_off(self, status: int, seconds: float | None) -> None:
        """Let nobody ask the portal for a page for a while, in this run or another."""
        length = _PAUSES.get(status, _PAUSES[503]) if seconds is None else timedelta(seconds=seconds)
        self.ledger.pause_portal(self.portal, self.clock(), length, run_id=self.run_id, why=str(status))

    def _take(self, pages: int) -> timedelta:
        return self.ledger.take_turn(self.portal, self.clock(), self.per_minute, pages)

    def _wait(self, length: timedelta) -> None:
        left = length.total_seconds()
        if self.ends is not None and self.seconds() + left >= self.ends:
            raise TooManyRequests(
                f"the portal may be asked for the next page in {left:.0f} s, and this run is over before that"
            )
        while left > 0:
            if self._left.is_set():
                raise Interrupted("the run ends, and waits for no page any more")
            step = min(left, _STEP_S)
            self.sleep(step)
            left -= step


def pace_of(
    config: Config, ledger: Ledger, clock: Callable[[], datetime], run_id: str, *, has_time: bool = False
) -> LedgersPace:
    """Return the pace of a run whose time begins now; whoever attends `has_time`, as have workers of a sweep."""
    ends = None if has_time else time.monotonic() + config.browser.run_deadline.total_seconds()
    portal = config.portal
    return LedgersPace(ledger, portal.base_url, portal.max_pages_per_minute, clock, run_id, ends)
