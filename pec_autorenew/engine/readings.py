"""Which orders of the list may be that of a click: every reading, by number, date, sum and mailboxes (VER-2)."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

from pec_autorenew.engine.clocks import CLOCKS_DIFFER
from pec_autorenew.model import OrderState, PortalOrder, Survey
from pec_autorenew.planning import today_in_rome
from pec_autorenew.states import UNSETTLED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pec_autorenew.engine.witness import Witness
    from pec_autorenew.ledger import Renewal

#: One reading of the order list: the orders that together would be the one of a click.
Reading: TypeAlias = "tuple[PortalOrder, ...]"


def readings_of(
    renewals: Sequence[Renewal], survey: Survey, confirmed: str | None, witness: Witness, others: Sequence[Renewal] = ()
) -> list[Reading]:
    """Return every reading of the list in which orders that were not there before make up this click (VER-2).

    `confirmed` is the number on the confirmation screen. An order that names no mailbox, and has the number of one of
    `others`, the renewals of other clicks, is that one's.
    """
    # Of one that is settled only its own number is known: the others of its click are still to be found.
    first = next((one for one in renewals if one.settled_at is None), renewals[0])
    # Of an order's mailboxes, the list names those that this login sees.
    wanted = {renewal.address for renewal in renewals if survey.mailbox(renewal.address) is not None}
    known = first.order_number or confirmed
    if first.submitted_at is None or first.settled_at is not None:  # it was seen before, under its number
        return [(order,) for order in survey.orders if known is not None and order.number == known]
    theirs = {one.order_number for one in others} - {None}
    new = [
        order
        for order in survey.orders
        if may_be_new(order, first) and order.mailboxes <= wanted and (order.mailboxes or order.number not in theirs)
    ]
    whole: list[Reading] = [
        (order,)
        for order in new
        if (not order.mailboxes or order.mailboxes == wanted)
        and (order.gross is None or order.gross == first.order_gross)
    ]
    readings = whole or (_sums(new, wanted, first.order_gross) if len(wanted) > 1 else [])
    # The number on the confirmation proves nothing, but it tells two orders of the list apart; and where the list does
    # not say for which mailboxes they are, so does the number in a mail that does.
    nameless = not any(order.mailboxes for reading in readings for order in reading)
    for numbers in ({known}, witness.numbers_of(first, wanted) if nameless else set[str]()):
        numbered = [reading for reading in readings if any(one.number in numbers - {None} for one in reading)]
        if len(numbered) == 1:
            return numbered
    return readings


def rival_of(
    renewals: Sequence[Renewal],
    survey: Survey,
    readings: Sequence[Reading],
    confirmed: str | None,
    witness: Witness,
    others: Sequence[Renewal],
) -> Renewal | None:
    """Return a renewal of another click of which nobody knows yet, where the only reading may be that one's as well.

    To take such an order for ours would settle two clicks by one; to leave it to the other one might order ours twice.
    """
    if len(readings) != 1 or any(order.mailboxes for order in readings[0]):
        return None
    (order,) = readings[0]
    ours = {confirmed, *(one.order_number for one in renewals)}
    ours |= witness.numbers_of(renewals[0], {one.address for one in renewals})
    if order.number is not None and order.number in ours:
        return None
    shown = {box.address: box.expiry for box in survey.mailboxes}
    return next(
        (
            one
            for one in others
            if one.state in UNSETTLED
            and one.settled_at is None
            and one.order_number is None
            and shown.get(one.address, one.expiry) <= one.expiry  # else it is renewed, and needs no order
            and may_be_new(order, one)
            and (order.gross is None or order.gross == one.order_gross)
        ),
        None,
    )


def may_be_new(order: PortalOrder, renewal: Renewal) -> bool:
    """Whether the order may have come from this renewal's click, as far as number and date tell."""
    since = today_in_rome(renewal.submitted_at - CLOCKS_DIFFER) if renewal.submitted_at else None
    if order.number is not None and order.number in renewal.order_numbers_before:
        return False
    if order.placed_on is not None:
        return since is None or order.placed_on >= since
    # Without number and date only this is left: before the click, «Rinnova» was offered, so no unpaid one was there.
    return order.number is not None or (
        order.state is OrderState.AWAITING_PAYMENT and renewal.address in order.mailboxes
    )


def _sums(new: Iterable[PortalOrder], wanted: set[str], gross: Decimal | None) -> list[Reading]:
    """Return the sets of orders that together are for the wanted mailboxes, each once, and for the same sum."""
    parts = [order for order in new if order.mailboxes and order.gross is not None]
    return [
        some
        for size in range(2, len(wanted) + 1)
        for some in combinations(parts, size)
        if sum(len(order.mailboxes) for order in some) == len(wanted)
        and frozenset().union(*(order.mailboxes for order in some)) == wanted
        and sum((order.gross or Decimal(0) for order in some), Decimal(0)) == gross
    ]
