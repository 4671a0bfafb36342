"""TIM-3: nothing is ordered by a clock that may be wrong."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.states import RenewalState
from tests.engine.double import LOST
from tests.engine.office import said

if TYPE_CHECKING:
    from tests.engine.office import Office

A = "a@pec.it"


@pytest.mark.parametrize("ahead", [timedelta(minutes=11), timedelta(minutes=-11), timedelta(days=-365)])
def test_clock_far_from_the_portals_orders_nothing(office: Office, ahead: timedelta) -> None:
    """The portal's Date header tells another time."""
    office.truth.add(A, 20)
    office.truth.ahead = ahead
    result = office.run()
    assert said(result) == {A: ("stopped", "clock")}
    assert "and the portal's shows" in result.items[0].message
    assert (office.truth.clicks, office.renewals()) == (0, ())


@pytest.mark.parametrize("ahead", [timedelta(minutes=9), timedelta(minutes=-9), None])
def test_clock_near_the_portals_or_portal_without_a_date_is_believed(office: Office, ahead: timedelta | None) -> None:
    """A few minutes are no reason, nor is a portal that does not date its answers."""
    office.truth.add(A, 20)
    office.truth.ahead = ahead
    assert said(office.run()) == {A: ("awaiting-payment", "ordered")}


def test_clock_before_the_last_run_orders_nothing(office: Office) -> None:
    """It was set back, or was wrong the last time: until then nobody knows which."""
    office.truth.add(A, 20)
    office.run("list", live=False)
    office.clock.advance(timedelta(minutes=-2))
    result = office.run()
    assert said(result) == {A: ("stopped", "clock")}
    assert "and an earlier run was at 01/12/2026 09:00" in result.items[0].message
    office.clock.advance(timedelta(minutes=2))
    assert said(office.run()) == {A: ("awaiting-payment", "ordered")}


def test_clock_may_be_set_back_a_little(office: Office) -> None:
    """Time is kept right by small steps."""
    office.truth.add(A, 20)
    office.run("list", live=False)
    office.clock.advance(timedelta(seconds=-30))
    assert said(office.run()) == {A: ("awaiting-payment", "ordered")}


def test_pretended_clock_is_not_compared_with_the_portals(office: Office) -> None:
    """INTERFACE, `PEC_AUTORENEW_CLOCK`: a test's clock is its own."""
    office.truth.add(A, 20)
    office.truth.ahead = timedelta(days=100)
    office.pretended_clock = True
    assert said(office.run()) == {A: ("awaiting-payment", "ordered")}


def set_clock(office: Office, minutes: int) -> None:
    """Let the office's clock be so far ahead of the portal's, whose time goes on as it did."""
    assert office.truth.ahead is not None
    off = timedelta(minutes=minutes)
    office.clock.advance(off + office.truth.ahead)
    office.truth.ahead = -off


@pytest.fixture
def lost(office: Office) -> Office:
    """Give an order whose answer is lost, and which the list shows only at the fourth look."""
    office.truth.add(A, 20)
    office.truth.lag = 3
    office.truth.script["answer"].append(LOST)
    return office


@pytest.mark.parametrize("off", [20, 60 * 24 * 365])
def test_clock_far_from_the_portals_takes_no_click_for_lost(lost: Office, off: int) -> None:
    """TIM-3, DUP-4: by such a clock a click of a moment ago is old; it stays `unknown` until the clock is right."""
    assert said(lost.run()) == {A: ("unknown", "unknown")}
    set_clock(lost, off)
    assert said(lost.run("reconcile")) == {A: ("unknown", "unknown")}
    assert lost.renewals()[0].state is RenewalState.UNKNOWN


def test_clock_that_leaps_forward_after_the_click_does_not_take_it_for_lost(lost: Office) -> None:
    """TIM-3, DUP-4: the very run that clicked looks at the list by the wrong clock."""
    lost.truth.script["answer"].insert(0, partial(set_clock, lost, 20))
    lost.truth.script["answer"].pop()
    lost.truth.lag = 1
    assert said(lost.run()) == {A: ("unknown", "unknown")}


@pytest.mark.parametrize(("here", "there"), [(-9, 9), (0, 9), (-9, 0)])
def test_settle_is_by_the_portals_clock_whoever_clicked_and_whoever_looks(lost: Office, here: int, there: int) -> None:
    """DUP-4: two machines, each believed, whose clocks are 9 or 18 minutes apart: `settle` is as long as ever."""
    set_clock(lost, here)
    assert said(lost.run()) == {A: ("unknown", "unknown")}
    set_clock(lost, there)
    lost.clock.advance(timedelta(minutes=14))
    assert said(lost.run("reconcile")) == {A: ("unknown", "unknown")}
    lost.clock.advance(timedelta(minutes=2))
    assert said(lost.run("reconcile")) == {A: ("failed", "portal-error")}


def test_clock_set_back_before_the_click_does_not_make_it_an_old_one(lost: Office) -> None:
    """DUP-4: it was right when the order was allowed; the click is dated by the portal's clock."""
    lost.truth.script["form"].append(partial(set_clock, lost, -60))
    lost.run()
    set_clock(lost, 0)
    lost.clock.advance(timedelta(minutes=1))
    assert said(lost.run("reconcile")) == {A: ("unknown", "unknown")}
