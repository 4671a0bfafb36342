"""The mock portal as a server: names, dates, resets, and a clean end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from pec_autorenew import mock_portal
from pec_autorenew.mock_portal import LAYOUTS, Layout, MockPortal
from pec_autorenew.mock_portal.naming import TOKEN, Renamer
from tests.web.visitors import sign_in_at_the_site

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(mock_portal.__file__).parent
MARKUP = sorted(path for path in PACKAGE.rglob("*") if path.suffix in {".html", ".css", ".js"})
PAGES = ("/login", "/home", "/caselle", "/gestione-caselle", "/rinnovo-automatico/archivio.ginepro@pec.it")


@pytest.fixture
def renamed() -> Iterator[MockPortal]:
    """Serve a portal whose names are made up."""
    with MockPortal(scenario="demo", rename_seed=7) as portal:
        yield portal


def test_date_header_is_the_mocks_clock(portal: MockPortal, web: httpx.Client) -> None:
    """Whoever reads the portal's time reads the mock's."""
    portal.truth.clock.set(datetime(2031, 5, 4, 10, 0, tzinfo=UTC))
    answer = web.get("/login")
    dates = answer.headers.get_list("date")
    assert [parsedate_to_datetime(text).date().isoformat() for text in dates] == ["2031-05-04"]
    assert "server" not in answer.headers


@pytest.mark.parametrize("layout", LAYOUTS)
def test_rename_seed_leaves_no_token(renamed: MockPortal, layout: Layout) -> None:
    """With a seed, no name of ours reaches the browser: neither in pages nor in assets."""
    renamed.reset(layout=layout)
    assets = [f"/{path.relative_to(PACKAGE)}" for path in MARKUP if path.is_relative_to(PACKAGE / "static" / layout)]
    with httpx.Client(base_url=renamed.url, follow_redirects=True, trust_env=False) as web:
        if layout == "g3":
            sign_in_at_the_site(web, "100001@aruba.it", "demo-password-studio")
        else:
            web.post("/login", data={"username": "100001@aruba.it", "password": "demo-password-studio"})
        answers = [web.get(path) for path in (*PAGES, *assets)]
    assert all(answer.status_code == 200 for answer in answers)
    assert not any("mk-" in answer.text for answer in answers)


def test_renamer_gives_one_name_to_each_token() -> None:
    """The same token is the same word everywhere, and no two tokens share one."""
    tokens = {token for path in MARKUP for token in TOKEN.findall(path.read_text("utf-8"))}
    rename = Renamer(3)
    words = {rename(token) for token in tokens}
    assert len(words) == len(tokens) > 100
    assert all(re.fullmatch(r"[a-z]+-[a-z]+", word) for word in words)
    assert words.isdisjoint({Renamer(4)(token) for token in tokens})


def test_reset_returns_to_the_start(portal: MockPortal, web: httpx.Client) -> None:
    """After a reset nothing of the past is left."""
    web.post("/login", data={"username": "100001@aruba.it", "password": "demo-password-studio"})
    portal.truth.place_order_for("studio.ginepro@pec.it")
    portal.truth.set_options(kit="absent")
    portal.reset()
    truth = portal.truth
    assert (truth.orders, truth.hits, truth.sign_ins, truth.options.kit) == ({}, [], [], "offered")
    assert web.get("/home").url.path == "/login"


def test_hits_name_the_pages_and_leave_assets_out(portal: MockPortal, web: httpx.Client) -> None:
    """The log of requests calls pages by name."""
    web.get("/")
    web.get("/static/g2/area.css")
    web.get("/none-such")
    assert [hit.page for hit in portal.truth.hits] == ["ingresso", "login", "sconosciuta"]


@pytest.mark.parametrize("path", ["/static/../server.py", "/static/%2e%2e/server.py", "/static/none.css"])
def test_asset_outside_the_folder_is_not_found(web: httpx.Client, path: str) -> None:
    """Nothing but style sheets and scripts is served."""
    assert web.get(path).status_code == 404


def test_serve_ends_cleanly_when_told_to() -> None:
    """`serve` announces its addresses, and SIGTERM ends it without a complaint."""
    code = "from pec_autorenew.mock_portal import serve; serve()"
    command = [sys.executable, "-u", "-W", "error", "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parents[1])}
    with subprocess.Popen(  # noqa: S603 (our own interpreter)
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().split() for _ in range(3)]
        assert [name for name, *_ in said] == ["portal", "control", "sign-in"]
        for (_, address, *_), path in zip(said, ("login", "", "auth"), strict=True):
            assert httpx.get(f"{address}{path}", trust_env=False).status_code == 200
        process.send_signal(signal.SIGTERM)
        _, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (0, "")


def test_taken_port_is_an_error_at_once(portal: MockPortal) -> None:
    """A port in use is said before anything starts, and nothing is left open."""
    taken = int(portal.control_url.rstrip("/").rpartition(":")[2])
    with pytest.raises(OSError, match="in use"), MockPortal(control_port=taken):
        pass


@pytest.mark.parametrize("path", ["", "login"])
def test_login_origins_are_where_a_password_is_asked(portal: MockPortal, path: str) -> None:
    """A client that is told of both may sign in on every layout."""
    for layout in LAYOUTS:
        portal.reset(layout=layout)
        answer = httpx.get(f"{portal.url}{path}", trust_env=False, follow_redirects=True)
        assert f"{answer.url.scheme}://{answer.url.host}:{answer.url.port}" in portal.login_origins


def test_latency_delays_the_portal_but_not_the_control_api(portal: MockPortal, web: httpx.Client) -> None:
    """Every answer of the portal waits; the control API answers meanwhile."""
    portal.set_latency(60_000)
    with pytest.raises(httpx.ReadTimeout):
        web.get("/login", timeout=0.2)
    assert httpx.get(f"{portal.control_url}truth", trust_env=False).json()["hits"][0]["page"] == "login"
