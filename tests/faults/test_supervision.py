"""The real client and its browser, of which one dies, hangs or is late: one order at most, a report, nothing left."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import TYPE_CHECKING, Final

import psutil
import pytest

from tests.faults.scene import DUE
from tests.faults.test_two_at_once import when_ordered
from tests.processes import command_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.users import User
    from tests.faults.crashes import Crash

#: Two runs to their end, on a machine that does other things too.
pytestmark = pytest.mark.timeout(300)

#: How long processes may take to be gone when nobody has killed them one by one.
PATIENCE_S: Final = 60
#: Far more than a run takes; where the end comes from the clock, its signal is sent by the test.
LONG: Final = {
    "PEC_AUTORENEW_BROWSER__ACTION_TIMEOUT": "60 s",  # on a busy machine, too, nothing else is to go wrong
    "PEC_AUTORENEW_BROWSER__VISIT_DEADLINE": "10 min",
    "PEC_AUTORENEW_BROWSER__RUN_DEADLINE": "20 min",
}


def left_of(user: User) -> list[psutil.Process]:
    """Return the processes that live in the user's home."""
    found = []
    for one in psutil.process_iter():
        try:
            if one.environ().get("HOME") == str(user.home) and one.status() != psutil.STATUS_ZOMBIE:
                found.append(one)
        except psutil.Error:
            continue  # it has gone, or is nobody's that a test knows
    return found


def run_and(user: User, meet: Callable[[psutil.Process], None] = lambda _: None, **environment: str) -> tuple[int, str]:
    """Run `renew`, and meet its process when it has begun; return its exit code and what it printed."""
    with subprocess.Popen(  # noqa: S603 - our own program
        user.command("renew", "--json"),
        env={**user.environment, **LONG, **environment},
        cwd=user.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as client:
        meet(psutil.Process(client.pid))
        out, err = client.communicate(timeout=140)
    user.said += [out, err]
    return client.returncode, out


def items_of(out: str) -> dict[str | None, tuple[str, str]]:
    """Return outcome and reason by mailbox."""
    return {item["mailbox"]: (item["outcome"], item["reason"]) for item in json.loads(out)["items"]}


def at_the_order(crash: Crash, act: Callable[[psutil.Process], None]) -> tuple[int, str]:
    """Run `renew`, and do something to the client while the portal takes its order."""
    met: list[psutil.Process] = []
    acted: list[bool] = []

    def strike() -> None:
        act(met[0])
        acted.append(True)

    when_ordered(crash.scene, strike)
    ended = run_and(crash.user, met.append)
    assert acted, "nothing was done to the client: nothing is proven"
    assert len(crash.scene.truth.orders) == 1
    return ended


def worker_of(client: psutil.Process) -> psutil.Process:
    """Return the process that drives the browser."""
    (worker,) = (one for one in client.children() if "pec_autorenew.engine.worker" in command_of(one))
    return worker


def browser_of(client: psutil.Process) -> psutil.Process:
    """Return the browser, without its own children."""
    return next(one for one in client.children(recursive=True) if "--headless" in command_of(one))


def test_visit_that_is_late_is_ended_and_reported(crash: Crash) -> None:
    """RES-1, RES-2: whatever it was at; nothing is ordered, the report is there, and so is no process."""
    code, out = run_and(crash.user, PEC_AUTORENEW_BROWSER__VISIT_DEADLINE="1 s")
    assert (code, [(item["outcome"], item["reason"]) for item in json.loads(out)["items"]]) == (
        1,
        [("failed", "timeout")],
    )
    assert list(crash.user.state.glob("runs/*/report.json"))
    assert left_of(crash.user) == []
    assert not list(crash.user.state.glob("cache/workers/*"))
    assert len(crash.scene.truth.orders) == 0


@pytest.mark.parametrize("who", [worker_of, browser_of], ids=["the worker", "the browser"])
def test_death_in_the_middle_of_the_confirmation_is_one_order(
    crash: Crash, who: Callable[[psutil.Process], psutil.Process]
) -> None:
    """RES-1, DUP-4: the order is looked up in a fresh browser, with the saved session, and found."""
    code, out = at_the_order(crash, lambda client: who(client).kill())
    assert (code, items_of(out)) == (0, {DUE: ("awaiting-payment", "ordered")})
    assert (len(crash.scene.truth.orders), crash.scene.truth.confirm_posts) == (1, 1)
    assert left_of(crash.user) == []


def test_run_whose_time_is_over_at_the_click_says_unknown(crash: Crash) -> None:
    """RES-1, RES-2: the worker is stopped and the clock strikes: `unknown`, exit 5; the next run finds the order."""

    def strike(client: psutil.Process) -> None:
        worker_of(client).suspend()
        client.send_signal(signal.SIGALRM)

    code, out = at_the_order(crash, strike)
    assert (code, items_of(out)) == (5, {DUE: ("unknown", "unknown")})
    assert left_of(crash.user) == []
    later = run_and(crash.user)[1]
    assert items_of(later) == {DUE: ("awaiting-payment", "waiting")}, later
    assert len(crash.scene.truth.orders) == 1


def test_run_that_is_killed_leaves_no_browser(crash: Crash) -> None:
    """RES-2: kill -9 of the client, at the click; whatever it had started ends by itself."""
    started: list[psutil.Process] = []

    def strike(client: psutil.Process) -> None:
        started.extend(client.children(recursive=True))
        client.kill()

    code, _ = at_the_order(crash, strike)
    assert code == -signal.SIGKILL
    assert len(started) > 2, "worker, driver and browser"
    assert psutil.wait_procs(started, timeout=PATIENCE_S)[1] == []
    assert left_of(crash.user) == []
