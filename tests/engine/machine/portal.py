"""The double under observation: it knows which run asked for what, and what that run could know at the time."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from pec_autorenew.ledger import month_of
from pec_autorenew.model import FormLine, OrderState
from pec_autorenew.planning import today_in_rome
from tests.engine.double import Order, PortalDouble, Prepared, Truth
from tests.engine.machine.tally import TALLY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from decimal import Decimal

    from pec_autorenew.config import Account, Config
    from pec_autorenew.engine.local import Task
    from pec_autorenew.ledger import Ledger
    from pec_autorenew.model import OrderForm, Placed, Survey, WantedOrder

#: `settle` in the machine's configurations, and the longest that this portal keeps an order from its list. The rest is
#: for what two clocks may differ by: a portal that hides an order for longer than `settle` cannot be served (DUP-4).
SETTLE: Final = timedelta(hours=1)
LONGEST_HIDDEN: Final = timedelta(minutes=40)


@dataclass(frozen=True)
class Look:
    """What a run saw of an account, and when."""

    at: datetime
    survey: Survey


@dataclass(frozen=True)
class Filled:
    """A form that a run filled in, and what it could know then."""

    wanted: WantedOrder
    form: OrderForm
    look: Look
    begun: datetime
    done: datetime
    paused: bool
    prices: dict[str, Decimal]
    #: Whether the run held the account when it had filled in the form.
    held: bool
    #: The latest instant of which another run had written then.
    others: datetime | None

    @property
    def month(self) -> str:
        """The month whose budget the order is reserved in."""
        return month_of(self.done)


@dataclass
class Going:
    """A run under way."""

    task: Task
    config: Config
    ledger: Ledger
    node: str
    began: datetime
    run_id: str = ""
    #: The power was cut: nothing that this run still does happens.
    dead: bool = False
    #: So many statements of SQL until the power is cut, and until the disk is full; None for never.
    cut_after: int | None = None
    full_after: int | None = None
    looks: dict[str, Look] = field(default_factory=dict)
    filled: Filled | None = None
    #: Orders that somebody cancelled while it went on.
    cancelled: list[Order] = field(default_factory=list)
    #: Mailboxes and their expiry dates when it began.
    before: dict[str, date] = field(default_factory=dict)

    @contextmanager
    def spared(self) -> Iterator[None]:
        """Let us read in the ledger, and no fault be spent on it."""
        cut, full, self.cut_after, self.full_after = self.cut_after, self.full_after, None, None
        yield
        self.cut_after, self.full_after = cut, full

    def others(self) -> datetime | None:
        """Return the latest instant of which another run wrote in the ledger."""
        with self.spared():
            runs = [run for run in self.ledger.runs(10_000) if run.id != self.run_id]
        return max((at for run in runs for at in (run.started_at, run.finished_at) if at is not None), default=None)

    def holds(self, account: str, now: datetime) -> bool:
        """Whether the account's claim is this run's."""
        with self.spared():
            claims = self.ledger.claims(self.config.portal.base_url)
        return any(one.account == account and one.holder.endswith(self.run_id) and now < one.until for one in claims)


@dataclass(frozen=True)
class Placement:
    """An order of the client, as it was placed."""

    order: Order
    run_id: str
    expiries: dict[str, date]
    month: str


@dataclass
class WatchedTruth(Truth):
    """The double's truth, its own clock beside the client's, and every order judged when it is placed."""

    #: How far the client's clock is behind the real time.
    behind: timedelta = timedelta(0)
    #: Whether the portal dates its answers.
    dated: bool = True
    numberless: bool = False
    nameless: bool = False
    paused: bool = False
    #: What the form has that nobody wanted: "", "years", "line".
    spoilt: str = ""
    #: Runs under way: the first, and another machine's in the middle of it.
    going: list[Going] = field(default_factory=list)
    born: list[datetime] = field(default_factory=list)
    placements: list[Placement] = field(default_factory=list)
    #: Paid orders whose payment has not moved the expiry yet.
    late: list[Order] = field(default_factory=list)
    #: (address, expiry) -> how often a person approved of an order, or closed one that never was.
    words: Counter[tuple[str, date]] = field(default_factory=Counter)
    judge: Callable[[WatchedTruth, Order, Going, Filled], None] = lambda *_: None

    def set_clock(self, behind: timedelta) -> None:
        """Set the client's clock back by so much, or right again."""
        self.clock.now += self.behind - behind
        self.behind = behind
        self.ahead = behind if self.dated else None

    def real(self) -> datetime:
        """Tell the real time."""
        return self.clock.now + self.behind

    def happen(self, step: str) -> None:
        """Do what the script has for this step; the dead do nothing."""
        self.reveal()
        if self.going and self.going[-1].dead:
            return
        waiting = len(self.script[step])
        try:
            super().happen(step)
        finally:
            TALLY.faults += len(self.script[step]) < waiting

    def reveal(self) -> None:
        """Show the orders that were hidden for long enough."""
        for order, born in zip(self.orders, self.born, strict=True):
            if self.real() - born >= LONGEST_HIDDEN:
                order.hidden_for = 0

    def place(self, *addresses: str, years: int = 1, hidden_for: int = 0, **facts: object) -> Order:
        """Make an order on the real date; judge it if it is the client's."""
        facts = {"placed_on": today_in_rome(self.real()), "names_mailboxes": not self.nameless, **facts}
        if self.numberless:
            facts["number"] = None
        self.born.append(self.real())
        order = super().place(*addresses, years=years, hidden_for=hidden_for, **facts)
        if order.by:
            going = self.going[-1]
            assert order.by == going.run_id
            assert going.filled is not None
            self.judge(self, order, going, going.filled)
            expiries = {address: self.boxes[address].expiry for address in addresses}
            self.placements.append(Placement(order, order.by, expiries, going.filled.month))
            TALLY.orders += 1
        return order

    def pay(self, order: Order) -> None:
        """Register a payment at once."""
        super().pay(order)
        order.hidden_for = 0

    def pay_late(self, order: Order) -> None:
        """Take the money, and move the expiry some day."""
        order.state, order.hidden_for = OrderState.PAID, 0
        self.late.append(order)

    def move_late(self) -> None:
        """Move the expiry dates of what was paid."""
        late, self.late = self.late, []
        for order in late:
            self.pay(order)

    def cancel(self, order: Order) -> None:
        """Cancel an order; the runs under way may have seen it alive."""
        order.state, order.hidden_for = OrderState.CANCELLED, 0
        for going in self.going:
            going.cancelled.append(order)

    def unpaid(self) -> list[Order]:
        """Return the orders that can be paid or cancelled by somebody who sees them."""
        return [one for one in self.orders if one.state is OrderState.AWAITING_PAYMENT]


@dataclass
class WatchedPortal(PortalDouble):
    """A visit of a run, of which is remembered what it saw."""

    truth: WatchedTruth

    @property
    def going(self) -> Going:
        """The run whose visit this is."""
        return self.truth.going[-1]

    def survey(self) -> Survey:
        """Show the account, and remember what was shown."""
        survey = super().survey()
        self.going.looks[self.account.name] = Look(self.truth.clock.now, survey)
        return survey

    def form(self, wanted: WantedOrder) -> OrderForm:
        """Show the form, or another one than was wanted."""
        form = super().form(wanted)
        if self.truth.spoilt == "years":
            return replace(form, years=wanted.years + 1)
        if self.truth.spoilt == "line":
            return replace(form, lines=(*form.lines, FormLine("", "Firma Digitale", amount=None)))
        return form

    def prepare_renewal(self, wanted: WantedOrder) -> Prepared:
        """Fill in the form, and remember what was known then."""
        truth, begun = self.truth, self.truth.clock.now
        look = self.going.looks[self.account.name]
        prepared = super().prepare_renewal(wanted)
        prices = {box.address: truth.boxes[box.address].price * wanted.years for box in wanted.mailboxes}
        going, now = self.going, truth.clock.now
        held, others = going.holds(wanted.account, now), going.others()
        going.filled = Filled(wanted, prepared.form, look, begun, now, truth.paused, prices, held, others)
        return prepared

    def place_order(self, prepared: Prepared, before_click: Callable[[], None]) -> Placed:
        """Take the order, for the run that prepared it."""
        assert self.going.run_id == self.run_id
        return super().place_order(prepared, before_click)


def portals_of(truth: WatchedTruth) -> Callable[[str], object]:
    """Return what the runner starts in the place of a browser."""

    @contextmanager
    def portals(run_id: str) -> Iterator[Callable[[Account], WatchedPortal]]:
        truth.going[-1].run_id = run_id
        truth.happen("start")

        def open_portal(account: Account) -> WatchedPortal:
            truth.happen("open")
            return WatchedPortal(truth, account, run_id=run_id)

        yield open_portal
        truth.happen("stop")

    return portals
