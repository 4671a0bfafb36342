"""What may stand between a right password and the portal: an expired password, a second step, and a box for robots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse
from starlette.routing import Route

from pec_autorenew.mock_portal.desk import NEW_PASSWORD_PAGE, SECOND_STEP_PAGE, Desk, go_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

ROBOT = "Conferma di non essere un robot."


class Hurdles:
    """The pages that hold a session back; every layout of forms has them alike."""

    def __init__(self, desk: Desk, page: Callable[..., Response]) -> None:
        """Stand at the desk that all screens share, with the pages of one layout."""
        self._desk = desk
        self._page = page

    def routes(self) -> list[Route]:
        """List the pages."""
        return [
            Route(SECOND_STEP_PAGE, self.second_step, name="verifica"),
            Route(f"{SECOND_STEP_PAGE}/esito", self.second_step_taken, name="esito_verifica"),
            Route(NEW_PASSWORD_PAGE, self.new_password, name="cambio_password"),
            Route(NEW_PASSWORD_PAGE, self.change_password, methods=["POST"], name="nuova_password"),
        ]

    async def second_step(self, request: Request) -> Response:
        """«Verifica in 2 passaggi»: wait for an answer on a device, which does not come by itself."""
        session = self._desk.sessions.of(request)
        if session is None:
            return go_to("/login")
        return self._page("g2/verifica.html") if session.held_at == SECOND_STEP_PAGE else go_to("/")

    async def second_step_taken(self, request: Request) -> Response:
        """Say whether the answer has come: the page asks now and then."""
        session = self._desk.sessions.of(request)
        return JSONResponse({"go_on": session is None or session.held_at != SECOND_STEP_PAGE})

    async def new_password(self, request: Request) -> Response:
        """«La tua password è scaduta»."""
        if self._desk.sessions.of(request) is None:
            return go_to("/login")
        return self._page("g2/cambio_password.html", message="")

    async def change_password(self, request: Request) -> Response:
        """Take a new password, and let the visitor go on."""
        session = self._desk.sessions.of(request)
        form = await request.form()
        if session is None:
            return go_to("/login")
        if not self._desk.renew_password(session, str(form.get("nuova", "")), str(form.get("ripeti", ""))):
            return self._page("g2/cambio_password.html", message="Le due password non coincidono.")
        return go_to("/")
