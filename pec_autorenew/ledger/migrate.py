"""Bring the schema up to date, an SQLite ledger after a copy of it.

One SELECT when there is nothing to do: alembic is imported only to migrate.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from pec_autorenew.errors import LedgerError, NoLedger
from pec_autorenew.ledger.copying import copy, file_of
from pec_autorenew.ledger.database import surfacing
from pec_autorenew.ledger.schema import SCHEMA_VERSIONS

if TYPE_CHECKING:
    from pec_autorenew.ledger.database import Database


def bring_up_to_date(database: Database, *, create: bool) -> None:
    """Check the schema's version; migrate an older or new ledger; refuse one that a newer version wrote."""
    found = _version(database)
    if found == SCHEMA_VERSIONS[-1]:
        return
    if found is None and not create:
        raise NoLedger(f"There is no ledger in {database.where}.")
    _require_known(found, database.where)
    if not database.is_sqlite:
        _migrate(database)
        return
    from filelock import FileLock

    with surfacing(database.where), FileLock(f"{database.engine.url.database}.lock", timeout=60, mode=0o600):
        # Readers go on while somebody writes. It is kept in the file, so it is set once.
        with database.engine.connect() as connection:
            connection.connection.cursor().execute("PRAGMA journal_mode = WAL").close()
        _migrate(database)


def _version(database: Database) -> str | None:
    try:
        return _version_written(database)
    except LedgerError as error:
        if not isinstance(error.__cause__, OperationalError | ProgrammingError):
            raise
        with database.reading() as connection:
            tables = inspect(connection).get_table_names()
        if "alembic_version" in tables:  # by now: somebody else has just built the ledger
            return _version_written(database)
        if tables:
            raise LedgerError(f"{database.where} is no ledger: it holds other tables.") from error
        return None


def _version_written(database: Database) -> str | None:
    with database.reading() as connection:
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def _require_known(found: str | None, where: str) -> None:
    if found is not None and found not in SCHEMA_VERSIONS:
        raise LedgerError(
            f"The ledger ({where}) has schema {found}, which this version does not know "
            f"(it knows up to {SCHEMA_VERSIONS[-1]}): a newer version wrote it. Upgrade pec-autorenew."
        )


def _migrate(database: Database) -> None:
    """Run the migrations in one transaction; whoever waited for another migration finds nothing to do."""
    with database.writing() as connection:
        if database.is_sqlite:
            _keep_copy(database)  # as nobody can change it any more
        upgrade(connection)


def _keep_copy(database: Database) -> None:
    """Copy an older ledger before it is changed, beside it; without a copy, it is not changed."""
    found = _version(database)
    if found not in {None, SCHEMA_VERSIONS[-1]}:
        path = file_of(database)
        copy(database, path.with_name(f"{path.name}.{found}-before-{SCHEMA_VERSIONS[-1]}.bak"))


def upgrade(connection: Connection) -> None:
    """Run what is missing on this connection, inside its transaction."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise LedgerError(f"The ledger's schema could not be brought up to date: {error}.") from error
