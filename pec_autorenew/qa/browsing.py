"""What pytest-playwright starts, as the pages need it: an Italian's browser, and one that this machine has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pec_autorenew.launching import find_browser

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from playwright.sync_api import Browser, BrowserContext, Page


def complete_context(arguments: dict[str, Any]) -> None:
    """Let a context be what the client opens, where nobody said otherwise; no service worker escapes the guard."""
    arguments.setdefault("locale", "it-IT")
    arguments.setdefault("timezone_id", "Europe/Rome")
    arguments["service_workers"] = "block"


def watch_contexts(browser: Browser, watch: Callable[[BrowserContext], object]) -> None:
    """Let every context of this browser be watched before its first page.

    The browser's own event of a new context comes beside its first page, and so too late for that.
    """
    open_context = browser.new_context

    def new_context(**arguments: Any) -> BrowserContext:  # noqa: ANN401 - Playwright's own
        context = open_context(**arguments)
        watch(context)
        return context

    def new_page(**arguments: Any) -> Page:  # noqa: ANN401 - likewise
        page = new_context(**arguments).new_page()
        page.on("close", lambda closed: closed.context.close())
        return page

    setattr(browser, "new_context", new_context)  # noqa: B010 - a method, in one object
    setattr(browser, "new_page", new_page)  # noqa: B010 - likewise


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
