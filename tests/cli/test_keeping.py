"""Evidence and backups as a user has them: pruned after a run, copied by a command, restored without a second order."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.model import OrderState
from tests.cli.counter import Counter, counter_at
from tests.engine.double import LOST

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

A, B = "a@pec.it", "b@pec.it"
OLD = "2020-01-01T00-00-00Z-00aa"


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Give the command line in front of the portal's double, with a mailbox that is due."""
    counter = counter_at(tmp_path, monkeypatch)
    counter.truth.add(A, 20)
    return counter


def keep(counter: Counter, name: str) -> Path:
    """Leave something among the runs."""
    folder = counter.state / "runs" / name
    (folder / "studio-01-timeout").mkdir(parents=True)
    (folder / "report.json").write_text("{}", encoding="utf-8")
    return folder


def test_run_deletes_old_evidence_and_keeps_its_events(counter: Counter) -> None:
    """Issue 6, item 10: by `keep_evidence`; the ledger keeps the run itself, and a look deletes none."""
    counter.write(ledger='keep_evidence = "9 d"')
    first = counter.run("renew", "--json").json["run_id"]
    old = keep(counter, OLD)
    counter.run("list")
    counter.run("plan")
    assert old.exists()
    counter.truth.clock.advance(timedelta(days=10))
    assert counter.run("reconcile").code == 0
    assert [old.exists(), (counter.state / "runs" / first).exists()] == [False, False]
    with counter.ledger() as ledger:
        assert ledger.run(first) is not None
    assert first in counter.run("history").out


def test_run_deletes_the_oldest_evidence_by_size(counter: Counter) -> None:
    """Item 10: by `max_evidence_mb`; the report stays."""
    counter.write(ledger='max_evidence_mb = 1\nkeep_evidence = "36500 d"')
    old = keep(counter, OLD)
    with (old / "studio-01-timeout" / "page.png").open("wb") as file:
        file.truncate(1_000_001)
    assert counter.run("renew").code == 0
    assert [path.name for path in old.iterdir()] == ["report.json"]


def test_name_that_is_no_run_s_is_said_once(counter: Counter) -> None:
    """Item 10: it stays, it is no reason for another exit code, and it is not said every day."""
    keep(counter, "my-notes")
    first, second = counter.run("renew"), counter.run("renew")
    assert (first.code, second.code) == (0, 0)
    assert "it stays: 'my-notes'" in first.err
    assert "my-notes" not in second.err
    assert (counter.state / "runs" / "my-notes").exists()


def test_evidence_that_cannot_be_deleted_is_told(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIL-4: exit 8; the order is what it is."""

    def fail(_path: str) -> None:
        raise PermissionError(13, "Permission denied")

    keep(counter, OLD)
    monkeypatch.setattr(shutil, "rmtree", fail)
    done = counter.run("renew", "--json")
    assert (done.code, done.items()) == (8, {A: ("awaiting-payment", "ordered")})
    assert "Permission denied" in done.err


# -- backups -------------------------------------------------------------------------------------------------------


def test_backup_command_copies_the_ledger_and_never_writes_over_a_file(counter: Counter) -> None:
    """Item 10: private, whole, and said; what is there stays; without a ledger there is nothing to copy."""
    target = counter.home / "ledger.bak"
    assert counter.run("backup", str(target)).code == 78
    assert not target.exists()
    counter.run("renew")
    done = counter.run("backup", str(target))
    assert (done.code, done.err) == (0, "")
    assert "the whole ledger" in done.out
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with closing(sqlite3.connect(target)) as copied:
        assert copied.execute("SELECT address, state FROM renewal").fetchall() == [(A, "awaiting-payment")]
    kept = target.read_bytes()
    again = counter.run("backup", "-q", str(target))
    assert (again.code, again.out) == (78, "")
    assert "File exists" in again.err
    assert target.read_bytes() == kept


def restore(counter: Counter, backup: Path) -> None:
    """Put a backup back, as docs/backup.md says."""
    for name in ("ledger.sqlite3-wal", "ledger.sqlite3-shm"):
        (counter.state / name).unlink(missing_ok=True)
    shutil.copy(backup, counter.state / "ledger.sqlite3")
    os.chmod(counter.state / "ledger.sqlite3", 0o600)  # noqa: PTH101 - as the document has it


def nothing_more(_counter: Counter) -> None:
    """Let the order wait."""


def paid(counter: Counter) -> None:
    """Let it be paid, and the expiry move."""
    counter.truth.pay(counter.truth.orders[-1])


def cancelled(counter: Counter) -> None:
    """Let it be cancelled at the portal."""
    counter.truth.orders[-1].state = OrderState.CANCELLED


def live_orders(counter: Counter, address: str) -> int:
    """Return how many orders of the portal's truth hold the mailbox and are not cancelled."""
    return len(counter.truth.orders_for(address))


@pytest.mark.parametrize(
    ("first", "answer", "meanwhile"),
    [
        ("reconcile", "told", nothing_more),
        ("renew", "lost", nothing_more),
        ("renew", "told", paid),
        ("reconcile", "lost", paid),
    ],
)
def test_ledger_that_knows_less_than_the_portal_orders_nothing_twice(
    counter: Counter, first: str, answer: str, meanwhile: Callable[[Counter], None]
) -> None:
    """DUP-6, item 10: restored from before the order, whatever became of it, with or without `reconcile` first."""
    counter.run("list")
    backup = counter.home / "ledger.bak"
    assert counter.run("backup", str(backup)).code == 0
    if answer == "lost":
        counter.truth.script["answer"] = [LOST]
    counter.run("renew")
    assert live_orders(counter, A) == 1
    meanwhile(counter)
    counter.truth.clock.advance(timedelta(hours=1))
    restore(counter, backup)

    assert counter.run(first).code == 0
    done = counter.run("renew", "--json")
    assert live_orders(counter, A) == 1
    assert counter.truth.clicks == 1
    (said,) = done.items().values()
    assert said == (("skipped", "not-due") if meanwhile is paid else ("awaiting-payment", "waiting"))
    # BLK-3: the first order that this ledger places goes ahead alone, as at a portal where none was ever seen.
    counter.truth.add(B, 20)
    counter.run("list")
    assert counter.run("renew", "--json").items()[B] == ("stopped", "ledger-restored")
    counter.truth.clock.advance(timedelta(minutes=16))
    counter.run("renew")
    assert (live_orders(counter, A), live_orders(counter, B)) == (1, 1)


@pytest.mark.parametrize("meanwhile", [nothing_more, paid, cancelled])
def test_ledger_of_a_moment_when_the_outcome_was_not_known_settles_it(
    counter: Counter, meanwhile: Callable[[Counter], None]
) -> None:
    """DUP-4, item 10: the backup says `unknown`; the portal is asked, and no second order is placed."""
    counter.truth.script["answer"] = [LOST]
    counter.truth.lag = 3
    assert counter.run("renew").code == 5
    backup = counter.home / "ledger.bak"
    counter.run("backup", str(backup))
    counter.truth.orders[-1].hidden_for = 0
    assert counter.run("reconcile").code == 0
    meanwhile(counter)
    restore(counter, backup)
    counter.truth.clock.advance(timedelta(hours=1))
    settled = counter.run("reconcile", "--json").items()[A]
    assert settled[0] == {nothing_more: "awaiting-payment", paid: "renewed", cancelled: "failed"}[meanwhile]
    counter.run("renew")
    assert counter.truth.clicks == 1


def test_order_that_the_list_does_not_show_yet_is_waited_for_by_whoever_restores(counter: Counter) -> None:
    """docs/backup.md: paused until `settle` has passed since the last run, the order is in the list, and is adopted."""
    backup = counter.home / "ledger.bak"
    counter.run("list")
    counter.run("backup", str(backup))
    counter.truth.lag = 3
    counter.run("renew")
    restore(counter, backup)
    assert counter.run("pause", "--reason", "restored").code == 0
    assert counter.run("renew", "--json").items()[A] == ("stopped", "paused")
    counter.truth.clock.advance(timedelta(minutes=16))
    counter.truth.orders[-1].hidden_for = 0
    assert counter.run("reconcile", "--json").items()[A] == ("awaiting-payment", "adopted")
    assert counter.run("resume").code == 0
    counter.run("renew")
    assert (live_orders(counter, A), counter.truth.clicks) == (1, 1)
