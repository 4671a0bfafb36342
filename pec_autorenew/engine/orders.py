"""The orders of a run, most urgent first: beside each other where there are browsers, and no limit can come between."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Self

from pec_autorenew.engine import gate
from pec_autorenew.engine.braking import is_about_one_order
from pec_autorenew.errors import AlreadyOpen, LedgerError, PecAutorenewError
from pec_autorenew.model import Item, Outcome
from pec_autorenew.planning import single_orders, with_mailboxes

if TYPE_CHECKING:
    from types import TracebackType

    from pec_autorenew.engine.braking import Brakes
    from pec_autorenew.engine.claiming import Claims
    from pec_autorenew.engine.errand import Errand
    from pec_autorenew.engine.tally import Tally
    from pec_autorenew.engine.task import OpenPortal, Progress
    from pec_autorenew.engine.visit import Visit
    from pec_autorenew.engine.visits import Visits
    from pec_autorenew.model import WantedOrder

#: Outcomes of a mailbox whose order was sent, or would have been: they count for `--max-items`.
_SENT: Final = frozenset({Outcome.AWAITING_PAYMENT, Outcome.RENEWED, Outcome.UNKNOWN, Outcome.WOULD_ORDER})


@dataclass(slots=True)
class Ordered:
    """What came of one order; its items are told already."""

    order: WantedOrder
    visit: Visit
    items: list[Item] = field(default_factory=list)
    error: Exception | None = None


@dataclass(slots=True)
class Orders:
    """Places what was planned, and decides what an order's end means for those that follow.

    It is left after the browsers: an order that is under way then ends because its browser is gone.
    """

    errand: Errand
    brakes: Brakes
    claims: Claims
    tally: Tally
    visits: Visits
    progress: Progress
    #: Mailboxes that may still be ordered in this run; None for any number.
    items_left: int | None = None
    #: Orders of which nobody knows yet what becomes; those that are under way among them.
    waiting: list[WantedOrder] = field(default_factory=list)
    _free: list[OpenPortal] = field(default_factory=list)
    _under_way: dict[Future[Ordered], tuple[WantedOrder, OpenPortal]] = field(default_factory=dict)
    _pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Begin with none."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Wait for what is still under way."""
        if self._pool is not None:
            self._pool.shutdown()

    def place(self, lanes: tuple[OpenPortal, ...]) -> None:
        """Place all that waits, as far as nothing stands against it."""
        self._free = list(lanes)
        if len(lanes) > 1:
            self._pool = ThreadPoolExecutor(len(lanes), thread_name_prefix="order")
        while self.waiting:
            order = self._next()
            if order is not None:
                self._begin(order)
                continue
            done, _ = wait(self._under_way, return_when=FIRST_COMPLETED)
            for one in done:
                _, lane = self._under_way.pop(one)
                try:
                    self._receive(one.result(), lane)
                except LedgerError:
                    wait(self._under_way)  # what was begun beside it is finished, as far as the ledger lets it
                    raise

    # -- whose turn it is ------------------------------------------------------------------------------------------

    def _next(self) -> WantedOrder | None:
        """Return the most urgent order that may begin now; None where what is under way has to end first.

        Beside others it begins only if all of them, and all that are more urgent, fit into every limit whatever they
        come to: so the limits take from the least urgent, as if one were placed after the other.
        """
        if not self._under_way:
            return self.waiting[0]
        if not self._free or self.brakes.wants_canary():
            return None
        busy, most, items = {order.account for order, _ in self._under_way.values()}, Decimal(0), 0
        for order in self.waiting:
            items += len(order.mailboxes)
            most += len(order.mailboxes) * (self.errand.config.limits.max_per_mailbox or Decimal(0))
            if self.items_left is not None and items > self.items_left:
                return None
            if order.account in busy or self._lane_for(order) is None:
                continue
            fits = most <= self.errand.left(self.visits.of[order.account].account.client).amount
            return order if fits else None
        return None

    def _lane_for(self, order: WantedOrder) -> OpenPortal | None:
        lane = self.visits.lane_of(order.account) or self._free[0]
        return lane if lane in self._free else None

    def _begin(self, order: WantedOrder) -> None:
        visit = self.visits.of[order.account]
        stop = self.brakes.why_not(visit)
        if stop is not None:
            self.tally.add([visit.item(order, box.address, *stop) for box in order.mailboxes])
            self._put(order)
            return
        allowed = self._allowed(visit, order)
        if allowed is None:
            return
        lane = self._lane_for(allowed)
        assert lane is not None  # noqa: S101 - it is this order's turn
        self._free.remove(lane)
        self.tally.watch(self.progress.ordering, allowed)
        visit = self.visits.take(allowed.account, lane)
        if self._pool is not None:
            self._under_way[self._pool.submit(self._order, visit, allowed)] = (allowed, lane)
            return
        try:
            ordered = self._order(visit, allowed)
        except BaseException:  # the run is asked to end
            self.visits.close(visit)
            raise
        self._receive(ordered, lane)

    def _allowed(self, visit: Visit, order: WantedOrder) -> WantedOrder | None:
        """Return what of an order may begin now: what `--max-items` leaves, and one mailbox alone as canary."""
        boxes = order.mailboxes[: self.items_left] if self.items_left is not None else order.mailboxes
        message = "--max-items allows no more in this run."
        over = order.mailboxes[len(boxes) :]
        self.tally.add([visit.item(order, box.address, Outcome.STOPPED, "budget", message) for box in over])
        first = 1 if self.brakes.wants_canary() else len(boxes)
        parts = [with_mailboxes(order, some) for some in (boxes[:first], boxes[first:]) if some]
        self._put(order, *parts)
        return parts[0] if parts else None

    def _put(self, order: WantedOrder, *instead: WantedOrder) -> None:
        """Put others, or nothing, in the place of an order; a visit without any further order is ended."""
        at = self.waiting.index(order)
        self.waiting[at : at + 1] = instead
        if all(one.account != order.account for one in self.waiting):
            self.visits.end(order.account)

    # -- one order -------------------------------------------------------------------------------------------------

    def _order(self, visit: Visit, order: WantedOrder) -> Ordered:
        """Order, maybe beside others: what an error means is said by whoever receives it."""
        ordered = Ordered(order, visit)
        try:
            self.claims.keep()
            for item in gate.order(visit, order):
                ordered.items.append(item)
                self.tally.add([item])
        except Exception as error:  # noqa: BLE001 - likewise
            ordered.error = error
        return ordered

    def _receive(self, ordered: Ordered, lane: OpenPortal) -> None:
        """Go on from what came of an order."""
        visit, order = ordered.visit, ordered.order
        self._free.append(lane)
        self.visits.give_back(visit, lane)
        if self.items_left is not None:
            self.items_left -= sum(item.outcome in _SENT for item in ordered.items)
        instead = self._after(ordered, ordered.error) if ordered.error is not None else ()
        self.brakes.order_ended(visit)
        self._put(order, *instead)

    def _after(self, ordered: Ordered, error: Exception) -> tuple[WantedOrder, ...]:
        """Tell of an error, and return what is ordered all the same.

        Where one mailbox of several is refused, each is judged by itself, so that it holds back no other.
        """
        visit, told = ordered.visit, {item.mailbox for item in ordered.items}
        left = tuple(box for box in ordered.order.mailboxes if box.address not in told)
        if isinstance(error, LedgerError) and not isinstance(error, AlreadyOpen):
            raise error
        if not isinstance(error, PecAutorenewError):
            error = visit.stopped = self.tally.surprise(visit.account.name, error)
        elif len(left) > 1 and is_about_one_order(error):
            return single_orders(with_mailboxes(ordered.order, left))
        else:
            self.brakes.stop(visit, error)
        self.tally.add(visit.not_ordered(ordered.order, [box.address for box in left], error))
        return ()
