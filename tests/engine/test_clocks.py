"""TIM-3: nothing is ordered by a clock that may be wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

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
