"""DUP-8: a ledger that cannot be written says so, and nothing is half written."""

from __future__ import annotations

import os
import sqlite3
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import StatementError

from pec_autorenew.errors import LedgerError
from pec_autorenew.ledger import Ledger, month_of, origin, schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pec_autorenew.ledger import Budget, Submission


def test_submit_on_a_read_only_ledger_is_refused(
    path: Path, portal: str, now: datetime, ample: Budget, order: Callable[..., Submission]
) -> None:
    """Read-only, the ledger can be read, and whatever would write raises `LedgerError`."""
    with Ledger.open(path) as writable:
        writable.start_run("run-1", "renew", "live", portal, now)

    with Ledger.open(f"sqlite:///file:{path}?mode=ro&uri=true") as ledger:
        assert [run.id for run in ledger.runs()] == ["run-1"]
        with pytest.raises(LedgerError, match="read-only"):
            ledger.submit(portal, order(), ample, now, "run-1")


def test_submit_on_a_full_disk_is_refused_and_nothing_is_written(
    path: Path, portal: str, now: datetime, ample: Budget, order: Callable[..., Submission]
) -> None:
    """When the disk is full there is no intent, so there is no click; with room again there is."""
    with Ledger.open(path) as ledger:
        ledger.start_run("run-1", "renew", "live", portal, now)
        with ledger._database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(LedgerError, match="disk is full"):
            ledger.submit(portal, order(form={"text": "x" * 100_000}), ample, now, "run-1")
        assert (ledger.renewals(), ledger.events()) == ((), ())

        with ledger._database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        assert ledger.submit(portal, order(form={"text": "x" * 100_000}), ample, now, "run-1")


def test_submit_while_somebody_keeps_writing_is_refused(
    path: Path, portal: str, now: datetime, ample: Budget, order: Callable[..., Submission]
) -> None:
    """Patience has an end: a ledger that stays locked is an error, not a hang."""
    with Ledger.open(path, patience=timedelta(milliseconds=10)) as ledger:
        ledger.start_run("run-1", "renew", "live", portal, now)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match="locked by another process"):
            ledger.submit(portal, order(), ample, now, "run-1")
        assert ledger.renewals() == ()
        other.execute("ROLLBACK")
        other.close()
        assert ledger.submit(portal, order(), ample, now, "run-1")


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("mysql://host/base", "not in 'mysql'"),
        ("sqlite://", "memory"),
        ("sqlite:///:memory:", "memory"),
        ("/proc/no/such/ledger.db", "No such file"),
        ("nonsense://", "nonsense"),
    ],
)
def test_open_impossible_place_is_refused(where: str, says: str) -> None:
    """A ledger that cannot be, or would not last, is refused in plain words."""
    with pytest.raises(LedgerError, match=says):
        Ledger.open(where)


def test_open_damaged_file_is_refused(tmp_path: Path) -> None:
    """A file that is no database is refused and stays as it is."""
    path = tmp_path / "ledger.db"
    path.write_bytes(b"not a database, and longer than a header of one hundred bytes " * 4)
    before = path.read_bytes()

    with pytest.raises(LedgerError, match="no SQLite database"):
        Ledger.open(path)

    assert path.read_bytes() == before


def test_error_of_the_database_shows_no_values(path: Path, now: datetime) -> None:
    """SEC-1: neither a statement's values nor an address's password get into a message."""
    with Ledger.open(path) as ledger, pytest.raises(LedgerError) as refused:
        ledger.note("x", now, run_id="no-such-run", facts={"marker": "s3cret"})
    with pytest.raises(LedgerError) as unreachable:
        Ledger.open("postgresql://user:s3cret@127.0.0.1:9/base")

    told = f"{refused.value}{refused.value.__cause__}{unreachable.value}{unreachable.value.__cause__}"
    assert "s3cret" not in told


def test_verb_facts_that_json_cannot_hold_are_refused(path: Path, now: datetime) -> None:
    """A value that could not be read back is refused before anything is written."""
    with Ledger.open(path) as ledger:
        for value in (float("nan"), object()):
            with pytest.raises(LedgerError):
                ledger.note("x", now, facts={"value": value})
        assert ledger.events() == ()


def test_verb_naive_datetime_is_refused(
    ledger: Ledger, portal: str, ample: Budget, order: Callable[..., Submission]
) -> None:
    """TIM-1: a naive datetime is no instant, whichever verb gets it, and past the verbs as well."""
    naive = datetime(2026, 12, 1, 8)  # noqa: DTZ001 - the point of the test
    for verb in (
        lambda: ledger.submit(portal, order(), ample, naive, "run-1"),
        lambda: ledger.note("x", naive),
        lambda: ledger.claim(portal, "studio", "me", naive, timedelta(minutes=1)),
        lambda: ledger.start_run("run-3", "renew", "live", portal, naive),
        lambda: month_of(naive),
    ):
        with pytest.raises(LedgerError, match="naive"):
            verb()

    with pytest.raises(StatementError, match="naive"), ledger._database.engine.begin() as connection:
        connection.execute(insert(schema.flag), {"key": "x", "value": "y", "at": naive})


def test_verb_in_a_forked_process_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's locks do not survive a fork: each process opens its own."""
    with Ledger.open(path) as ledger:
        monkeypatch.setattr(os, "getpid", lambda: -1)
        with pytest.raises(LedgerError, match="another process"):
            ledger.runs()
        monkeypatch.undo()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://areaclienti.pec.it/", "https://areaclienti.pec.it"),
        ("HTTPS://AreaClienti.PEC.it:443/Home?x=1", "https://areaclienti.pec.it"),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123"),
        ("http://localhost:80/", "http://localhost"),
        ("http://[::1]:8123/", "http://[::1]:8123"),
    ],
)
def test_origin_of_any_spelling_is_one(address: str, expected: str) -> None:
    """DUP-9: one portal has one name, however the configuration spells it."""
    assert origin(address) == expected


@pytest.mark.parametrize("address", ["", "areaclienti.pec.it", "ftp://pec.it", "https://", "https://pec.it:x"])
def test_origin_of_no_web_address_is_refused(address: str) -> None:
    """What is no address of a portal is refused, not kept as a second identity."""
    with pytest.raises(LedgerError):
        origin(address)


def test_amounts_are_kept_in_cents(
    ledger: Ledger, portal: str, now: datetime, ample: Budget, order: Callable[..., Submission]
) -> None:
    """Money is whole cents in the table and `Decimal` with two places outside."""
    ledger.submit(portal, order(order_gross=Decimal("30.5")), ample, now, "run-1")

    with ledger._database.reading() as connection:
        assert connection.exec_driver_sql("SELECT order_gross_cents FROM renewal").scalar() == 3050
    assert str(ledger.renewals()[0].order_gross) == "30.50"


def test_examination_of_a_read_only_ledger_fails(path: Path) -> None:
    """ENV-1: a ledger that takes no entry is found before a run needs one."""
    with (
        Ledger.open(f"sqlite:///file:{path}?mode=ro&uri=true") as ledger,
        pytest.raises(LedgerError, match="read-only"),
    ):
        ledger.examine()


def test_examination_finds_a_page_that_was_overwritten(path: Path, portal: str, now: datetime) -> None:
    """ENV-1: damage in a place that nobody has read yet is found, in SQLite's words."""
    with Ledger.open(path) as ledger:
        for number in range(200):
            ledger.start_run(f"run-{number}", "renew", "live", portal, now, {"text": "x" * 500})
    with sqlite3.connect(path) as connection:
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'run'").fetchone()[0]
    connection.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * size + size // 2)
        file.write(b"\xff" * (size // 2))
    with Ledger.open(path) as ledger:
        found = ledger.examine()
    assert found
    assert len(found) <= 3
