"""The year is judged when it is over: the ledger, and what is made of it, against the portal's truth."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pec_autorenew.model import OrderState
from pec_autorenew.states import RenewalState
from tests.year.cast import Trait
from tests.year.charges import Charge, Finding
from tests.year.deadlines import later
from tests.year.judging import is_shouted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from pec_autorenew.ledger import Ledger, Renewal
    from tests.year.books import Books, Purchase, Seen
    from tests.year.stage import TrueOrder

#: What the ledger may say of an order in each of its true states, once it has been looked at.
_STATES = {
    OrderState.AWAITING_PAYMENT: RenewalState.AWAITING_PAYMENT,
    OrderState.PAID: RenewalState.RENEWED,
    OrderState.CANCELLED: RenewalState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Term:
    """A mailbox at one expiry, and the runs that found it there."""

    address: str
    expiry: date
    runs: tuple[Seen, ...]

    @property
    def is_late(self) -> bool:
        """Whether it was still there after its last day."""
        return self.runs[-1].day > self.expiry

    def warned(self, critical_days: int) -> tuple[Seen, ...]:
        """Return the runs before its last day that had to shout."""
        return tuple(one for one in self.runs if 0 <= one.left(self.address) < critical_days)


def terms(books: Books) -> list[Term]:
    """Return every mailbox at each of its expiries that came near, but what is not looked after."""
    found: defaultdict[tuple[str, date], list[Seen]] = defaultdict(list)
    for seen in books.runs:
        for address, expiry in seen.before.items():
            if books.box(address).trait is not Trait.EXCLUDED and seen.left(address) <= books.cast.rules.window_days:
                found[address, expiry].append(seen)
    return [Term(address, expiry, tuple(runs)) for (address, expiry), runs in found.items()]


def wrong_in_time(books: Books) -> Iterator[Finding]:
    """Yield what was neither renewed in time nor shouted about in time: below its critical days."""
    for term in terms(books):
        warned = term.warned(books.cast.rules.critical_days)
        if term.is_late and warned and not any(is_shouted(one, term.address) for one in warned):
            yield Charge.NOT_SHOUTED, f"{term.address} expired on {term.expiry}, and {len(warned)} runs were quiet"


def wrong_in_the_ledger(
    books: Books, ledger: Ledger, orders: tuple[TrueOrder, ...], expiries: Mapping[str, date]
) -> Iterator[Finding]:
    """Yield where the ledger is not what the portal is, after a last run in which nothing went wrong."""
    rows = {(one.order_number, one.address): one for one in ledger.renewals() if one.order_number}
    now = {one.number: one for one in orders}
    for bought in books.purchases.values():
        for address in bought.expiries:
            row = rows.pop((bought.order.number, address), None)
            for what in _untrue(books, bought, now[bought.order.number], address, row):
                yield Charge.UNTRUE_LEDGER, f"order {bought.order.number}, {address}: {what}"
    for (number, address), row in rows.items():
        yield Charge.UNTRUE_LEDGER, f"{row.name} is {row.state} with order {number}, which {address} never had"
    for row in ledger.renewals():
        if row.order_number is None and row.state is not RenewalState.FAILED:
            yield Charge.UNTRUE_LEDGER, f"{row.name} is {row.state}, and has no order"
        if row.state is RenewalState.RENEWED and expiries[row.address] < (row.expiry_after or row.expiry):
            yield Charge.UNTRUE_LEDGER, f"{row.name} is renewed until {row.expiry_after}: {expiries[row.address]}"
    yield from _wrong_sums(books, ledger, now)
    yield from _wrong_runs(books, ledger)


def _untrue(books: Books, bought: Purchase, now: TrueOrder, address: str, row: Renewal | None) -> Iterator[str]:
    if row is None:
        # Somebody else's that was gone, or paid, before anybody looked.
        if bought.run is not None:
            yield "it is not there"
        return
    box = books.box(address)
    if row.state is not _STATES[now.state]:
        yield f"{row.state}, and it is {now.state}"
    if row.expiry != bought.expiries[address] or row.order_gross != now.gross:
        yield f"for {row.expiry} at {row.order_gross}, and it is for {bought.expiries[address]} at {now.gross}"
    if row.counts is not (bought.run is not None) or row.account != box.logins[0]:
        yield f"of {row.account}, counts: {row.counts}"
    if row.client != books.cast.login_of(address).client:
        yield f"for client {row.client}"
    if row.counts and row.gross != now.lines[address]:
        yield f"{row.gross}, and it is {now.lines[address]}"
    if row.state is RenewalState.RENEWED and row.expiry_after != later(row.expiry, now.years):
        yield f"until {row.expiry_after}"


def _wrong_sums(books: Books, ledger: Ledger, now: Mapping[str, TrueOrder]) -> Iterator[Finding]:
    """Yield the months whose budget is not what was ordered in them."""
    months: defaultdict[str, Decimal] = defaultdict(Decimal)
    for bought in books.purchases.values():
        if bought.run is not None and now[bought.order.number].stands:
            months[f"{bought.day:%Y-%m}"] += now[bought.order.number].gross
    for month, gross in months.items():
        if ledger.spent_in_month(month) != gross:
            yield Charge.UNTRUE_LEDGER, f"{ledger.spent_in_month(month)} in {month}, and {gross} were ordered"


def _wrong_runs(books: Books, ledger: Ledger) -> Iterator[Finding]:
    """Yield the runs that the ledger has not, or has otherwise than they were told."""
    stored = {one.id: one for one in ledger.runs(10_000)}
    if len(stored) != len(books.runs):
        yield Charge.UNTRUE_LEDGER, f"{len(stored)} runs, and there were {len(books.runs)}"
    for seen in books.runs:
        run = stored.get(seen.told.document["run_id"])
        if run is None or run.finished_at is None or list(run.exit_codes) != seen.codes:
            yield Charge.UNTRUE_LEDGER, f"the run on {seen.day} ended {run and run.exit_codes}, and {seen.codes}"
