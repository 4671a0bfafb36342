"""A mock portal for all tests of the command line, and a user in front of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.mock_portal import LAYOUTS, Layout, MockPortal
from tests.cli.users import MARKS, Start, User

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def _running_portal() -> Iterator[MockPortal]:
    """Serve for the whole session: starting takes longer than a reset."""
    with MockPortal(scenario="empty") as portal:
        yield portal


@pytest.fixture(autouse=True)
def _afresh(_running_portal: MockPortal) -> None:
    """Leave nothing of the test before: its layout says where a password is asked for."""
    _running_portal.reset()


@pytest.fixture
def start(_running_portal: MockPortal) -> Start:
    """Give a function that arranges the portal afresh, its passwords being the marks."""

    def arrange(scenario: str = "demo", layout: Layout = "g4", rename_seed: int | None = None) -> MockPortal:
        _running_portal.reset(scenario=scenario, layout=layout, rename_seed=rename_seed)
        truth = _running_portal.truth
        for username, mark in (("100001", "PEC_STUDIO"), ("100002", "PEC_AZIENDA"), ("200001", "PEC_BIANCA")):
            if f"{username}@aruba.it" in truth.accounts:
                truth.change_account(f"{username}@aruba.it", password=MARKS[mark])
        return _running_portal

    return arrange


@pytest.fixture
def portal(start: Start) -> MockPortal:
    """Give the portal with the demo's two customers, in the layout of 2024."""
    return start()


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest) -> Layout:
    """Give each layout in turn."""
    wanted: Layout = request.param
    return wanted


def elsewhere(portal: MockPortal) -> tuple[str, ...] | None:
    """Return where the portal asks for a password in the layout that does so elsewhere; None in the others."""
    return portal.login_origins if portal.truth.layout == "g3" else None


@pytest.fixture
def user(_running_portal: MockPortal, tmp_path: Path) -> Iterator[User]:
    """Give a user; what they got to see is kept, and looked through with all the rest (SEC-1)."""
    portal = _running_portal
    somebody = User(tmp_path, lambda: portal.truth.clock.now().isoformat(), lambda: elsewhere(portal))
    yield somebody
    somebody.keep_said()
