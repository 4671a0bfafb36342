"""DUP-6, DUP-10: somebody else's orders, and orders that were cancelled."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import AlreadyOpen, LedgerError
from pec_autorenew.model import OrderState, PortalOrder
from pec_autorenew.states import RenewalState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pec_autorenew.ledger import Budget, Ledger, Renewal, Submission

EXPIRY = date(2026, 12, 10)
FOREIGN = PortalOrder(
    number="999",
    placed_on=date(2026, 11, 20),
    state=OrderState.AWAITING_PAYMENT,
    gross=Decimal("30.50"),
    mailboxes=frozenset({"studio@pec.it"}),
    text="999 20/11/2026 Attesa pagamento € 30,50",
)


def test_adopt_foreign_order_is_open_and_costs_nothing(ledger: Ledger, portal: str, now: datetime) -> None:
    """DUP-6: the order is in the ledger with its number, and takes nothing from a budget that did not buy it."""
    adopted = ledger.adopt(portal, "studio", "Studio@pec.it", EXPIRY, FOREIGN, now, "run-1", client="Rossi")

    assert (adopted.state, adopted.reason, adopted.order_number) == (RenewalState.AWAITING_PAYMENT, "adopted", "999")
    assert (adopted.counts, adopted.years, adopted.reserved_month) == (False, None, None)
    assert ledger.open_renewals(portal, "studio") == (adopted,)
    assert (ledger.spent("run-1"), ledger.spent_in_month("2026-12")) == (Decimal(0), Decimal(0))
    assert ledger.events(renewal_id=adopted.id)[0].facts["mailboxes"] == ["studio@pec.it"]


def test_adopt_order_prevents_another(
    ledger: Ledger, portal: str, now: datetime, submitted: Callable[..., Renewal]
) -> None:
    """DUP-6: while the adopted order waits for its payment, none is placed for that mailbox."""
    ledger.adopt(portal, "studio", "studio@pec.it", EXPIRY, FOREIGN, now, "run-1")

    with pytest.raises(AlreadyOpen):
        submitted()


def test_adopt_while_one_is_open_is_refused(
    ledger: Ledger, portal: str, now: datetime, submitted: Callable[..., Renewal]
) -> None:
    """What is open is reconciled, not adopted beside it."""
    submitted()

    with pytest.raises(AlreadyOpen):
        ledger.adopt(portal, "studio", "STUDIO@pec.it", EXPIRY, FOREIGN, now)


def test_adopt_cancelled_order_is_refused(ledger: Ledger, portal: str, now: datetime) -> None:
    """An order that the portal shows cancelled is no order to wait for."""
    gone = PortalOrder("999", None, OrderState.CANCELLED, None, frozenset(), "")

    with pytest.raises(LedgerError, match="cancelled"):
        ledger.adopt(portal, "studio", "studio@pec.it", EXPIRY, gone, now)


def test_cancelled_order_is_found_and_frees_its_budget(
    ledger: Ledger,
    portal: str,
    now: datetime,
    ample: Budget,
    order: Callable[..., Submission],
    brought_to: Callable[[RenewalState], Renewal],
) -> None:
    """DUP-10: the cancelled renewal is found until a newer one hides it from `find`, not from the history."""
    assert ledger.renewals(portal, address="studio@pec.it", states={RenewalState.CANCELLED}) == ()
    cancelled = brought_to(RenewalState.CANCELLED)

    assert ledger.find(portal, "STUDIO@pec.it", EXPIRY) == cancelled
    assert ledger.spent("run-1") == Decimal(0)

    ledger.submit(portal, order(), ample, now, "run-2")
    assert ledger.renewals(portal, address="studio@pec.it", states={RenewalState.CANCELLED}) == (cancelled,)
