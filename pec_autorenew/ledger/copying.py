"""Copies of an SQLite ledger: whole, of this user's alone, and on disk before they bear their name."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pec_autorenew.errors import LedgerError
from pec_autorenew.ledger.database import surfacing

if TYPE_CHECKING:
    from pec_autorenew.ledger.database import Database


def file_of(database: Database) -> Path:
    """Return where the ledger is, however its address was written."""
    with surfacing(database.where), database.engine.connect() as connection:
        rows = connection.exec_driver_sql("PRAGMA database_list")
        return Path(next(str(row.file) for row in rows if row.name == "main"))


def copy(database: Database, target: Path) -> None:
    """Write the ledger as it stands into `target`, in the place of what may be there. Raises LedgerError.

    By SQLite's own backup: others may read and write meanwhile, and the write-ahead log is in it, too.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        with surfacing(str(target)):
            part.unlink(missing_ok=True)
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            with database.engine.connect() as source, closing(sqlite3.connect(part)) as copied:
                driver = source.connection.driver_connection
                assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - the caller knows that it is SQLite
                driver.backup(copied)
            _require_whole(part)
            _sync(part)
            part.replace(target)
            _sync(target.parent)
    except LedgerError:
        with suppress(OSError):  # the first error is the one that counts
            part.unlink(missing_ok=True)
        raise


def back_up(database: Database, target: Path) -> None:
    """Write the ledger into a new file. Raises LedgerError, also where there is one already."""
    if not database.is_sqlite:
        raise LedgerError(f"The ledger ({database.where}) is in PostgreSQL: `pg_dump` makes its backups.")
    with surfacing(str(target)):
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        copy(database, target)
    except LedgerError:
        with suppress(OSError):
            target.unlink()
        raise


def _require_whole(part: Path) -> None:
    """Let SQLite read every page of the copy; nothing is written beside it."""
    with closing(sqlite3.connect(f"{part.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as copied:
        (said,) = copied.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        raise LedgerError(f"The copy {part} is damaged: {said}.")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
