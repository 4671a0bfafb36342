"""The pages between a right password and the portal: a device, a code, an expired password, a notice, conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse
from starlette.routing import Route

from pec_autorenew.mock_portal.admission import (
    CODE_PAGE,
    NEW_PASSWORD_PAGE,
    PASSWORD_NOTICE_PAGE,
    SECOND_STEP_PAGE,
    TERMS_PAGE,
)
from pec_autorenew.mock_portal.desk import Desk, go_to

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from pec_autorenew.mock_portal.sessions import Session

    Screen = Callable[[Request, Session], Awaitable[Response]]
    Endpoint = Callable[[Request], Awaitable[Response]]


class Hurdles:
    """The pages that hold a session back; the layouts of forms have them alike, each in its own words."""

    def __init__(self, desk: Desk, page: Callable[..., Response]) -> None:
        """Stand at the desk that all screens share, with the pages of one layout."""
        self._sessions = desk.sessions
        self._admission = desk.admission
        self._page = page

    def routes(self) -> list[Route]:
        """List the pages."""
        known = self._known
        return [
            Route(SECOND_STEP_PAGE, known(self.second_step), name="verifica"),
            Route(f"{SECOND_STEP_PAGE}/esito", self.second_step_taken, name="esito_verifica"),
            Route(f"{SECOND_STEP_PAGE}/invia", known(self.push_again), name="altra_verifica"),
            Route(CODE_PAGE, known(self.code), name="codice"),
            Route(CODE_PAGE, known(self.take_code), methods=["POST"], name="esito_codice"),
            Route(NEW_PASSWORD_PAGE, known(self.new_password), name="cambio_password"),
            Route(NEW_PASSWORD_PAGE, known(self.change_password), methods=["POST"], name="nuova_password"),
            Route(PASSWORD_NOTICE_PAGE, known(self.password_notice), name="avviso_password"),
            Route(PASSWORD_NOTICE_PAGE, known(self.put_off), methods=["POST"], name="rinvio_password"),
            Route(TERMS_PAGE, known(self.terms), name="nuove_condizioni"),
            Route(TERMS_PAGE, known(self.accept_terms), methods=["POST"], name="condizioni_accettate"),
        ]

    async def second_step(self, _request: Request, session: Session) -> Response:
        """«Verifica in 2 passaggi»: wait for an answer on a device, which does not come by itself."""
        if session.held_at != SECOND_STEP_PAGE:
            return go_to("/")
        return self._page("g2/verifica.html", push=self._admission.push_of(session))

    async def second_step_taken(self, request: Request) -> Response:
        """Say whether the answer has come, and which: the page asks now and then."""
        session = self._sessions.of(request)
        if session is None or session.held_at != SECOND_STEP_PAGE:
            return JSONResponse({"go_on": True, "push": "waiting"})
        return JSONResponse({"go_on": False, "push": self._admission.push_of(session)})

    async def push_again(self, _request: Request, session: Session) -> Response:
        """«Invia di nuovo»."""
        if session.held_at == SECOND_STEP_PAGE:
            self._admission.send_push(session)
        return go_to(SECOND_STEP_PAGE)

    async def code(self, _request: Request, session: Session) -> Response:
        """Ask for the code that came by message, which no message brings."""
        return self._page("g2/codice.html", wrong=False) if session.held_at == CODE_PAGE else go_to("/")

    async def take_code(self, request: Request, session: Session) -> Response:
        """Let on who typed it, in one field or in a field for each digit."""
        form = await request.form()
        typed = "".join(str(value) for value in form.getlist("codice")).strip()
        if session.held_at == CODE_PAGE and not self._admission.try_code(session, typed):
            return self._page("g2/codice.html", wrong=True)
        return go_to("/")

    async def new_password(self, _request: Request, session: Session) -> Response:
        """«La tua password è scaduta», or is to be changed before it does."""
        return self._page("g2/cambio_password.html", message="", expired=session.held_at == NEW_PASSWORD_PAGE)

    async def change_password(self, request: Request, session: Session) -> Response:
        """Take a new password, and let the visitor go on."""
        form = await request.form()
        expired = session.held_at == NEW_PASSWORD_PAGE
        if self._admission.renew_password(session, str(form.get("nuova", "")), str(form.get("ripeti", ""))):
            return go_to("/")
        message = "Le due password non coincidono."
        return self._page("g2/cambio_password.html", message=message, expired=expired)

    async def password_notice(self, _request: Request, session: Session) -> Response:
        """«La tua password scadrà tra …»: a page of its own, in the layout that has one."""
        if session.held_at != PASSWORD_NOTICE_PAGE:
            return go_to("/")
        return self._page("g2/avviso_password.html", days=self._admission.notice_days(session))

    async def put_off(self, _request: Request, session: Session) -> Response:
        """Go on without a new password."""
        self._admission.put_off(session)
        return go_to("/")

    async def terms(self, _request: Request, session: Session) -> Response:
        """«Abbiamo aggiornato le condizioni»."""
        return self._page("g2/nuove_condizioni.html", wrong=False) if session.held_at == TERMS_PAGE else go_to("/")

    async def accept_terms(self, request: Request, session: Session) -> Response:
        """Let on who ticked the box; nobody else."""
        form = await request.form()
        if session.held_at == TERMS_PAGE:
            if "accetto" not in form:
                return self._page("g2/nuove_condizioni.html", wrong=True)
            self._admission.accept_terms(session)
        return go_to("/")

    def _known(self, screen: Screen) -> Endpoint:
        """Let only who gave a right password see a page."""

        async def endpoint(request: Request) -> Response:
            session = self._sessions.of(request)
            return go_to("/login") if session is None else await screen(request, session)

        return endpoint
