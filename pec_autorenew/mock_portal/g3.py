"""The portal as it looked about 2022: sign-in on another origin, a list with tabs, an order form in a frame.

What it does is what the layout of 2020 did, under the same addresses; what it looks like is another thing everywhere.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.routing import Route

from pec_autorenew.mock_portal.desk import Desk, go_to
from pec_autorenew.mock_portal.g2 import G2
from pec_autorenew.mock_portal.g3_order import G3Order, restyled
from pec_autorenew.mock_portal.hurdles import Hurdles
from pec_autorenew.mock_portal.paging import page_asked, page_of
from pec_autorenew.mock_portal.values import Tab

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import HTMLResponse, Response

    from pec_autorenew.mock_portal.sessions import Session

STATE_COOKIE = "stato_accesso"


class G3(G2):
    """Home, list of mailboxes and list of orders; whoever is not signed in goes to the sign-in site."""

    def __init__(self, desk: Desk) -> None:
        """Stand at the desk that all screens share, with templates of the same names in a folder of its own."""
        super().__init__(desk)
        self._page = self._restyled_page

    def routes(self) -> list[Route]:
        """List the screens; the name of a route is what the log of requests calls it."""
        guard = self._desk.signed_in
        return [
            Route("/", guard(self.front_door), name="ingresso"),
            Route("/login", self.login, name="rinvio"),
            Route("/accesso/ritorno", self.come_back, name="ritorno"),
            Route("/caselle/altri-titolari", guard(self.other_holders), name="caselle_altri_titolari"),
            *self._area(),
            *Hurdles(self._desk, self._page).routes(),
            *G3Order(self._desk).routes(),
        ]

    async def login(self, request: Request) -> Response:
        """Send a visitor to the sign-in site, with the address to come back to."""
        if self._stays(request):
            return go_to("/")
        if self._desk.leads_away():
            return go_to(f"{self._desk.elsewhere}auth")
        back = f"{request.base_url}accesso/ritorno"
        if self._desk.leads_on():
            if "next" not in request.query_params:
                return go_to(self._desk.onward("/login"))
            back = self._desk.onward(back)
        state = secrets.token_urlsafe(8)
        question = {
            "client_id": "area-clienti",
            "response_type": "code",
            "redirect_uri": back,
            "state": state,
            **({"sessione": "scaduta"} if "sessione" in request.query_params else {}),
        }
        response = go_to(f"{self._desk.login_url}auth?{urlencode(question)}")
        response.set_cookie(STATE_COOKIE, state, httponly=True, samesite="lax")
        return response

    async def come_back(self, request: Request) -> Response:
        """Take the code of who signed in; anybody else starts again."""
        expected = request.cookies.get(STATE_COOKIE)
        visitor = self._desk.passes.redeem(request.query_params.get("code", ""))
        if visitor is None or request.query_params.get("state") != expected:
            return go_to("/login")
        response = go_to(self._next(request))
        response.delete_cookie(STATE_COOKIE)
        self._desk.admission.admit(visitor, response)
        return response

    async def caselle(self, request: Request, session: Session) -> Response:
        """List the mailboxes of the account's own holder, or the one that signed in by itself."""
        return self._list(request, session, None if session.visitor.mailbox else Tab.OWN)

    async def other_holders(self, request: Request, session: Session) -> Response:
        """«PEC di altri titolari», a page of its own."""
        if session.visitor.mailbox is not None:
            return go_to("/caselle")
        return self._list(request, session, Tab.OTHERS)

    def _list(self, request: Request, session: Session, tab: Tab | None) -> Response:
        mailboxes = self._truth.visible_mailboxes(session.visitor)
        listed = [mailbox for mailbox in mailboxes if tab in {None, mailbox.tab}]
        page = page_of(listed, self._truth.options, page_asked(request, session, self._truth.options))
        return self._page(
            "g2/caselle.html",
            visitor=self._greeting(session),
            tab=tab,
            here=request.url.path,
            rows=[self._row(mailbox) for mailbox in page.items],
            paging=page,
            empty_list=self._truth.options.empty_list,
            orders=self._truth.listed_orders(session.visitor),
        )

    def _restyled_page(self, template: str, /, **values: object) -> HTMLResponse:
        return self._desk.rendering.page(restyled(template), **values)
