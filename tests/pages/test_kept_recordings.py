"""Recordings of portals that were: the page objects stand on each of their pages, offline, and read it.

What `check-portal --record` wrote is put into `tests/recordings/NAME/`, and from then on every test here runs on it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.pages.looking import look_at
from pec_autorenew.qa.recording import Recording, Replay

if TYPE_CHECKING:
    from playwright.sync_api import Page

KEPT = sorted(one for one in (Path(__file__).parents[1] / "recordings").iterdir() if one.is_dir())

pytestmark = [pytest.mark.usefixtures("_engine"), pytest.mark.parametrize("folder", KEPT, ids=lambda one: one.name)]


def test_every_page_is_recognised_with_its_elements(folder: Path, page: Page) -> None:
    """DRF-5: each documented element is found as often as when the walk was made; nothing else is asked for."""
    recording = Recording.open(folder)
    replay = Replay.on(page, recording)
    for step in recording.steps:
        for key in step.pages:
            look = look_at(replay.pages.screen, key, replay.show_step(step, key))
            assert {one.key: one.count for one in look.elements} == step.found[key], f"{step.name}: {key}"
    assert replay.aborted == []


def test_list_and_cart_are_read(folder: Path, page: Page) -> None:
    """PRC-11: the mailboxes of the list with their days, and what the cart shows of the one that is to be renewed."""
    replay = Replay.on(page, Recording.open(folder))
    replay.show("caselle")
    listed = {
        box.address: box
        for step in replay.recording.steps
        if "caselle" in step.pages and replay.show_step(step, "caselle")
        for box in replay.pages.caselle.read_mailboxes()
    }
    assert listed
    assert all(address.endswith("@pec.example") for address in listed)
    assert any(box.renewable for box in listed.values())
    replay.show("gestione_caselle")
    rows = replay.pages.gestione_caselle.read_rows(frozenset(listed))
    assert {row.address for row in rows} <= listed.keys()
    assert rows


def test_what_is_filled_in_stands_there_and_what_is_pressed_leads_nowhere(folder: Path, page: Page) -> None:
    """A recording is no portal: boxes can be ticked on it, and a press asks nobody."""
    replay = Replay.on(page, Recording.open(folder))
    replay.show("gestione_caselle")
    address = replay.pages.session.page.url
    replay.pages.gestione_caselle.proceed()
    replay.pages.session.settle(after_change=True)
    assert replay.pages.session.page.url.partition("?")[0].rstrip("#") == address
    assert not [one for one in replay.aborted if not one.startswith("GET https://portale.example/")]
