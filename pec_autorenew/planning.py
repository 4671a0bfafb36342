"""What is due, and what a person has to look at first: pure, from values to values.

Everything here can be asked again at any time with the same answer; nothing acts. `today` is a calendar date in
Europe/Rome (TIM-1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias
from zoneinfo import ZoneInfo

from pec_autorenew.italian import format_date
from pec_autorenew.model import (
    Item,
    Mailbox,
    MailboxState,
    Mandate,
    OrderState,
    Outcome,
    PortalAutorenewal,
    PortalOrder,
    Survey,
    WantedMailbox,
    WantedOrder,
)
from pec_autorenew.paying import GRACE_DAYS, deletion_of, latest_payment_day

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from pec_autorenew.config import Account, Config, RenewalPolicy

ROME: Final = ZoneInfo("Europe/Rome")

#: What a plan is made with where nobody has given a mandate yet; `renew` does not begin without one.
NO_MANDATE: Final = Mandate(given_by="", given_on=date.min, accept=frozenset())

#: Days before the expiry at which the portal's own renewal charges (PF-AUTORENEWAL-CHARGE).
CHARGE_DAYS: Final = 7
#: A survey may be so much younger than now: the clock was set back a little, or a test starts it again.
OVERLAP: Final = timedelta(hours=1)
#: Days in which a paid order may not have moved the expiry date yet; a fresh one then asks for a person.
PROCESSING_DAYS: Final = 14


def today_in_rome(now: datetime) -> date:
    """Return the calendar date of the aware instant `now` where the portal is."""
    return now.astimezone(ROME).date()


def days_left(expiry: date, today: date) -> int:
    """Return the days from `today` to the expiry; negative after it."""
    return (expiry - today).days


# -- what is due -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be ordered, most urgent first, and why the rest is not."""

    orders: tuple[WantedOrder, ...]
    items: tuple[Item, ...]


_NOBODY: Final[Mapping[str, str]] = MappingProxyType({})
#: A mailbox that is due, how it is to be renewed, and what a person is asked first, if anything.
_Due: TypeAlias = "tuple[Mailbox, RenewalPolicy, str]"


def plan_account(
    config: Config,
    account: Account,
    survey: Survey,
    today: date,
    *,
    settled: Collection[str] = (),
    early: Collection[str] = (),
    held: Mapping[str, str] = _NOBODY,
) -> Plan:
    """Return the plan for one account from a fresh survey.

    `settled` are addresses that already have their item, `early` those that a person wants before their window opens,
    `held` those of which a person decides on the next order, and why (DUP-10).
    """
    due: list[_Due] = []
    items: list[Item] = []
    for box in sorted(survey.mailboxes, key=lambda box: (box.expiry, box.address)):
        if box.address in settled:
            continue
        policy = config.policy_for(account, box.address)
        item = _why_not(account, box, policy, today, early=box.address in early)
        if item is None:
            item = _why_not_offered(account, box, survey, today)
        if item is None:
            due.append((box, policy, _question(box, policy, today, held.get(box.address, ""))))
        else:
            items.append(item)
    together = config.renewal.grouping == "together" and survey.offers_flags
    return Plan(tuple(_orders(config, account, survey, due, together=together)), tuple(items))


def most_urgent_first(orders: Iterable[WantedOrder]) -> list[WantedOrder]:
    """Return the orders by the earliest expiry in each, then by account and address: deterministic (BLK-1)."""
    return sorted(orders, key=lambda order: (order.mailboxes[0].expiry, order.account, order.mailboxes[0].address))


def single_orders(order: WantedOrder) -> tuple[WantedOrder, ...]:
    """Return one order for each mailbox of `order`."""
    return tuple(with_mailboxes(order, (box,)) for box in order.mailboxes)


def with_mailboxes(order: WantedOrder, boxes: tuple[WantedMailbox, ...]) -> WantedOrder:
    """Return the same order for these mailboxes only."""
    return WantedOrder(
        order.account, boxes, order.years, order.method, order.mandate, order.identifier, order.all_addresses
    )


def _orders(
    config: Config, account: Account, survey: Survey, due: Sequence[_Due], *, together: bool
) -> Iterable[WantedOrder]:
    mandate = config.mandate or NO_MANDATE
    everything = frozenset(box.address for box in survey.mailboxes)

    def kind(one: _Due) -> tuple[object, ...]:
        box, policy, _ = one
        own = "" if together else box.address
        return (policy.years, policy.method.value, box.tab, str(policy.identifier), own)

    def urgency(one: _Due) -> tuple[date, str]:
        return one[0].expiry, one[0].address

    for _, group in groupby(sorted(due, key=lambda one: (*map(str, kind(one)), *urgency(one))), key=kind):
        alike = sorted(group, key=urgency)
        policy = alike[0][1]
        boxes = tuple(WantedMailbox(box.address, box.expiry, box.type, box.tab, why) for box, _, why in alike)
        yield WantedOrder(account.name, boxes, policy.years, policy.method, mandate, policy.identifier, everything)


def item_for(account: str, box: Mailbox, outcome: Outcome, reason: str, message: str) -> Item:
    """Return the report's line for a mailbox as the list shows it."""
    return Item(account, box.address, outcome, reason, message, expiry_before=box.expiry, autorenewal=box.autorenewal)


def _why_not(account: Account, box: Mailbox, policy: RenewalPolicy, today: date, *, early: bool) -> Item | None:
    """Return the reason why `box` is not to be ordered now, or None when it is due."""
    left = days_left(box.expiry, today)

    def item(outcome: Outcome, reason: str, message: str) -> Item:
        return item_for(account.name, box, outcome, reason, message)

    if not account.covers(box.address):
        return item(Outcome.SKIPPED, "excluded", "Not among the mailboxes that the configuration includes.")
    if box.state is MailboxState.CANCELLED or left < -GRACE_DAYS:
        return item(Outcome.SKIPPED, "cancelled", "Cancelled at the portal: only a new purchase brings it back.")
    if box.state is MailboxState.ON_DOMAIN:
        return item(Outcome.SKIPPED, "not-renewable-here", "«PEC su dominio»: it is renewed with its domain.")
    if box.autorenewal is PortalAutorenewal.ON:
        charged = (
            ""
            if left >= CHARGE_DAYS
            else " The charge was due 7 days before the expiry and has not moved it: look at it."
        )
        return item(
            Outcome.SKIPPED,
            "portal-autorenewal-on",
            f"«Rinnovo automatico» is on: the portal charges by itself.{charged}",
        )
    if left > policy.window_days and not early:
        when = format_date(box.expiry - timedelta(days=policy.window_days))
        return item(Outcome.SKIPPED, "not-due", f"Expires in {left} days; due from {when}.")
    return None


def _why_not_offered(account: Account, box: Mailbox, survey: Survey, today: date) -> Item | None:
    """Return what a person has to look at before a mailbox that is due can be ordered, or None."""
    ask = partial(item_for, account.name, box, Outcome.NEEDS_PERSON)
    unnamed = [one for one in survey.orders if one.state is OrderState.AWAITING_PAYMENT and not one.mailboxes]
    if not box.renewable and unnamed:
        numbers = ", ".join(order.number or order.text for order in unnamed)
        message = f"Due, «Rinnova» is gone, and an unpaid order names no mailbox ({numbers}): is it this one's?"
        return ask("foreign-order", message)
    if not box.renewable:
        return ask("renewal-not-offered", "Due, but the portal does not offer «Rinnova», and shows no reason.")
    paid = _paid_and_not_moved(box, survey, today)
    if paid is not None:
        message = f"Order {paid.number} is paid and the expiry has not moved yet: another order could be one too many."
        return ask("foreign-order", message)
    return None


def _question(box: Mailbox, policy: RenewalPolicy, today: date, held: str) -> str:
    """Return why a person must approve the order of a mailbox whatever it costs, or ""."""
    if held:
        return held
    deletion = deletion_of(box.expiry)
    # Before the expiry there is time enough, whatever the method: no calendar has to be looked into.
    if today > box.expiry and today > latest_payment_day(deletion, policy.method):
        to_deletion = days_left(deletion, today)
        return f"{to_deletion} days to deletion: a payment by {policy.method.value} may come too late (PAY-7)."
    return ""


def _paid_and_not_moved(box: Mailbox, survey: Survey, today: date) -> PortalOrder | None:
    """Return a paid order of the last days that names the mailbox, which is due all the same."""
    since = today - timedelta(days=PROCESSING_DAYS)
    return next(
        (
            order
            for order in survey.orders
            if order.state is OrderState.PAID
            and box.address in order.mailboxes
            and order.placed_on is not None
            and order.placed_on >= since
        ),
        None,
    )


def nothing_can_be_due(config: Config, account: Account, survey: Survey, now: datetime) -> bool:
    """Whether this survey proves that the account needs no visit now: fresh, and every expiry beyond the window."""
    age = now - survey.taken_at
    if not -OVERLAP <= age <= config.ledger.survey_max_age:
        return False
    if account.named_mailboxes - {box.address for box in survey.mailboxes}:
        return False
    today = today_in_rome(now)
    return all(
        days_left(box.expiry, today) > config.policy_for(account, box.address).window_days
        for box in survey.mailboxes
        if account.covers(box.address) and box.state is not MailboxState.CANCELLED
    )
