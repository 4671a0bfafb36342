"""Whoever watches a run: a live line on a terminal, plain or JSON lines elsewhere, always on stderr."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from pec_autorenew.italian import format_date

if TYPE_CHECKING:
    from rich.status import Status

    from pec_autorenew.ledger import Handover
    from pec_autorenew.model import Item, WantedOrder


@dataclass(slots=True)
class Silence:
    """Watches and says nothing."""

    def look(self, account: str) -> None:
        """Say nothing."""

    def planned(self, orders: list[WantedOrder]) -> None:
        """Say nothing."""

    def ordering(self, order: WantedOrder) -> None:
        """Say nothing."""

    def asked(self, handover: Handover) -> None:
        """Say it: only a person can do it, however quiet the run is to be."""
        click.echo(_request(handover), err=True)

    def done(self, item: Item) -> None:
        """Say nothing."""


@dataclass(slots=True)
class Lines:
    """Says each step in a line, or as JSON."""

    as_json: bool = False

    def look(self, account: str) -> None:
        """Say which account is looked at."""
        self._say(f"Looking at account {account}.", event="look", account=account)

    def planned(self, orders: list[WantedOrder]) -> None:
        """Say what will be ordered, most urgent first (BLK-1)."""
        for order in orders:
            years = f"{order.years} year{'s' if order.years > 1 else ''}"
            self._say(
                f"To order: {_boxes(order)}, {years}, {order.method.value}.",
                event="planned",
                mailboxes=sorted(order.addresses),
            )

    def ordering(self, order: WantedOrder) -> None:
        """Say which order is being filled in."""
        self._say(
            f"Filling in the order for {', '.join(sorted(order.addresses))}.",
            event="ordering",
            mailboxes=sorted(order.addresses),
        )

    def asked(self, handover: Handover) -> None:
        """Say what a person is asked to do."""
        self._say(_request(handover), event="asked", handover=handover.id, reason=handover.reason)

    def done(self, item: Item) -> None:
        """Say what became of a mailbox."""
        who = item.mailbox or f"account {item.account}"
        self._say(
            f"{who}: {item.outcome.value} ({item.reason}).",
            event="done",
            mailbox=item.mailbox,
            outcome=item.outcome.value,
            reason=item.reason,
        )

    def _say(self, text: str, **facts: object) -> None:
        click.echo(json.dumps({"message": text, **facts}, ensure_ascii=False) if self.as_json else text, err=True)


@dataclass(slots=True)
class Live:
    """Keeps one line of a terminal up to date, above which the plan stays; the table at the end says the rest."""

    status: Status
    verbose: bool = False
    _certain: int = 0

    def look(self, account: str) -> None:
        """Show which account is looked at."""
        self._update(f"Looking at account {account}")

    def planned(self, orders: list[WantedOrder]) -> None:
        """Show what will be ordered, most urgent first (BLK-1)."""
        for order in orders:
            self._keep(f"To order: {_boxes(order)}")

    def ordering(self, order: WantedOrder) -> None:
        """Show which order is being filled in."""
        first, *more = (box.address for box in order.mailboxes)
        self._update(f"«Modulo Ordine» for {first}{f' and {len(more)} more' if more else ''}")

    def asked(self, handover: Handover) -> None:
        """Show what a person is asked to do, for as long as it is waited for."""
        self.status.console.print(_request(handover), markup=False, highlight=False, style="bold")

    def done(self, item: Item) -> None:
        """Count the mailboxes whose item is certain; show each only to who wants to hear more."""
        self._certain += 1
        if self.verbose:
            self._keep(f"{item.mailbox or item.account}: {item.outcome.value} ({item.reason})")

    def _update(self, text: str) -> None:
        done = f" ({self._certain} done)" if self._certain else ""
        from rich.text import Text

        self.status.update(Text(f"{text}{done} …", no_wrap=True, overflow="ellipsis"))

    def _keep(self, text: str) -> None:
        self.status.console.print(text, markup=False, highlight=False, style="dim")


def _request(handover: Handover) -> str:
    return f"A person is needed ({handover.account}, {handover.reason}, number {handover.id}): {handover.message}"


def _boxes(order: WantedOrder) -> str:
    return ", ".join(f"{box.address} ({format_date(box.expiry)})" for box in order.mailboxes)
