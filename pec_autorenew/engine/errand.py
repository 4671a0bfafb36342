"""What all visits of one run share: configuration, ledger, clock, what may still be spent, who owns which mailbox."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from pec_autorenew.acceptance import Left
from pec_autorenew.ledger import Budget, ClientBudget, month_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pec_autorenew.config import Account, Config
    from pec_autorenew.confirmations import Confirmation, Question, Reader
    from pec_autorenew.ledger import Handover, Ledger
    from pec_autorenew.model import WantedMailbox, WantedOrder


def _to_nobody(_: Handover) -> None:
    """Tell nobody."""


def nobody_minds(_run_id: str, _mode: str, _order: WantedOrder, _box: WantedMailbox) -> None:
    """Let every mailbox be ordered."""


def _do_nothing() -> None:
    """Keep nothing."""


def no_mail(_account: Account, _question: Question) -> tuple[Confirmation, ...]:
    """Know of no mail."""
    return ()


@dataclass(slots=True)
class Errand:
    """One run's means and limits."""

    config: Config
    ledger: Ledger
    run_id: str
    live: bool
    clock: Callable[[], datetime]
    holder: str
    sleep: Callable[[float], None]
    #: Whether a person sits before the browser.
    attended: bool = False
    #: Whether it is a test's clock, which runs may share and no portal's can be compared with.
    pretended_clock: bool = False
    #: Tells whoever watches what a person is asked to do.
    asked: Callable[[Handover], object] = _to_nobody
    #: Keeps the run's claims on its accounts alive, and raises AnotherRun where one is gone.
    keep_claims: Callable[[], object] = _do_nothing
    #: Asks whoever may say no to one mailbox, right before its order is filled in: the run's name, its mode, the order,
    #: the mailbox. Raises HookFailed.
    before_renewal: Callable[[str, str, WantedOrder, WantedMailbox], object] = nobody_minds
    #: Mailboxes that were asked about, and may be ordered: nobody is asked twice in a run.
    let_by: set[str] = field(default_factory=set)
    #: Reads what mail there is about an account's orders.
    confirmations: Reader = no_mail
    #: What a dry run would have spent, by client; a live run's spending is in the ledger.
    pretended: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    #: Held while the user's own program is asked, and while `pretended` grows: orders may be filled in together.
    alone: threading.Lock = field(default_factory=threading.Lock)
    #: address -> the account that looks after it: the first one that covers and shows it (DUP-9).
    owners: dict[str, str] = field(default_factory=dict)

    @property
    def portal(self) -> str:
        """The portal's address, as the ledger knows it."""
        return self.config.portal.base_url

    @property
    def mode(self) -> str:
        """The word of the report for what this run may do."""
        return "live" if self.live else "dry-run"

    def budget(self, client: str) -> Budget:
        """Return the limits of run and month, and a client's own besides; what is not configured is zero (PRC-2)."""
        limits, own = self.config.limits, self.config.client(client)
        of_client = ClientBudget(own.name, own.max_per_run, own.max_per_month) if own else None
        return Budget(limits.max_per_run or Decimal(0), limits.max_per_month or Decimal(0), of_client)

    def left(self, client: str) -> Left:
        """Return what run and month may still spend for a client's accounts: the least that any limit leaves."""
        budget, month = self.budget(client), month_of(self.clock())
        run = budget.max_per_run - self.ledger.spent(self.run_id)
        of_month = budget.max_per_month - self.ledger.spent_in_month(month)
        left = Left(min(run, of_month) - sum(self.pretended.values(), Decimal(0)))
        if budget.client is None:
            return left
        own = []
        if budget.client.max_per_run is not None:
            own.append(budget.client.max_per_run - self.ledger.spent(self.run_id, client=client))
        if budget.client.max_per_month is not None:
            own.append(budget.client.max_per_month - self.ledger.spent_in_month(month, client=client))
        return min(left, Left(min(own) - self.pretended[client], client), key=lambda one: one.amount)

    def note(self, kind: str, account: str, *, renewal_id: int | None = None, **facts: object) -> None:
        """Append an event that is no step of a renewal."""
        self.ledger.note(
            kind, self.clock(), run_id=self.run_id, renewal_id=renewal_id, account=account or None, facts=facts
        )
