"""By when an order has to be paid, and whether somebody is to be reminded of it now (PAY-4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pec_autorenew.italian import format_date
from pec_autorenew.model import Outcome
from pec_autorenew.paying import Term
from pec_autorenew.planning import today_in_rome

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from pec_autorenew.confirmations import Confirmation
    from pec_autorenew.engine.errand import Errand
    from pec_autorenew.engine.visit import Visit
    from pec_autorenew.ledger import Renewal
    from pec_autorenew.model import Item

#: The event by which the ledger knows that a person was told of an unpaid order.
_REMINDED: Final = "reminded"
#: After a mail that an order is paid, its new expiry may take so long to show; until then nobody is reminded.
PROCESSING_DAYS: Final = timedelta(days=14)


def to_be_paid(visit: Visit, item: Item, paid_by_mail: Confirmation | None = None) -> Item:
    """Return the item of an order that waits for its payment with the day until which it can wait; others as they are.

    A mail that confirms the payment changes no state: it silences the reminders for a while (VER-1).
    How somebody else's order is to be paid is not known: then the method counts by which this account pays its own.
    """
    if item.outcome is not Outcome.AWAITING_PAYMENT or item.mailbox is None or item.expiry_before is None:
        return item
    errand = visit.errand
    policy = errand.config.policy_for(visit.account, item.mailbox)
    term = Term(item.expiry_before, item.method or policy.method, today_in_rome(errand.clock()))
    told = _last_told(errand, _renewal_of(errand, item))
    reminder = term.reminds(errand.config.notify.ladder, told)
    sentence = term.sentence(policy.identifier)
    if paid_by_mail is not None:
        processed = errand.clock() - paid_by_mail.at <= PROCESSING_DAYS
        reminder, sentence = reminder and not processed, _confirmed(paid_by_mail, processed=processed)
    return replace(item, pay_by=term.pay_by, reminder=reminder, message=f"{item.message} {sentence}")


def _confirmed(mail: Confirmation, *, processed: bool) -> str:
    said = f"A mail {mail.kind.subject} of {format_date(today_in_rome(mail.at))}"
    if processed:
        return f"{said} confirms its payment: the new expiry date is awaited."
    return f"{said} confirmed its payment, and the expiry has not moved since: ask the provider before paying it again."


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
