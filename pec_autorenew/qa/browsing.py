"""What pytest-playwright starts, as the pages need it: an Italian's browser, and one that this machine has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pec_autorenew.launching import find_browser

if TYPE_CHECKING:
    import pytest


def complete_context(arguments: dict[str, Any]) -> None:
    """Let a context be what the client opens, where nobody said otherwise; no service worker escapes the guard."""
    arguments.setdefault("locale", "it-IT")
    arguments.setdefault("timezone_id", "Europe/Rome")
    arguments["service_workers"] = "block"


def complete_launch(arguments: dict[str, Any], request: pytest.FixtureRequest) -> None:
    """Name an installed Chromium where Playwright has no build of its own and nobody named one."""
    if request.config.getoption("--browser") not in ([], ["chromium"]) or arguments.keys() & {
        "channel",
        "executable_path",
    }:
        return
    own = request.getfixturevalue("playwright").chromium.executable_path
    found = find_browser(headless=bool(arguments.get("headless", True))).executable
    if found and not Path(own).exists():
        arguments["executable_path"] = found
