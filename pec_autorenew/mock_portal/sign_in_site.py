"""Where the layout of about 2022 signs in, on an origin of its own: user name on one page, password on the next."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.routing import Route

from pec_autorenew.mock_portal.desk import Desk, go_to
from pec_autorenew.mock_portal.truth import LockedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    Step = Callable[[Request, "Attempt"], Awaitable[Response]]
    Endpoint = Callable[[Request], Awaitable[Response]]

GONE = 410
LOCKED = "Utenza bloccata: hai superato il numero massimo di tentativi. Riprova tra 30 minuti."


@dataclass(slots=True)
class Attempt:
    """Somebody on the way in: where they came from, and who they say they are."""

    token: str
    back: str
    state: str
    username: str = ""


class SignInSite:
    """Two pages; at the end the browser carries a code back to the portal."""

    def __init__(self, desk: Desk) -> None:
        """Stand at the desk that all screens share."""
        self._desk = desk
        self._truth = desk.truth
        self._passes = desk.passes
        self._page = desk.rendering.page
        self._attempts: dict[str, Attempt] = {}

    def routes(self) -> list[Route]:
        """List the pages, in the order in which a visitor meets them."""
        step = self._on_the_way
        return [
            Route("/auth", self.begin, name="login"),
            Route("/auth/{attempt}/utente", step(self.ask_username), name="login"),
            Route("/auth/{attempt}/utente", step(self.take_username), methods=["POST"], name="utente"),
            Route("/auth/{attempt}/password", step(self.ask_password), name="password"),
            Route("/auth/{attempt}/password", step(self.take_password), methods=["POST"], name="accesso"),
            Route("/recupero", self.recovery, name="recupero"),
        ]

    async def begin(self, request: Request) -> Response:
        """«username o casella PEC»; whatever is typed is believed for now."""
        question = request.query_params
        attempt = Attempt(
            token=secrets.token_urlsafe(12),
            back=question.get("redirect_uri", ""),
            state=question.get("state", ""),
        )
        self._attempts[attempt.token] = attempt
        return self._username_page(attempt, ended="sessione" in question)

    async def ask_username(self, _request: Request, attempt: Attempt) -> Response:
        """«Cambia utente»: the first page again."""
        return self._username_page(attempt)

    async def take_username(self, request: Request, attempt: Attempt) -> Response:
        """Remember who it is, to the letter."""
        form = await request.form()
        attempt.username = str(form.get("username", ""))
        return go_to(f"/auth/{attempt.token}/password")

    async def ask_password(self, _request: Request, attempt: Attempt) -> Response:
        """«password»."""
        return self._password_page(attempt)

    async def take_password(self, request: Request, attempt: Attempt) -> Response:
        """Check what was typed, to the letter; send who may pass back to the portal with a code."""
        form = await request.form()
        captcha = self._desk.admission.captcha
        if captcha is not None:
            wrong = "Conferma di non essere un robot." if captcha == "words" else "Completa la verifica e riprova"
            return self._password_page(attempt, wrong)
        try:
            visitor = self._truth.sign_in(attempt.username, str(form.get("password", "")))
        except LockedError:
            return self._password_page(attempt, LOCKED)
        if visitor is None:
            return self._password_page(attempt, "I dati inseriti non sono corretti")
        del self._attempts[attempt.token]
        answer = urlencode({"code": self._passes.issue(visitor), "state": attempt.state})
        return go_to(f"{attempt.back}{'&' if '?' in attempt.back else '?'}{answer}")

    async def recovery(self, _request: Request) -> Response:
        """Stand in for the pages that help who forgot something."""
        return self._page("g3/accesso_messaggio.html", text="In questo portale di prova non c'è nulla da recuperare.")

    def _username_page(self, attempt: Attempt, *, ended: bool = False) -> Response:
        frame = f"{self._desk.elsewhere}riquadro" if self._truth.options.door == "frame" else ""
        return self._page("g3/accesso_utente.html", attempt=attempt, ended=ended, frame=frame)

    def _password_page(self, attempt: Attempt, wrong: str = "") -> Response:
        foreign_form = self._truth.options.door == "foreign-form"
        return self._page(
            "g3/accesso_password.html",
            attempt=attempt,
            wrong=wrong,
            captcha=self._desk.admission.captcha,
            stranger=self._desk.portal_url,
            goes_to=f"{self._desk.elsewhere}auth/{attempt.token}/password" if foreign_form else "",
        )

    def _on_the_way(self, step: Step) -> Endpoint:
        """Let only who began at the beginning go on."""

        async def endpoint(request: Request) -> Response:
            attempt = self._attempts.get(request.path_params["attempt"])
            if attempt is None:
                text = "La richiesta di accesso non è più valida: torna all'Area Clienti."
                answer = self._page("g3/accesso_messaggio.html", text=text)
                answer.status_code = GONE
                return answer
            return await step(request, attempt)

        return endpoint
