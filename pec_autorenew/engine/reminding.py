"""By when an order has to be paid, and whether somebody is to be reminded of it now (PAY-4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pec_autorenew.model import Outcome
from pec_autorenew.paying import Term
from pec_autorenew.planning import today_in_rome

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from pec_autorenew.engine.errand import Errand
    from pec_autorenew.engine.visit import Visit
    from pec_autorenew.ledger import Renewal
    from pec_autorenew.model import Item

#: The event by which the ledger knows that a person was told of an unpaid order.
_REMINDED: Final = "reminded"


def to_be_paid(visit: Visit, item: Item) -> Item:
    """Return the item of an order that waits for its payment with the day until which it can wait; others as they are.

    How somebody else's order is to be paid is not known: then the method counts by which this account pays its own.
    """
    if item.outcome is not Outcome.AWAITING_PAYMENT or item.mailbox is None or item.expiry_before is None:
        return item
    errand = visit.errand
    policy = errand.config.policy_for(visit.account, item.mailbox)
    term = Term(item.expiry_before, item.method or policy.method, today_in_rome(errand.clock()))
    told = _last_told(errand, _renewal_of(errand, item))
    return replace(
        item,
        pay_by=term.pay_by,
        reminder=term.reminds(errand.config.notify.ladder, told),
        message=f"{item.message} {term.sentence(policy.identifier)}",
    )


def remember_reminders(errand: Errand, items: Iterable[Item]) -> None:
    """Note who is reminded, once the report is in the ledger: a run that dies before it reminds again."""
    for item in items if errand.live else ():
        renewal = _renewal_of(errand, item) if item.reminder else None
        if renewal is not None:
            facts = {"order_number": item.order_number, "pay_by": item.pay_by}
            errand.note(_REMINDED, renewal.account, renewal_id=renewal.id, **facts)


def _renewal_of(errand: Errand, item: Item) -> Renewal | None:
    """Return the item's renewal; None where a dry run found somebody else's order and kept it to itself."""
    if item.mailbox is None or item.expiry_before is None:
        return None
    return errand.ledger.find(errand.portal, item.mailbox, item.expiry_before)


def _last_told(errand: Errand, renewal: Renewal | None) -> date | None:
    """Return the day on which a person was last told of this renewal's order."""
    told = () if renewal is None else errand.ledger.events(renewal_id=renewal.id, kind=_REMINDED)
    return today_in_rome(told[-1].at) if told else None
