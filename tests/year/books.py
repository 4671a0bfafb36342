"""What was seen, run by run, on the side of the portal: what all judgements are made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.year.story import ROME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime
    from decimal import Decimal

    from tests.year.cast import Box, Cast
    from tests.year.stage import Told, TrueOrder


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order when it was placed."""

    order: TrueOrder
    day: date
    #: The expiry of each of its mailboxes then.
    expiries: Mapping[str, date]
    #: The number of the run that placed it; None for somebody else's.
    run: int | None


@dataclass(frozen=True, slots=True)
class Seen:
    """One run, and the portal before and after it."""

    number: int
    at: datetime
    told: Told
    before: Mapping[str, date]
    orders: tuple[TrueOrder, ...]
    bought: tuple[Purchase, ...]
    #: Logins whose password the portal refuses.
    locked_out: frozenset[str]
    #: What a year of each mailbox costs, and which of them the portal renews by itself.
    prices: Mapping[str, Decimal]
    automatic: frozenset[str]

    @property
    def day(self) -> date:
        """The day in Italy."""
        return self.at.astimezone(ROME).date()

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items of the report."""
        items: list[dict[str, Any]] = self.told.document["items"]
        return items

    def items_of(self, address: str) -> list[dict[str, Any]]:
        """Return the items of a mailbox; there should be one."""
        return [item for item in self.items if item["mailbox"] == address]

    @property
    def codes(self) -> list[int]:
        """All exit codes."""
        codes: list[int] = self.told.document["exit_codes"]
        return codes

    def left(self, address: str) -> int:
        """Return the days to the expiry of a mailbox."""
        return (self.before[address] - self.day).days

    def standing(self, address: str) -> list[TrueOrder]:
        """Return the orders of a mailbox that are not cancelled, paid or not."""
        return [one for one in self.orders if one.stands and address in one.lines]


@dataclass
class Books:
    """All of it."""

    cast: Cast
    runs: list[Seen] = field(default_factory=list)
    purchases: dict[str, Purchase] = field(default_factory=dict)

    def enter(
        self, orders: Iterable[TrueOrder], expiries: Mapping[str, date], day: date, run: int | None
    ) -> tuple[Purchase, ...]:
        """Remember the orders that are new, and return them."""
        new = [one for one in orders if one.number not in self.purchases]
        bought = tuple(Purchase(one, day, {box: expiries[box] for box in one.lines}, run) for one in new)
        self.purchases |= {one.order.number: one for one in bought}
        return bought

    def open_order(self, seen: Seen, address: str) -> TrueOrder | None:
        """Return the standing order for the mailbox at its expiry before the run."""
        for one in seen.standing(address):
            if self.purchases[one.number].expiries[address] == seen.before[address]:
                return one
        return None

    def ever(self, address: str) -> list[Purchase]:
        """Return every order of a mailbox."""
        return [one for one in self.purchases.values() if address in one.expiries]

    def box(self, address: str) -> Box:
        """Return the mailbox as it began."""
        return self.cast.boxes[address]
