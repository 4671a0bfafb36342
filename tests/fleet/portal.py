"""The portal's double for many accounts and many processes: its truth is a database of its own."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg

from pec_autorenew.model import OrderState
from pec_autorenew.planning import today_in_rome
from tests.engine.double import TODAY, Box, Clock, Order, PortalDouble, Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from pec_autorenew.config import Account
    from pec_autorenew.model import Placed, Survey
    from tests.engine.double import Prepared

_TABLES = """\
CREATE TABLE box (account text, address text PRIMARY KEY, expiry date, price numeric);
CREATE INDEX ON box (account);
CREATE TABLE placed (
    number serial PRIMARY KEY, account text, placed_on date, address text, gross numeric, years int, by text
);
CREATE INDEX ON placed (account);
"""


def furnish(address: str, accounts: int, *, due: int) -> None:
    """Make the truth: one mailbox for each account, the first so many of them due."""
    with psycopg.connect(address) as connection:
        connection.execute(_TABLES)
        with connection.cursor().copy("COPY box FROM STDIN") as rows:
            for number in range(accounts):
                days = 5 + number % 20 if number < due else 200
                rows.write_row((f"a{number}", f"m{number}@pec.it", TODAY + timedelta(days=days), Decimal("30.50")))


@dataclass
class SharedClock(Clock):
    """The clock that all processes share."""

    tell: Callable[[], datetime]

    @property
    def now(self) -> datetime:
        """Tell the time."""
        return self.tell()

    @now.setter
    def now(self, _: datetime) -> None:
        """Go on."""


@dataclass
class SharedTruth(Truth):
    """What one visit sees of it; an order that it places is there for all, at once and whole."""

    account: str = ""
    connection: psycopg.Connection[Any] | None = None

    def refresh(self) -> None:
        """See it as it is now."""
        assert self.connection is not None
        boxes = self.connection.execute("SELECT address, expiry, price FROM box WHERE account = %s", (self.account,))
        self.boxes = {address: Box(self.account, expiry, price) for address, expiry, price in boxes}
        placed = self.connection.execute(
            "SELECT number, placed_on, address, gross, years FROM placed WHERE account = %s", (self.account,)
        )
        self.orders = [Order(str(number), on, {box: gross}, years=years) for number, on, box, gross, years in placed]

    def place(self, *addresses: str, years: int = 1, hidden_for: int = 0, **facts: object) -> Order:
        """Make an order, which nothing cancels any more."""
        assert self.connection is not None
        (address,) = addresses
        gross, day = self.boxes[address].price * years, today_in_rome(self.clock())
        row = self.connection.execute(
            "INSERT INTO placed (account, placed_on, address, gross, years, by) "
            "VALUES (%s, %s, %s, %s, %s, %s) RETURNING number",
            (self.account, day, address, gross, years, facts.get("by", "")),
        ).fetchone()
        assert row is not None
        order = Order(str(row[0]), day, {address: gross}, OrderState.AWAITING_PAYMENT, years, hidden_for)
        self.orders.append(order)
        return order


@dataclass
class SharedPortal(PortalDouble):
    """One account's visit; each page takes its time."""

    pause: Callable[[], object] = lambda: None

    @property
    def shared(self) -> SharedTruth:
        """The truth, as what it is."""
        assert isinstance(self.truth, SharedTruth)
        return self.truth

    def sign_in(self, before_password: Callable[[], None]) -> None:
        """Sign in."""
        self.pause()
        super().sign_in(before_password)

    def survey(self) -> Survey:
        """Look afresh."""
        self.pause()
        self.shared.refresh()
        return super().survey()

    def prepare_renewal(self, wanted: Any) -> Prepared:  # noqa: ANN401 - as the double has it
        """Fill in the order."""
        self.pause()
        return super().prepare_renewal(wanted)

    def place_order(self, prepared: Prepared, before_click: Callable[[], None]) -> Placed:
        """Take the order."""
        self.pause()
        return super().place_order(prepared, before_click)


@dataclass
class SharedPortals:
    """Opens visits for the threads of one process."""

    address: str
    clock: Callable[[], datetime]
    width: int
    #: Seconds that each step of a visit takes the portal.
    seconds: float = 0.0
    _own: threading.local = field(default_factory=threading.local)
    _never: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def __call__(self, _run_id: str) -> Iterator[SharedPortals]:
        """Be there."""
        yield self

    @property
    def lanes(self) -> tuple[Callable[[Account], SharedPortal], ...]:
        """Return one way in for each lane."""
        return (self.open,) * self.width

    def open(self, account: Account) -> SharedPortal:
        """Open a visit, on the thread's own connection."""
        if not hasattr(self._own, "connection"):
            self._own.connection = psycopg.connect(self.address, autocommit=True)
        truth = SharedTruth(SharedClock(self.clock), account=account.name, connection=self._own.connection)
        return SharedPortal(truth, account, pause=self._pause)

    def close(self) -> None:
        """Close the connection of this thread."""
        if hasattr(self._own, "connection"):
            self._own.connection.close()

    def _pause(self) -> None:
        if self.seconds:
            self._never.wait(self.seconds)
