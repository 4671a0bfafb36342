"""The browser's own bounds: the hosts that it reaches, its sandbox, and the variables that it is given."""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, ClassVar

import pytest

from pec_autorenew.errors import BrowserUnavailable, ForeignOrigin
from pec_autorenew.launching import started

if TYPE_CHECKING:
    from collections.abc import Iterator


class Portal(BaseHTTPRequestHandler):
    """Sends whoever asks for `/away` to the same machine under another name, and counts who came there."""

    visitors: ClassVar[list[str]] = []
    elsewhere: ClassVar[str] = ""

    def do_GET(self) -> None:
        """Answer."""
        self.visitors.append(self.headers["Host"])
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", self.elsewhere)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def portal() -> Iterator[str]:
    """Serve, and give the address."""
    Portal.visitors.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Portal) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        Portal.elsewhere = f"http://localhost:{server.server_port}/"
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def visiting(address: str) -> None:
    """Go to an address with a browser that may reach 127.0.0.1 alone."""
    with started(local=True, allowed_hosts=("127.0.0.1",), timeout=10_000) as browser:
        browser.session().go(address)


@pytest.mark.parametrize("way", ["by redirect", "by name"])
def test_browser_reaches_no_host_that_is_not_allowed(portal: str, way: str) -> None:
    """SEC-3: a name that is not in `allowed_hosts` is not even looked up, wherever it comes from."""
    address = f"{portal}/away" if way == "by redirect" else Portal.elsewhere
    # pytest-playwright may have a Playwright in this thread, and there is room for one.
    with (
        ThreadPoolExecutor(1) as thread,
        pytest.raises(ForeignOrigin, match="localhost, which is not in"),
    ):
        thread.submit(visiting, address).result()
    assert not [host for host in Portal.visitors if host.startswith("localhost")]
    assert bool(Portal.visitors) is (way == "by redirect"), "the allowed host was reached"


def test_root_is_refused_on_a_live_portal(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-5: without its sandbox no browser goes to a portal that is not on loopback."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(BrowserUnavailable, match=re.escape("run as an ordinary user (SEC-5)")):
        started(local=False, allowed_hosts=("*.pec.it",)).__enter__()
