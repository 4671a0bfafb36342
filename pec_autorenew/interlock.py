"""The network's lock on the page of the binding click (decision 0003)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from playwright.sync_api import Error as PlaywrightError

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Request, Route


class Gate(StrEnum):
    """What the interlock does with a request that could change something."""

    OPEN = "open"
    CLOSED = "closed"
    ONE_SHOT = "one-shot"


_CHANGING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass  # no slots: Playwright keeps its wrappers of bound handlers on their object
class Interlock:
    """The network's lock on the page of the binding click (decision 0003).

    Open while the form is set; closed once it has been read back, so that nothing that could bind leaves the browser;
    one shot after the ledger has committed `submitting`: each request is sent by ourselves, without the browser's own
    repeat on a dead connection, and the same one again is held.
    """

    context: BrowserContext
    timeout: float
    gate: Gate = Gate.OPEN
    #: What was held back while closed: «METHOD address (resource type)».
    held: list[str] = field(default_factory=list)
    #: HTTP states of what was sent in one shot; 0 for an answer that was lost.
    answers: list[int] = field(default_factory=list)
    #: Requests sent in one shot, answered or not.
    sent: int = 0
    _seen: set[tuple[str, str, bytes]] = field(default_factory=set)

    def install(self) -> None:
        """Stand between the browser and the portal."""
        self.context.route("**/*", self._handle)

    def begin_anew(self) -> None:
        """Open for another order: what was held, sent and answered belongs to the one before."""
        self.open()
        self.sent = 0
        for past in (self.held, self.answers, self._seen):
            past.clear()

    def open(self) -> None:
        """Let everything through: the form is being set, or has been left."""
        self.gate = Gate.OPEN

    def close(self) -> None:
        """Hold everything that could change something."""
        self.gate = Gate.CLOSED
        self.held.clear()

    def arm(self) -> None:
        """Let each changing request leave once. Only after the ledger has committed `submitting`."""
        self.gate = Gate.ONE_SHOT

    def _handle(self, route: Route, request: Request) -> None:
        try:
            if request.method not in _CHANGING or self.gate is Gate.OPEN:
                route.continue_()
            elif self.gate is Gate.CLOSED:
                if request.resource_type in {"document", "xhr", "fetch"}:
                    self.held.append(f"{request.method} {request.url} ({request.resource_type})")
                route.fulfill(status=204)
            else:
                self._send_once(route, request)
        except PlaywrightError:
            self._give_up(route)

    def _send_once(self, route: Route, request: Request) -> None:
        mark = (request.method, request.url, request.post_data_buffer or b"")
        if mark in self._seen:
            route.fulfill(status=204)
            return
        self._seen.add(mark)
        self.sent += 1
        try:
            answer = route.fetch(max_redirects=0, max_retries=0, timeout=self.timeout)
        except PlaywrightError:
            self.answers.append(0)
            raise
        self.answers.append(answer.status)
        route.fulfill(response=answer)

    def _give_up(self, route: Route) -> None:
        with suppress(PlaywrightError):  # answered already, or the page is gone
            route.abort()
