"""The invariants, judged on the double's truth: each order when it is placed, each report when its run has ended."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pec_autorenew.engine.local import Command
from pec_autorenew.model import OrderState, Outcome, PortalAutorenewal
from pec_autorenew.paying import GRACE_DAYS
from pec_autorenew.planning import days_left, today_in_rome
from pec_autorenew.states import RenewalState
from tests.wrongs import Finding, Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from decimal import Decimal

    from pec_autorenew.config import Account
    from pec_autorenew.engine.local import Result
    from pec_autorenew.model import Item, Mailbox
    from tests.engine.double import Order
    from tests.engine.machine.portal import Filled, Going, WatchedTruth

#: «Right before»: a look may be so old when the form is begun (DUP-5).
FRESH: Final = timedelta(seconds=60)
SET_BACK: Final = timedelta(minutes=1)
NO_ORDER: Final = frozenset({Outcome.FAILED, Outcome.STOPPED, Outcome.WOULD_ORDER, Outcome.SKIPPED})


# -- an order, when it is placed ---------------------------------------------------------------------------------------


def wrong_with_order(truth: WatchedTruth, order: Order, going: Going, filled: Filled) -> Iterator[Finding]:
    """Yield what is wrong with an order of the client (I1, I2, I3)."""
    for address in order.lines:
        for kind, what in (*_twice(truth, address, going, filled), *_not_wanted(truth, address, going, filled)):
            yield kind, f"{address}: {what}"
    yield from _too_much(truth, order, going, filled)
    if not going.task.live or going.task.command is not Command.RENEW:
        yield Wrong.WRONG_MAILBOX, f"an order by {going.task.command}, live: {going.task.live}"
    if filled.paused:
        yield Wrong.WRONG_MAILBOX, "an order while paused"
    if filled.begun - filled.look.at > FRESH:
        yield Wrong.WRONG_MAILBOX, f"an order from a look of {filled.look.at}, begun at {filled.begun}"
    lines = {line.address for line in filled.form.lines}
    if order.years != filled.wanted.years or not order.lines.keys() <= lines == filled.wanted.addresses:
        yield Wrong.WRONG_MAILBOX, "an order for something else than the form's"
    if not filled.held:
        yield Wrong.WRONG_MAILBOX, f"an order for {filled.wanted.account}, which the run did not hold"
    with going.spared():
        written = going.ledger.renewals(run_id=going.run_id, states={RenewalState.SUBMITTING})
    if order.lines.keys() - {one.address for one in written}:
        yield Wrong.UNTRUE_LEDGER, "an order that is not in the ledger before the click (DUP-1)"
    if filled.others is not None and filled.begun < filled.others - SET_BACK:
        yield Wrong.WRONG_MAILBOX, f"an order at {filled.begun}, before a run of {filled.others}"


def _twice(truth: WatchedTruth, address: str, going: Going, filled: Filled) -> Iterator[Finding]:
    """Yield what makes an order a second one (I1)."""
    expiry = truth.boxes[address].expiry
    earlier = [one.order for one in truth.placements if one.expiries.get(address) == expiry]
    if any(one.state is not OrderState.CANCELLED for one in earlier):
        yield Wrong.DUPLICATE, f"a second order for {expiry}"
    asked = going.config.renewal.approval.needed_for(filled.prices[address])
    if len(earlier) >= truth.words[address, expiry] + (not asked):
        yield Wrong.DUPLICATE, f"order number {len(earlier) + 1} for {expiry} without a person's word"
    seen = [one for one in filled.look.survey.orders if address in one.mailboxes]
    if any(one.state is OrderState.AWAITING_PAYMENT for one in seen):
        yield Wrong.DUPLICATE, "an order while an unpaid one was in the list"


def _not_wanted(truth: WatchedTruth, address: str, going: Going, filled: Filled) -> Iterator[Finding]:
    """Yield why nobody wanted this mailbox to be ordered (I3)."""
    config, task = going.config, going.task
    account = next((one for one in config.accounts if one.name == filled.wanted.account), None)
    box = filled.look.survey.mailbox(address)
    if account is None or not account.covers(address) or (task.accounts and account.name not in task.accounts):
        yield Wrong.WRONG_MAILBOX, f"no mailbox of {filled.wanted.account} to renew"
        return
    if not task.covers(address):
        yield Wrong.WRONG_MAILBOX, "not asked for"
    if box is None or not is_due(box, account, going, today_in_rome(filled.look.at)):
        yield Wrong.WRONG_MAILBOX, f"not due: {box}"
    if box is not None and box.autorenewal is PortalAutorenewal.ON:
        yield Wrong.WRONG_MAILBOX, "the portal renews it by itself"
    if filled.wanted.years != config.policy_for(account, address).years:
        yield Wrong.WRONG_MAILBOX, f"{filled.wanted.years} years"
    if truth.boxes[address].price * filled.wanted.years != filled.prices[address]:
        yield Wrong.WRONG_MAILBOX, "another price than the form's"


def is_due(box: Mailbox, account: Account, going: Going, today: date) -> bool:
    """Whether the mailbox is within the window, or somebody wants it early."""
    left = days_left(box.expiry, today)
    window = going.config.policy_for(account, box.address).window_days
    return left >= -GRACE_DAYS and (left <= window or box.address in going.task.early)


def _too_much(truth: WatchedTruth, order: Order, going: Going, filled: Filled) -> Iterator[Finding]:
    """Yield the limits that an order exceeds (I2)."""
    limits = going.config.limits
    assert limits.max_per_mailbox is not None
    assert limits.max_per_run is not None
    assert limits.max_per_month is not None
    for address, price in order.lines.items():
        if price > limits.max_per_mailbox:
            yield Wrong.OVER_LIMIT, f"{address} for {price}"
    standing = [one for one in truth.placements if one.order.state is not OrderState.CANCELLED]
    run = order.gross + _sum(one.order.gross for one in standing if one.run_id == going.run_id)
    month = order.gross + _sum(one.order.gross for one in standing if one.month == filled.month)
    if run > limits.max_per_run:
        yield Wrong.OVER_LIMIT, f"{run} in one run"
    if month > limits.max_per_month:
        yield Wrong.OVER_LIMIT, f"{month} in {filled.month}"
    items = sum(len(one.expiries) for one in truth.placements if one.run_id == going.run_id) + len(order.lines)
    if going.task.max_items is not None and items > going.task.max_items:
        yield Wrong.OVER_LIMIT, f"{items} mailboxes, and {going.task.max_items} were allowed"


def _sum(amounts: Iterator[Decimal]) -> Decimal:
    from decimal import Decimal

    return sum(amounts, Decimal(0))


# -- a report, when its run has ended ----------------------------------------------------------------------------------


def wrong_with_report(truth: WatchedTruth, going: Going, result: Result) -> Iterator[Finding]:
    """Yield what a report says that is not so (I4)."""
    for item in result.items:
        if item.mailbox is not None:
            for what in _untrue(truth, going, item):
                yield Wrong.FALSE_REPORT, f"{item.mailbox} is told as {item.outcome} ({item.reason}): {what}"
    twice = [
        one
        for one, count in Counter((item.account, item.mailbox) for item in result.items).items()
        if one[1] and count > 1
    ]
    if twice:
        yield Wrong.FALSE_REPORT, f"told twice: {twice}, {result.items}"
    if any(item.outcome is Outcome.UNKNOWN for item in result.items) and result.codes[0] != 5:
        yield Wrong.FALSE_REPORT, f"unknown, and exit {result.codes}"
    if result.codes[0] == 0 and going.task.command is Command.RENEW and going.task.live:
        yield from _not_excused(truth, going, result)


def _untrue(truth: WatchedTruth, going: Going, item: Item) -> Iterator[str]:
    address = item.mailbox or ""
    orders = [one for one in truth.orders if address in one.lines]
    match item.outcome:
        case Outcome.RENEWED:
            if item.expiry_before is None or truth.boxes[address].expiry <= item.expiry_before:
                yield f"the expiry is {truth.boxes[address].expiry}"
        case Outcome.AWAITING_PAYMENT:
            alive = [one for one in orders if one.state is not OrderState.CANCELLED]
            seen_alive = [one for one in going.cancelled if one in orders]
            if not alive and not seen_alive and not _fits_without_a_name(truth, item):
                yield "no order"
        case outcome if outcome in NO_ORDER:
            if any(one.by and one.by == going.run_id and one.state is not OrderState.CANCELLED for one in orders):
                yield "an order of this run is alive"


def _fits_without_a_name(truth: WatchedTruth, item: Item) -> bool:
    """Whether an order fits that names no mailbox: nobody can tell more from such a list (VER-2, «where shown»)."""
    return any(
        not one.names_mailboxes and one.state is not OrderState.CANCELLED and item.order_gross in {None, one.gross}
        for one in truth.orders
    )


def _not_excused(truth: WatchedTruth, going: Going, result: Result) -> Iterator[Finding]:
    """Yield the due mailboxes of which an exit 0 is silent."""
    told = {item.mailbox: item for item in result.items}
    good = {Outcome.RENEWED, Outcome.AWAITING_PAYMENT, Outcome.SKIPPED}
    for account in going.config.accounts:
        look = going.looks.get(account.name)
        if look is None or (going.task.accounts and account.name not in going.task.accounts):
            continue
        for address, expiry in going.before.items():
            box = look.survey.mailbox(address)
            wanted = box is not None and account.covers(address) and going.task.covers(address)
            if box is None or not wanted or truth.boxes[address].expiry != expiry:
                continue
            if is_due(box, account, going, today_in_rome(going.began)) and (
                address not in told or told[address].outcome not in good
            ):
                yield Wrong.FALSE_REPORT, f"exit 0, and {address} is due: {told.get(address)}"
