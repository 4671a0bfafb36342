"""One account's part in the portal's pace: its turn is waited for before a page is asked for, and each page takes one.

Which press leads to another page is known only afterwards. So a turn is taken before each that may, and kept where none
came of it; what comes without one, a pop-up window say, is waited for before the next.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Answers that ask for fewer requests.
REFUSALS: Final = frozenset({429, 503})
#: Seconds for which a turn that was not used may be kept: kept ones must not add up to a crowd.
_LASTS_S: Final = 15.0


class Pace(Protocol):
    """What all workers wait for together."""

    def turn(self, pages: int) -> None:
        """Wait until the portal may be asked for so many pages. Raises TooManyRequests where that takes too long."""

    def back_off(self, status: int, seconds: float | None) -> None:
        """Let nobody ask the portal for a page for so long as it said, if it said it, when it answered `status`."""


@dataclass(slots=True)
class Turns:
    """The turns that an account's browser has taken and used; it needs none where there is no pace."""

    pace: Pace | None = None
    #: Turns in hand; below zero, pages that came without one.
    _held: int = field(default=0, init=False)
    _taken_at: float = field(default=0.0, init=False)
    #: The portal's newest answer that asks for fewer requests, not told yet: its state, and for how many seconds.
    _refusal: tuple[int, float | None] | None = field(default=None, init=False)

    def take(self) -> bool:
        """Wait for the turn of the next page, unless one is in hand; return whether there was anything to wait for."""
        if self.pace is None:
            return False
        self.tell()
        now = time.monotonic()
        if self._held > 0:
            if now - self._taken_at < _LASTS_S:
                return False
            self._held = 0
        self.pace.turn(1 - self._held)
        self._held, self._taken_at = 1, time.monotonic()
        return True

    def page_asked_for(self) -> None:
        """Count a page."""
        self._held -= 1

    def scripts_asked(self) -> None:
        """Count what a press made the page's scripts ask for: with some layouts no document ever comes."""
        self._held = min(self._held, 0)

    def refused(self, status: int, headers: Mapping[str, str]) -> None:
        """Hear that the portal asks for fewer requests."""
        self._refusal = (status, retry_after(headers))

    def tell(self) -> None:
        """Tell all others that the portal asks for fewer requests, once for each time that it does."""
        if self._refusal is not None and self.pace is not None:
            (status, seconds), self._refusal = self._refusal, None
            self.pace.back_off(status, seconds)

    def forgive(self) -> None:
        """Tell nobody: the portal had another reason."""
        self._refusal = None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return for how many seconds an answer asks to be left alone; None where it does not say so in numbers.

    A date counts from the answer's own, since this machine's clock may be another one.
    """
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        return max((parsedate_to_datetime(said) - parsedate_to_datetime(headers.get("date", ""))).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None
