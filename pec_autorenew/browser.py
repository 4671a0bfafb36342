"""Playwright's life: find a browser, start it, give one context to each account, say which hosts it may reach.

The record of requests under way is here too: it speaks about the network, not about what is on screen. Nothing in this
module knows a page of the portal.
"""

from __future__ import annotations

import asyncio
import math
import os
import re
import shutil
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from greenlet import greenlet
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from pec_autorenew.errors import BrowserUnavailable, PortalError, PortalTimeout, PortalUnreachable
from pec_autorenew.interlock import Gate, Interlock

if TYPE_CHECKING:
    from asyncio import TimerHandle
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from playwright.sync_api import (
        Browser,
        BrowserContext,
        Dialog,
        Frame,
        Page,
        Playwright,
        Request,
        Response,
    )

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
#: Too many requests, and the answers of a server that is broken or closed.
_OUT_OF_ORDER: Final = frozenset({429, 500, 502, 503, 504})
_LAUNCH_TIMEOUT_MS: Final = 15_000
#: Seconds after which an answered request is let go: a body that nobody reads does not end, nor does a stream.
_UNREAD_S: Final = 1.0
#: One drawing, and what was put off until after it: a form's own `submit()` is.
_DRAW: Final = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
#: A document says good-bye before the browser tells of the next one's request; one that stays anyway has a second.
_LEFT_AT: Final = "globalThis[Symbol.for('pec_autorenew.left_at')]"
_SAY_GOOD_BYE: Final = f"addEventListener('beforeunload', () => {{ {_LEFT_AT} = performance.now(); }})"
_IS_LEAVING: Final = f"() => performance.now() - ({_LEFT_AT} ?? -Infinity) < 1000"


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


@dataclass  # no slots: Playwright keeps its wrappers of bound handlers on their object
class Session:
    """One account's context with its windows: what is under way, what the portal answered, what it opened."""

    context: BrowserContext
    #: The window in which the work goes on; the portal may open another one.
    page: Page
    timeout: float
    #: What the portal put in the way, and what became of it, in words for the report.
    interruptions: list[str] = field(default_factory=list)
    #: Whether a question of this text may be answered with yes, once (DRF-6); nothing may, unless it was armed.
    accepts: Callable[[str], bool] | None = None
    #: The last question that was answered with no; "" for none.
    denied: str = ""
    #: The worst HTTP state with which the portal answered a script since that document came.
    scripts_status: int = 0
    #: HTTP state of the newest document of the main frame, 0 before the first.
    status: int = 0
    #: The newest document's Date header, "" if it had none, and the monotonic second at which it came.
    dated: tuple[str, float] = ("", 0.0)
    #: The address of a document for which the portal let us wait too long, since the last one that came; "" for none.
    late: str = ""
    #: Until when each is waited for: for ever while unanswered, then until its body must have been read.
    _under_way: dict[Request, float] = field(default_factory=dict)
    _watched: dict[Request, TimerHandle] = field(default_factory=dict)
    _scripted: bool = False
    _lock: Interlock | None = None
    _first: Page = field(init=False)

    def __post_init__(self) -> None:
        """Listen to the page, and to every window that it opens."""
        self._first = self.page
        self.context.add_init_script(_SAY_GOOD_BYE)
        self._listen(self.page)
        self.context.on("page", self._on_window)

    def _listen(self, page: Page) -> None:
        page.on("request", partial(self._on_request, page))
        page.on("requestfinished", self._on_end)
        page.on("requestfailed", self._on_end)
        page.on("response", self._on_response)
        page.on("dialog", self._on_dialog)

    def windows(self) -> list[Page]:
        """Return the open windows, the newest first."""
        return [page for page in reversed(self.context.pages) if not page.is_closed()]

    def lock(self) -> Interlock:
        """Put the interlock between this page and the portal; it stands until the page is left by `go`."""
        self._lock = Interlock(self.context, self.timeout)
        self._lock.install()
        return self._lock

    def go(self, url: str) -> None:
        """Load `url` afresh, in the first window; what stands there then is for the pages to say."""
        self.page = self._first
        self._leave(url)
        for other in self.windows():
            if other is not self.page:
                other.close()
        if self._lock is not None:
            self._lock.remove()
            self._lock = None

    def _leave(self, url: str) -> None:
        self._under_way.clear()
        self.late = ""
        try:
            self.page.goto(url, wait_until="commit", timeout=self.timeout)
        except PlaywrightError as error:
            line = error.message.splitlines()[0]
            if "Timeout" in type(error).__name__:
                raise PortalTimeout(f"{url} did not answer within {self.timeout / 1000:.0f} s") from error
            raise PortalUnreachable(f"{url} does not answer: {line}") from error

    def settle(self, *, after_change: bool = False, quiet: float = 0) -> bool:
        """Wait until what the page asked the portal for has arrived and been drawn; return whether it asked at all.

        Costs nothing on a page whose scripts ask for nothing, unless a control was just changed: then one frame, or as
        many as fill `quiet` seconds without a question, for a page that thinks before it asks.
        """
        if not self._scripted and not after_change:
            return False
        now = time.monotonic()
        deadline, calm_until = now + self.timeout / 1000, now + quiet
        asked, calm = self.awaits(), 0
        # An answer may ask for the next thing when it is drawn.
        while calm < (2 if asked else 1) or time.monotonic() < calm_until:
            self.next_frame()
            if self.awaits():
                asked, calm, calm_until = True, 0, time.monotonic() + quiet
            else:
                calm += 1
            if time.monotonic() > deadline:
                raise PortalTimeout("the page's scripts still wait for the portal")
        return asked

    def next_frame(self) -> None:
        """Wait until the browser has drawn once more."""
        if self.page.is_closed() and self.windows():
            self.page = self.windows()[0]
        try:
            self.page.evaluate(_DRAW)
        except PlaywrightError as error:
            if self.page.is_closed() and self.windows():
                return
            if not _has_moved_on(error):
                raise PortalError(f"the browser reports: {error.message.splitlines()[0]}") from error

    def close(self) -> None:
        """End the context, and with it the session in this browser."""
        for timer in self._watched.values():
            timer.cancel()
        with suppress(PlaywrightError):  # it went away by itself
            self.context.close()

    def _on_request(self, page: Page, request: Request) -> None:
        if request.resource_type in {"xhr", "fetch", "document"}:
            self._scripted = self._scripted or request.resource_type != "document"
            self._under_way[request] = math.inf
        if request.resource_type == "document":
            loop = asyncio.get_running_loop()  # Playwright's own, which calls this
            self._watched[request] = loop.call_later(self.timeout / 1000, self._give_up, page, request)

    def _give_up(self, page: Page, request: Request) -> None:
        """Wait no longer for a document: until it comes, or is given up, the browser answers no question.

        The loop calls this where Playwright's sync API cannot be called, hence the greenlet, as for its own events.
        """
        del self._watched[request]
        if self._lock is None or self._lock.gate is not Gate.ONE_SHOT:  # which has a time-out of its own
            self.late = request.url
            greenlet(_stop_loading).switch(page)

    def _on_end(self, request: Request) -> None:
        self._under_way.pop(request, None)
        self._answered(request)

    def _answered(self, request: Request) -> None:
        timer = self._watched.pop(request, None)
        if timer is not None:
            timer.cancel()

    def awaits(self) -> bool:
        """Whether the page has asked the portal for something that has not come, or is being left."""
        now = time.monotonic()
        return any(until > now for until in self._under_way.values()) or any(map(_is_leaving, self.page.frames))

    def _on_response(self, response: Response) -> None:
        request = response.request
        self._answered(request)
        if request.resource_type != "document" and request in self._under_way:
            self._under_way[request] = time.monotonic() + _UNREAD_S
        if request.is_navigation_request() and self._is_main(request):
            self.status, self.scripts_status, self.late = response.status, 0, ""
            self.dated = (response.headers.get("date", ""), time.monotonic())
        elif request.resource_type in {"xhr", "fetch"} and response.status in _OUT_OF_ORDER:
            self.scripts_status = response.status

    def _is_main(self, request: Request) -> bool:
        try:
            frame: Frame = request.frame
        except PlaywrightError:
            return False
        return frame.parent_frame is None

    def _on_window(self, page: Page) -> None:
        self.interruptions.append("window: the portal opened another one")
        self._listen(page)

    def _on_dialog(self, dialog: Dialog) -> None:
        if dialog.type == "beforeunload":
            dialog.accept()  # leaving a half-filled form is what was asked for
            return
        if dialog.type == "alert":
            self.interruptions.append(f"alert: «{dialog.message}»")
            dialog.accept()  # there is nothing else that one can say to it
            return
        accepted = self.accepts is not None and self.accepts(dialog.message)
        self.interruptions.append(f"{dialog.type}: «{dialog.message}», answered {'yes' if accepted else 'no'}")
        if accepted:
            self.accepts = None
            dialog.accept()
        else:
            self.denied = dialog.message
            dialog.dismiss()


def _is_leaving(frame: Frame) -> bool:
    try:
        return bool(frame.evaluate(_IS_LEAVING))
    except PlaywrightError as error:
        return _has_moved_on(error)


def _stop_loading(page: Page) -> None:
    with suppress(PlaywrightError):  # the page has gone
        page.context.new_cdp_session(page).send("Page.stopLoading")


def _has_moved_on(error: PlaywrightError) -> bool:
    return "Execution context was destroyed" in error.message or "navigation" in error.message


class PortalBrowser:
    """One started browser. Use as a context manager; `session()` gives each account a context of its own."""

    def __init__(self, browser: Browser, timeout: float) -> None:
        self._browser = browser
        self._timeout = timeout

    def session(self) -> Session:
        """Return a fresh context with one page, as an Italian would open it."""
        context = self._browser.new_context(locale="it-IT", timezone_id="Europe/Rome", service_workers="block")
        context.set_default_timeout(self._timeout)
        return Session(context, context.new_page(), self._timeout)


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
            raise BrowserUnavailable(f"no browser could be started: {error.message.splitlines()[0]}") from error
        try:
            yield PortalBrowser(browser, timeout)
        finally:
            with suppress(PlaywrightError):  # it died before
                browser.close()
