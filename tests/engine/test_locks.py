"""Who holds an account when two runs share a ledger: a living process does, whatever its number was before."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import timedelta
from re import fullmatch
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.engine.locks import holder_of
from pec_autorenew.errors import AnotherRun
from tests.engine.office import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.office import Office

#: Holds an account as a run does, tells so, and goes on until it is ended.
HOLDING = """
import sys, threading
from datetime import datetime, timedelta
from pec_autorenew.engine.locks import holder_of
from pec_autorenew.ledger import Ledger
path, portal, now = sys.argv[1:]
with Ledger.open(path) as ledger:
    ledger.claim(portal, "studio", holder_of("theirs"), datetime.fromisoformat(now), timedelta(minutes=90))
print("held", flush=True)
threading.Event().wait()
"""


@pytest.fixture
def other(office: Office) -> Iterator[subprocess.Popen[bytes]]:
    """Give a run of another state folder, on the same ledger, that works on the account."""
    office.truth.add("a@pec.it", 10)
    ledger = str(office.state_dir.parent / "ledger.sqlite3")
    arguments = (ledger, office.config.portal.base_url, office.clock().isoformat())
    with subprocess.Popen([sys.executable, "-c", HOLDING, *arguments], stdout=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_account_of_a_living_run_is_left_to_it_and_of_a_killed_one_taken(
    office: Office, other: subprocess.Popen[bytes]
) -> None:
    """LCK-1, SES-5: 75 at once, with the holder's name; killed, and buried by nobody yet, it stands in no one's way."""
    with pytest.raises(AnotherRun, match=f"{platform.node()}.*:{other.pid}.*:theirs works on account studio"):
        office.run()
    assert office.ledger.runs()[0].exit_code == 75
    assert office.truth.clicks == 0
    other.kill()
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # dead, and still in the table
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "ordered")}


def test_number_of_a_dead_run_that_another_process_has_now_holds_nothing(
    office: Office, other: subprocess.Popen[bytes]
) -> None:
    """LCK-1: after a reboot a number is soon somebody else's; nobody waits for a lease to lapse."""
    portal = office.config.portal.base_url
    (claim,) = office.ledger.claims(portal)
    machine, process, run = claim.holder.split(":")
    assert process.startswith(f"{other.pid}+")
    office.ledger.release(portal, "studio", claim.holder)
    office.ledger.claim(portal, "studio", f"{machine}:{other.pid}+1:{run}", office.clock(), timedelta(minutes=90))
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "ordered")}


def test_holder_without_a_birth_is_believed_while_its_number_lives(
    office: Office, other: subprocess.Popen[bytes]
) -> None:
    """LCK-1: as a system without /proc writes it."""
    portal = office.config.portal.base_url
    (claim,) = office.ledger.claims(portal)
    office.ledger.release(portal, "studio", claim.holder)
    office.ledger.claim(portal, "studio", f"{platform.node()}:{other.pid}:r", office.clock(), timedelta(minutes=90))
    with pytest.raises(AnotherRun, match=f":{other.pid}:r"):
        office.run()
    assert fullmatch(rf"{platform.node()}(/[0-9a-f]{{6}})?:{os.getpid()}(\+\d+)?:x", holder_of("x"))


def test_machine_of_the_same_name_is_another_machine(office: Office) -> None:
    """DUP-7: over a shared ledger, that its process is not one of ours says nothing of its life."""
    portal = office.config.portal.base_url
    theirs = f"{platform.node()}/000000:999999999+1:theirs"
    office.ledger.claim(portal, "studio", theirs, office.clock(), timedelta(minutes=90))
    with pytest.raises(AnotherRun, match="theirs"):
        office.run()
