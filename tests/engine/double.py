"""A portal in memory: the engine's port with its own truth of orders, and faults that a test can write down."""

from __future__ import annotations

from calendar import isleap
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from pec_autorenew.errors import (
    ElementMissing,
    FormChanged,
    OutcomeUnknown,
    RefusedByPortal,
    SignInRejected,
)
from pec_autorenew.model import (
    Consent,
    FormLine,
    Mailbox,
    MailboxState,
    MailboxType,
    OrderForm,
    OrderState,
    Placed,
    PortalAutorenewal,
    PortalOrder,
    Survey,
    WantedOrder,
)
from pec_autorenew.planning import today_in_rome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pec_autorenew.config import Account
    from pec_autorenew.errors import Drift

START = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
TODAY = date(2026, 12, 1)


class Clock:
    """A clock that moves when a test says so."""

    def __init__(self) -> None:
        """Start in the morning of 1 December 2026."""
        self.now = START

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by


@dataclass
class Box:
    """A mailbox in the truth."""

    account: str
    expiry: date
    price: Decimal = Decimal("30.50")
    autorenewal: PortalAutorenewal = PortalAutorenewal.OFF
    offered: bool = True
    listed: bool = True
    kind: MailboxType = MailboxType.STANDARD
    state: MailboxState = MailboxState.ACTIVE


@dataclass
class Order:
    """An order in the truth."""

    number: str | None
    placed_on: date | None
    lines: dict[str, Decimal]
    state: OrderState = OrderState.AWAITING_PAYMENT
    years: int = 1
    #: How many more looks will not show it.
    hidden_for: int = 0
    names_mailboxes: bool = True
    #: The client's run that placed it; "" for somebody else's.
    by: str = ""

    @property
    def gross(self) -> Decimal:
        """What the order costs."""
        return sum(self.lines.values(), Decimal(0))


@dataclass
class Truth:
    """What the portal knows, what was asked of it, and what it shall do wrong."""

    clock: Clock
    boxes: dict[str, Box] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    passwords_typed: list[str] = field(default_factory=list)
    clicks: int = 0
    prepared: list[tuple[str, ...]] = field(default_factory=list)
    #: The numbers of the surveys, by account.
    looks: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    #: Accounts whose password is wrong.
    refused: set[str] = field(default_factory=set)
    secrets: dict[str, str] = field(default_factory=dict)
    #: Accounts as which somebody is signed in already.
    sessions: set[str] = field(default_factory=set)
    #: Whether a session that is saved lives on to the next visit.
    keeps_sessions: bool = False
    #: Whether a person signs in in our place, and which mailboxes they say are the account's.
    by_hand: bool = False
    vouched: frozenset[str] | None = None
    #: Accounts for which a person has done what the door asked.
    let_in: set[str] = field(default_factory=set)
    shows_amounts: bool = True
    flags: bool = False
    orders_visible: bool = True
    #: The list hides a new order for so many looks.
    lag: int = 0
    #: step -> what happens at its next occasions: an error to raise, or something to do first.
    script: dict[str, list[BaseException | Callable[[], object]]] = field(default_factory=lambda: defaultdict(list))
    #: The most mailboxes that one order takes; the portal splits a larger one.
    split_into: int | None = None
    #: How far the portal's own clock is ahead; None where its answers are not dated.
    ahead: timedelta | None = timedelta(0)
    #: What stands on the confirmation, and a number there that is another order's.
    thanks: str = "grazie"
    thanks_for: str | None = None
    #: What the answer says against there being an order.
    why: str = ""
    _last_number: int = 1000

    def add(self, address: str, days: int, account: str = "studio", **facts: object) -> Box:
        """Add a mailbox that expires in so many days."""
        box = Box(account, TODAY + timedelta(days=days), **facts)  # type: ignore[arg-type]
        self.boxes[address] = box
        return box

    def orders_for(self, address: str) -> list[Order]:
        """Return the orders that hold the mailbox and are not cancelled."""
        return [one for one in self.orders if address in one.lines and one.state is not OrderState.CANCELLED]

    def place(self, *addresses: str, years: int = 1, hidden_for: int = 0, **facts: object) -> Order:
        """Make an order, whoever wants it."""
        self._last_number += 1
        lines = {address: self.boxes[address].price * years for address in addresses}
        order = Order(str(self._last_number), today_in_rome(self.clock.now), lines, years=years, hidden_for=hidden_for)
        self.orders.append(replace(order, **facts))  # type: ignore[arg-type]
        return self.orders[-1]

    def pay(self, order: Order) -> None:
        """Register the payment: now the expiry moves."""
        order.state = OrderState.PAID
        for address in order.lines:
            box = self.boxes[address]
            year = box.expiry.year + order.years
            leap_day_lost = (box.expiry.month, box.expiry.day) == (2, 29) and not isleap(year)
            box.expiry = box.expiry.replace(year=year, day=28 if leap_day_lost else box.expiry.day)

    def offered(self, address: str) -> bool:
        """Whether «Rinnova» stands on the mailbox's row."""
        unpaid = any(
            address in order.lines and order.state is OrderState.AWAITING_PAYMENT and not order.hidden_for
            for order in self.orders
        )
        return self.boxes[address].offered and not unpaid

    def happen(self, step: str) -> None:
        """Do what the script has for this step."""
        if self.script[step]:
            event = self.script[step].pop(0)
            if isinstance(event, BaseException):
                raise event
            event()


@dataclass(frozen=True)
class Prepared:
    """An order on the double's form."""

    wanted: WantedOrder
    form: OrderForm
    cart: dict[str, MailboxType | None]
    notes: tuple[str, ...] = ()


@dataclass
class PortalDouble:
    """One account's visit."""

    truth: Truth
    account: Account
    signed_in: bool = False
    run_id: str = ""

    def sign_in(self, before_password: Callable[[], None]) -> None:
        """Type the password unless the session lives."""
        self.truth.happen("sign_in")
        if self.signed_in:
            return
        before_password()
        self.truth.passwords_typed.append(self.account.name)
        self.truth.happen("password")
        if self.account.name in self.truth.refused:
            raise SignInRejected("wrong")
        self.signed_in = True

    def goes_on(self) -> bool:
        """Say whether a person has done what was asked for."""
        self.truth.happen("waiting")
        self.signed_in = self.account.name in self.truth.let_in
        return self.signed_in

    def signed_in_by_hand(self) -> bool:
        """Tell whether somebody else signed in."""
        return self.truth.by_hand

    def vouched_for(self, mailboxes: frozenset[str]) -> bool:
        """Ask whoever attends, if anybody does."""
        return self.truth.vouched == mailboxes

    def shows_owner(self) -> bool:
        """Greet nobody by name."""
        return False

    def known_mailboxes(self) -> frozenset[str]:
        """Know none."""
        return frozenset()

    def keep_session(self, mailboxes: frozenset[str]) -> None:  # noqa: ARG002 - as the port has it
        """Remember who is signed in for the next visit, where the truth keeps sessions."""
        if self.truth.keeps_sessions:
            self.truth.sessions.add(self.account.name)

    def forget_session(self) -> bool:
        """Drop the session of an earlier visit."""
        forgotten = self.truth.keeps_sessions and self.account.name in self.truth.sessions
        self.truth.sessions.discard(self.account.name)
        self.signed_in = self.signed_in and not forgotten
        return forgotten

    def remarks(self) -> list[str]:
        """Tell nothing."""
        return []

    def secret_mark(self) -> str:
        """Return the mark of the account's present secret."""
        return f"mark-of-{self.truth.secrets.get(self.account.name, 'first')}"

    def survey(self) -> Survey:
        """Show the account's mailboxes and orders."""
        truth, name = self.truth, self.account.name
        truth.happen("survey")
        assert self.signed_in
        truth.looks[name] += 1
        own = {address: box for address, box in truth.boxes.items() if name in box.account.split("+") and box.listed}
        boxes = tuple(
            Mailbox(address, box.expiry, box.state, box.kind, box.autorenewal, truth.offered(address))
            for address, box in own.items()
        )
        orders = []
        for order in truth.orders:
            if not order.lines.keys() & own.keys():
                continue
            if order.hidden_for:
                order.hidden_for -= 1
                continue
            named = frozenset(order.lines) & own.keys() if order.names_mailboxes else frozenset()
            orders.append(
                PortalOrder(order.number, order.placed_on, order.state, order.gross, frozenset(named), "a row")
            )
        shown = tuple(orders) if truth.orders_visible else ()
        return Survey(name, truth.clock.now, boxes, shown, truth.orders_visible, truth.flags)

    def form(self, wanted: WantedOrder) -> OrderForm:
        """Show «Modulo Ordine» as it is now."""
        truth = self.truth
        lines = tuple(
            FormLine(
                box.address,
                f"{box.address} {truth.boxes[box.address].kind}",
                truth.boxes[box.address].kind,
                wanted.years,
                truth.boxes[box.address].price * wanted.years if truth.shows_amounts else None,
            )
            for box in wanted.mailboxes
        )
        gross = sum((truth.boxes[box.address].price * wanted.years for box in wanted.mailboxes), Decimal(0))
        return OrderForm(
            lines, wanted.years, wanted.method, gross, None, None, (Consent("Condizioni generali", ticked=True),)
        )

    def prepare_renewal(self, wanted: WantedOrder) -> Prepared:
        """Fill in the order."""
        self.truth.happen("prepare")
        assert self.signed_in
        for box in wanted.mailboxes:
            if not self.truth.offered(box.address):
                raise ElementMissing(f"no «Rinnova» on the row of {box.address}")
        self.truth.prepared.append(tuple(box.address for box in wanted.mailboxes))
        form = self.form(wanted)
        return Prepared(wanted, form, {line.address: line.type for line in form.lines})

    def place_order(self, prepared: Prepared, before_click: Callable[[], None]) -> Placed:
        """Take the order, unless the script says otherwise."""
        truth = self.truth
        truth.happen("form")
        if self.form(prepared.wanted) != prepared.form:
            raise FormChanged("the order form changed", reason="price-changed")
        before_click()
        truth.happen("before-click")
        truth.clicks += 1
        truth.happen("click")
        addresses = [box.address for box in prepared.wanted.mailboxes]
        size = truth.split_into or len(addresses)
        made = [
            truth.place(*addresses[i : i + size], years=prepared.form.years, hidden_for=truth.lag, by=self.run_id)
            for i in range(0, len(addresses), size)
        ]
        truth.happen("answer")
        return Placed(truth.thanks_for or made[0].number, truth.thanks, truth.why)

    def portal_clock(self) -> datetime | None:
        """Tell the portal's time."""
        return None if self.truth.ahead is None else self.truth.clock() + self.truth.ahead

    def evidence(self, stem: str, drift: Drift | None = None) -> tuple[str, ...]:
        """Give a name to a picture."""
        self.truth.happen("evidence")
        assert drift is None or drift.reason == stem
        return (f"{stem}.png",)

    def close(self) -> None:
        """End the visit."""
        self.truth.closed.append(self.account.name)
        self.truth.happen("close")


#: What the script may hold for a lost answer.
LOST = OutcomeUnknown("the answer was lost")
REFUSED = RefusedByPortal("the form did not send the order")


def portals_of(truth: Truth) -> Callable[[str], object]:
    """Return what the runner starts in the place of a browser."""

    @contextmanager
    def portals(run_id: str) -> Iterator[Callable[[Account], PortalDouble]]:
        truth.opened.append(run_id)
        truth.happen("start")

        def open_portal(account: Account) -> PortalDouble:
            truth.happen("open")
            signed_in = account.name in truth.sessions
            return PortalDouble(truth, account, signed_in, run_id=run_id)

        yield open_portal
        truth.happen("stop")

    return portals
