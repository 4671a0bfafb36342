"""A walk is recorded once, on any layout, and the page objects read the same on it when the portal is gone."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import PecAutorenewError
from pec_autorenew.flows.check_portal import Alone, Walk
from pec_autorenew.flows.survey import survey
from pec_autorenew.mock_portal import LAYOUTS, Layout, MockPortal
from pec_autorenew.mock_portal.scenarios import STUDIO
from pec_autorenew.model import PaymentMethod, WantedMailbox, WantedOrder
from pec_autorenew.pages.freezing import drawn
from pec_autorenew.pages.looking import look_at
from pec_autorenew.pages.riepilogo import read_summary
from pec_autorenew.planning import NO_MANDATE
from pec_autorenew.qa.recording import Recording, Replay
from pec_autorenew.report.recording import Walked, _nodes, write_recording
from tests.markers import found_in
from tests.pages.conftest import Visit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from pec_autorenew.model import Survey
    from pec_autorenew.pages.portal_pages import PortalPages
    from tests.pages.conftest import Show

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
#: The portal as it is; in `make torture` drawn by other hands, too: those that show no banner between look and reading.
SEEDS = (None, 2, 3, 6) if os.environ.get("PEC_EVERY_LAYOUT") else (None,)


def readings(pages: PortalPages, key: str, known: frozenset[str], *, rows: bool = True) -> str:
    """Return what the page objects read on a page, or how they refuse to.

    Without `rows` it makes no difference what stands beside what: words that became shorter may fit on one line.
    """
    readers: dict[str, Callable[[], object]] = {
        "caselle": pages.caselle.read_mailboxes,
        "ordini": lambda: [
            (one.state, one.gross, sorted(one.mailboxes), one.number) for one in pages.ordini.read_orders()
        ],
        "gestione_caselle": lambda: [
            (one.address, one.flagged, one.type, one.extra) for one in pages.gestione_caselle.read_rows(known)
        ],
        "kit_firma": lambda: [(one.kind, one.checked) for one in pages.kit_firma.read_choices()],
        "modulo_ordine": lambda: sums(pages, known),
    }
    reader = readers.get(key.removesuffix("_several"), lambda: "")
    built = [(one.kind, one.checked, one.disabled, rows and one.row) for one in pages.screen.outline()]
    try:
        return f"{built}\n{reader()!r}"
    except PecAutorenewError as error:
        return f"{built}\n{type(error).__name__} {error.reason}"


def sums(pages: PortalPages, known: frozenset[str]) -> object:
    """Return what the order comes to."""
    shown = read_summary(pages.screen.outline(), known)
    lines = [(one.address, one.type, one.years, one.amount) for one in shown.lines]
    return shown.gross, shown.net, shown.vat, lines


@dataclass(slots=True)
class ReadingWalk(Walk):
    """A walk that also reads what stands on each page."""

    read: list[tuple[str, str]] = field(default_factory=list)
    known: frozenset[str] = frozenset()
    rows: bool = True

    def _look(self, key: str) -> None:
        Walk._look(self, key)
        self.read.append((key, readings(self.pages, key, self.known, rows=self.rows)))


def walked(visit: Visit, *, rows: bool = True) -> tuple[ReadingWalk, Survey]:
    """Walk the portal as `check-portal` does, and keep its pages as they stand drawn."""
    known = frozenset(visit.portal.truth.mailboxes)
    walk = ReadingWalk(visit.pages, Alone(), record=True, known=known, rows=rows)
    walk.door()
    visit.send(STUDIO.username, STUDIO.password)
    visit.pages.arrive(visit.pages.home, visit.pages.caselle)
    walk.lists()
    seen = survey(visit.pages, "studio", STUDIO.username, NOW)
    box = next(one for one in sorted(seen.mailboxes, key=lambda one: one.expiry) if one.renewable)
    walk.order(
        WantedOrder(
            "studio",
            (WantedMailbox(box.address, box.expiry, box.type, box.tab),),
            1,
            PaymentMethod.BONIFICO,
            NO_MANDATE,
            None,
            frozenset(one.address for one in seen.mailboxes),
        )
    )
    walk.leave()
    return walk, seen


def material(walk: Walk, seen: Survey) -> Walked:
    """Return what a recording of that walk is made of."""
    return Walked(walk.looks, [seen], frozenset({STUDIO.username}), {}, (), NOW)


def as_told(reading: str, seen: Survey) -> str:
    """Return a reading of the portal as the recording tells it: the first mailbox listed is the first invented one."""
    for number, box in enumerate(seen.mailboxes, 1):
        reading = reading.replace(box.address, f"casella{number}@pec.example")
    return re.sub(r"\d{6,}", "#", reading)


def test_what_no_recording_may_hold_is_not_even_read(show: Show) -> None:
    """SEC-1: passwords, hidden fields, scripts, comments, addresses of links and forms stay in the browser."""
    screen = show(
        "<form action='/S3gret0-a'><input type=password value=S3gret0-b><input type=hidden value=S3gret0-c>"
        "<script>const d = 'S3gret0-d';</script><!-- S3gret0-e --><a href='/S3gret0-f' data-key=S3gret0-g>Esci</a>"
        "<img src='data:S3gret0-h'><input type=file name=k></form><template>S3gret0-i</template>"
    )
    tree, snapshot = drawn(screen, lambda _: True)
    assert "S3gret0" not in repr(tree)
    assert "Esci" in repr(tree)
    assert "Esci" in snapshot


def test_what_has_a_line_to_itself_keeps_it(show: Show) -> None:
    """QA kit: with shorter words a button that fills its line would come to stand beside what was above it."""
    screen = show(
        "<form style='width: 300px'><span style='display: inline-block'>Mostra</span>"
        "<button style='width: 100%'>Accedi</button> <button>Annulla</button></form>"
    )
    tree, _ = drawn(screen, lambda _: True)
    widths = {str(node[2][0]): node[4].get("width") for node in _nodes(tree) if node[0] in {"span", "button"}}
    assert widths == {"Mostra": None, "Accedi": "100%", "Annulla": None}


@pytest.mark.one_layout
@pytest.mark.usefixtures("_engine")
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_recorded_pages_read_the_same_when_the_portal_is_gone(
    layout: Layout, seed: int | None, page: Page, tmp_path: Path
) -> None:
    """QA kit: recorded once, each page is recognised and read as it was, offline, and nothing of anybody's is in it."""
    folder = tmp_path / "recording"
    with MockPortal(scenario="demo", layout=layout, chaos_seed=seed) as portal:
        portal.truth.place_order_for("mirto.ginepro@arubapec.it")
        numbers = list(portal.truth.orders)
        walk, seen = walked(Visit(page, portal), rows=seed is None)
        assert portal.truth.confirm_posts == 0
    assert write_recording(folder, material(walk, seen)) == len(walk.looks.drawn)

    files = sorted(folder.iterdir())
    assert not [one for one in tmp_path.iterdir() if one != folder]
    for file in files:
        content = file.read_bytes()
        assert not set(found_in(content, strict=True)), file
        assert not [number for number in numbers if number.encode() in content], file
        assert b"127.0.0.1" not in content
        assert file.stat().st_mode & 0o077 == 0

    recording = Recording.open(folder)
    assert page.context.browser is not None
    replay = Replay.on(page.context.browser.new_context(locale="it-IT").new_page(), recording)
    visits = [(step, key) for step in recording.steps for key in step.pages]
    assert [key for _, key in visits] == [key for key, _ in walk.read]
    known = frozenset(f"casella{number}@pec.example" for number in range(1, len(seen.mailboxes) + 1))
    for (step, key), (_, live) in zip(visits, walk.read, strict=True):
        shown = replay.show_step(step, key)
        look = look_at(replay.pages.screen, key, shown)
        assert {one.key: one.count for one in look.elements} == step.found[key], step.name
        told = readings(replay.pages, key, known, rows=seed is None)
        assert as_told(told, seen) == as_told(live, seen), step.name
    assert replay.aborted == []

    assert replay.show("caselle") is replay.pages.caselle
    replay.pages.session.page.evaluate("fetch('/elsewhere').catch(() => 0)")
    assert replay.aborted == ["GET https://portale.example/elsewhere"]
    replay.pages.session.context.close()
