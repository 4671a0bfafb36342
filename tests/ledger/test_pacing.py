"""Politeness: pages per minute over all workers, and a pause for all of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pec_autorenew.errors import LedgerError
from pec_autorenew.ledger import Ledger
from pec_autorenew.ledger.pacing import BURST, LONGEST_PAUSE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
NOTHING = timedelta(0)
PER_MINUTE = 30
SHARE = MINUTE / PER_MINUTE


def most_within_a_minute(loads: list[datetime]) -> int:
    """Return the largest number of loads in any window of one minute."""
    return max((sum(first <= one < first + MINUTE for one in loads) for first in loads), default=0)


def test_pages_after_a_rest_come_a_few_at_once_then_at_the_rate(ledger: Ledger, portal: str, now: datetime) -> None:
    """A sign-in and a look are not held up; whoever goes on gets a page every two seconds, for 30 a minute."""
    waits = [ledger.take_turn(portal, now, PER_MINUTE) for _ in range(BURST + 3)]

    assert waits == [NOTHING] * BURST + [SHARE, 2 * SHARE, 3 * SHARE]
    assert ledger.take_turn(portal, now + MINUTE, PER_MINUTE) == NOTHING


def test_pages_that_came_without_a_turn_are_waited_for(ledger: Ledger, portal: str, now: datetime) -> None:
    """A taker of several pages waits until the last of them may be loaded."""
    assert ledger.take_turn(portal, now, PER_MINUTE, pages=BURST + 2) == 2 * SHARE


def test_pages_one_a_minute_have_no_burst(ledger: Ledger, portal: str, now: datetime) -> None:
    """The burst is never more than the pages of a minute."""
    assert [ledger.take_turn(portal, now, 1) for _ in range(3)] == [NOTHING, MINUTE, 2 * MINUTE]


def test_portals_have_a_pace_each(ledger: Ledger, portal: str, now: datetime) -> None:
    """Another portal's pages are another portal's; two spellings of one are one."""
    for _ in range(BURST):
        ledger.take_turn(portal, now, PER_MINUTE)

    assert ledger.take_turn(f"{portal}:443/", now, PER_MINUTE) == SHARE
    assert ledger.take_turn("https://other.example", now, PER_MINUTE) == NOTHING


def test_pause_holds_all_and_they_come_one_by_one_afterwards(ledger: Ledger, portal: str, now: datetime) -> None:
    """After 429 nobody loads a page; when it is over, no crowd does."""
    assert ledger.pause_portal(portal, now, 30 * SECOND, run_id="run-1", why="429") == 30 * SECOND

    assert ledger.left_of_pause(portal, now + 10 * SECOND) == 20 * SECOND
    waits = [ledger.take_turn(portal, now + 10 * SECOND, PER_MINUTE) for _ in range(3)]
    assert waits == [20 * SECOND, 20 * SECOND + SHARE, 20 * SECOND + 2 * SHARE]
    assert ledger.left_of_pause(portal, now + 30 * SECOND) == NOTHING
    (event,) = [one for one in ledger.events(run_id="run-1") if one.kind == "portal-paused"]
    assert event.facts == {"seconds": 30, "why": "429"}


def test_pause_that_is_over_leaves_no_burst_behind_it(ledger: Ledger, portal: str, now: datetime) -> None:
    """Whoever comes right after a pause is served as if everybody had come all the time."""
    ledger.pause_portal(portal, now, 30 * SECOND)

    waits = [ledger.take_turn(portal, now + 30 * SECOND, PER_MINUTE) for _ in range(2)]

    assert waits == [NOTHING, SHARE]


def test_pause_never_becomes_shorter_and_has_bounds(ledger: Ledger, portal: str, now: datetime) -> None:
    """A later answer that asks for less ends no pause; one that asks for a year gets an hour, nothing gets a second."""
    ledger.pause_portal(portal, now, 60 * SECOND)
    assert ledger.pause_portal(portal, now, 10 * SECOND) == 60 * SECOND
    assert ledger.pause_portal(portal, now, timedelta(days=365)) == LONGEST_PAUSE
    assert ledger.pause_portal("https://other.example", now, NOTHING) == SECOND


def test_clock_that_is_set_back_blocks_nobody_for_long(ledger: Ledger, portal: str, now: datetime) -> None:
    """A clock that ran a year ahead leaves promises of next year: they move with it, the rate included."""
    ahead = now + timedelta(days=365)
    for _ in range(BURST):
        ledger.take_turn(portal, ahead, PER_MINUTE)
    ledger.pause_portal(portal, ahead, 20 * SECOND)

    assert ledger.left_of_pause(portal, now) == 20 * SECOND
    assert ledger.take_turn(portal, now, PER_MINUTE) == 20 * SECOND
    assert ledger.take_turn(portal, now + SECOND, PER_MINUTE) == 19 * SECOND + SHARE


def test_clocks_that_differ_a_little_open_no_flood(ledger: Ledger, portal: str, now: datetime) -> None:
    """Two machines, one half a minute behind: it waits its turn, and the other one gains nothing by it."""
    loads = []
    for turn in range(40):
        seen = now + turn * SECOND - (30 * SECOND if turn % 2 else NOTHING)
        loads.append(seen + ledger.take_turn(portal, seen, PER_MINUTE))

    assert most_within_a_minute(loads) <= PER_MINUTE + BURST


def test_clock_that_leaps_forward_gets_a_few_pages_and_no_flood(ledger: Ledger, portal: str, now: datetime) -> None:
    """After a leap there is what a rest of that length would leave."""
    for _ in range(20):
        ledger.take_turn(portal, now, PER_MINUTE)

    waits = [ledger.take_turn(portal, now + timedelta(days=400), PER_MINUTE) for _ in range(BURST + 2)]

    assert waits == [NOTHING] * BURST + [SHARE, 2 * SHARE]


def test_naive_instant_is_refused(ledger: Ledger, portal: str) -> None:
    """Nobody can say which instant it is."""
    with pytest.raises(LedgerError, match="naive"):
        ledger.take_turn(portal, datetime(2026, 12, 1, 8, 0), PER_MINUTE)  # noqa: DTZ001 - the point


@dataclass
class Workers:
    """Workers that wait as they are told, look once more whether there is a pause, and load."""

    ledger: Ledger
    portal: str
    per_minute: int
    now: datetime
    #: Until when each waits; None while it is at work elsewhere.
    until: list[datetime | None]
    loads: list[datetime] = field(default_factory=list)
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and each worker whose wait ends in it load its page."""
        end = self.now + timedelta(seconds=seconds)
        while due := [(until, worker) for worker, until in enumerate(self.until) if until is not None and until <= end]:
            self.now, worker = min(due)
            if self.ledger.left_of_pause(self.portal, self.now):
                self.ask(worker)
            else:
                self.until[worker] = None
                self.loads.append(self.now)
        self.now = end

    def ask(self, worker: int) -> None:
        """Ask for a turn."""
        self.until[worker] = self.now + self.ledger.take_turn(self.portal, self.now, self.per_minute)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[Ledger]:
    """Open a ledger for many portals."""
    path = tmp_path_factory.mktemp("pace") / "ledger.db"
    path.write_bytes(template.read_bytes())
    with Ledger.open(path) as opened:
        yield opened


_NUMBERS = count(1)
_STEPS = st.one_of(
    st.tuples(st.just("ask"), st.integers(0, 7)),
    st.tuples(st.just("pass"), st.sampled_from([0.1, 1.0, 2.0, 7.0, 40.0, 200.0])),
    st.tuples(st.just("pause"), st.sampled_from([1.0, 5.0, 45.0])),
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(per_minute=st.sampled_from([1, 7, 30, 600]), steps=st.lists(_STEPS, max_size=80))
def test_no_minute_has_more_pages_than_rate_and_burst(
    shared: Ledger, per_minute: int, steps: list[tuple[str, float]]
) -> None:
    """However workers ask, wait and pause: no minute has more pages than allowed, and no pause has any."""
    portal = f"https://portal-{next(_NUMBERS)}.example"
    workers = Workers(shared, portal, per_minute, datetime(2026, 12, 1, 8, 0, tzinfo=UTC), [None] * 8)
    for step, value in steps:
        if step == "ask" and workers.until[int(value)] is None:
            workers.ask(int(value))
        elif step == "pass":
            workers.pass_time(value)
        elif step == "pause":
            shared.pause_portal(portal, workers.now, timedelta(seconds=value))
            workers.pauses.append((workers.now, workers.now + timedelta(seconds=value)))
    workers.pass_time(24 * 3600)

    assert not any(workers.until)  # nobody waits for ever
    assert most_within_a_minute(workers.loads) <= per_minute + min(BURST, per_minute)
    assert not [load for load in workers.loads for start, end in workers.pauses if start < load < end]


def test_workers_at_once_have_a_turn_each(where: str, portal: str, now: datetime) -> None:
    """Connections that ask at the same moment are promised different times, with no gap and none twice."""
    with Ledger.open(where) as opened:
        opened.take_turn(portal, now, PER_MINUTE, pages=BURST - 1)

    def ask(_: int) -> list[timedelta]:
        with Ledger.open(where) as mine:
            return [mine.take_turn(portal, now, PER_MINUTE) for _ in range(5)]

    with ThreadPoolExecutor(4) as threads:
        waits = sorted(wait for told in threads.map(ask, range(4)) for wait in told)

    assert waits[0] == NOTHING
    assert {after - before for before, after in pairwise(waits)} == {SHARE}
