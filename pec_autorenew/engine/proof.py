"""What a fresh look at the portal proves about renewals: pure, and never a guess (VER-1, VER-2, DUP-4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING, Final

from pec_autorenew.italian import format_date, format_money
from pec_autorenew.model import Mailbox, OrderState, Outcome, PaymentMethod, PortalOrder, Survey
from pec_autorenew.planning import today_in_rome
from pec_autorenew.states import RenewalState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pec_autorenew.errors import FormChanged, PortalError
    from pec_autorenew.ledger import Renewal

_FEBRUARY: Final = 2
_LAST_OF_FEBRUARY: Final = 28


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the portal shows about one renewal: the state it proves and the words of the report."""

    state: RenewalState
    outcome: Outcome
    reason: str
    message: str
    order_number: str | None = None
    order_gross: Decimal | None = None
    expiry_after: date | None = None


@dataclass(frozen=True, slots=True)
class Click:
    """How the binding click of an order ended, as far as it is known."""

    #: The number on the confirmation screen, which alone proves nothing.
    number: str | None = None
    #: Nothing left the browser: the form itself refused to send.
    nothing_sent: bool = False
    #: Whether the click was made by this run.
    just_now: bool = False
    #: The form was no longer the checked one, and the click was not made.
    not_pressed: FormChanged | None = None
    why: str = ""


def judge_click(
    renewals: Sequence[Renewal], survey: Survey, now: datetime, settle: timedelta, click: Click
) -> dict[int, Verdict]:
    """Return the verdict for each renewal of one binding click, from a look that is younger than the click."""
    verdicts: dict[int, Verdict] = {}
    orders = _candidates(renewals, survey)
    for renewal in renewals:
        box = survey.mailbox(renewal.address)
        if box is not None and box.expiry > renewal.expiry:
            verdicts[renewal.id] = renewed(renewal, box.expiry, orders[0][0].number if len(orders) == 1 else None)
        elif len(orders) > 1:
            shown = ", ".join(order.number or "?" for one in orders for order in one)
            verdicts[renewal.id] = Verdict(
                RenewalState.UNKNOWN,
                Outcome.NEEDS_PERSON,
                "foreign-order",
                f"More than one order may be this one ({shown}): look at them, then `reconcile --close`.",
            )
        elif orders:
            own = [order for order in orders[0] if not order.mailboxes or renewal.address in order.mailboxes]
            verdicts[renewal.id] = _found(renewal, own[0], click)
        else:
            verdicts[renewal.id] = _not_found(renewal, box, survey, now, settle, click)
    return verdicts


def not_pressed(error: FormChanged) -> Verdict:
    """Return the verdict for an order whose form changed before the click."""
    return Verdict(RenewalState.FAILED, Outcome.STOPPED, error.reason, f"Nothing was pressed: {error.message}.")


def not_looked_up(click: Click, error: PortalError) -> Verdict:
    """Return the verdict for an order after which the list could not be read."""
    message = (
        f"The order may exist: {click.why or 'it was sent'}, and the list could not be read after it: {error.message}."
    )
    return Verdict(RenewalState.UNKNOWN, Outcome.UNKNOWN, "unknown", message, click.number)


def _candidates(renewals: Sequence[Renewal], survey: Survey) -> list[tuple[PortalOrder, ...]]:
    """Return every reading of the list in which orders that were not there before make up this click (VER-2)."""
    first = renewals[0]
    wanted = {renewal.address for renewal in renewals}
    since = today_in_rome(first.submitted_at) if first.submitted_at else None
    new = [
        order
        for order in survey.orders
        if (order.number is None or order.number not in first.order_numbers_before)
        and (order.placed_on is None or since is None or order.placed_on >= since)
        and order.mailboxes <= wanted
    ]
    whole: list[tuple[PortalOrder, ...]] = [
        (order,)
        for order in new
        if (not order.mailboxes or order.mailboxes == wanted)
        and (order.gross is None or order.gross == first.order_gross)
    ]
    if whole or len(wanted) == 1:
        return whole
    parts = [order for order in new if order.mailboxes and order.gross is not None]
    return [
        some
        for size in range(2, len(wanted) + 1)
        for some in combinations(parts, size)
        if sum(len(order.mailboxes) for order in some) == len(wanted)
        and frozenset().union(*(order.mailboxes for order in some)) == wanted
        and sum((order.gross or Decimal(0) for order in some), Decimal(0)) == first.order_gross
    ]


def _found(renewal: Renewal, order: PortalOrder, click: Click) -> Verdict:
    if order.state is OrderState.CANCELLED:
        return cancelled(order)
    reason = "waiting"
    if click.just_now:
        by_bank = renewal.method in {PaymentMethod.CARTA, PaymentMethod.PAYPAL}
        reason = "bank-authentication" if by_bank else "ordered"
    return awaiting(renewal, order, reason)


def _not_found(
    renewal: Renewal, box: Mailbox | None, survey: Survey, now: datetime, settle: timedelta, click: Click
) -> Verdict:
    offered_again = box is not None and box.renewable and box.expiry == renewal.expiry
    if not survey.orders_visible and click.number and box is not None and not box.renewable:
        message = (
            f"Order {click.number} was confirmed and «Rinnova» is gone; there is no order list (list-not-visible)."
        )
        return Verdict(RenewalState.AWAITING_PAYMENT, Outcome.AWAITING_PAYMENT, "ordered", message, click.number)
    old_enough = renewal.submitted_at is not None and now - renewal.submitted_at >= settle
    if survey.orders_visible and offered_again and (click.nothing_sent or old_enough):
        why = click.why or "the portal shows no order, offers «Rinnova» again, and the expiry has not moved"
        reason = "refused-by-portal" if click.nothing_sent else "portal-error"
        return Verdict(RenewalState.FAILED, Outcome.FAILED, reason, f"Nothing was ordered: {why}.")
    why = f" ({click.why})" if click.why else ""
    return Verdict(
        RenewalState.UNKNOWN,
        Outcome.UNKNOWN,
        "unknown",
        f"The order may exist{why}; the portal does not show it yet. Run `reconcile` later, and order nothing by hand.",
    )


def judge_waiting(renewal: Renewal, survey: Survey) -> Verdict:
    """Return the verdict for a renewal whose order waits for its payment (PAY-4)."""
    box = survey.mailbox(renewal.address)
    if box is not None and box.expiry > renewal.expiry:
        return renewed(renewal, box.expiry, renewal.order_number)
    order = next((one for one in survey.orders if one.number and one.number == renewal.order_number), None)
    if order is not None and order.state is OrderState.CANCELLED:
        return cancelled(order)
    if order is not None or not survey.orders_visible or renewal.order_number is None:
        return awaiting(renewal, order, "waiting")
    return Verdict(
        RenewalState.UNKNOWN,
        Outcome.UNKNOWN,
        "unknown",
        f"Order {renewal.order_number} is no longer in the list and the expiry has not moved: look at the portal.",
    )


def awaiting(renewal: Renewal, order: PortalOrder | None, reason: str) -> Verdict:
    """Return the verdict for an order that is in the list and not yet a renewal."""
    number = order.number if order else renewal.order_number
    gross = (order.gross if order else None) or renewal.order_gross
    facts = ", ".join(
        filter(None, (renewal.method.value if renewal.method else "", format_money(gross) if gross else ""))
    )
    if order is not None and order.state is OrderState.PAID:
        message = f"Order {number} is paid; the new expiry date does not show yet."
    else:
        message = f"Order {number} is in «Attesa pagamento» ({facts})."
    return Verdict(RenewalState.AWAITING_PAYMENT, Outcome.AWAITING_PAYMENT, reason, message, number, gross)


def cancelled(order: PortalOrder) -> Verdict:
    """Return the verdict for an order that the portal shows as cancelled (DUP-10)."""
    message = f"Order {order.number} was cancelled at the portal; a new one waits for a person's approval."
    return Verdict(RenewalState.CANCELLED, Outcome.FAILED, "order-cancelled", message, order.number, order.gross)


def renewed(renewal: Renewal, expiry: date, number: str | None) -> Verdict:
    """Return the verdict for a mailbox whose expiry date moved (VER-1)."""
    message = f"Renewed until {format_date(expiry)}."
    reason = "renewed"
    if renewal.years is not None and expiry not in expected_expiries(renewal.expiry, renewal.years):
        reason = "expiry-differs"
        message += f" Expected was {format_date(expected_expiries(renewal.expiry, renewal.years)[0])}: look at it."
    return Verdict(
        RenewalState.RENEWED,
        Outcome.RENEWED,
        reason,
        message,
        number or renewal.order_number,
        renewal.order_gross,
        expiry,
    )


def expected_expiries(expiry: date, years: int) -> tuple[date, ...]:
    """Return the dates that `years` more may lead to: one, or two from a 29 February."""
    year = expiry.year + years
    if expiry.month == _FEBRUARY and expiry.day > _LAST_OF_FEBRUARY:
        try:
            return (expiry.replace(year=year),)
        except ValueError:
            return (date(year, 2, 28), date(year, 3, 1))
    return (expiry.replace(year=year),)
