"""`worker` as a user starts it: over PostgreSQL, on the mock portal, in browsers."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.cli.users import BIANCA, HEAD
from tests.processes import is_alive

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import MockPortal
    from tests.cli.users import Start, User
    from tests.postgres import Server


@pytest.fixture
def shared(user: User, start: Start, postgresql: Server) -> MockPortal:
    """Give a portal with one mailbox that is due, and a configuration whose ledger is on PostgreSQL."""
    portal = start("single")
    user.write(f'{HEAD.format(url=portal.url)}\n[ledger]\nurl = "{postgresql.ledger()}"\n{BIANCA}')
    return portal


def test_one_sweep_orders_what_is_due_and_ends_with_its_exit_code(user: User, shared: MockPortal) -> None:
    """DUP-7: the same visit as `renew`; a second sweep finds the order waiting."""
    done = user.run("worker", "--once")
    assert (done.code, len(shared.truth.orders)) == (0, 1), done.err
    assert "1 ordered" in done.out
    again = user.run("worker", "--once")
    assert (again.code, len(shared.truth.orders)) == (0, 1)
    runs = json.loads(user.run("history", "--json").out)["runs"]
    assert [(run["command"], run["exit_code"]) for run in runs] == [("renew", 0), ("renew", 0)]
    assert (user.state / "runs" / runs[0]["run_id"] / "report.html").exists()


def test_worker_goes_on_until_it_is_asked_to_end(user: User, shared: MockPortal) -> None:
    """RES-2: SIGTERM while nothing is under way: exit 0, and no process is left."""
    with subprocess.Popen(  # noqa: S603 - our own program
        user.command("worker"),
        env=user.environment,
        cwd=user.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        told = next(line for line in process.stdout if "Run " in line)  # the day's sweep, made up for at once
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert "(live)" in told
    assert len(shared.truth.orders) == 1
    assert not any(is_alive(one) for one in family)


def test_ledger_that_cannot_be_shared_is_refused(user: User, start: Start) -> None:
    """ENV-1: what is missing is said before anything is done."""
    portal = start("single")
    user.write(HEAD.format(url=portal.url) + BIANCA)
    done = user.run("worker")
    assert (done.code, portal.truth.orders) == (78, {})
    assert "PostgreSQL" in done.err
