"""What is wrong is named, with what to do about it; it has its exit code, and nothing is half done (item 11)."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from tests.cli.users import BIANCA, HEAD, STUDIO, both, ordered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pec_autorenew.mock_portal import MockPortal
    from tests.cli.users import Done, User
    from tests.markers import Planted

LITERAL = 'password = "S3gret0-Ginepro-41"'


def without(text: str, table: str) -> str:
    """Return the configuration without one of its tables."""
    before, _, rest = text.partition(f"[{table}]")
    return before + rest[rest.index("\n[") :]


def ended_before_anything(user: User, portal: MockPortal, done: Done, code: int) -> None:
    """Assert that a run ended before it touched portal, ledger or state."""
    assert done.code == code
    assert portal.truth.sign_ins == []
    assert portal.truth.hits == []
    assert not user.state.exists()


@pytest.mark.parametrize(
    ("said", "meant", "complaint"),
    [
        ("[limits]", "[limits", "config.toml: Expected ']'"),
        ("max_per_run", "max_per_rum", "limits.max_per_rum: unknown key: did you mean max_per_run?"),
        ('password = { env = "PEC_STUDIO" }', LITERAL, "accounts.0.password: a secret is never written here"),
        ("[limits]", "[renewal]\nyears = 0\n[limits]", "renewal.years: "),
        ("[limits]", "[renewal]\nyears = 6\n[limits]", "renewal.years: "),
        ('name = "studio"', 'name = "studio"\nyears = 6', "accounts.0.years: "),
        ("limits", "", "limits.max_per_mailbox: is missing, and renew orders nothing without it"),
        ("mandate", "", "mandate: is missing, and renew orders nothing without it"),
    ],
    ids=["toml", "unknown-key", "literal-password", "years-0", "years-6", "account-years-6", "no-limits", "no-mandate"],
)
@pytest.mark.parametrize("command", ["renew", "config validate"])
def test_configuration_that_is_not_fit_is_refused_with_its_place(  # noqa: PLR0917 - three of them are one mistake
    user: User, portal: MockPortal, planted: Planted, command: str, said: str, meant: str, complaint: str
) -> None:
    """CFG-1, PRC-2, SEC-1, DRY-2: each mistake has its own message, exit code 78, and the portal hears nothing."""
    text = HEAD.format(url=portal.url) + STUDIO
    text = text.replace(said, meant, 1) if meant else without(text, said)
    if meant == LITERAL:
        planted(user.config)
    user.write(text)
    done = user.run(*command.split(), *(["--json"] if command == "renew" else []))
    ended_before_anything(user, portal, done, 78)
    assert complaint in done.err
    assert "S3gret0" not in done.err + done.out
    if command == "renew":
        assert (done.json["items"], done.json["exit_codes"]) == ([], [78])
        assert complaint in done.json["error"]["message"]
        assert done.json["error"]["next_step"] == "stop-run"


def test_missing_configuration_names_the_command_that_writes_one(user: User, portal: MockPortal) -> None:
    """Issue 2, item 11: without a configuration, the message says where it is looked for and how to begin."""
    done = user.run("renew")
    ended_before_anything(user, portal, done, 78)
    assert str(user.config) in done.err
    assert "`pec-autorenew config init` writes a first configuration there" in done.err


@pytest.mark.parametrize(("option", "known"), [("--account", "azienda, studio"), ("--client", "ginepro")])
@pytest.mark.parametrize("command", ["renew", "plan", "list", "reconcile"])
def test_unknown_account_or_client_is_a_usage_error(
    user: User, portal: MockPortal, command: str, option: str, known: str
) -> None:
    """INTERFACE: an unknown name is an error, and the message lists the known ones."""
    user.write(both(portal))
    done = user.run(command, option, "nessuno", "--json")
    ended_before_anything(user, portal, done, 2)
    assert f"There is no {option.removeprefix('--')} 'nessuno'; known: {known}." in done.err
    assert done.json["exit_codes"] == [2]


def test_unreachable_portal_is_a_temporary_failure(user: User) -> None:
    """Issue 2, item 11: where nobody listens the run ends with 75, for every mailbox that is known."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        user.write(HEAD.format(url=f"http://127.0.0.1:{taken.getsockname()[1]}/") + STUDIO)
        done = user.run("renew", "--json")
    assert done.code == 75
    assert done.items() == {None: ("failed", "unreachable")}
    assert "does not answer" in done.json["items"][0]["message"]


def test_wrong_password_is_tried_once(user: User, portal: MockPortal) -> None:
    """HUM-3: one attempt, then the account is left alone; the message says what to correct."""
    user.write(both(portal))
    done = user.run("renew", "--json", "--account", "studio", PEC_STUDIO="S3gret0-sbagliato")
    assert (done.code, done.items()) == (1, {None: ("failed", "sign-in-rejected")})
    assert [(one.username, one.ok) for one in portal.truth.sign_ins] == [("100001@aruba.it", False)]
    told = user.run("show", "last")
    assert "account studio: failed, sign-in-rejected" in told.out
    assert "Correct the user name or the secret" in told.out
    assert ordered(portal) == []


def test_wrong_password_of_one_account_does_not_stop_the_other(user: User, portal: MockPortal) -> None:
    """HUM-2: an account that cannot be looked at is reported, and the others are renewed."""
    user.write(both(portal))
    done = user.run("renew", "--json", PEC_STUDIO="S3gret0-sbagliato")
    assert done.code == 1
    assert ordered(portal) == ["officine.prugnolo@pec.it"]
    assert len(portal.truth.sign_ins) == 2


def test_secret_that_leads_nowhere_is_named_by_its_place(user: User, portal: MockPortal) -> None:
    """SEC-1: the message names the variable, and nobody signs in."""
    user.write(both(portal).replace('"PEC_STUDIO"', '"PEC_NOWHERE"'))
    done = user.run("renew", "--json", "--account", "studio")
    assert done.code == 78
    assert "PEC_NOWHERE" in done.err
    assert portal.truth.sign_ins == []


def test_second_run_ends_at_once_and_says_who_is_running(user: User, portal: MockPortal) -> None:
    """LCK-1: the lock's holder is named, the exit code is 75, and the portal hears nothing."""
    user.write(both(portal))
    user.state.mkdir(parents=True)
    (user.state / "run.holder").write_text("this-test\n", encoding="utf-8")
    with FileLock(user.state / "run.lock"):
        done = user.run("renew", "--json")
    assert (done.code, done.json["exit_codes"], done.json["items"]) == (75, [75], [])
    assert "another run is active (this-test)" in done.json["error"]["message"]
    assert portal.truth.hits == []
    assert user.run("plan").code == 7, "no lock file had to be deleted by hand"


@pytest.mark.parametrize("way", [("renew", "--attended"), ("list",), ("plan",)], ids=["--attended", "list", "plan"])
def test_visible_browser_without_a_display_is_refused_in_words(
    user: User, portal: MockPortal, way: tuple[str, ...]
) -> None:
    """HUM-5: where no window can be shown, the message says so and no run is begun."""
    user.write(both(portal).replace("[browser]", "[browser]\nheadless = false"))
    done = user.run(*way)
    assert done.code == 78
    assert "no display" in done.err
    assert portal.truth.hits == []


# -- pages that nobody expects ---------------------------------------------------------------------------------------

LOGIN = """<form method="post" action="/home">
<label>username o casella PEC <input name="u"></label>
<label>password <input type="password" name="p"></label>
<button>Accedi</button></form>"""
MANAGE = "<button onclick=\"location.href='/lista'\">Gestisci</button>"


class Foreign(ThreadingHTTPServer):
    """A portal that shows the pages it was given: by path, each the body of a document."""

    daemon_threads = True

    def __init__(self, pages: Mapping[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.pages = dict(pages)
        self.posts = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}/"


class Visit(BaseHTTPRequestHandler):
    """One request."""

    server: Foreign
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Show the page."""
        body = f"<!doctype html><html lang=it><title>Area</title>{self.server.pages.get(self.path, '')}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Take the form, and be at home from then on."""
        self.server.pages = {**self.server.pages, "/": self.server.pages["/home"]}
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts += 1
        self.do_GET()

    def log_message(self, *_: Any) -> None:  # noqa: ANN401 - as in http.server
        """Say nothing."""


@contextmanager
def foreign(user: User, **pages: str) -> Iterator[Foreign]:
    """Serve these pages («home» at /home, «» at /) as the portal of one account."""
    with Foreign({f"/{path.removeprefix('root')}": body for path, body in pages.items()}) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        user.write((HEAD.format(url=server.url) + BIANCA).replace('"10 s"', '"3 s"'))
        try:
            yield server
        finally:
            server.shutdown()


def evidence_of(done: Done) -> list[Path]:
    """Return the evidence of the only item."""
    (item,) = done.json["items"]
    return [Path(path) for path in item["evidence"]]


def test_page_that_is_not_recognised_is_drift_with_evidence(user: User) -> None:
    """DRF-1, DRF-4, SEC-4: what stands there is pictured and described in files of the user's own, and reported."""
    with foreign(user, root="<h1>Benvenuti nella nuova area clienti</h1><p>Tutto cambia.</p>"):
        done = user.run("renew", "--json")
    assert (done.code, done.items()) == (6, {None: ("drift", "unexpected-page")})
    assert "Accedi" in done.json["items"][0]["message"]
    evidence = evidence_of(done)
    assert sorted(path.name for path in evidence) == ["help.txt", "page.png", "snapshot.yaml"]
    assert {path.stat().st_mode & 0o777 for path in evidence} == {0o600}
    assert all(path.parent.stat().st_mode & 0o777 == 0o700 for path in evidence)
    assert "Benvenuti nella nuova area clienti" in next(p for p in evidence if p.suffix == ".yaml").read_text("utf-8")
    assert str(evidence[0].parent) in user.run("show").out


def test_page_with_a_password_is_never_pictured(user: User) -> None:
    """SEC-4: a sign-in form that is not the documented one is described, not pictured, and nothing is typed into it."""
    with foreign(user, root=LOGIN.replace("Accedi", "Entra subito")) as server:
        done = user.run("renew", "--json")
    assert (done.code, done.items()) == (6, {None: ("drift", "unexpected-page")})
    assert sorted(path.name for path in evidence_of(done)) == ["help.txt", "snapshot.yaml"]
    assert 'login.submit = ["Entra subito"]' in user.run("show").out
    assert server.posts == 0


def test_doubled_element_is_drift_that_lists_the_candidates(user: User) -> None:
    """DRF-2: two «Gestisci» for one documented button are no choice of the client's; what they look like is said."""
    section = f"<section><h2>Posta certificata</h2>{MANAGE}{MANAGE}</section>"
    with foreign(user, root=LOGIN, home=section, lista="<h1>Ordini</h1>") as server:
        done = user.run("renew", "--json")
    assert (done.code, done.items()) == (6, {None: ("drift", "element-ambiguous")})
    message = done.json["items"][0]["message"]
    assert "several elements" in message
    assert "2 times button «Gestisci»" in message
    assert server.posts == 1
    assert evidence_of(done)
    assert "[portal.locators]" in user.run("show").out
