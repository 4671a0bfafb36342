"""Days are Rome's, months are Rome's, and whenever a run comes, what is right does not depend on it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.planning import ROME
from tests.engine.office import said

if TYPE_CHECKING:
    from tests.engine.office import Office

A, B = "a@pec.it", "b@pec.it"
ORDERED = ("awaiting-payment", "ordered")
#: A day in winter; both days of a clock change and those after them; around 29 February.
DAYS = [
    *(date(2026, 12, 11), date(2027, 3, 28), date(2027, 3, 29), date(2027, 10, 31), date(2027, 11, 1)),
    *(date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)),
]


def in_rome(day: date, hour: int, minute: int) -> datetime:
    """Return the instant at which Rome's clocks show this."""
    return datetime.combine(day, time(hour, minute), ROME).astimezone(UTC)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_mailbox_is_due_from_midnight_in_rome(office: Office, day: date) -> None:
    """TIM-1: not at 23:59 the day before its window, but at 00:01, two minutes later."""
    office.truth.add(A, 0).expiry = day + timedelta(days=30)
    office.clock.now = in_rome(day - timedelta(days=1), 23, 59)
    assert said(office.run()) == {A: ("skipped", "not-due")}
    office.clock.now = in_rome(day, 0, 1)
    assert said(office.run()) == {A: ORDERED}


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_mailbox_is_critical_from_midnight_in_rome(office: Office, day: date) -> None:
    """TIM-1, SIL-3: seven days are not below seven; at 00:01 six are left."""
    office.truth.add(A, 0, offered=False).expiry = day + timedelta(days=6)
    office.clock.now = in_rome(day - timedelta(days=1), 23, 59)
    assert 7 not in office.run().codes
    office.clock.now = in_rome(day, 0, 1)
    assert office.run().codes[0] == 7


@pytest.mark.parametrize("renewed_to", [date(2029, 2, 28), date(2029, 3, 1)], ids=str)
def test_mailbox_that_expires_on_29_february_is_renewed_once(office: Office, renewed_to: date) -> None:
    """TIM-1, VER-1: the year after has no such day; both its neighbours are the renewal, and nothing is due then."""
    office.truth.add(A, 0).expiry = date(2028, 2, 29)
    office.clock.now = in_rome(date(2028, 2, 1), 8, 0)
    assert said(office.run()) == {A: ORDERED}
    office.truth.orders.clear()
    office.truth.boxes[A].expiry = renewed_to
    office.clock.now = in_rome(date(2028, 2, 29), 23, 59)
    assert said(office.run("reconcile")) == {A: ("renewed", "renewed")}
    office.clock.now = in_rome(date(2028, 3, 1), 0, 1)
    assert said(office.run()) == {A: ("skipped", "not-due")}
    assert office.truth.clicks == 1


@pytest.mark.parametrize("last", [date(2026, 12, 31), date(2027, 3, 31), date(2028, 2, 29)], ids=str)
def test_month_s_budget_begins_anew_at_midnight_in_rome(office: Office, last: date) -> None:
    """PRC-4, TIM-1: at 23:59 of the month's last day it is spent; at 00:01, in UTC the old month still, it is not."""
    office.configure(limits={"max_per_month": "40.00"})
    for address, days in ((A, 9), (B, 10)):
        office.truth.add(address, 0).expiry = last + timedelta(days=days)
    office.clock.now = in_rome(last, 23, 59)
    assert said(office.run()) == {A: ORDERED, B: ("stopped", "budget")}
    office.clock.now = in_rome(last + timedelta(days=1), 0, 1)
    assert office.clock.now.month == last.month, "it is another day in Rome only: else nothing is proven"
    assert said(office.run()) == {A: ("awaiting-payment", "waiting"), B: ORDERED}


@pytest.mark.parametrize(
    "every", [timedelta(hours=7), timedelta(days=1), timedelta(days=9), timedelta(days=33)], ids=str
)
@pytest.mark.parametrize("paid_after", [timedelta(days=3), timedelta(days=50)], ids=str)
def test_runs_at_any_frequency_order_once(office: Office, every: timedelta, paid_after: timedelta) -> None:
    """TIM-2: from before the window to after the payment, however often: one order, in the window's first run."""
    box, begin = office.truth.add(A, 33), office.clock.now
    first = None
    while office.clock.now < begin + timedelta(days=12 if every < timedelta(days=2) else 110):
        office.run()
        if office.truth.orders and first is None:
            first = office.clock.now
        if first is not None and office.clock.now - first >= paid_after and box.expiry == date(2027, 1, 3):
            office.truth.pay(office.truth.orders[0])
        office.clock.advance(every)
    assert (len(office.truth.orders), office.truth.clicks) == (1, 1)
    assert first is not None
    opens = in_rome(date(2026, 12, 4), 0, 0)
    assert opens <= first < opens + every


@pytest.mark.parametrize("missed", [30, 31, 60, 119], ids=str)
def test_missed_runs_are_caught_up_by_the_next_one(office: Office, missed: int) -> None:
    """TIM-2: a machine that was off orders at once what it missed, after the expiry too, and most urgent first."""
    office.truth.add(A, 40)
    office.truth.add(B, 35)
    office.run()
    assert office.truth.clicks == 0
    office.clock.advance(timedelta(days=missed))
    result = office.run()
    assert said(result) == {A: ORDERED, B: ORDERED}
    assert office.watcher.orders[-1] == [B, A]
    assert (7 in result.codes) == (missed > 33 - 5)


def test_run_that_overlaps_another_on_the_clock_orders_nothing_twice(office: Office) -> None:
    """TIM-2: started at the same moment, before or after each other, by clocks that differ a little."""
    office.truth.add(A, 20)
    for step in (0, 0, -30, 30, -59, 0):
        office.clock.advance(timedelta(seconds=step))
        office.run()
    assert (len(office.truth.orders), office.truth.clicks) == (1, 1)
