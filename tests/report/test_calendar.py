"""The calendar: the portal's days, under names that stay, from nothing but the ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from icalendar import Calendar, Event

from pec_autorenew.model import OrderState, PortalAutorenewal
from pec_autorenew.paying import Term
from pec_autorenew.planning import today_in_rome
from pec_autorenew.report.calendar import Almanac
from tests.engine.office import account

if TYPE_CHECKING:
    from tests.engine.office import Office


@pytest.fixture
def busy(office: Office) -> Office:
    """Return an office after a run: two orders wait, one mailbox renews itself, one is far away."""
    office.configure(account("studio"), account("other", exclude=["left.out@pec.it"]))
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 200)
    office.truth.add("c@pec.it", 25, "other")
    office.truth.add("itself@pec.it", 15, "other", autorenewal=PortalAutorenewal.ON)
    office.truth.add("left.out@pec.it", 40, "other")
    office.run()
    return office


def written(office: Office, **which: frozenset[str]) -> bytes:
    """Return the calendar as `list --ics` prints it."""
    portal = office.config.portal.base_url
    surveys, renewals = office.ledger.last_surveys(portal), office.ledger.renewals(portal)
    return Almanac(office.config, surveys, renewals, today_in_rome(office.clock()), **which).calendar()


def events(content: bytes) -> list[Event]:
    """Return the events as the library reads them back."""
    return [one for one in Calendar.from_ical(content).walk("VEVENT") if isinstance(one, Event)]


def of(content: bytes, word: str) -> Event:
    """Return the one event whose summary has the word."""
    (found,) = [event for event in events(content) if word in said(event, "summary")]
    return found


def said(event: Event, name: str) -> str:
    """Return one of an event's texts."""
    return str(event[name])


def day(event: Event) -> date:
    """Return the day of an event, which is a date and no instant."""
    start, end = event.decoded("dtstart"), event.decoded("dtend")
    assert type(start) is date
    assert end - start == timedelta(days=1)
    return start


def test_calendar_has_the_portal_s_days(busy: Office) -> None:
    """Issue 6, item 6: each mailbox with its expiry, each unpaid order with its last day to pay: the truth's."""
    content = written(busy)
    expiries = {
        said(event, "summary").split()[-1]: day(event) for event in events(content) if "Scade" in said(event, "summary")
    }
    assert expiries == {address: box.expiry for address, box in busy.truth.boxes.items()}
    for order in busy.truth.orders:
        (address,) = order.lines
        method = busy.renewals(address)[0].method
        assert method is not None
        last = Term(busy.truth.boxes[address].expiry, method, today_in_rome(busy.clock())).pay_by
        assert day(of(content, f"ordine {order.number},")) == last
    assert len(events(content)) == len(busy.truth.boxes) + len(busy.truth.orders)


def test_calendar_is_the_same_whenever_it_is_made(busy: Office) -> None:
    """TIM-1: the same ledger on the same day gives the same bytes; every instant in it is the ledger's."""
    content = written(busy)
    at = busy.clock.now
    busy.clock.advance(timedelta(hours=3))
    assert written(busy) == content
    assert {event.decoded("dtstamp") for event in events(content)} == {at.replace(microsecond=0)}
    assert all(isinstance(event.decoded("dtstamp"), datetime) for event in events(content))
    assert at.tzinfo is UTC


def test_renewed_mailbox_keeps_its_event_and_moves_it(busy: Office) -> None:
    """Issue 6, item 6: a calendar that reads the file again moves the expiry, and takes the payment back."""
    before = written(busy)
    (order,) = busy.truth.orders_for("a@pec.it")
    busy.truth.pay(order)
    busy.clock.advance(timedelta(hours=2))
    busy.run("reconcile")
    after = written(busy)
    old, new = of(before, "a@pec.it"), of(after, "a@pec.it")
    assert said(old, "uid") == said(new, "uid")
    assert (day(old), day(new)) == (date(2026, 12, 11), date(2027, 12, 11))
    assert new.decoded("sequence") > old.decoded("sequence")
    asked, settled = of(before, f"ordine {order.number}"), of(after, f"ordine {order.number}")
    assert said(asked, "uid") == said(settled, "uid")
    assert (said(asked, "status"), said(settled, "status")) == ("CONFIRMED", "CANCELLED")
    assert settled.decoded("sequence") > asked.decoded("sequence")
    assert not settled.walk("VALARM")
    assert len({said(event, "uid") for event in events(after)}) == len(events(after))


def test_cancelled_order_is_taken_back(busy: Office) -> None:
    """DUP-10: nobody is told to pay an order that is gone."""
    (order,) = busy.truth.orders_for("c@pec.it")
    order.state = OrderState.CANCELLED
    busy.clock.advance(timedelta(hours=2))
    busy.run("reconcile")
    assert said(of(written(busy), f"ordine {order.number}"), "status") == "CANCELLED"


def test_alarms_ring_at_the_window_and_at_the_critical_days(busy: Office) -> None:
    """SIL-3: at nine in the morning, 30 and 7 days before; none for what nobody looks after."""
    content = written(busy)

    def alarms(word: str) -> list[timedelta]:
        return [alarm.decoded("trigger") for alarm in of(content, word).walk("VALARM")]

    nine = timedelta(hours=9)
    assert alarms("b@pec.it") == [nine - timedelta(days=30), nine - timedelta(days=7)]
    assert alarms(f"ordine {busy.truth.orders[0].number}") == [nine - timedelta(days=3), nine]
    assert alarms("left.out@pec.it") == []


def test_calendar_speaks_the_language_of_the_messages(busy: Office) -> None:
    """Issue 6, item 6: Italian, unless `notify.language` is English."""
    italian = of(written(busy), "b@pec.it")
    assert said(italian, "summary") == "Scade la PEC b@pec.it"
    assert "Da ordinare dal 20/05/2027." in said(italian, "description")
    busy.configure(notify={"language": "en"})
    assert said(of(written(busy), "b@pec.it"), "summary") == "PEC expires: b@pec.it"
    assert "the portal charges by itself" in said(of(written(busy), "itself@pec.it"), "description")


def test_calendar_of_a_choice_holds_nothing_else(busy: Office) -> None:
    """INTERFACE: `--account` and `--mailbox` narrow the calendar too."""
    content = written(busy, mailboxes=frozenset({"a@pec.it"}))
    assert len(events(content)) == 2
    assert len(events(written(busy, accounts=frozenset({"other"})))) == 4
