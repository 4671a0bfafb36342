"""For all tests: the browser that this machine has, started as the client starts it."""

from __future__ import annotations

from typing import Any

import pytest

from pec_autorenew.browser import find_browser


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Give pytest-playwright the executable that the client would take, where Playwright has no build of its own."""
    headless = bool(browser_type_launch_args.get("headless", True))
    executable = find_browser(headless=headless).executable
    return browser_type_launch_args | ({"executable_path": executable} if executable else {})
