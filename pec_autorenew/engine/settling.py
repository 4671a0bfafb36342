"""Settling what is open at an account from a fresh look, and taking on what somebody else ordered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pec_autorenew.engine.braking import came_home
from pec_autorenew.engine.clocks import CLOCKS_DIFFER, settle_by
from pec_autorenew.engine.mails import ask_mails
from pec_autorenew.engine.people import hand_over_payment
from pec_autorenew.engine.proof import Verdict, autorenewal_changed, judge_click, judge_waiting
from pec_autorenew.engine.reminding import to_be_paid
from pec_autorenew.engine.witness import told
from pec_autorenew.errors import AlreadyOpen
from pec_autorenew.italian import format_date
from pec_autorenew.model import Item, OrderState, Outcome, Survey
from pec_autorenew.planning import item_for, today_in_rome
from pec_autorenew.states import LIVE, UNSETTLED, RenewalState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from pec_autorenew.engine.visit import Visit
    from pec_autorenew.engine.witness import Witness
    from pec_autorenew.ledger import Renewal
    from pec_autorenew.model import Mailbox, PortalOrder


def settle_open(visit: Visit, survey: Survey) -> list[Item]:
    """Settle what is open from a fresh look; adopt what somebody else ordered. Return an item for each."""
    errand = visit.errand
    shown = [box.address for box in survey.mailboxes]
    found = errand.ledger.renewals(errand.portal, states=LIVE, concerning=(visit.account.name, shown))
    live = [one for one in found if _concerns(visit, one, survey)]
    lost = _taken_for_lost(visit, survey)
    mails = ask_mails(visit, survey, [*live, *lost])
    visit.told_of = _told_of(lost, survey, mails.witness)
    items: list[Item] = []
    for group in _by_click([one for one in live if one.state in UNSETTLED]):
        click = _whole_click(visit, group)
        others = of_other_clicks(visit, click, survey)
        verdicts = judge_click(click, survey, settle_by(visit), witness=mails.witness, others=others)
        items += [record(visit, renewal, verdicts[renewal.id]) for renewal in group]
    items += [
        record(visit, one, judge_waiting(one, survey, mails.witness))
        for one in live
        if one.state is RenewalState.AWAITING_PAYMENT
    ]
    items = [replace(item, message=item.message + mails.remark) for item in items]
    settled = {item.mailbox for item in items}
    return items + adopt(visit, survey, [box.address for box in survey.mailboxes if box.address not in settled])


def _concerns(visit: Visit, renewal: Renewal, survey: Survey) -> bool:
    """Whether this visit can look the renewal up: it is the account's own, or of a mailbox that is its own now."""
    if renewal.account == visit.account.name:
        return True
    seen = survey.mailbox(renewal.address) is not None
    return seen and visit.account.covers(renewal.address) and renewal.address not in visit.owned_elsewhere()


def record(visit: Visit, renewal: Renewal, verdict: Verdict, *, looked: bool = True) -> Item:
    """Write a verdict into the ledger, step by legal step, and return its item; a dry run writes nothing.

    `looked` says that the verdict comes from a fresh look, so that the account's other renewals may go on (DUP-4).
    """
    errand = visit.errand
    box = visit.survey.mailbox(renewal.address) if visit.survey else None
    verdict = replace(verdict, message=verdict.message + autorenewal_changed(renewal, box))
    if errand.live:
        renewal = _write(visit, renewal, verdict, looked=looked)
        came_home(errand, renewal, verdict.state)
    item = _item(visit.account.name, renewal, verdict, box)
    item = item if verdict.paid else to_be_paid(visit, item, verdict.paid_by_mail)
    if errand.live:
        hand_over_payment(visit, renewal, item)
    return item


def _write(visit: Visit, renewal: Renewal, verdict: Verdict, *, looked: bool) -> Renewal:
    """Write it down, and return the renewal as it stands then."""
    ledger, now, run_id = visit.errand.ledger, visit.errand.clock(), visit.errand.run_id
    # What was clicked for is known; only of an adopted order may the list still tell the price.
    gross = verdict.order_gross if renewal.order_gross is None else None
    state = renewal.state
    steps = [verdict.state] if verdict.state is not state else []
    if verdict.state is RenewalState.CANCELLED and state is RenewalState.SUBMITTING:
        steps = [RenewalState.UNKNOWN, RenewalState.CANCELLED]
    for step in steps:
        renewal = ledger.settle(
            renewal.id,
            step,
            now,
            run_id=run_id,
            reason=verdict.reason,
            message=verdict.message,
            order_number=verdict.order_number,
            expiry_after=verdict.expiry_after,
            order_gross=gross,
            form=verdict.confirmation,
        )
    if looked and (not steps or verdict.state is RenewalState.UNKNOWN):
        renewal = ledger.annotate(
            renewal.id,
            now,
            run_id=run_id,
            reason=verdict.reason,
            message=verdict.message,
            order_number=verdict.order_number,
            order_gross=gross,
        )
    return renewal


def adopt(visit: Visit, survey: Survey, addresses: Collection[str]) -> list[Item]:
    """Take unpaid orders that name one of `addresses` and are not in the ledger into it (DUP-6)."""
    errand, items, elsewhere = visit.errand, [], visit.owned_elsewhere()
    for address in addresses:
        box = survey.mailbox(address)
        orders = [one for one in survey.orders if one.state is OrderState.AWAITING_PAYMENT and address in one.mailboxes]
        if not orders or box is None or not visit.account.covers(address) or address in elsewhere:
            continue
        lost = _lost_before(visit, box)
        before = errand.ledger.renewals(errand.portal, address=address)
        own = {one.order_number: one for one in before if one.submitted_at}
        message = " ".join(_whose(one, lost, own.get(one.number)) for one in orders)
        if errand.live:
            ours = lost if lost is not None and _may_be_lost(orders[0], lost) else None
            try:
                errand.ledger.adopt(
                    errand.portal, visit.account.name, address, box.expiry, orders[0], errand.clock(), errand.run_id,
                    client=visit.account.client, message=message, ours=ours,
                )  # fmt: skip
            except AlreadyOpen as error:  # another machine was faster; the order is known all the same
                message += f" {error.message}"
        item = item_for(visit.account.name, box, Outcome.AWAITING_PAYMENT, "adopted", message)
        if len(orders) > 1:
            item = replace(item, outcome=Outcome.NEEDS_PERSON, reason="foreign-order")
        item = replace(item, order_number=orders[0].number, order_gross=orders[0].gross)
        items.append(to_be_paid(visit, item))
    return items


def _lost_before(visit: Visit, box: Mailbox) -> Renewal | None:
    """Return our own renewal at this expiry whose order was taken for lost: it may come late."""
    found = visit.errand.ledger.find(visit.errand.portal, box.address, box.expiry)
    lost = found is not None and found.submitted_at is not None and found.state is RenewalState.FAILED
    return found if lost else None


def _since(lost: Renewal) -> date:
    assert lost.submitted_at is not None  # noqa: S101 - it would not have been lost
    return today_in_rome(lost.submitted_at - CLOCKS_DIFFER)


def _may_be_lost(order: PortalOrder, lost: Renewal) -> bool:
    """Whether the order may be our own that came late, as far as number and date tell."""
    late = order.placed_on is None or order.placed_on >= _since(lost)
    return late and (order.number is None or order.number not in lost.order_numbers_before)


def _whose(order: PortalOrder, lost: Renewal | None, own: Renewal | None) -> str:
    """Return whose order it seems to be: our `own`, one that was `lost` and came late, or somebody else's."""
    name = f"Order {order.number or 'without a number'}"
    if own is not None and order.number:
        return (
            f"{name} is our own for the expiry on {format_date(own.expiry)}, which has moved without it, and still in "
            "«Attesa pagamento»: «Annulla» it, or «Paga» it to renew once more."
        )
    if lost is not None and _may_be_lost(order, lost):
        return (
            f"{name} is in «Attesa pagamento» and is probably our own of {format_date(_since(lost))}, which came late: "
            "it had been taken for lost, and counts against the budget again. «Paga» or «Annulla» it."
        )
    return f"{name} is somebody else's and in «Attesa pagamento»: «Paga» or «Annulla» it."


def cancelled_before(visit: Visit, survey: Survey) -> dict[str, str]:
    """Return the mailboxes of whose next order a person decides, and why (DUP-10).

    Their order for this expiry was cancelled at the portal; or a mail tells of one that was taken for lost.
    """
    why = "Its order was cancelled at the portal: a new one waits for a person's approval."
    return visit.told_of | {one.address: why for one in _at_this_expiry(visit, survey, RenewalState.CANCELLED)}


def _at_this_expiry(visit: Visit, survey: Survey, state: RenewalState) -> list[Renewal]:
    errand = visit.errand
    shown = {(box.address, box.expiry) for box in survey.mailboxes}
    concerning = (visit.account.name, [address for address, _ in shown])
    found = errand.ledger.renewals(errand.portal, states={state}, concerning=concerning)
    return [one for one in found if (one.address, one.expiry) in shown]


def _taken_for_lost(visit: Visit, survey: Survey) -> list[Renewal]:
    """Return the account's clicks at the present expiries of which «no order» was concluded: a mail may have come."""
    failed = _at_this_expiry(visit, survey, RenewalState.FAILED)
    return [one for one in failed if one.submitted_at is not None and _concerns(visit, one, survey)]


def _told_of(lost: Iterable[Renewal], survey: Survey, witness: Witness) -> dict[str, str]:
    """Return why a person decides on the next order of mailboxes whose lost order a mail tells of (VER-1)."""
    mails = {one.address: mail for one in lost if (mail := witness.of_an_order([one], survey)) is not None}
    return {
        address: f"It was taken for not ordered, and {told(mail, address)}: look at the portal and the mail first."
        for address, mail in mails.items()
    }


def _item(account: str, renewal: Renewal, verdict: Verdict, box: Mailbox | None) -> Item:
    return replace(
        renewal.item(verdict.outcome, verdict.reason, verdict.message),
        account=account,
        expiry_after=verdict.expiry_after,
        order_gross=verdict.order_gross or renewal.order_gross,
        order_number=verdict.order_number or renewal.order_number,
        autorenewal=box.autorenewal if box else renewal.autorenewal,
    )


def _whole_click(visit: Visit, group: list[Renewal]) -> list[Renewal]:
    """Return all renewals of a click: a run may have died between two of them, and their order is one (VER-2)."""
    errand, first = visit.errand, group[0]
    return list(errand.ledger.renewals(errand.portal, group=first.order_group))


def of_other_clicks(visit: Visit, click: Collection[Renewal], survey: Survey) -> list[Renewal]:
    """Return the renewals of other clicks that may be what the list shows without its mailboxes (VER-2).

    Those whose number it has, and those of which nobody knows yet; nothing where the list names all mailboxes.
    """
    ledger, portal = visit.errand.ledger, visit.errand.portal
    nameless = [order.number for order in survey.orders if not order.mailboxes]
    if not nameless:
        return []
    numbers = [number for number in nameless if number is not None]
    shown = [box.address for box in survey.mailboxes]
    found = [
        *ledger.renewals(portal, numbers=numbers),
        *ledger.renewals(portal, states=UNSETTLED, concerning=(visit.account.name, shown)),
    ]
    groups = {one.order_group for one in click}
    return [one for one in found if one.order_group not in groups]


def _by_click(renewals: Iterable[Renewal]) -> list[list[Renewal]]:
    groups: dict[str, list[Renewal]] = {}
    for renewal in renewals:
        groups.setdefault(renewal.order_group, []).append(renewal)
    return list(groups.values())
