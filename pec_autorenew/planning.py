"""What is due, what may be ordered, what a form must say: pure, from values to values.

Everything here can be asked again at any time with the same answer; nothing acts. `today` is a calendar date in
Europe/Rome (TIM-1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from pec_autorenew.errors import PolicyStop
from pec_autorenew.italian import format_date, format_money
from pec_autorenew.model import (
    InvoiceIdentifier,
    Item,
    Mailbox,
    MailboxState,
    MailboxType,
    Mandate,
    OrderForm,
    OrderState,
    Outcome,
    PaymentMethod,
    PortalAutorenewal,
    PortalOrder,
    Survey,
    WantedMailbox,
    WantedOrder,
)
from pec_autorenew.names import upsells_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from decimal import Decimal

    from pec_autorenew.config import Account, Config, Limits, RenewalPolicy

ROME: Final = ZoneInfo("Europe/Rome")

#: What a plan is made with where nobody has given a mandate yet; `renew` does not begin without one.
NO_MANDATE: Final = Mandate(given_by="", given_on=date.min, accept=frozenset())

#: Days after the expiry in which a mailbox can still be renewed (PF-EXPIRY-90).
GRACE_DAYS: Final = 90
#: Days before the expiry at which the portal's own renewal charges (PF-AUTORENEWAL-CHARGE).
CHARGE_DAYS: Final = 7
#: Days that a payment takes to be registered, counted generously in calendar days (PF-PAYMENT-TIMES).
REGISTRATION_DAYS: Final = {
    PaymentMethod.BONIFICO: 5,
    PaymentMethod.BOLLETTINO: 12,
    PaymentMethod.CARTA: 0,
    PaymentMethod.PAYPAL: 0,
}
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


def plan_account(
    config: Config,
    account: Account,
    survey: Survey,
    today: date,
    *,
    settled: Collection[str] = (),
    early: Collection[str] = (),
    held: Collection[str] = (),
) -> Plan:
    """Return the plan for one account from a fresh survey.

    `settled` are addresses that already have their item, `early` those that a person wants before their window opens,
    `held` those whose order was cancelled at the portal, so that a person decides on the next one (DUP-10).
    """
    due: list[tuple[Mailbox, RenewalPolicy]] = []
    items: list[Item] = []
    for box in sorted(survey.mailboxes, key=lambda box: (box.expiry, box.address)):
        if box.address in settled:
            continue
        policy = config.policy_for(account, box.address)
        item = _why_not(account, box, policy, today, early=box.address in early)
        if item is None:
            item = _why_ask_first(account, box, policy, survey, today, held=box.address in held)
        if item is None:
            due.append((box, policy))
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
    config: Config, account: Account, survey: Survey, due: Sequence[tuple[Mailbox, RenewalPolicy]], *, together: bool
) -> Iterable[WantedOrder]:
    mandate = config.mandate or NO_MANDATE
    everything = frozenset(box.address for box in survey.mailboxes)

    def kind(pair: tuple[Mailbox, RenewalPolicy]) -> tuple[object, ...]:
        box, policy = pair
        own = "" if together else box.address
        return (policy.years, policy.method.value, box.tab, str(policy.identifier), own)

    for _, group in groupby(
        sorted(due, key=lambda pair: (*map(str, kind(pair)), pair[0].expiry, pair[0].address)), key=kind
    ):
        pairs = sorted(group, key=lambda pair: (pair[0].expiry, pair[0].address))
        policy = pairs[0][1]
        boxes = tuple(WantedMailbox(box.address, box.expiry, box.type, box.tab) for box, _ in pairs)
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


def _why_ask_first(
    account: Account, box: Mailbox, policy: RenewalPolicy, survey: Survey, today: date, *, held: bool
) -> Item | None:
    """Return why a mailbox that is due needs a person first, or None when it may be ordered."""
    ask = partial(item_for, account.name, box, Outcome.NEEDS_PERSON)
    left = days_left(box.expiry, today)
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
    if held:
        return ask("approval", "Its order was cancelled at the portal: a new one waits for a person's approval.")
    if GRACE_DAYS + left < REGISTRATION_DAYS[policy.method]:
        message = f"{GRACE_DAYS + left} days to deletion: a payment by {policy.method.value} may come too late (PAY-7)."
        return ask("approval", message)
    return None


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


# -- what the portal's pages must say ----------------------------------------------------------------------------------


def require_same_cart(cart: Mapping[str, tuple[MailboxType | None, str]], wanted: WantedOrder) -> None:
    """Raise PolicyStop unless the cart holds exactly the wanted mailboxes, each of its type, without extra space."""
    if cart.keys() != wanted.addresses:
        raise PolicyStop(_set_difference(cart.keys(), wanted), page="Gestione caselle PEC")
    for box in wanted.mailboxes:
        kind, extra = cart[box.address]
        if kind is not None and kind is not box.type:
            raise PolicyStop(f"{box.address} is {box.type or '?'} and the cart says {kind}", reason="type-changed")
        if extra:
            raise PolicyStop(f"the cart adds «{extra}» to {box.address}", page="Gestione caselle PEC")


def require_identifier(
    shown: InvoiceIdentifier | None, configured: InvoiceIdentifier | None
) -> InvoiceIdentifier | None:
    """Return the identifier that has to be typed, or None where the form keeps what it shows (PRC-9).

    Raises PolicyStop: identifier-missing, identifier-mismatch.
    """
    if shown is None and configured is None:
        raise PolicyStop(
            "the form asks for the e-invoice identifier; add [accounts.billing]", reason="identifier-missing"
        )
    if (
        shown is not None
        and configured is not None
        and (shown.kind, shown.value.upper()) != (configured.kind, configured.value.upper())
    ):
        raise PolicyStop(
            f"the form has {shown.kind} {shown.value} and the configuration {configured.kind} {configured.value}",
            reason="identifier-mismatch",
        )
    return configured if shown is None else None


def require_acceptable(form: OrderForm, wanted: WantedOrder, cart: Mapping[str, MailboxType | None]) -> None:
    """Raise PolicyStop unless the form is exactly the wanted order, line by line (PRC-5, PRC-6, PRC-8)."""
    differences: list[str] = []
    if form.addresses != wanted.addresses:
        differences.append(_set_difference(form.addresses, wanted))
    differences += [f"an extra line: {line.text}" for line in form.lines if not line.address]
    differences += [
        f"the line of {line.address} holds «{word}»" for line in form.lines for word in upsells_in(line.text)
    ]
    if form.years != wanted.years:
        differences.append(f"{form.years} years instead of {wanted.years}")
    if form.method is not wanted.method:
        differences.append(f"paid by {form.method} instead of {wanted.method}")
    differences += [
        f"{line.years} years for {line.address} instead of {wanted.years}"
        for line in form.lines
        if line.address and line.years not in {None, wanted.years}
    ]
    if differences:
        raise PolicyStop("; ".join(differences), page="Modulo Ordine")
    types = {line.address: line.type for line in form.lines}
    for box in wanted.mailboxes:
        seen = types[box.address] or cart.get(box.address)
        if box.type is None or seen is None:
            raise PolicyStop(f"the type of {box.address} cannot be compared: it is not shown", page="Modulo Ordine")
        if seen is not box.type:
            raise PolicyStop(f"{box.address} is {box.type} and the form says {seen}", reason="type-changed")


def form_differences(before: OrderForm, now: OrderForm) -> list[str]:
    """Return, line by line, what is no longer as it was on the form that was checked; empty when nothing is."""
    differences = [
        f"{what} was {then or 'not shown'} and is {today or 'not shown'}"
        for what, then, today in (
            ("the total", before.gross, now.gross),
            ("the net sum", before.net, now.net),
            ("the VAT", before.vat, now.vat),
            ("the number of years", before.years, now.years),
            ("the method", before.method, now.method),
        )
        if then != today
    ]
    differences += [f"gone: {line.text}" for line in before.lines if line not in now.lines]
    differences += [f"new: {line.text}" for line in now.lines if line not in before.lines]
    differences += [
        f"a consent is no longer {'ticked' if one.ticked else 'unticked'}: {one.text}"
        for one in before.consents
        if one not in now.consents
    ]
    differences += [
        f"a consent is new: {one.text}"
        for one in now.consents
        if one.text not in {known.text for known in before.consents}
    ]
    return differences or (["the order of its lines"] if before != now else [])


def rise_in_percent(amount: Decimal, years: int, last_amount: Decimal, last_years: int) -> Decimal:
    """Return by how much a year costs more than in the mailbox's last order, in percent; negative for less (PRC-7)."""
    before = last_amount / last_years
    return (amount / years - before) * 100 / before


def _set_difference(shown: Collection[str], wanted: WantedOrder) -> str:
    missing, surplus = sorted(wanted.addresses - set(shown)), sorted(set(shown) - wanted.addresses)
    parts = [f"{', '.join(missing)} is missing from the order"] if missing else []
    return "; ".join([*parts, f"{', '.join(surplus)} is in the order and not wanted"] if surplus else parts)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one mailbox of an otherwise right order must not be bought."""

    reason: str
    message: str


def refusals(form: OrderForm, wanted: WantedOrder, limits: Limits, left: Decimal) -> dict[str, Refusal]:
    """Return, by address, what the limits refuse; `left` is what run and month may still spend (PRC-1 to PRC-4).

    Most urgent first: what does not fit any more is refused with reason `budget`.
    """
    ceiling = limits.max_per_mailbox
    if ceiling is None:
        raise PolicyStop("limits.max_per_mailbox is not configured", reason="over-limit")
    refused: dict[str, Refusal] = {}
    for box in wanted.mailboxes:
        amount = price_of(form, box.address)
        if amount <= 0 or amount < limits.min_per_mailbox:
            refused[box.address] = Refusal(
                "under-limit", f"{format_money(amount)} is below {format_money(limits.min_per_mailbox)}."
            )
        elif amount > ceiling:
            refused[box.address] = Refusal("over-limit", f"{format_money(amount)} is above {format_money(ceiling)}.")
        elif amount > left:
            refused[box.address] = Refusal(
                "budget", f"{format_money(amount)} is more than the {format_money(left)} that are left."
            )
        else:
            left -= amount
    return refused


def price_of(form: OrderForm, address: str) -> Decimal:
    """Return what this mailbox costs in the order, VAT included: its own amount, or the total of an order for one."""
    return form.amounts_per_mailbox.get(address, form.gross)


def needs_splitting(form: OrderForm) -> bool:
    """Whether the form hides what each of several mailboxes costs, so that they are ordered one by one (PRC-1)."""
    return len(form.addresses) > 1 and not form.amounts_per_mailbox
