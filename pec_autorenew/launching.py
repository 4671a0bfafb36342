"""Playwright's life: find a browser, start it, give one context to each account, say which hosts it may reach."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from pec_autorenew.browser import Session, first_line
from pec_autorenew.config.values import host_matches
from pec_autorenew.errors import BrowserUnavailable, SessionUnusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from playwright.sync_api import Browser, Playwright, StorageState

#: Debian's binaries by their real path: the wrappers in /usr/bin do not `exec`, so killing one leaves a browser alive.
_CANDIDATES: Final = (
    "/usr/lib/chromium/chromium-headless-shell",
    "/usr/lib/chromium/chromium",
    "chromium-headless-shell",
    "chromium",
    "google-chrome",
    "chromium-browser",
    "microsoft-edge",
)
_LAUNCH_TIMEOUT_MS: Final = 15_000
#: The variables that a browser has any use for. The secrets of the accounts may be among the others (SEC-1).
_BROWSERS_OWN: Final = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_\w+"
    r"|DBUS_\w+|FONTCONFIG_\w+|LD_LIBRARY_PATH|SSL_CERT_\w+|CHROME_\w+|PLAYWRIGHT_\w+"
)


@dataclass(frozen=True, slots=True)
class BrowserChoice:
    """The browser to start: an executable, or None for Playwright's own build."""

    executable: str | None


def find_browser(configured: str = "", *, headless: bool = True) -> BrowserChoice:
    """Return the configured browser, else the first installed one, else Playwright's own build.

    Raises BrowserUnavailable when the configured one is not there.
    """
    if configured:
        found = shutil.which(configured)
        if found is None:
            raise BrowserUnavailable(f"browser.executable: {configured!r} is not an executable file")
        return BrowserChoice(found)
    for candidate in _CANDIDATES:
        if not headless and candidate.endswith("headless-shell"):
            continue
        found = shutil.which(candidate)
        if found is not None:
            return BrowserChoice(found)
    return BrowserChoice(None)


def _as_storage(state: Mapping[str, Any] | None) -> StorageState | None:
    return None if state is None else cast("StorageState", state)


class PortalBrowser:
    """One started browser. Use as a context manager; `session()` gives each account a context of its own."""

    def __init__(self, browser: Browser, timeout: float, allowed_hosts: Sequence[str]) -> None:
        self._browser = browser
        self._timeout = timeout
        self._allowed_hosts = allowed_hosts

    @property
    def version(self) -> str:
        """The browser's version, in its own words."""
        return self._browser.version

    def session(self, state: Mapping[str, Any] | None = None) -> Session:
        """Return a fresh context with one page, as an Italian would open it; signed in where a saved `state` is good.

        Raises SessionUnusable where the browser does not take that state.
        """
        try:
            context = self._browser.new_context(
                locale="it-IT", timezone_id="Europe/Rome", service_workers="block", storage_state=_as_storage(state)
            )
        except PlaywrightError as error:
            if state is None:
                raise
            raise SessionUnusable(f"the browser does not take the saved session: {first_line(error)}") from error
        context.set_default_timeout(self._timeout)
        return Session(context, context.new_page(), self._timeout, allows=self._allows)

    def lives(self) -> bool:
        """Whether the browser can still be spoken to."""
        return self._browser.is_connected()

    def _allows(self, host: str) -> bool:
        return any(host_matches(host.lower(), pattern) for pattern in self._allowed_hosts)


@contextmanager
def started(
    *,
    local: bool,
    allowed_hosts: Sequence[str],
    executable: str = "",
    headless: bool = True,
    timeout: float = 30_000,
    cache: Path | None = None,
    prepare: Sequence[Callable[[Playwright], None]] = (),
) -> Iterator[PortalBrowser]:
    """Start a browser that reaches `allowed_hosts` only (SEC-3) and close it with everything it started.

    `local` says that the portal is on loopback, where alone a browser may do without its sandbox (SEC-5); `prepare` are
    callables that get the Playwright before the first page. Raises BrowserUnavailable.
    """
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and not local:
        raise BrowserUnavailable(
            "a browser on a live portal needs its sandbox, which root does not get: run as an ordinary user (SEC-5)"
        )
    excluded = ", ".join(f"EXCLUDE {host}" for host in allowed_hosts)
    choice = find_browser(executable, headless=headless)
    if cache is not None:  # Playwright's driver starts in half the time with its code compiled already
        os.environ.setdefault("NODE_COMPILE_CACHE", str(cache))
    with sync_playwright() as playwright:
        for step in prepare:
            step(playwright)
        try:
            browser = playwright.chromium.launch(
                executable_path=choice.executable,
                headless=headless,
                chromium_sandbox=not root,
                env={name: value for name, value in os.environ.items() if _BROWSERS_OWN.fullmatch(name)},
                args=[f"--host-resolver-rules=MAP * ~NOTFOUND, {excluded}"],
                timeout=_LAUNCH_TIMEOUT_MS,
            )
        except PlaywrightError as error:
            raise BrowserUnavailable(f"no browser could be started: {first_line(error)}") from error
        try:
            yield PortalBrowser(browser, timeout, allowed_hosts)
        finally:
            with suppress(PlaywrightError):  # it died before
                browser.close()
