"""The JSON behind the door of the layout of 2024: signing in, and what must be passed after that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse
from starlette.routing import Route

from pec_autorenew.mock_portal.admission import CODE_PAGE, SECOND_STEP_PAGE, TERMS_PAGE
from pec_autorenew.mock_portal.truth import LockedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from pec_autorenew.mock_portal.desk import Desk
    from pec_autorenew.mock_portal.sessions import Session

    Screen = Callable[[Request, Session], Awaitable[Response]]
    Endpoint = Callable[[Request], Awaitable[Response]]

UNAUTHORIZED = 401
FORBIDDEN = 403
CONFLICT = 409


class G4Door:
    """Answers what the scripts of the login page, and of the pages after it, ask for."""

    def __init__(self, desk: Desk) -> None:
        """Stand at the desk that all screens share."""
        self._desk = desk
        self._truth = desk.truth
        self._admission = desk.admission

    def routes(self) -> list[Route]:
        """List what the scripts ask for."""
        known = self._known
        return [
            Route("/api/accesso", self.sign_in, methods=["POST"], name="accesso"),
            Route("/api/accesso", self.entrance, name="login"),
            Route("/api/uscita", self.sign_out, methods=["POST"], name="uscita"),
            Route("/api/verifica", self.second_step_taken, name="esito_verifica"),
            Route("/api/verifica", known(self.push_again), methods=["POST"], name="altra_verifica"),
            Route("/api/codice", known(self.take_code), methods=["POST"], name="esito_codice"),
            Route("/api/nuova-password", known(self.change_password), methods=["POST"], name="nuova_password"),
            Route("/api/avviso-password", known(self.put_off), methods=["POST"], name="rinvio_password"),
            Route("/api/nuove-condizioni", known(self.accept_terms), methods=["POST"], name="condizioni_accettate"),
        ]

    async def entrance(self, _request: Request) -> Response:
        """Say what the login page must ask besides, and where it leads, stands, sends what is typed and goes on to."""
        elsewhere = self._desk.elsewhere
        ways = {
            "leave_for": f"{elsewhere}accesso" if self._desk.leads_away() else None,
            "frame": f"{elsewhere}accesso" if self._truth.options.door == "frame" else None,
            "send_to": f"{elsewhere}api/accesso" if self._truth.options.door == "foreign-form" else None,
            "next": f"{elsewhere}accesso" if self._desk.leads_on() else None,
        }
        return JSONResponse({"captcha": self._admission.captcha, "stranger": self._desk.login_url, **ways})

    async def sign_in(self, request: Request) -> Response:
        """Check what was typed, to the letter."""
        body = await request.json()
        captcha = self._admission.captcha
        if captcha is not None:
            wrong = "Conferma di non essere un robot." if captcha == "words" else "Accesso non completato. Riprova."
            return refusal(wrong, UNAUTHORIZED)
        try:
            visitor = self._truth.sign_in(str(body.get("username", "")), str(body.get("password", "")))
        except LockedError:
            return refusal("Per sicurezza abbiamo sospeso l'accesso a questo account.", UNAUTHORIZED)
        if visitor is None:
            return refusal("I dati inseriti non sono corretti. Controlla e riprova.", UNAUTHORIZED)
        response = JSONResponse({"mailbox": visitor.mailbox})
        self._admission.admit(visitor, response)
        return response

    async def sign_out(self, request: Request) -> Response:
        """«Esci»."""
        response = JSONResponse({})
        self._desk.sessions.close(request, response)
        return response

    async def second_step_taken(self, request: Request) -> Response:
        """Say whether a visitor who waits for an answer on a device may go on, and what was answered if not."""
        session = self._desk.sessions.of(request)
        if session is None or session.held_at != SECOND_STEP_PAGE:
            return JSONResponse({"go_on": True, "push": "waiting", "mailbox": session and session.visitor.mailbox})
        push = self._admission.push_of(session)
        return JSONResponse({"go_on": False, "push": push, "mailbox": session.visitor.mailbox})

    async def push_again(self, _request: Request, session: Session) -> Response:
        """«Invia di nuovo»."""
        if session.held_at == SECOND_STEP_PAGE:
            self._admission.send_push(session)
        return JSONResponse({})

    async def take_code(self, request: Request, session: Session) -> Response:
        """Let on who typed the code that came by message."""
        body = await request.json()
        if session.held_at == CODE_PAGE and not self._admission.try_code(session, str(body["code"]).strip()):
            return refusal("Codice non valido.", CONFLICT)
        return _go_on(session)

    async def change_password(self, request: Request, session: Session) -> Response:
        """Take a new password from whoever's old one has expired."""
        body = await request.json()
        if not self._admission.renew_password(session, str(body["new"]), str(body["again"])):
            return refusal("Le due password non coincidono.", CONFLICT)
        return _go_on(session)

    async def put_off(self, _request: Request, session: Session) -> Response:
        """Go on without a new password."""
        self._admission.put_off(session)
        return _go_on(session)

    async def accept_terms(self, request: Request, session: Session) -> Response:
        """Let on who ticked the box; nobody else."""
        body = await request.json()
        if session.held_at == TERMS_PAGE:
            if not body["accepted"]:
                return refusal("Per continuare devi accettare le condizioni.", CONFLICT)
            self._admission.accept_terms(session)
        return _go_on(session)

    def _known(self, screen: Screen) -> Endpoint:
        """Answer only who gave a right password."""

        async def endpoint(request: Request) -> Response:
            session = self._desk.sessions.of(request)
            if session is None:
                return JSONResponse({"ended": self._desk.sessions.ended(request)}, UNAUTHORIZED)
            return await screen(request, session)

        return endpoint


def refusal(message: str, status: int) -> Response:
    """Say no, in words that the page shows."""
    return JSONResponse({"message": message}, status)


def _go_on(session: Session) -> Response:
    return JSONResponse({"mailbox": session.visitor.mailbox})
