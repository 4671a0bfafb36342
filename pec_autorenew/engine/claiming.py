"""The run's claims on its accounts: taken before anything is looked at, kept alive, given back (SES-5, DUP-7)."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pec_autorenew.errors import LedgerError

if TYPE_CHECKING:
    from datetime import datetime

    from pec_autorenew.engine.errand import Errand

#: How long a claim outlives its last sign of life, and how often a run on one machine gives one.
LEASE: Final = timedelta(minutes=90)
HEARTBEAT: Final = timedelta(minutes=10)


@dataclass(slots=True)
class Claims:
    """The accounts that this run holds; may be kept alive by several threads."""

    errand: Errand
    lease: timedelta = LEASE
    heartbeat: timedelta = HEARTBEAT
    _kept: dict[str, datetime] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, account: str) -> None:
        """Claim an account. Raises AnotherRun, which says who has it."""
        errand = self.errand
        now = errand.clock()
        errand.ledger.claim(errand.portal, account, errand.holder, now, self.lease)
        with self._lock:
            self._kept[account] = now

    def keep(self) -> None:
        """Keep the claims alive in a long run; AnotherRun if somebody else has taken an account over."""
        now = self.errand.clock()
        with self._lock:
            for account, kept in self._kept.items():
                if now - kept >= self.heartbeat:
                    self.errand.ledger.heartbeat(self.errand.portal, account, self.errand.holder, now)
                    self._kept[account] = now

    def release(self, account: str) -> None:
        """Give an account back."""
        with self._lock:
            self._kept.pop(account, None)
        with suppress(LedgerError):  # the claim lapses by itself; this must not hide why the ledger is gone
            self.errand.ledger.release(self.errand.portal, account, self.errand.holder)
