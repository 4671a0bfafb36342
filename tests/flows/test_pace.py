"""Politeness at the mock: no page is asked for before its turn, and what asks for fewer requests is told to all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.engine.pacing import LedgersPace
from pec_autorenew.errors import FormChanged, Maintenance, PortalBroken, TooManyRequests
from pec_autorenew.ledger import Ledger
from pec_autorenew.ledger.pacing import BURST
from tests.flows.clerk import STUDIO, STUDIO_DUE, Clerk, wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pec_autorenew.flows.portal import BrowserPortal

PER_MINUTE = 30
#: What is no page of its own: where the mock's redirects lead, and the form inside another page.
_WITHIN_A_PAGE = frozenset({"/login", "/auth", "/accesso/ritorno", "/home", "/modulo-ordine/riquadro"})


@dataclass
class Pace:
    """A pace that the ledger keeps, by a clock that moves only while somebody waits."""

    ledger: Ledger
    pages: Callable[[], int]
    now: datetime = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
    #: How many pages the portal had been asked for at each turn.
    seen: list[int] = field(default_factory=list)
    taken: int = 0
    told: list[tuple[int, float | None]] = field(default_factory=list)
    refuses: bool = False

    def __post_init__(self) -> None:
        """Stand in the ledger."""
        self.ledger.start_run("run", "renew", "live", "http://portal.example", self.now)

    def turn(self, pages: int) -> None:
        """Wait, in pretence."""
        self.seen.append(self.pages())
        self.taken += pages
        if self.refuses:
            raise TooManyRequests("not in this run")
        pace = LedgersPace(self.ledger, "http://portal.example", PER_MINUTE, lambda: self.now, "run")
        pace.sleep = self.pass_time
        pace.turn(pages)

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def back_off(self, status: int, seconds: float | None) -> None:
        """Write it down."""
        self.told.append((status, seconds))


@pytest.fixture
def pace(clerk: Clerk, tmp_path: Path) -> Iterator[Pace]:
    """Open a ledger that keeps the pace."""

    def pages() -> int:
        documents = [hit for hit in clerk.truth.hits if hit.method == "GET" and not hit.path.startswith("/api")]
        return len([hit for hit in documents if hit.path not in _WITHIN_A_PAGE])

    with Ledger.open(tmp_path / "ledger.db") as ledger:
        yield Pace(ledger, pages)


def paced(clerk: Clerk, pace: Pace, username: str = STUDIO.username, password: str = STUDIO.password) -> BrowserPortal:
    """Open a visit that keeps the pace."""
    visit = clerk.at_the_door(username, password)
    visit.pages.session.turns.pace = pace
    return visit


@pytest.mark.one_layout
def test_renewal_has_a_turn_for_each_page_and_none_at_the_click(clerk: Clerk, pace: Pace) -> None:
    """The mock's truth: never more pages than turns. The click's is taken with the form; then nobody waits any more."""
    visit = paced(clerk, pace)
    visit.sign_in(clerk.about_to_type)
    prepared = visit.prepare_renewal(wanted(visit.survey(), STUDIO_DUE))
    ready = len(pace.seen)
    visit.place_order(prepared, visit.pages.session.turns.page_asked_for)  # which leaves none for the click
    assert len(pace.seen) == ready
    assert len(clerk.truth.orders) == 1
    visit.survey()
    assert len(pace.seen) > BURST
    assert all(pages <= turn for turn, pages in enumerate(pace.seen))
    waited = pace.now - datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
    if clerk.truth.layout != "g4":  # where scripts load what other layouts load as documents
        assert pace.taken == pace.pages() + 1, (
            "redirected, a page is one page; and the click's turn was used twice here"
        )
    assert waited == timedelta(minutes=1) / PER_MINUTE * (pace.taken - BURST)


@pytest.mark.one_layout
def test_binding_clicks_turn_that_is_too_far_presses_nothing(clerk: Clerk, pace: Pace) -> None:
    """Exit 75 with nothing pressed, and nothing unknown, where the click's turn would come after the run."""
    visit = paced(clerk, pace)
    visit.sign_in(clerk.about_to_type)
    prepared = visit.prepare_renewal(wanted(visit.survey(), STUDIO_DUE))
    visit.pages.session.turns.page_asked_for()  # the turn in hand is used up, by a page that came by itself
    pace.refuses = True
    with pytest.raises(FormChanged, match="not in this run") as raised:
        visit.place_order(prepared)
    assert raised.value.reason == "too-many-requests"
    assert clerk.truth.confirm_posts == 0


@pytest.mark.two_layouts
@pytest.mark.parametrize(("kind", "told"), [("too-many-requests", 429), ("unavailable", 503)])
def test_portal_that_refuses_is_told_to_all(clerk: Clerk, pace: Pace, kind: str, told: int) -> None:
    """429 and 503: how long to leave it alone is what it says, before the error is raised."""
    clerk.portal.set_fault(kind, seconds=7)
    visit = paced(clerk, pace)
    with pytest.raises((TooManyRequests, PortalBroken)) as raised:
        visit.sign_in(clerk.about_to_type)
    assert pace.told == [(told, 7.0 if told == 429 else None)]
    assert getattr(raised.value, "passes", told == 503)


@pytest.mark.one_layout
def test_maintenance_is_no_matter_of_the_pace(clerk: Clerk, pace: Pace) -> None:
    """503 in the portal's words of maintenance keeps nobody else waiting."""
    clerk.truth.set_options(maintenance=True)
    visit = paced(clerk, pace)
    with pytest.raises(Maintenance):
        visit.sign_in(clerk.about_to_type)
    visit.pages.session.turns.tell()
    assert pace.told == []
