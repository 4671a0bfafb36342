"""What the accountant and the calendar get at the end, against the portal's truth."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pec_autorenew.model import OrderState
from tests.year.charges import Charge, Finding
from tests.year.deadlines import pay_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from tests.year.books import Books, Purchase
    from tests.year.stage import TrueOrder

_STATES = {
    OrderState.AWAITING_PAYMENT: "awaiting-payment",
    OrderState.PAID: "renewed",
    OrderState.CANCELLED: "cancelled",
}


@dataclass(frozen=True, slots=True)
class Papers:
    """What was made of the ledger."""

    #: The lines of `history --csv --by order`.
    orders: Sequence[Mapping[str, Any]]
    #: The calendar's file.
    calendar: bytes


def wrong_in_the_papers(
    books: Books, papers: Papers, orders: tuple[TrueOrder, ...], expiries: Mapping[str, date], today: date
) -> Iterator[Finding]:
    """Yield what is not as the portal has it, after a last run in which nothing went wrong."""
    now = {one.number: one for one in orders}
    for what in _wrong_orders(books, papers, now):
        yield Charge.UNTRUE_BOOKS, what
    for what in _wrong_days(books, papers, now, expiries, today):
        yield Charge.UNTRUE_CALENDAR, what


def _wrong_orders(books: Books, papers: Papers, now: Mapping[str, TrueOrder]) -> Iterator[str]:
    """Yield what is wrong with the lines, and with their sums for each client."""
    lines = {line["order_number"]: line for line in papers.orders}
    counts = Counter(line["order_number"] for line in papers.orders)
    yield from (f"order {number} has {times} lines" for number, times in counts.items() if times > 1)
    told: defaultdict[str, Decimal] = defaultdict(Decimal)
    true: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in papers.orders:
        if line["run_id"] and line["order_date"] and line["state"] != "cancelled":
            told[line["client"]] += Decimal(line["gross"])
    for number, bought in books.purchases.items():
        if bought.run is not None:
            client = books.cast.login_of(next(iter(bought.expiries))).client
            true[client] += now[number].gross if now[number].stands else 0
            yield from _wrong_line(bought, now[number], lines.get(number))
    yield from (f"order {number} was never placed" for number in lines.keys() - now.keys())
    if told != true:
        yield f"{dict(told)}, and it was {dict(true)}"


def _wrong_line(bought: Purchase, now: TrueOrder, line: Mapping[str, Any] | None) -> Iterator[str]:
    if line is None:
        yield f"order {now.number} is missing"
        return
    true = {
        "gross": f"{now.gross:.2f}",
        "state": _STATES[now.state],
        "years": str(now.years),
        "order_date": str(bought.day),
        "expiry_before": str(min(bought.expiries.values())),
    }
    yield from (
        f"order {now.number}: {key} {line[key]}, not {true[key]}" for key in true if str(line[key]) != true[key]
    )
    if set(line["mailboxes"].split()) != set(now.lines):
        yield f"order {now.number} for {line['mailboxes']}"
    if line["net"] and Decimal(line["net"]) + Decimal(line["vat"]) != now.gross:
        yield f"order {now.number}: {line['net']} and {line['vat']}"


def _wrong_days(
    books: Books, papers: Papers, now: Mapping[str, TrueOrder], expiries: Mapping[str, date], today: date
) -> Iterator[str]:
    """Yield the expiries and the last days to pay that are not those of the calendar."""
    from icalendar import Calendar

    days: dict[str, list[date]] = defaultdict(list)
    for event in Calendar.from_ical(papers.calendar).walk("VEVENT"):
        if event.get("status") != "CANCELLED":
            days[str(event["summary"])].append(event.decoded("dtstart"))
    for address, expiry in expiries.items():
        told = days.pop(f"Scade la PEC {address}", [])
        if told != [expiry]:
            yield f"{address} expires on {expiry}, and the calendar has {told}"
    for bought in books.purchases.values():
        if now[bought.order.number].state is OrderState.AWAITING_PAYMENT:
            method = books.cast.login_of(next(iter(bought.expiries))).method
            last = min(pay_by(expiry, method, today) for expiry in bought.expiries.values())
            told = [day for words in list(days) if f" {bought.order.number}," in words for day in days.pop(words)]
            if told != [last]:
                yield f"order {bought.order.number} is to be paid by {last}, and the calendar has {told}"
    yield from (f"the calendar has «{words}» on {told}" for words, told in days.items())
