"""One account's browser session: its windows, its network, what the portal answered and asked.

The record of requests under way is here too: it speaks about the network, not about what is on screen. Nothing in this
module knows a page of the portal.
"""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from greenlet import greenlet
from playwright.sync_api import Error as PlaywrightError

from pec_autorenew.errors import (
    ForeignOrigin,
    PortalError,
    PortalTimeout,
    PortalUnreachable,
)
from pec_autorenew.interlock import Gate, Interlock
from pec_autorenew.secrecy import Secrecy
from pec_autorenew.turns import REFUSALS, Turns

if TYPE_CHECKING:
    from asyncio import TimerHandle
    from collections.abc import Callable, Collection

    from playwright.sync_api import (
        BrowserContext,
        Dialog,
        Frame,
        Page,
        Request,
        Response,
    )
    from pydantic import SecretStr

#: Too many requests, and the answers of a server that is broken or closed.
_OUT_OF_ORDER: Final = frozenset({429, 500, 502, 503, 504})
_WHO_IS_THERE: Final = 401
#: Seconds after which an answered request is let go: a body that nobody reads does not end, nor does a stream.
_UNREAD_S: Final = 1.0
#: One drawing, and what was put off until after it: a form's own `submit()` is. Before it, some time.
_DRAW: Final = """(ms) => new Promise((done) => {
  const draw = () => requestAnimationFrame(() => setTimeout(done));
  if (ms > 0) setTimeout(draw, ms); else draw();
})"""
#: Seconds after which a page that must be quiet for longer is looked at: each look is a round trip.
_GLANCE_S: Final = 0.1
#: A document says good-bye before the browser tells of the next one's request; one that stays anyway has a second.
_LEFT_AT: Final = "globalThis[Symbol.for('pec_autorenew.left_at')]"
_SAY_GOOD_BYE: Final = f"addEventListener('beforeunload', () => {{ {_LEFT_AT} = performance.now(); }})"
_IS_LEAVING: Final = f"() => performance.now() - ({_LEFT_AT} ?? -Infinity) < 1000"


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
    #: Whether the portal's newest answer to its page's scripts, in that document, asked who is there (401).
    unknown: bool = False
    #: HTTP state of the newest document of the main frame, 0 before the first.
    status: int = 0
    #: The newest document's Date header, "" if it had none, and the monotonic second at which it came.
    dated: tuple[str, float] = ("", 0.0)
    #: The address of a document for which the portal let us wait too long, since the last one that came; "" for none.
    late: str = ""
    #: The host to which a document would have led and that the browser must not reach (SEC-3); "" for none.
    blocked: str = ""
    allows: Callable[[str], bool] = lambda _: True
    #: Its part in the portal's pace.
    turns: Turns = field(default_factory=Turns)
    #: Until when each is waited for: for ever while unanswered, then until its body must have been read.
    _under_way: dict[Request, float] = field(default_factory=dict)
    _watched: dict[Request, tuple[Page, TimerHandle]] = field(default_factory=dict)
    #: How many requests there were so far that may change what is on screen.
    _questions: int = 0
    _scripted: bool = False
    #: A lock that stands between the browser and the portal already; else one is made when it is asked for.
    own_lock: Interlock | None = None
    _lock: Interlock | None = field(init=False)
    _first: Page = field(init=False)

    def __post_init__(self) -> None:
        """Listen to the page, and to every window that it opens."""
        self._first, self._lock = self.page, self.own_lock
        self.context.add_init_script(_SAY_GOOD_BYE)
        self._listen(self.page)
        self.context.on("page", self._on_window)
        self.context.on("request", self._count)

    def _listen(self, page: Page) -> None:
        page.on("request", partial(self._on_request, page))
        page.on("requestfinished", self._on_end)
        page.on("requestfailed", self._on_failure)
        page.on("response", self._on_response)
        page.on("dialog", self._on_dialog)

    def windows(self) -> list[Page]:
        """Return the open windows, the newest first."""
        return [page for page in reversed(self.context.pages) if not page.is_closed()]

    def keeping(self, secret: SecretStr, origins: Collection[str]) -> Secrecy:
        """Return what lets nothing that holds `secret` leave for an origin that is not one of `origins` (SEC-2)."""
        return Secrecy(self.context, secret, origins)

    def lock(self) -> Interlock:
        """Put the interlock between this page and the portal; it opens when the page is left by `go`.

        Open, it stays: to step aside while a page is loading loses what that page asks for in the same moment.
        """
        if self._lock is None:
            self._lock = Interlock(self.context, self.timeout)
            self._lock.install()
        else:
            self._lock.begin_anew()
        return self._lock

    def go(self, url: str) -> None:
        """Load `url` afresh, in the first window; what stands there then is for the pages to say."""
        self._take_turn()
        self.page = self._first
        self._leave(url)
        for other in self.windows():
            if other is not self.page:
                other.close()
        if self._lock is not None:
            self._lock.open()

    def take_turn(self) -> None:
        """Wait for the turn of a page that may be asked for now (`Turns`).

        Nobody waits between the ledger's last word and the binding click: its turn was taken before.
        """
        if self._lock is None or self._lock.gate is not Gate.ONE_SHOT:
            self._take_turn()

    def _take_turn(self) -> None:
        if self.turns.take():  # the portal had all this time to answer, and nobody could hear it
            for request, (page, timer) in list(self._watched.items()):
                timer.cancel()
                self._watch(page, request)

    def _leave(self, url: str) -> None:
        self._under_way.clear()
        self.late = self.blocked = ""
        try:
            self.page.goto(url, wait_until="commit", timeout=self.timeout)
        except PlaywrightError as error:
            self.require_own_host()
            if "Timeout" in type(error).__name__:
                raise PortalTimeout(f"{url} did not answer within {self.timeout / 1000:.0f} s") from error
            raise PortalUnreachable(f"{url} does not answer: {first_line(error)}") from error

    def require_own_host(self) -> None:
        """Raise ForeignOrigin where the portal leads to a host that is not allowed: it was not reached (SEC-3)."""
        if self.blocked:
            raise ForeignOrigin(f"the portal leads to {self.blocked}, which is not in portal.allowed_hosts (SEC-3)")

    def settle(self, *, after_change: bool = False, quiet: float = 0) -> bool:
        """Wait until what the page asked the portal for has arrived and been drawn; return whether it asked at all.

        Costs nothing on a page whose scripts ask for nothing, unless a control was just changed: then one frame, and
        `quiet` seconds without a question, for a page that thinks before it asks.
        """
        if not self._scripted and not after_change:
            return False
        now = time.monotonic()
        deadline, calm_until = now + self.timeout / 1000, now + quiet
        asked, calm, questions = self.awaits(), 0, self._questions
        # An answer may ask for the next thing when it is drawn.
        while calm < (2 if asked else 1) or time.monotonic() < calm_until:
            self.next_frame(after=min(calm_until - time.monotonic(), _GLANCE_S))
            if self.awaits() or self._questions > questions:  # one may have been answered since the last look
                asked, calm, calm_until = True, 0, time.monotonic() + quiet
                questions = self._questions
            else:
                calm += 1
            if time.monotonic() > deadline:
                raise PortalTimeout("the page's scripts still wait for the portal")
        return asked

    def next_frame(self, *, after: float = 0) -> None:
        """Wait until the browser has drawn once more, after so many seconds."""
        if self.page.is_closed() and self.windows():
            self.page = self.windows()[0]
        try:
            self.page.evaluate(_DRAW, after * 1000)
        except PlaywrightError as error:
            if self.page.is_closed() and self.windows():
                return
            if not _has_moved_on(error):
                raise PortalError(f"the browser reports: {first_line(error)}") from error

    def state(self) -> dict[str, Any]:
        """Return what the browser knows of who is signed in here: a secret as good as a password."""
        try:
            return dict(self.context.storage_state())
        except PlaywrightError as error:
            raise PortalError(f"the browser reports: {first_line(error)}") from error

    def close(self) -> None:
        """End the context, and with it the session in this browser."""
        for _, timer in self._watched.values():
            timer.cancel()
        with suppress(PlaywrightError):  # it went away by itself
            self.context.close()

    def _on_request(self, page: Page, request: Request) -> None:
        if request.resource_type in {"xhr", "fetch", "document"}:
            self._scripted = self._scripted or request.resource_type != "document"
            self._under_way[request] = math.inf
            self._questions += 1
        if request.resource_type == "document":
            self._watch(page, request)

    def _watch(self, page: Page, request: Request) -> None:
        loop = asyncio.get_running_loop()  # Playwright's own, below all that is done here
        self._watched[request] = page, loop.call_later(self.timeout / 1000, self._give_up, page, request)

    def _count(self, request: Request) -> None:
        """Count pages, of any window: redirected, one is still one."""
        if request.resource_type in {"xhr", "fetch"}:
            self.turns.scripts_asked()
        elif request.is_navigation_request() and request.redirected_from is None and self._is_main(request, new=True):
            self.turns.page_asked_for()

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

    def _on_failure(self, request: Request) -> None:
        self._on_end(request)
        host = urlsplit(request.url).hostname or ""
        if request.is_navigation_request() and host and not self.allows(host):
            self.blocked = host

    def _answered(self, request: Request) -> None:
        if request in self._watched:
            _, timer = self._watched.pop(request)
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
            self.status, self.scripts_status, self.late, self.blocked = response.status, 0, "", ""
            self.unknown = False
            self.dated = (response.headers.get("date", ""), time.monotonic())
        elif request.resource_type in {"xhr", "fetch"} and response.status in _OUT_OF_ORDER:
            self.scripts_status = response.status
        if request.resource_type in {"xhr", "fetch"} and urlsplit(response.url)[:2] == urlsplit(self.page.url)[:2]:
            self.unknown = response.status == _WHO_IS_THERE
        if response.status in REFUSALS and request.resource_type in {"document", "xhr", "fetch"}:
            self.turns.refused(response.status, response.headers)

    def _is_main(self, request: Request, *, new: bool = False) -> bool:
        """Whether it is for a whole window; `new` is the answer for one that is only being opened."""
        try:
            frame: Frame = request.frame
        except PlaywrightError:
            return new
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


def first_line(error: PlaywrightError) -> str:
    """Return what Playwright says of an error, without its log."""
    return error.message.splitlines()[0]
