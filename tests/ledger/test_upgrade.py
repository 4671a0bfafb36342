"""A ledger of an earlier version is copied, then brought forward; what fails on the way leaves it as it was."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command, op
from alembic.config import Config
from sqlalchemy import create_engine

from pec_autorenew.errors import LedgerError
from pec_autorenew.ledger import Ledger, copying, migrate, schema
from pec_autorenew.states import RenewalState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pec_autorenew.ledger import Renewal

OLDER = schema.SCHEMA_VERSIONS[:-1]
NEWEST = schema.SCHEMA_VERSIONS[-1]


def of_version(path: Path, template: Path, version: str) -> Path:
    """Build a ledger of an earlier version: its own schema, and rows in each table that it has."""
    engine = create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(migrate.__file__).replace("migrate.py", "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    engine.dispose()
    with closing(sqlite3.connect(path)) as old:
        old.execute("PRAGMA journal_mode = WAL")
        old.execute(f"ATTACH '{template}' AS new")
        tables = [name for (name,) in old.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table != "alembic_version":
                names = ", ".join(row[1] for row in old.execute(f"PRAGMA main.table_info({table})"))
                old.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM new.{table}")  # noqa: S608 - ours
        old.commit()
    return path


@pytest.fixture
def full(path: Path, now: datetime, brought_to: Callable[[RenewalState], Renewal], ledger: Ledger) -> Path:
    """Return a ledger of this version with a row of each kind."""
    if not ledger._database.is_sqlite:
        pytest.skip("PostgreSQL is not copied: docs/backup.md")
    renewal = brought_to(RenewalState.AWAITING_PAYMENT)
    ledger.set_flag("pause", "a reason", now)
    ledger.claim(renewal.portal, "studio", "somebody", now, datetime(2026, 12, 2, tzinfo=UTC) - now)
    ledger.record_sign_in(renewal.portal, "studio", now, ok=True, reason="typed")
    return path


def folder_for(tmp_path: Path) -> Path:
    """Return an empty folder for the older ledger."""
    folder = tmp_path / "old"
    folder.mkdir()
    return folder


def rows(path: Path) -> dict[str, list[Any]]:
    """Return all rows of all tables, but the version."""
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {name: connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in names}  # noqa: S608
    del found["alembic_version"]
    return {name: held for name, held in found.items() if held}


def version(path: Path) -> str:
    """Return the version that the file says."""
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def copies(path: Path) -> list[Path]:
    """Return what lies beside the ledger and is none of its own files."""
    own = {path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}.lock"}
    return sorted(one for one in path.parent.iterdir() if one.name not in own)


@pytest.mark.parametrize("older", OLDER)
def test_open_older_ledger_is_copied_and_brought_forward(tmp_path: Path, full: Path, older: str) -> None:
    """Issue 6, item 11: every row is there afterwards, the copy is the old ledger, and only this user can read it."""
    path = of_version(folder_for(tmp_path) / "ledger.db", full, older)
    before = rows(path)
    assert {"run", "renewal", "event", "flag", "claim", "sign_in"} <= before.keys()

    with Ledger.open(path) as ledger:
        (renewal,) = ledger.renewals()
        assert renewal.state is RenewalState.AWAITING_PAYMENT
        assert ledger.spent_in_month("2026-12") == renewal.order_gross
    assert (version(path), rows(path)) == (NEWEST, before)

    (copied,) = copies(path)
    assert copied.name == f"ledger.db.{older}-before-{NEWEST}.bak"
    assert stat.S_IMODE(copied.stat().st_mode) == 0o600
    assert (version(copied), rows(copied)) == (older, before)

    kept = copied.read_bytes()
    Ledger.open(path).close()
    assert [one.name for one in copies(path) if not one.name.startswith(copied.name + "-")] == [copied.name]
    assert copied.read_bytes() == kept


def test_copy_of_the_older_ledger_can_be_put_back_and_upgraded_again(tmp_path: Path, full: Path) -> None:
    """Item 11: that is what it is for."""
    path = of_version(folder_for(tmp_path) / "ledger.db", full, OLDER[-1])
    before = rows(path)
    Ledger.open(path).close()
    (copied,) = copies(path)
    shutil.copy(copied, path)
    Ledger.open(path).close()
    assert (version(path), rows(path)) == (NEWEST, before)


def test_new_and_current_ledgers_are_not_copied(tmp_path: Path) -> None:
    """Item 11: there is nothing to lose."""
    folder = tmp_path / "new"
    Ledger.open(folder / "ledger.db").close()
    Ledger.open(folder / "ledger.db").close()
    assert copies(folder / "ledger.db") == []


def test_without_a_copy_nothing_is_migrated(tmp_path: Path, full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Item 11: on a full disk the older ledger stays as it is, and nothing half copied is left."""
    path = of_version(folder_for(tmp_path) / "ledger.db", full, OLDER[-1])
    before = rows(path)
    connect = sqlite3.connect

    def small_disk(where: Any, **options: Any) -> sqlite3.Connection:  # noqa: ANN401 - as the real one's
        connection: sqlite3.Connection = connect(where, **options)
        connection.execute("PRAGMA max_page_count = 2")
        return connection

    monkeypatch.setattr(sqlite3, "connect", small_disk)
    with pytest.raises(LedgerError, match="disk is full"):
        Ledger.open(path)
    monkeypatch.undo()
    assert (version(path), rows(path), copies(path)) == (OLDER[-1], before, [])
    Ledger.open(path).close()
    assert version(path) == NEWEST


def test_copy_that_is_damaged_is_none(tmp_path: Path, full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Item 11: it is read through before anything is changed."""
    path = of_version(folder_for(tmp_path) / "ledger.db", full, OLDER[-1])
    sync = copying._require_whole

    def spoil(part: Path) -> None:
        data = bytearray(part.read_bytes())
        data[4096:8192] = b"\xff" * 4096
        part.write_bytes(data)
        sync(part)

    monkeypatch.setattr(copying, "_require_whole", spoil)
    with pytest.raises(LedgerError, match=r"damaged|malformed"):
        Ledger.open(path)
    assert (version(path), copies(path)) == (OLDER[-1], [])


def test_migration_that_fails_leaves_the_older_ledger_usable(
    tmp_path: Path, full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Item 11: one transaction; tables that were added are gone, and the next attempt succeeds."""
    path = of_version(folder_for(tmp_path) / "ledger.db", full, OLDER[0])
    before = rows(path)

    def fail(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("the disk failed")

    monkeypatch.setattr(op, "create_index", fail)
    with pytest.raises(LedgerError, match="the disk failed"):
        Ledger.open(path)
    monkeypatch.undo()
    assert (version(path), rows(path)) == (OLDER[0], before)
    with closing(sqlite3.connect(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert "request" not in tables
    Ledger.open(path).close()
    assert (version(path), rows(path)) == (NEWEST, before)


def test_open_ledger_of_a_newer_version_leaves_the_file_untouched(path: Path) -> None:
    """Item 11: refused in plain words; not a byte is changed, nothing is copied."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(LedgerError, match=r"schema 9999.*newer version wrote it. Upgrade pec-autorenew"):
        Ledger.open(path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert copies(path) == []


# -- backups -------------------------------------------------------------------------------------------------------


def test_backup_is_whole_private_and_never_written_over(full: Path, ledger: Ledger, tmp_path: Path) -> None:
    """Issue 6, item 10: what stands in the write-ahead log is in it, too, and what somebody just wrote is not lost."""
    target = tmp_path / "backup" / "ledger.bak"
    target.parent.mkdir()
    ledger.set_flag("written", "last", datetime(2026, 12, 1, tzinfo=UTC))
    ledger.back_up(target)
    assert [one.name for one in target.parent.iterdir()] == ["ledger.bak"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert rows(target) == rows(full)
    assert "written" in json.dumps(rows(target)["flag"])
    kept = target.read_bytes()
    with pytest.raises(LedgerError, match="File exists"):
        ledger.back_up(target)
    assert target.read_bytes() == kept
    with pytest.raises(LedgerError, match="No such file"):
        ledger.back_up(tmp_path / "nowhere" / "ledger.bak")


def test_backup_that_fails_leaves_no_file(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Item 10: an empty file is no backup."""

    def fail(_part: Path) -> None:
        raise LedgerError("damaged")

    monkeypatch.setattr(copying, "_require_whole", fail)
    target = tmp_path / "backup" / "ledger.bak"
    target.parent.mkdir()
    with Ledger.open(path) as ledger, pytest.raises(LedgerError, match="damaged"):
        ledger.back_up(target)
    assert list(target.parent.iterdir()) == []
