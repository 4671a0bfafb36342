"""Politeness in a run: turns are waited for in its process, without the visit's time; a portal that refuses is left."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.engine.crew import crew
from pec_autorenew.engine.pacing import LedgersPace, pace_of
from pec_autorenew.errors import Interrupted, LedgerError, TooManyRequests
from pec_autorenew.ledger.pacing import BURST
from tests.engine.filed import AsksForPages, File, filed
from tests.engine.office import account, said

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pec_autorenew.engine.remote import RemotePortal
    from tests.engine.office import Office

PORTAL = "https://portal.example"


@dataclass
class Waits:
    """Lets the office's clock pass where somebody would sleep, and does once what a test wants to happen meanwhile."""

    office: Office
    steps: list[float] = field(default_factory=list)
    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        """Sleep."""
        self.steps.append(seconds)
        self.office.clock.advance(timedelta(seconds=seconds))
        if self.meanwhile:
            self.meanwhile.pop()()


def paced(office: Office, waits: Waits, **facts: object) -> LedgersPace:
    """Return a pace of 30 pages a minute that waits in pretence."""
    if office.ledger.run("run") is None:
        office.ledger.start_run("run", "renew", "live", PORTAL, office.clock())
    pace = LedgersPace(office.ledger, PORTAL, 30, office.clock, "run", sleep=waits)
    for name, value in facts.items():
        setattr(pace, name, value)
    return pace


def test_turn_is_waited_for_in_short_steps(office: Office) -> None:
    """A request to end is heard between two steps: none is longer than a second."""
    pace = paced(office, waits := Waits(office))
    for _ in range(BURST):
        pace.turn(1)
    assert waits.steps == []
    pace.turn(1)
    assert waits.steps == [1.0, 1.0]


def test_pause_that_comes_while_one_waits_is_waited_for_too(office: Office) -> None:
    """What was promised before the portal asked for a pause is void."""
    pace, other = paced(office, waits := Waits(office)), paced(office, Waits(office))
    pace.turn(BURST)
    waits.meanwhile.append(lambda: other.back_off(429, 20))
    began = office.clock()
    pace.turn(1)
    assert office.clock() - began == timedelta(seconds=21)
    assert office.ledger.left_of_pause(PORTAL, office.clock()) == timedelta(0)


@pytest.mark.parametrize(("status", "said_so", "seconds"), [(429, None, 60), (503, None, 30), (503, 5.0, 5)])
def test_portal_is_left_alone_as_long_as_it_says(
    office: Office, status: int, said_so: float | None, seconds: int
) -> None:
    """Retry-After counts; without it there is a time of our own."""
    paced(office, Waits(office)).back_off(status, said_so)
    assert office.ledger.left_of_pause(PORTAL, office.clock()) == timedelta(seconds=seconds)


def test_wait_that_outlasts_the_run_is_not_begun(office: Office) -> None:
    """Exit 75 comes at once, and not when the run's time is over."""
    pace = paced(office, waits := Waits(office), ends=100.0, seconds=lambda: 50.0)
    pace.back_off(429, 60)
    with pytest.raises(TooManyRequests, match="60 s") as raised:
        pace.turn(1)
    assert (waits.steps, raised.value.passes) == ([], False)


def test_whoever_attends_waits_as_long_as_it_takes(office: Office) -> None:
    """Only a run that nobody watches has a time of its own."""
    config = office.config
    assert pace_of(config, office.ledger, office.clock, "run", has_time=True).ends is None
    ends = pace_of(config, office.ledger, office.clock, "run").ends
    assert ends is not None
    assert 0 < ends - time.monotonic() <= config.browser.run_deadline.total_seconds()


def test_nobody_waits_for_a_run_that_ends(office: Office) -> None:
    """RES-2: a lane that waits for its turn while the browsers are closed goes at once."""
    pace = paced(office, waits := Waits(office))
    pace.turn(BURST)
    pace.back_off(429, 600)
    waits.meanwhile.append(pace.leave)
    with pytest.raises(Interrupted):
        pace.turn(1)
    assert waits.steps == [1.0]


# -- the worker's side -------------------------------------------------------------------------------------------------


#: Seconds that are enough for a call to the double.
SHORT_S = 2.0


@dataclass
class Slow:
    """A pace in which a turn takes so many seconds; `error` is raised in the end."""

    seconds: float = 0.0
    error: Exception | None = None
    taken: list[int] = field(default_factory=list)
    told: list[tuple[int, float | None]] = field(default_factory=list)

    def turn(self, pages: int) -> None:
        """Wait."""
        self.taken.append(pages)
        threading.Event().wait(self.seconds)
        if self.error is not None:
            raise self.error

    def leave(self) -> None:
        """Let it wait on."""

    def back_off(self, status: int, seconds: float | None) -> None:
        """Write it down."""
        self.told.append((status, seconds))


def visit_in(
    office: Office, tmp_path: Path, pace: Slow, script: AsksForPages, survey: Callable[[RemotePortal], None]
) -> None:
    """Have a worker look at an account whose list is a page."""
    office.truth.add("a@pec.it", 10)
    office.truth.sessions.add("studio")
    office.truth.script["survey"].append(script)
    File(tmp_path / "truth").write(office.truth)
    with crew(partial(filed, tmp_path / "truth"), tmp_path / "state", 60, pace=pace) as workers:
        portal = workers(office.config.accounts[0])
        portal.sign_in(lambda: None)
        portal.left = SHORT_S
        survey(portal)
        portal.close()


def test_waiting_for_a_turn_takes_none_of_the_visits_time(office: Office, tmp_path: Path) -> None:
    """RES-1: the deadline is the portal's; a worker that waits for others is not killed, and has its time after it."""
    pace = Slow(SHORT_S + 0.5)

    def look(portal: RemotePortal) -> None:
        assert portal.survey().mailboxes
        assert 0 < portal.left <= SHORT_S

    visit_in(office, tmp_path, pace, AsksForPages(3, refuses=True), look)
    assert (pace.taken, pace.told) == ([3], [(429, 7.0)])


@pytest.mark.parametrize("error", [TooManyRequests("not in this run"), LedgerError("the disk is full")])
def test_what_stops_a_wait_is_raised_in_the_visit(office: Office, tmp_path: Path, error: Exception) -> None:
    """The run's own error comes back as it is, and the worker lives on."""

    def look(portal: RemotePortal) -> None:
        with pytest.raises(type(error)) as raised:
            portal.survey()
        assert raised.value is error
        assert portal.survey().mailboxes

    visit_in(office, tmp_path, Slow(error=error), AsksForPages(), look)


# -- the round ---------------------------------------------------------------------------------------------------------


def refusal(*, passes: bool) -> TooManyRequests:
    """Return what the pages raise after 429."""
    error = TooManyRequests("the portal asks for fewer requests")
    error.passes = passes
    return error


def test_account_is_looked_at_again_after_a_pause(office: Office) -> None:
    """Where everybody waits now, the run goes on after the pause."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["survey"].append(refusal(passes=True))
    assert said(office.run())["a@pec.it"][0] == "awaiting-payment"


def test_run_halts_where_the_portal_still_refuses_after_the_pauses(office: Office) -> None:
    """Three times are enough: exit 75, and no other account is tried."""
    office.configure(account("studio"), account("other"))
    office.truth.add("a@pec.it", 10)
    office.truth.script["survey"] += [refusal(passes=True)] * 3
    result = office.run()
    assert result.codes[0] == 75
    assert office.truth.passwords_typed == ["studio"]


def test_run_halts_at_once_where_no_pause_is_kept(office: Office) -> None:
    """On loopback, and where the pause is longer than the run."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["survey"].append(refusal(passes=False))
    assert office.run().codes[0] == 75
    assert not office.slept


def test_password_is_not_typed_again_after_a_refusal(office: Office) -> None:
    """HUM-3: 429 to a password waits for the next run."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["password"].append(refusal(passes=True))
    assert office.run().codes[0] == 75
    assert not office.slept
    assert office.truth.passwords_typed == ["studio"]
