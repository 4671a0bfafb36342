"""The portal as the browser meets it: the door, where every request is logged, and behind it one of the layouts."""

from __future__ import annotations

import asyncio
from datetime import UTC
from email.utils import format_datetime
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.datastructures import URL, MutableHeaders
from starlette.routing import Match, Route

from pec_autorenew.mock_portal.desk import CONFIRM_PAGE, LOOKALIKE, Desk
from pec_autorenew.mock_portal.foreign import ForeignSite
from pec_autorenew.mock_portal.g2 import G2
from pec_autorenew.mock_portal.g3 import G3
from pec_autorenew.mock_portal.g4 import G4
from pec_autorenew.mock_portal.sign_in_site import SignInSite
from pec_autorenew.mock_portal.spoiling import Spoiler

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from pec_autorenew.mock_portal.options import Layout
    from pec_autorenew.mock_portal.rendering import Rendering

ASSET_PAGE = "static"
UNAVAILABLE = 503


class Portal:
    """An ASGI application that changes its layout when the truth says so."""

    def __init__(self, desk: Desk) -> None:
        """Build every layout around one desk."""
        self._truth = desk.truth
        self._rendering = desk.rendering
        self._foreign = Starlette(routes=[*_everywhere(desk), *ForeignSite(desk).routes()])
        self._apps: dict[Layout, Starlette] = {
            "g2": Starlette(routes=[*_everywhere(desk), *G2(desk).routes()]),
            "g3": Starlette(routes=[*_everywhere(desk), *G3(desk).routes()]),
            "g4": Starlette(routes=[*_everywhere(desk), *G4(desk).routes()]),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request with the layout of the moment, unless nothing is served at all."""
        closed = self._truth.options.maintenance and self.page_of(scope) != ASSET_PAGE
        app = _closed(self._rendering) if closed else self._app_for(scope)
        await app(scope, receive, send)

    def page_of(self, scope: Scope) -> str:
        """Name the page that a request asks for."""
        return _page_in(self._app_for(scope), scope)

    def _app_for(self, scope: Scope) -> Starlette:
        """Choose the layout of the moment, unless the portal is asked under a name that is not its own."""
        strange = self._truth.options.door == "lookalike" and URL(scope=scope).hostname == LOOKALIKE
        return self._foreign if strange else self._apps[self._truth.layout]


class SignInPortal:
    """An ASGI application for the origin where the layout of about 2022 signs in."""

    def __init__(self, desk: Desk) -> None:
        """Build its pages around the same desk."""
        self._truth = desk.truth
        self._rendering = desk.rendering
        self._app = Starlette(routes=[*_everywhere(desk), *SignInSite(desk).routes()])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; the portal's maintenance closes this site too."""
        closed = self._truth.options.maintenance and self.page_of(scope) != ASSET_PAGE
        app = _closed(self._rendering) if closed else self._app
        await app(scope, receive, send)

    def page_of(self, scope: Scope) -> str:
        """Name the page that a request asks for."""
        return _page_in(self._app, scope)


class ForeignPortal:
    """An ASGI application for an origin that has nothing to do with the portal, and looks like it."""

    def __init__(self, desk: Desk) -> None:
        """Build its page around the same desk."""
        self._app = Starlette(routes=[*_everywhere(desk), *ForeignSite(desk).routes()])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, whatever the portal does."""
        await self._app(scope, receive, send)

    def page_of(self, scope: Scope) -> str:
        """Name the page that a request asks for."""
        return _page_in(self._app, scope)


class Door:
    """Logs what comes in, waits as long as a slow portal would, and dates what goes out by the mock's clock."""

    def __init__(
        self, portal: Portal | SignInPortal | ForeignPortal, desk: Desk, *, inner: ASGIApp | None = None
    ) -> None:
        """Stand in front of the portal, or of whatever else already stands in front of it."""
        self._portal = portal
        self._inner = inner or portal
        self._desk = desk
        self._truth = desk.truth
        self.latency_ms = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        page = self._portal.page_of(scope)
        if page != ASSET_PAGE:
            self._truth.record_hit(scope["method"], scope["path"], page, confirms=page == CONFIRM_PAGE)
        if self.latency_ms:
            await asyncio.sleep(self.latency_ms / 1000)

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                now, headers = self._truth.clock.now().astimezone(UTC), MutableHeaders(scope=message)
                headers["date"] = format_datetime(now, usegmt=True)
                if not self._truth.options.keep_alive:
                    headers["connection"] = "close"
            await send(message)

        connection = getattr(send, "__self__").transport  # noqa: B009 - uvicorn's, which ASGI has no word for
        await Spoiler(self._desk, self._inner, page, connection)(scope, receive, dated)


def _everywhere(desk: Desk) -> list[Route]:
    """List what every origin serves: assets, and the frame that another one asks for robots in."""

    async def robot(request: Request) -> Response:
        return desk.rendering.page("common/robot.html", kind=request.path_params["kind"])

    return [
        Route("/static/{path:path}", desk.rendering.asset, name=ASSET_PAGE),
        Route("/recaptcha/api2/{kind:str}", robot, name="robot"),
        Route("/widget/v1/{kind:str}", robot, name="robot"),
    ]


def _closed(rendering: Rendering) -> ASGIApp:
    answer = rendering.page("common/manutenzione.html")
    answer.status_code = UNAVAILABLE
    return answer


def _page_in(app: Starlette, scope: Scope) -> str:
    for route in app.routes:
        if isinstance(route, Route) and route.matches(scope)[0] is Match.FULL:
            return route.name
    return "sconosciuta"
