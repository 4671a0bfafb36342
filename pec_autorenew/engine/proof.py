"""What a fresh look at the portal proves about renewals: pure, and never a guess (VER-1, VER-2, DUP-4)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from pec_autorenew.engine.readings import may_be_new, readings_of, rival_of
from pec_autorenew.engine.witness import NOBODY, Witness, told
from pec_autorenew.italian import format_date, format_money
from pec_autorenew.ledger import CONFIRMATION
from pec_autorenew.model import Mailbox, OrderState, Outcome, PortalAutorenewal, PortalOrder, Survey
from pec_autorenew.states import RenewalState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from pec_autorenew.confirmations import Confirmation
    from pec_autorenew.engine.readings import Reading
    from pec_autorenew.errors import FormChanged, PecAutorenewError
    from pec_autorenew.ledger import Renewal

#: A screen that says more says it about something else.
_LONGEST: Final = 5000
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
    #: Whether the portal shows the order as paid: nobody has to be reminded of it.
    paid: bool = False
    #: The mail that confirms its payment, where the portal does not yet.
    paid_by_mail: Confirmation | None = None
    #: What the confirmation screen said, to be kept with the order; empty but right after a click.
    confirmation: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Click:
    """How the binding click of an order ended, as far as it is known."""

    #: The number on the confirmation screen, which alone proves nothing.
    number: str | None = None
    #: All that the screen after the click said.
    text: str = ""
    #: Nothing left the browser: the form itself refused to send.
    nothing_sent: bool = False
    #: Whether the click was made by this run.
    just_now: bool = False
    #: The form was no longer the checked one, and the click was not made.
    not_pressed: FormChanged | None = None
    #: What went wrong with it, for people.
    why: str = ""

    @property
    def confirmation(self) -> Mapping[str, object]:
        """What the ledger keeps of the screen after the click: whose order it is shows when the list has a number."""
        return {CONFIRMATION: {"number": self.number, "text": self.text[:_LONGEST]}} if self.text else {}


#: A click of an earlier run, of which only the ledger tells.
EARLIER: Final = Click()


# -- after a binding click ---------------------------------------------------------------------------------------------


def judge_click(
    renewals: Sequence[Renewal],
    survey: Survey,
    settle: timedelta,
    click: Click = EARLIER,
    witness: Witness = NOBODY,
    others: Sequence[Renewal] = (),
) -> dict[int, Verdict]:
    """Return the verdict for each renewal of one binding click, from a look that is younger than the click.

    A mail proves nothing; it tells two orders of the list apart, and keeps «no order» from being concluded. `others`
    are what the ledger has of other clicks: an order that names no mailbox may be one of theirs.
    """
    readings = readings_of(renewals, survey, click.number, witness, others)
    rival = rival_of(renewals, survey, readings, click.number, witness, others)
    mail = witness.of_an_order(renewals, survey)
    verdicts = {renewal.id: _judge(renewal, readings, survey, settle, click, rival) for renewal in renewals}
    if mail is None:
        return verdicts
    denied = {one.id: one for one in renewals if verdicts[one.id].state is RenewalState.FAILED}
    return verdicts | {of: _told_by_mail(one, mail, click) for of, one in denied.items()}


def _judge(
    renewal: Renewal,
    readings: Sequence[Reading],
    survey: Survey,
    settle: timedelta,
    click: Click,
    rival: Renewal | None,
) -> Verdict:
    box = survey.mailbox(renewal.address)
    orders = readings[0] if len(readings) == 1 else ()
    own = next((order for order in orders if not order.mailboxes or renewal.address in order.mailboxes), None)
    if box is not None and box.expiry > renewal.expiry:
        return _renewed(renewal, box.expiry, None if rival else own, just_now=click.just_now)
    if len(readings) > 1:
        shown = ", ".join(sorted({order.number or order.text for reading in readings for order in reading}))
        return Verdict(
            RenewalState.UNKNOWN,
            Outcome.NEEDS_PERSON,
            "foreign-order",
            f"More than one order may be this one ({shown}): look at them, then `reconcile --close`.",
            click.number,
        )
    if own is None:
        other = _at_another_price(renewal, survey)
        return _not_found(renewal, box, survey, settle, click) if other is None else _dearer(renewal, other, click)
    if rival is not None:
        return _either(own, rival)
    if own.state is OrderState.CANCELLED:
        return _cancelled(own) if _is_surely_ours(own, renewal, survey, settle, click) else _other_cancelled(own, click)
    reason = "waiting"
    if click.just_now:
        reason = "bank-authentication" if _paid_by_a_person(renewal) else "ordered"
    return _awaiting(renewal, own, reason)


def not_pressed(error: FormChanged, *, drift: bool) -> Verdict:
    """Return the verdict for an order whose form changed, or could not be read again, before the click."""
    outcome = Outcome.DRIFT if drift else Outcome(error.outcome)
    return Verdict(RenewalState.FAILED, outcome, error.reason, f"Nothing was pressed: {error.message}.")


def not_looked_up(click: Click, error: PecAutorenewError) -> Verdict:
    """Return the verdict for an order after which the list could not be read."""
    message = (
        f"The order may exist: {click.why or 'it was sent'}, and the list could not be read after it: {error.message}."
    )
    return Verdict(RenewalState.UNKNOWN, Outcome.UNKNOWN, "unknown", message, click.number)


def cut_short(renewal: Renewal) -> Verdict:
    """Return the verdict for an order of a run that ended early: what the ledger has, and `unknown` if not proved."""
    if renewal.state is RenewalState.SUBMITTING:
        message = "The run ended between «submitting» and its proof: the order may exist. Run `reconcile`."
        return Verdict(RenewalState.UNKNOWN, Outcome.UNKNOWN, "unknown", message)
    outcome = Outcome(renewal.state.value)
    return Verdict(renewal.state, outcome, renewal.reason, renewal.message, expiry_after=renewal.expiry_after)


def _is_old_enough(renewal: Renewal, survey: Survey, settle: timedelta) -> bool:
    """Whether the list shows by now what the click made (DUP-4)."""
    return renewal.submitted_at is not None and survey.taken_at - renewal.submitted_at >= settle


def _is_surely_ours(order: PortalOrder, renewal: Renewal, survey: Survey, settle: timedelta, click: Click) -> bool:
    """Whether no other order can come yet that is ours: this one bears our number, or the list is complete by now.

    That somebody cancelled an order proves that ours is gone only if it is ours: another one may still be on its way.
    """
    known = renewal.order_number or click.number
    return (known is not None and order.number == known) or _is_old_enough(renewal, survey, settle)


def _at_another_price(renewal: Renewal, survey: Survey) -> PortalOrder | None:
    """Return a new order for the mailbox that is not for what was clicked: ours at another price, or a foreign one."""
    if renewal.submitted_at is None or renewal.settled_at is not None:
        return None
    return next(
        (
            order
            for order in survey.orders
            if renewal.address in order.mailboxes
            and order.state is not OrderState.CANCELLED
            and may_be_new(order, renewal)
        ),
        None,
    )


def _dearer(renewal: Renewal, order: PortalOrder, click: Click) -> Verdict:
    wanted = format_money(renewal.order_gross) if renewal.order_gross else "?"
    shown = format_money(order.gross) if order.gross else "another sum"
    message = (
        f"Order {order.number} is for this mailbox, and not what was confirmed: {shown}, {len(order.mailboxes)} "
        f"mailboxes, instead of {wanted}. Look at it, «Paga» or «Annulla» it, then `reconcile --close`."
    )
    return Verdict(RenewalState.UNKNOWN, Outcome.NEEDS_PERSON, "foreign-order", message, click.number)


def _either(order: PortalOrder, rival: Renewal) -> Verdict:
    message = (
        f"Order {order.number or 'without a number'} names no mailbox, and may be this one's or that of {rival.name}: "
        "look at it, then `reconcile --close` the other one."
    )
    return Verdict(RenewalState.UNKNOWN, Outcome.NEEDS_PERSON, "foreign-order", message)


def _not_found(renewal: Renewal, box: Mailbox | None, survey: Survey, settle: timedelta, click: Click) -> Verdict:
    offered_again = box is not None and box.renewable and box.expiry == renewal.expiry
    if not survey.orders_visible and click.number and box is not None and not box.renewable:
        message = (
            f"Order {click.number} was confirmed and «Rinnova» is gone; there is no order list (list-not-visible)."
        )
        reason = "bank-authentication" if _paid_by_a_person(renewal) else "ordered"
        return Verdict(RenewalState.AWAITING_PAYMENT, Outcome.AWAITING_PAYMENT, reason, message, click.number)
    if click.nothing_sent and offered_again:
        message = f"Nothing was ordered: {click.why}."
        return Verdict(RenewalState.FAILED, Outcome.FAILED, "refused-by-portal", message)
    if renewal.settled_at is not None:  # its order was there: that it has gone does not prove that there was none
        return _gone(renewal)
    if survey.orders_visible and offered_again and _is_old_enough(renewal, survey, settle):
        why = click.why or "the portal shows no order, offers «Rinnova» again, and the expiry has not moved"
        return Verdict(RenewalState.FAILED, Outcome.FAILED, "portal-error", f"Nothing was ordered: {why}.")
    why = f" ({click.why})" if click.why else ""
    message = (
        f"The order may exist{why}; the portal does not show it yet. Run `reconcile` later, and order nothing by hand."
    )
    return Verdict(RenewalState.UNKNOWN, Outcome.UNKNOWN, "unknown", message, click.number)


def _told_by_mail(renewal: Renewal, mail: Confirmation, click: Click) -> Verdict:
    message = (
        f"The order may exist: {told(mail, renewal.address)}, and the portal shows no such order. Look at both, then "
        "`reconcile --close`; until then nothing is ordered for this mailbox."
    )
    return Verdict(RenewalState.UNKNOWN, Outcome.UNKNOWN, "unknown", message, click.number)


# -- while an order waits for its payment ------------------------------------------------------------------------------


def judge_waiting(renewal: Renewal, survey: Survey, witness: Witness = NOBODY) -> Verdict:
    """Return the verdict for a renewal whose order waits for its payment (PAY-4)."""
    box = survey.mailbox(renewal.address)
    order = _listed(renewal, survey)
    if box is not None and box.expiry > renewal.expiry:
        return _renewed(renewal, box.expiry, order, just_now=False)
    if order is not None and order.state is OrderState.CANCELLED:
        return _cancelled(order)
    offered_again = box is not None and box.renewable
    if order is None and (offered_again or (survey.orders_visible and renewal.order_number is not None)):
        return _gone(renewal)
    verdict = _awaiting(renewal, order, "waiting")
    return verdict if verdict.paid else replace(verdict, paid_by_mail=witness.of_payment(renewal))


def _listed(renewal: Renewal, survey: Survey) -> PortalOrder | None:
    """Return the renewal's order: by its number, or, where the list shows none, the unpaid one of its mailbox."""
    if renewal.order_number is not None:
        return next((order for order in survey.orders if order.number == renewal.order_number), None)
    return next(
        (
            order
            for order in survey.orders
            if order.number is None
            and renewal.address in order.mailboxes
            and order.state is OrderState.AWAITING_PAYMENT
        ),
        None,
    )


# -- the verdicts ------------------------------------------------------------------------------------------------------


def _paid_by_a_person(renewal: Renewal) -> bool:
    return renewal.method is not None and renewal.method.switches_autorenewal_on


def _awaiting(renewal: Renewal, order: PortalOrder | None, reason: str) -> Verdict:
    number = (order.number if order else None) or renewal.order_number
    gross = (order.gross if order else None) or renewal.order_gross
    facts = [renewal.method.value if renewal.method else "", format_money(gross) if gross else ""]
    paid = order is not None and order.state is OrderState.PAID
    if paid:
        message = f"Order {number} is paid; the new expiry date does not show yet."
    else:
        message = f"Order {number or 'without a number'} is in «Attesa pagamento» ({', '.join(filter(None, facts))})."
        if _paid_by_a_person(renewal):
            message += (
                " A person pays it in «Ordini associati al servizio» (PAY-6); that switches «Rinnovo automatico» on:"
                f" from then on the portal charges {_years(renewal)} by itself, 7 days before each expiry."
            )
    state, outcome = RenewalState.AWAITING_PAYMENT, Outcome.AWAITING_PAYMENT
    return Verdict(state, outcome, reason, message, number, gross, paid=paid)


def _years(renewal: Renewal) -> str:
    return f"{renewal.years} years" if renewal.years and renewal.years > 1 else "a year"


def _cancelled(order: PortalOrder) -> Verdict:
    message = f"Order {order.number} was cancelled at the portal; a new one waits for a person's approval."
    return Verdict(RenewalState.CANCELLED, Outcome.FAILED, "order-cancelled", message, order.number)


def _other_cancelled(order: PortalOrder, click: Click) -> Verdict:
    message = (
        f"Order {order.number or 'without a number'} was cancelled at the portal, and may be another one: ours may "
        "still come. Run `reconcile` later, and order nothing by hand."
    )
    return Verdict(RenewalState.UNKNOWN, Outcome.UNKNOWN, "unknown", message, click.number)


def _gone(renewal: Renewal) -> Verdict:
    message = (
        f"Order {renewal.order_number or 'without a number'} is no longer in the list and the expiry has not moved: "
        "look at the portal, then `reconcile --close`."
    )
    return Verdict(RenewalState.UNKNOWN, Outcome.UNKNOWN, "unknown", message)


def _renewed(renewal: Renewal, expiry: date, order: PortalOrder | None, *, just_now: bool) -> Verdict:
    message = f"Renewed until {format_date(expiry)}."
    reason = "ordered" if just_now else "renewed"
    if renewal.years is not None and expiry not in expected_expiries(renewal.expiry, renewal.years):
        reason = "expiry-differs"
        message += f" Expected was {format_date(expected_expiries(renewal.expiry, renewal.years)[0])}: look at it."
    if order is not None and order.state is OrderState.AWAITING_PAYMENT:
        message += f" Order {order.number} still waits for a payment: «Annulla» it, or it renews once more."
    number = (order.number if order else None) or renewal.order_number
    gross = (order.gross if order else None) or renewal.order_gross
    return Verdict(RenewalState.RENEWED, Outcome.RENEWED, reason, message, number, gross, expiry)


def expected_expiries(expiry: date, years: int) -> tuple[date, ...]:
    """Return the dates that `years` more may lead to: one, or two from a 29 February."""
    year = expiry.year + years
    if expiry.month == _FEBRUARY and expiry.day > _LAST_OF_FEBRUARY:
        try:
            return (expiry.replace(year=year),)
        except ValueError:
            return (date(year, 2, 28), date(year, 3, 1))
    return (expiry.replace(year=year),)


def autorenewal_changed(renewal: Renewal, box: Mailbox | None) -> str:
    """Return the sentence about a «Rinnovo automatico» that nobody asked to change, or "" (PAY-2)."""
    shown = {PortalAutorenewal.ON, PortalAutorenewal.OFF}
    if box is None or renewal.autorenewal not in shown or box.autorenewal not in shown:
        return ""
    asked_for = _paid_by_a_person(renewal) and box.autorenewal is PortalAutorenewal.ON
    if box.autorenewal is renewal.autorenewal or asked_for:
        return ""
    return f" «Rinnovo automatico» was {renewal.autorenewal} and is {box.autorenewal}: nobody asked for that."
