"""What only a person can do, as they meet it: at a terminal, in a visible browser, on another machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.cli.users import BIANCA, HEAD, Done, User, ordered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pec_autorenew.mock_portal import Layout, MockPortal
    from tests.cli.users import Start

DUE = "bianca.sorbo@pec.it"
KEY = '\n[sign_in]\nsession_key = { env = "PEC_BIANCA" }\n'
SECONDS = 100


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """Start a screen that nobody sees."""
    if shutil.which("Xvfb") is None:
        pytest.skip("no Xvfb on this machine")
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:  # noqa: S603
        assert server.stdout is not None
        yield f":{server.stdout.readline().strip()}"
        server.terminate()


@pytest.fixture
def bianca(start: Start, user: User) -> tuple[User, MockPortal]:
    """Give a customer with one mailbox, and the portal."""
    portal = start("single")
    user.write(HEAD.format(url=portal.url) + BIANCA)
    return user, portal


@contextmanager
def at_terminal(user: User, *arguments: str, **environment: str) -> Iterator[Callable[[str], None]]:
    """Run a command whose standard input is a terminal; yield what types a line; it has ended well when we leave."""
    ours, theirs = os.openpty()
    with subprocess.Popen(  # noqa: S603 - our own program
        user.command(*arguments),
        env=user.environment | environment,
        cwd=user.home,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(theirs)
        yield lambda line: _type(ours, line)
        try:
            out, err = process.communicate(timeout=SECONDS)
        finally:
            process.kill()
            os.close(ours)
    user.said += [out, err]
    assert process.returncode == 0, err


def _type(terminal: int, line: str) -> None:
    os.write(terminal, f"{line}\n".encode())


def wait_for(fact: Callable[[], object]) -> None:
    """Wait until something is so, by asking again and again, but not for ever."""
    pause = threading.Event()
    for _ in range(SECONDS * 10):
        if fact():
            return
        pause.wait(0.1)
    raise AssertionError("it never came to be")


def test_login_opens_a_window_and_saves_the_session(bianca: tuple[User, MockPortal], display: str) -> None:
    """HUM-5: the portal wants an approval; once it is given, Enter; the next run needs neither person nor password."""
    user, portal = bianca
    portal.truth.set_options(two_step=True)
    with at_terminal(user, "login", "bianca", DISPLAY=display) as types:
        wait_for(lambda: portal.truth.pushes)
        portal.approve_sign_ins()
        types("")
    assert user.said[0] == "Signed in as 200001@aruba.it: 1 mailbox.\nThe session is saved.\n"
    assert user.run("renew", "--json").items() == {DUE: ("awaiting-payment", "ordered")}
    assert (portal.truth.pushes, len(portal.truth.sign_ins)) == (1, 1)
    assert ordered(portal) == [DUE]


def test_renewal_that_was_parked_goes_on_attended(bianca: tuple[User, MockPortal], display: str) -> None:
    """HUM-5: unattended it is parked with exit 3; attended a person passes the door, and the order is placed once."""
    user, portal = bianca
    portal.truth.set_options(two_step=True)
    done = user.run("renew", "--json", "--wait-human", "2 s")
    assert (done.code, done.items()) == (3, {None: ("needs-person", "two-step-approval")})
    (request,) = user.run("handover", "list", "--json").json["handovers"]
    assert (request["account"], request["reason"], request["state"]) == ("bianca", "two-step-approval", "parked")
    with at_terminal(user, "renew", "--attended", DISPLAY=display) as types:
        wait_for(lambda: portal.truth.pushes == 2)
        portal.approve_sign_ins()
        types("")
    assert ordered(portal) == [DUE]
    assert user.run("handover", "list").out == "The portal wants nothing of a person.\n"


@pytest.mark.parametrize("layout", ["g2", "g3", "g4"])
@pytest.mark.one_layout
def test_push_approved_by_another_process_lets_the_run_finish(start: Start, user: User, layout: Layout) -> None:
    """HUM-2: the run waits in one process, the telephone is another; one password, one push, one order."""
    portal = start("single", layout)
    portal.truth.set_options(two_step=True)
    user.write(HEAD.format(url=portal.url) + BIANCA)
    found: list[Done] = []
    run = threading.Thread(target=lambda: found.append(user.run("renew", "--json", "--wait-human", "60 s")))
    run.start()
    wait_for(lambda: user.run("handover", "list", "--json").json["handovers"])
    (request,) = user.run("handover", "list", "--json").json["handovers"]
    assert request["state"] == "asked"
    assert httpx.post(f"{portal.control_url}sessions/approve", trust_env=False).json() == {"approved": 1}
    run.join()
    assert found[0].items() == {DUE: ("awaiting-payment", "ordered")}
    assert "A person is needed (bianca, two-step-approval" in found[0].err
    assert (portal.truth.pushes, len(portal.truth.sign_ins), ordered(portal)) == (1, 1, [DUE])


def test_handover_that_is_called_off_ends_the_wait(bianca: tuple[User, MockPortal]) -> None:
    """HUM-2: `handover cancel` in another process; nothing is ordered, and a second word on it is refused."""
    user, portal = bianca
    portal.truth.set_options(two_step=True)
    found: list[Done] = []
    run = threading.Thread(target=lambda: found.append(user.run("renew", "--json", "--wait-human", "10 min")))
    run.start()
    wait_for(lambda: portal.truth.pushes)
    wait_for(lambda: user.run("handover", "cancel", "1", "-q").code == 0)
    run.join()
    assert (found[0].code, found[0].items()) == (3, {None: ("needs-person", "two-step-approval")})
    again = user.run("handover", "answer", "1")
    assert (again.code, "denied already" in again.err) == (2, True)
    assert portal.truth.orders == {}


def test_session_travels_from_a_desktop_to_a_server(
    bianca: tuple[User, MockPortal], display: str, tmp_path: Path
) -> None:
    """HUM-5, SES-5: signed in here, carried over encrypted, used there, and no longer here."""
    desktop, portal = bianca
    desktop.write(HEAD.format(url=portal.url) + KEY + BIANCA)
    portal.truth.set_options(two_step=True)
    with at_terminal(desktop, "login", "bianca", "--export", "bianca.session", DISPLAY=display) as types:
        wait_for(lambda: portal.truth.pushes)
        portal.approve_sign_ins()
        types("")
    server = User(tmp_path / "server", desktop.now, desktop.login_origins)
    server.home.mkdir()
    server.write(HEAD.format(url=portal.url) + KEY + BIANCA)
    parcel = desktop.home / "bianca.session"
    assert not list(desktop.state.rglob("bianca.session"))
    assert server.run("login", "bianca", "--import", str(parcel)).code == 0
    assert server.run("renew", "--json").items() == {DUE: ("awaiting-payment", "ordered")}
    assert (portal.truth.pushes, len(portal.truth.sign_ins)) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nobody",), "no account 'nobody'"),
        (("bianca", "--export", "a", "--import", "b"), "choose one"),
        (("bianca", "--import", "missing"), "session_key"),
        (("bianca",), "no terminal"),
    ],
)
def test_login_says_what_it_lacks(bianca: tuple[User, MockPortal], arguments: tuple[str, ...], words: str) -> None:
    """ENV-2: no window, no terminal, no key: said before anything is touched."""
    user, portal = bianca
    done = user.run("login", *arguments)
    assert done.code in {2, 78}
    assert words in done.err
    assert portal.truth.sign_ins == []
