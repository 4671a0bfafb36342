"""The schema, its migrations, and the file that holds it."""

from __future__ import annotations

import re
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, insert, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateIndex

from pec_autorenew.errors import LedgerError
from pec_autorenew.ledger import Ledger, migrate, schema
from pec_autorenew.states import LIVE, RenewalState

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

ROOT = Path(__file__).parents[2]


def _statements(path: Path) -> set[str]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'")
        statements = {re.sub(r"\s+", " ", sql) for (sql,) in rows}
    connection.close()
    return statements


def test_migrations_from_nothing_build_exactly_the_metadata(template: Path, tmp_path: Path) -> None:
    """What the migrations build is, word by word, what the metadata says."""
    direct = tmp_path / "direct.db"
    engine = create_engine(f"sqlite:///{direct}")
    schema.metadata.create_all(engine)
    engine.dispose()

    assert _statements(template) == _statements(direct)


def test_migrations_autogenerate_finds_nothing_to_do(ledger: Ledger) -> None:
    """Alembic itself sees no difference, on each database."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with ledger._database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []


def test_migrations_last_step_is_the_version_that_open_checks() -> None:
    """The versions that the one SELECT is compared with are those of the migrations, in their order."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(ROOT / "pec_autorenew/ledger/migrations"))
    steps = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]

    assert tuple(reversed(steps)) == schema.SCHEMA_VERSIONS


def test_open_ledger_of_a_newer_version_is_refused(path: Path) -> None:
    """A ledger that a newer version wrote is not touched."""
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    with pytest.raises(LedgerError, match=r"9999.*newer"):
        Ledger.open(path)


def test_open_somebody_elses_database_is_refused(tmp_path: Path) -> None:
    """A database with other tables is no ledger, and stays as it is."""
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (title)")
    connection.close()

    with pytest.raises(LedgerError, match="no ledger"):
        Ledger.open(path)

    assert _statements(path) == {"CREATE TABLE songs (title)"}


def test_open_without_creating_missing_ledger_is_refused(tmp_path: Path) -> None:
    """`check` and `history` do not make a ledger, neither from nothing nor from an empty file."""
    path = tmp_path / "none.db"
    with pytest.raises(LedgerError, match="no ledger"):
        Ledger.open(path, create=False)
    assert not path.exists()

    path.touch()
    with pytest.raises(LedgerError, match="no ledger"):
        Ledger.open(path, create=False)


def test_open_new_ledger_is_private(tmp_path: Path) -> None:
    """The new folder is 0700; the ledger and the journals beside it are 0600."""
    path = tmp_path / "state" / "ledger.db"

    with Ledger.open(path):
        files = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.iterdir()}

    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {"ledger.db", "ledger.db-wal", "ledger.db-shm"} <= files.keys()
    assert set(files.values()) == {0o600}


def test_open_sqlite_is_durable_and_strict(path: Path) -> None:
    """DUP-1: write-ahead log, synced at each commit; foreign keys are looked at; writers wait for each other."""
    with Ledger.open(path) as ledger, ledger._database.engine.connect() as connection:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert found == ["wal", 2, 1, 15_000]


def test_open_by_many_at_once_migrates_once(tmp_path: Path) -> None:
    """Whoever comes first builds the ledger; the others wait and find it."""
    path = tmp_path / "ledger.db"

    with ThreadPoolExecutor(8) as pool:
        for opened in pool.map(lambda _: Ledger.open(path), range(8)):
            assert opened.runs() == ()
            opened.close()


def test_open_while_somebody_builds_it_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LCK-1: the ledger may come between the look for its version and the look for its tables."""
    path, look = tmp_path / "ledger.db", inspect

    def built_meanwhile(connection: Connection) -> object:
        monkeypatch.setattr(migrate, "inspect", look)
        Ledger.open(path).close()
        return look(connection)

    monkeypatch.setattr(migrate, "inspect", built_meanwhile)
    with Ledger.open(path) as opened:
        assert opened.runs() == ()


@pytest.mark.parametrize("state", sorted(RenewalState))
def test_index_second_row_from_another_connection_is_refused_while_live(
    ledger: Ledger, where: str, now: datetime, state: RenewalState
) -> None:
    """DUP-7: past all verbs, the database itself holds one live row per identity."""
    row = {
        "portal": "https://areaclienti.pec.it",
        "account": "studio",
        "address": "studio@pec.it",
        "expiry": now.date(),
        "state": state.value,
        "reason": "",
        "message": "",
        "order_numbers_before": [],
        "client": "",
        "form": {},
        "order_group": "click",
        "counts": False,
        "created_at": now,
        "updated_at": now,
    }
    with Ledger.open(where) as other:
        with ledger._database.engine.begin() as connection:
            connection.execute(insert(schema.renewal), row)
        if state in LIVE:
            with pytest.raises(IntegrityError), other._database.engine.begin() as connection:
                connection.execute(insert(schema.renewal), row)
        else:
            with other._database.engine.begin() as connection:
                connection.execute(insert(schema.renewal), row)

    assert len(ledger.renewals()) == (1 if state in LIVE else 2)


def test_index_on_postgresql_is_partial_too() -> None:
    """The same condition stands in PostgreSQL's statement."""
    schema.speak_postgresql()
    statement = str(CreateIndex(schema.one_live_renewal).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]

    assert "CREATE UNIQUE INDEX uq_renewal_live ON renewal (portal, address, expiry) WHERE state IN" in statement
    assert all(f"'{state}'" in statement for state in LIVE)


def test_import_package_loads_no_sqlalchemy_and_open_loads_no_alembic(path: Path) -> None:
    """Start-up stays cheap: the package without SQLAlchemy, an up-to-date ledger without alembic."""
    program = (
        "import sys, pec_autorenew.ledger as ledger; print('sqlalchemy' in sys.modules); "
        "ledger.Ledger.open(sys.argv[1]).close(); print('alembic' in sys.modules)"
    )

    said = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", program, str(path)], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout

    assert said.split() == ["False", "False"]


def test_package_unknown_name_is_an_attribute_error() -> None:
    """Loading lazily hides no typing errors."""
    import pec_autorenew.ledger as package

    with pytest.raises(AttributeError, match="Leger"):
        _ = package.Leger
