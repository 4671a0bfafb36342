"""A client and its portal, as those who play and those who judge see them: whatever stands behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pec_autorenew.model import OrderState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from decimal import Decimal

    from pec_autorenew.ledger import Ledger
    from tests.year.papers import Papers
    from tests.year.story import Trouble


@dataclass(frozen=True, slots=True)
class TrueOrder:
    """An order as the portal has it."""

    number: str
    #: What each mailbox costs in it, VAT included.
    lines: Mapping[str, Decimal]
    years: int
    state: OrderState

    @property
    def gross(self) -> Decimal:
        """What all of it costs."""
        return sum(self.lines.values(), start=type(next(iter(self.lines.values())))(0))

    @property
    def stands(self) -> bool:
        """Whether it is not cancelled."""
        return self.state is not OrderState.CANCELLED


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that somebody got."""

    at: datetime
    severity: str
    title: str
    body: str
    #: Whether it came after the run; before that comes what cannot wait. None where nobody knows.
    digest: bool | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a run left for people."""

    #: What `renew --json` prints.
    document: dict[str, Any]
    #: The text that names who is below the critical days; None where only the document is known.
    alarm: str | None = None
    #: What was sent; None where nobody is told of anything.
    letters: tuple[Letter, ...] | None = None
    #: Whether the portal was asked for anything, and the logins that it was asked for, as far as it can tell.
    opened: bool = True
    looked_at: frozenset[str] = frozenset()
    #: Whether anything went wrong on the way.
    troubled: bool = False


class Stage(Protocol):
    """A client with a ledger, and a portal with a truth."""

    # -- the client ------------------------------------------------------------------------------------------------

    def renew(self, at: datetime) -> Told:
        """Run `renew`."""

    def approve(self, address: str, expiry: date) -> bool:
        """Say yes to what is asked of a mailbox, and whether that counts: a question may have become too old."""

    def new_password(self, login: str) -> None:
        """Write the portal's present password into the configuration."""

    def papers(self) -> Papers:
        """Return what accountant and calendar get."""

    def ledger(self) -> Ledger:
        """Return the ledger."""

    # -- the truth -------------------------------------------------------------------------------------------------

    def set_clock(self, at: datetime) -> None:
        """Let it be so late."""

    def expiries(self) -> dict[str, date]:
        """Return the expiry of each mailbox."""

    def orders(self) -> tuple[TrueOrder, ...]:
        """Return all orders there ever were."""

    def prices(self) -> dict[str, Decimal]:
        """Return what a year of each mailbox costs."""

    def automatic(self) -> frozenset[str]:
        """Return the mailboxes that the portal renews by itself."""

    # -- others ----------------------------------------------------------------------------------------------------

    def pay(self, number: str, *, late: bool) -> None:
        """Register a payment: the expiry moves at once, or, where it is late, on the next day."""

    def catch_up(self) -> None:
        """Move what is late."""

    def cancel(self, number: str) -> None:
        """Cancel an order that nobody has paid."""

    def order(self, address: str) -> None:
        """Order as somebody else, by hand."""

    def move(self, address: str) -> None:
        """Let a year more be bought in another way: by the portal itself, with the domain, at a desk."""

    def refuse_password(self, login: str) -> None:
        """Let the portal have another password than the configuration."""

    def raise_prices(self, percent: int) -> None:
        """Let everything cost more."""

    def trouble(self, troubles: frozenset[Trouble]) -> None:
        """Let these things go wrong from now on, and nothing else."""
