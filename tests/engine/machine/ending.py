"""The end of an example: all faults are gone, and the ledger must come to the truth (I5)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pec_autorenew.engine.local import Command, Task
from pec_autorenew.errors import NotApprovable
from pec_autorenew.ledger import PAUSE, month_of
from pec_autorenew.model import OrderState, Outcome, PortalAutorenewal
from pec_autorenew.planning import today_in_rome
from pec_autorenew.states import RenewalState, RequestState
from tests.engine.machine.portal import SETTLE, Going
from tests.engine.machine.verdicts import is_due
from tests.engine.machine.world import PORTAL
from tests.wrongs import Finding, Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pec_autorenew.engine.local import Result
    from pec_autorenew.ledger import Renewal
    from pec_autorenew.model import Item
    from tests.engine.double import Box, Order
    from tests.engine.machine.portal import WatchedTruth
    from tests.engine.machine.world import World

#: What may stop an order for ever, until a person does something; all else must be over when the faults are.
LASTING = frozenset({"budget", "over-limit", "under-limit", "approval", "price-changed", "canary"})


def clear_up(world: World) -> None:
    """End all faults: everything shows, everybody is paid, the clocks agree."""
    truth = world.truth
    truth.script.clear()
    truth.lag, truth.spoilt = 0, ""
    truth.set_clock(timedelta(0))
    truth.move_late()
    for order in truth.orders:
        order.hidden_for = 0
    for box in truth.boxes.values():
        box.listed = True
    for account in ("studio", "azienda"):
        truth.secrets[account] = "a new one"
    if truth.paused:
        world.ledger.clear_flag(PAUSE, world.clock())
        truth.paused = False


def say(world: World, which: int, *, granted: bool) -> None:
    """Say a person's word on one of the questions that stand."""
    asked = world.ledger.requests(PORTAL)
    if not asked:
        return
    request = asked[which % len(asked)]
    try:
        world.ledger.answer(
            PORTAL, request.facts.address, request.facts.expiry, world.clock(), timedelta(days=3), granted=granted
        )
    except NotApprovable:
        return
    if granted and request.state is not RequestState.ANSWERED:
        world.truth.words[request.facts.address, request.facts.expiry] += 1


def settle_down(world: World) -> Result | None:
    """Run `reconcile` and `renew` a few times; return the last result."""
    clear_up(world)
    result = None
    for _ in range(4):
        world.advance(2 * SETTLE)
        world.run(Task(Command.RECONCILE))
        for which in range(len(world.ledger.requests(PORTAL))):
            say(world, which, granted=True)
        result = world.run(Task(Command.RENEW))
    return result


def wrong_in_the_end(world: World, result: Result | None) -> Iterator[Finding]:
    """Yield where the ledger, or the last report, is not what the portal is."""
    for renewal in world.ledger.renewals():
        for what in _untrue(world.truth, renewal):
            yield (
                Wrong.UNTRUE_LEDGER,
                f"{renewal.name}: {renewal.state}, {renewal.reason}, {renewal.message}: {what}",
            )
    if result is None:
        yield Wrong.UNTRUE_LEDGER, "the last run came to nothing"
        return
    going = Going(Task(Command.RENEW), world.config(), world.ledger, "here", world.clock.now)
    told = {item.mailbox: item for item in result.items}
    for address, box in world.truth.boxes.items():
        if not _due(world, going, address, box):
            continue
        item = told.get(address)
        if item is None:
            yield Wrong.UNTRUE_LEDGER, f"nothing is said of {address}, which is due"
        elif not _answers(world, item, box):
            yield Wrong.UNTRUE_LEDGER, f"{address} is due, and {item.outcome} ({item.reason}): {item.message}"


def _untrue(truth: WatchedTruth, renewal: Renewal) -> Iterator[str]:
    orders = [one for one in truth.orders if renewal.address in one.lines]
    alive = [one for one in orders if one.state is not OrderState.CANCELLED]
    own = [
        one.order
        for one in truth.placements
        if one.run_id == renewal.run_id and one.expiries.get(renewal.address) == renewal.expiry
    ]
    own_alive = [one for one in own if one.state is not OrderState.CANCELLED]
    match renewal.state:
        case RenewalState.SUBMITTING | RenewalState.PLANNED:
            yield "nobody looked"
        case RenewalState.UNKNOWN if not _undecidable(truth, renewal, orders):
            yield f"the portal shows all: {orders}"
        case RenewalState.RENEWED if truth.boxes[renewal.address].expiry <= renewal.expiry:
            yield "the expiry has not moved"
        case RenewalState.AWAITING_PAYMENT if not alive and not any(not one.names_mailboxes for one in truth.orders):
            yield "no order"
        case RenewalState.FAILED | RenewalState.CANCELLED if renewal.counts and own_alive:
            yield f"an order of it is alive: {own_alive}"
        case _:
            pass


def _undecidable(truth: WatchedTruth, renewal: Renewal, orders: list[Order]) -> bool:
    """Whether a person must decide: there is no list, it does not tell the orders apart, or there are several."""
    return (
        not truth.orders_visible
        or any(one.number is None or not one.names_mailboxes for one in truth.orders)
        or len(orders) > 1
        or not truth.offered(renewal.address)
    )


def _due(world: World, going: Going, address: str, box: Box) -> bool:
    today = today_in_rome(world.clock.now)
    return any(
        account.covers(address) and is_due(shown, account, going, today)
        for account in going.config.accounts
        if account.name in box.account.split("+")
        for look in [world.ledger.last_survey(PORTAL, account.name)]
        if look is not None and (shown := look.survey.mailbox(address)) is not None
    )


def _answers(world: World, item: Item, box: Box) -> bool:
    """Whether the item is an order, or says what stands against one, and something does."""
    address = item.mailbox or ""
    if item.outcome in {Outcome.AWAITING_PAYMENT, Outcome.RENEWED}:
        return True
    if item.outcome is Outcome.SKIPPED:
        return item.reason != "portal-autorenewal-on" or box.autorenewal is PortalAutorenewal.ON
    if item.outcome not in {Outcome.NEEDS_PERSON, Outcome.UNKNOWN, Outcome.STOPPED} or (
        item.outcome is Outcome.STOPPED and item.reason not in LASTING
    ):
        return False
    return not _nothing_forbids(world, address, box)


def _nothing_forbids(world: World, address: str, box: Box) -> bool:
    """Whether the mailbox is as plain as can be: nobody ever ordered it, and limits and budget have room."""
    limits, config = world.config().limits, world.config()
    assert limits.max_per_mailbox is not None
    assert limits.max_per_month is not None
    most = box.price * 2
    month = world.ledger.spent_in_month(month_of(world.clock.now))
    return (
        not any(address in one.lines for one in world.truth.orders)
        and limits.min_per_mailbox <= box.price
        and most <= limits.max_per_mailbox
        and month + most <= limits.max_per_month
        and not config.renewal.approval.needed_for(most)
        and not world.ledger.renewals(address=address)
        and not world.ledger.unsettled(PORTAL)
        and (box.expiry - today_in_rome(world.clock.now)).days > -80
    )
