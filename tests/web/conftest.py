"""One mock portal for the whole session, started afresh for every test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from pec_autorenew.mock_portal import MockPortal

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def _running_portal() -> Iterator[MockPortal]:
    """Serve for the whole session: starting takes longer than a test."""
    with MockPortal(scenario="demo") as portal:
        yield portal


@pytest.fixture
def portal(_running_portal: MockPortal) -> MockPortal:
    """Give a portal in the «demo» scenario, layout of 2020; a test may reset it to another."""
    _running_portal.reset()
    return _running_portal


@pytest.fixture
def web(portal: MockPortal) -> Iterator[httpx.Client]:
    """Give a browser without a face, with cookies, pointed at the portal."""
    with httpx.Client(base_url=portal.url, follow_redirects=True, trust_env=False) as client:
        yield client


@pytest.fixture
def control(portal: MockPortal) -> Iterator[httpx.Client]:
    """Give somebody at the control API."""
    with httpx.Client(base_url=portal.control_url, trust_env=False) as client:
        yield client
