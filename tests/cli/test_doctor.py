"""`doctor --as-service`: what is wrong is found before the night in which it would matter (ENV-1)."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pytest

from pec_autorenew.doctor import service
from pec_autorenew.ledger import Ledger
from tests.cli.users import Done
from tests.markers import SAID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.markers import Planted

SECRET: Final = "S3gret0-Corbezzolo-51"
DOOR: Final = b"""<!doctype html><html lang="it"><title>Area clienti</title><form method="post">
<label>username o casella PEC <input></label> <label>password <input type="password"></label>
<button>Accedi</button></form></html>"""


class Door(BaseHTTPRequestHandler):
    """A portal of which nobody sees more than the sign-in; its clock is right unless a test says otherwise."""

    ahead = timedelta(0)
    asked: list[str] = []  # noqa: RUF012 - one server at a time

    def do_GET(self) -> None:
        """Show the form."""
        self.asked.append(f"GET {self.path}")
        self.send_response_only(200)
        self.send_header("Date", format_datetime(datetime.now(UTC) + self.ahead, usegmt=True))
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(DOOR)

    def do_POST(self) -> None:
        """Remember that somebody knocked."""
        self.asked.append(f"POST {self.path}")
        self.send_error(500)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def door() -> Iterator[str]:
    """Serve the sign-in, and give its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@dataclass
class Place:
    """A machine on which everything is as a run wants it, until something is prepared."""

    folder: Path
    url: str
    planted: Planted
    stack: ExitStack
    patch: pytest.MonkeyPatch
    #: What the shell has besides.
    shell: dict[str, str] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    password: str = '{ file = "password" }'

    def __post_init__(self) -> None:
        """Prepare all that is right."""
        self.secret("password", SECRET)
        self.state.mkdir(mode=0o700)
        with Ledger.open(self.ledger):
            pass
        self.tables = {
            "portal": f'base_url = "{self.url}"',
            "ledger": 'state_dir = "state"',
            "limits": 'max_per_mailbox = "40.00"\nmax_per_run = "200.00"\nmax_per_month = "500.00"',
            "mandate": 'given_by = "Prova Provetti"\ngiven_on = 2026-11-01\naccept = ["condizioni-generali"]',
        }

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.folder / "state"

    @property
    def ledger(self) -> Path:
        """The ledger."""
        return self.state / "ledger.sqlite3"

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.folder / "config.toml"

    def secret(self, name: str, text: str) -> Path:
        """Write a secret into a file of its own."""
        path = self.planted(self.folder / name)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return path

    def program(self, name: str, text: str) -> Path:
        """Write a program."""
        path = self.planted(self.folder / "bin" / name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    def write(self) -> None:
        """Write the configuration."""
        account = f'name = "studio"\nusername = "100001@aruba.it"\npassword = {self.password}'
        tables = [f"[{name}]\n{text}\n" for name, text in self.tables.items()]
        self.config.write_text("\n".join([*tables, f"[[accounts]]\n{account}\n"]), encoding="utf-8")

    def as_service(self) -> dict[str, Any]:
        """Return what a service finds, in a process of its own, asked from a shell that has everything."""
        self.write()
        for name, value in {"HOME": str(self.folder), **self.shell}.items():
            self.patch.setenv(name, value)
        self.patch.setattr(service, "home_of_user", lambda: str(self.folder))
        document, said = service.examine_as_service(self.config, os.environ)
        self.keep(json.dumps(document), said)
        return document

    def doctor(self, *arguments: str) -> Done:
        """Ask the doctor on the command line, from such a shell."""
        self.write()
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "pec_autorenew", "doctor", *arguments, "-c", self.config.name],
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **self.shell},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        self.keep(done.stdout, done.stderr)
        return Done(done.returncode, done.stdout, done.stderr)

    def keep(self, *said: str) -> None:
        """Keep what was said where it is looked through at the end; no secret is in it (SEC-1)."""
        assert SECRET not in "".join(said)
        with (self.folder / SAID).open("a", encoding="utf-8") as file:
            file.write("\n".join(said))


@pytest.fixture
def place(tmp_path: Path, door: str, planted: Planted, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Give a machine on which nothing is wrong."""
    Door.ahead = timedelta(0)
    Door.asked.clear()
    with ExitStack() as stack:
        yield Place(tmp_path, door, planted, stack, monkeypatch)


def defects(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the doctor found in the way of a run; the exit code says whether it is anything."""
    found = [one for one in document["checks"] if one["result"] == "defect"]
    assert (document["exit_code"], document["defects"]) == (78 if found else 0, len(found))
    return found


def test_doctor_as_service_finds_nothing_where_nothing_is_wrong(place: Place) -> None:
    """ENV-1: exit 0, each check there, the page filled in by a real browser, and nobody signed in (HUM-3)."""
    done = place.doctor("--as-service", "--json")
    assert (done.code, defects(done.json)) == (0, [])
    found = {(one["check"], one["about"]): one["message"] for one in done.json["checks"]}
    assert found["browser", "page"] == "A page of our own is recognised, filled in, pressed and read."
    assert found["browser", "portal"] == f"«Accedi» stands at {place.url.rstrip('/')}; nobody was signed in."
    assert found["secrets", None] == "Found: 1 by file."
    assert {check for check, _ in found} == {
        *("configuration", "state folder", "ledger", "secrets", "sessions", "clock", "names", "browser"),
        *("notifications", "mail witness", "hooks", "monitoring", "schedule"),
    }
    assert {one for one in Door.asked if "favicon" not in one} == {"GET /"}


# -- what is prepared -------------------------------------------------------------------------------------------------


def secret_only_in_the_shell(place: Place) -> None:
    """Leave the password in a variable of this shell."""
    place.password, place.shell["PEC_STUDIO"] = '{ env = "PEC_STUDIO" }', SECRET


def secret_that_others_can_read(place: Place) -> None:
    """Open the password's file to everybody."""
    (place.folder / "password").chmod(0o644)


def secret_that_is_gone(place: Place) -> None:
    """Delete the password's file."""
    (place.folder / "password").unlink()


def secret_by_a_program_of_the_shell(place: Place) -> None:
    """Get the password from a program that only this shell finds."""
    place.shell["PATH"] = f"{place.program('studio-password', f'echo {SECRET}').parent}:{os.environ['PATH']}"
    place.password = '{ command = ["studio-password"] }'


def state_folder_that_is_none(place: Place) -> None:
    """Put a file into its place."""
    shutil.rmtree(place.state)
    place.state.touch()


def state_folder_of_somebody_else(place: Place) -> None:
    """Give it away, as a first run by root does."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(place.state, 65534, 65534)


def disk_that_is_full(place: Place) -> None:
    """Mount a disk of one megabyte there."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place.state)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:  # noqa: S603 - the system's
        pytest.skip("nothing can be mounted here")
    place.stack.callback(subprocess.run, ["umount", str(place.state)], check=True)
    place.state.chmod(0o700)


def ledger_that_is_damaged(place: Place) -> None:
    """Overwrite a part of it."""
    with sqlite3.connect(place.ledger) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with place.ledger.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (place.ledger.stat().st_size - 8192))


def ledger_of_a_newer_version(place: Place) -> None:
    """Say that a newer version wrote it."""
    with sqlite3.connect(place.ledger) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()


def clock_before_the_last_run(place: Place) -> None:
    """Have a run in the ledger that was in the far future."""
    with Ledger.open(place.ledger) as ledger:
        ledger.start_run("2100-run", "renew", "live", place.url, datetime(2100, 1, 1, tzinfo=UTC))


def clock_that_is_not_the_portal_s(place: Place) -> None:  # noqa: ARG001 - as the others
    """Let the portal's clock be an hour ahead."""
    Door.ahead = timedelta(hours=1)


def browser_that_is_not_there(place: Place) -> None:
    """Name one that does not exist."""
    place.tables["browser"] = 'executable = "/nowhere/browser"'


def browser_that_does_not_start(place: Place) -> None:
    """Name a program that ends at once."""
    place.tables["browser"] = f'executable = "{place.program("browser", "exit 1")}"'


def window_without_a_display(place: Place) -> None:
    """Want to see the window, on a desktop of this session."""
    place.tables["browser"], place.shell["DISPLAY"] = "headless = false", ":0"


def host_that_has_no_address(place: Place) -> None:
    """Expect a sign-in at a name that no name server can know."""
    host = f"{'a' * 64}.example"
    place.tables["portal"] += f'\nlogin_origins = ["{place.url}", "https://{host}"]'
    place.tables["portal"] += f'\nallowed_hosts = ["127.0.0.1", "{host}"]'


def address_for_messages_that_nobody_knows(place: Place) -> None:
    """Misspell the kind of an Apprise address."""
    place.secret("messages", f"telegramm://{SECRET}/123")
    place.tables["notify"] = 'urls = [{ file = "messages" }]'


def hook_that_is_not_there(place: Place) -> None:
    """Name a program that does not exist."""
    place.tables["hooks"] = 'after_run = ["/nowhere/after"]'


def metrics_without_a_folder(place: Place) -> None:
    """Name a file in a folder that does not exist."""
    place.tables["monitoring"] = 'textfile = "metrics/pec.prom"'


def session_that_others_can_read(place: Place) -> None:
    """Open a saved session to everybody."""
    path = place.state / "sessions" / "portal" / "studio.session"
    path.parent.mkdir(mode=0o700, parents=True)
    path.write_bytes(b"")
    path.chmod(0o644)


#: What is prepared, the check that finds it, and words by which somebody knows it again.
Prepared: TypeAlias = "tuple[Callable[[Place], None], str, str]"
ALONE: Final[tuple[Prepared, ...]] = (
    (secret_only_in_the_shell, "secrets", "The environment variable PEC_STUDIO is not set."),
    (secret_that_others_can_read, "secrets", "Others can read the secret in"),
    (secret_by_a_program_of_the_shell, "secrets", "The program studio-password cannot be started"),
    (state_folder_that_is_none, "state folder", "is no folder."),
    (state_folder_of_somebody_else, "state folder", "belongs to another user (number 65534)."),
    (disk_that_is_full, "state folder", "The disk is full: 1 MB free"),
    (ledger_that_is_damaged, "ledger", "damaged"),
    (ledger_of_a_newer_version, "ledger", "a newer version wrote it"),
    (clock_before_the_last_run, "clock", "and an earlier run was at 01/01/2100"),
    (clock_that_is_not_the_portal_s, "browser", "The portal's clock shows"),
    (browser_that_is_not_there, "browser", "'/nowhere/browser' is not an executable file"),
    (browser_that_does_not_start, "browser", "no browser could be started"),
)
#: They have nothing to do with each other, so that one run finds them all.
TOGETHER: Final[tuple[Prepared, ...]] = (
    (secret_that_is_gone, "secrets", "cannot be read: No such file"),
    (window_without_a_display, "browser", "there is no display"),
    (host_that_has_no_address, "names", "has no address"),
    (address_for_messages_that_nobody_knows, "notifications", "is no address that Apprise knows."),
    (hook_that_is_not_there, "hooks", "/nowhere/after is no program that can be run here."),
    (metrics_without_a_folder, "monitoring", "metrics is no folder."),
    (session_that_others_can_read, "sessions", "Others can read"),
)


@pytest.mark.parametrize(("prepare", "check", "words"), ALONE, ids=[one[0].__name__ for one in ALONE])
def test_doctor_as_service_finds_each_prepared_defect(
    place: Place, prepare: Callable[[Place], None], check: str, words: str
) -> None:
    """ENV-1: what is wrong is found and named, in the check to which it belongs, and nothing else is blamed."""
    prepare(place)
    found = defects(place.as_service())
    assert {one["check"] for one in found} == {check}
    assert any(words in one["message"] for one in found), found


def test_doctor_as_service_finds_all_that_is_wrong_at_once(place: Place) -> None:
    """ENV-1: one defect hides no other."""
    for prepare, _, _ in TOGETHER:
        prepare(place)
    found = {one["check"]: one["message"] for one in defects(place.as_service())}
    assert found.keys() == {check for _, check, _ in TOGETHER}
    assert all(words in found[check] for _, check, words in TOGETHER), found


def test_doctor_on_the_command_line_tells_a_service_from_a_shell(place: Place) -> None:
    """ENV-1, ENV-2: a shell has what a service lacks; that starts elsewhere, and finds what a relative -c names."""
    secret_only_in_the_shell(place)
    place.shell["PEC_AUTORENEW_BROWSER__WORKERS"] = "3"
    assert place.doctor("-q").code == 0
    done = place.doctor("--as-service", "-q")
    assert done.code == 78
    assert "warning environment: Set in this shell only: PEC_AUTORENEW_BROWSER__WORKERS." in done.out
    assert done.out.splitlines()[-1].startswith("1 defect, ")
    assert done.out.splitlines()[-1].endswith(": `renew` does not work as a service like this.")
