"""The database's life: open it privately, one transaction at a time, and say in plain words what went wrong."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import contextmanager
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, Connection, Engine, Select, create_engine, event, func, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from pec_autorenew.errors import LedgerError, NoLedger
from pec_autorenew.ledger import schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

#: PostgreSQL's name of the lock that makes writers wait for each other, as SQLite's BEGIN IMMEDIATE does.
_WRITERS: Final = 0x5045_4341
#: The one that those take who spend what all share.
_SPENDERS: Final = 0x5045_4342
#: And of the locks on single things: two halves, of which the second is the thing.
_THINGS: Final = 0x5045_4354
_WRITE: Final = "pec_autorenew_write"
#: For whoever connects to PostgreSQL: a sum read after a lock was waited for is that of now, however the server is set.
READS_COMMITTED: Final = r"-c default_transaction_isolation=read\ committed"

_SQLITE_SAYS: Final = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it is read-only",
    sqlite3.SQLITE_BUSY: "it is locked by another process",
    sqlite3.SQLITE_LOCKED: "it is locked",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_PERM: "access is denied",
    sqlite3.SQLITE_IOERR: "the disk failed",
    sqlite3.SQLITE_CORRUPT: "it is damaged",
    sqlite3.SQLITE_NOTADB: "it is no SQLite database",
}


class Database:
    """An engine with the two kinds of transaction that the ledger has."""

    def __init__(self, engine: Engine, where: str) -> None:
        self.engine = engine
        #: For messages; without any password.
        self.where = where
        self._process = os.getpid()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite; PostgreSQL otherwise."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the ledger and changes nothing."""
        self._require_same_process()
        with surfacing(self.where), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, about: str = "") -> Iterator[Connection]:
        """Open a transaction that no other writer can overlap; at its end it is on disk, or nothing of it is.

        With `about`, on PostgreSQL only those are kept out that are about the same thing, or about nothing in
        particular: many workers need not wait for each other's disk. For verbs whose rows belong to that thing alone.
        """
        self._require_same_process()
        with (
            surfacing(self.where),
            self.engine.connect().execution_options(**{_WRITE: True}) as connection,
            connection.begin(),
        ):
            if not self.is_sqlite:
                connection.execute(_locked(about))
            yield connection

    def spend_alone(self, connection: Connection) -> None:
        """Keep out, until this transaction ends, whoever else is about to reserve money."""
        if not self.is_sqlite:
            connection.execute(select(func.pg_advisory_xact_lock(_SPENDERS)))

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    def _require_same_process(self) -> None:
        """Refuse a connection inherited by fork: SQLite's locks do not survive it."""
        if os.getpid() != self._process:
            raise LedgerError("The ledger was opened by another process; each process opens its own.")


def open_database(where: str | Path, *, create: bool, patience: timedelta) -> Database:
    """Open the database; a new SQLite file, and the folder made for it, belong to this user alone."""
    url = _url(where)
    shown = url.render_as_string(hide_password=True)
    milliseconds = round(patience.total_seconds() * 1000)
    with surfacing(shown):
        if url.get_backend_name() == "sqlite":
            _prepare_file(url, create=create)
            return Database(_sqlite(url, milliseconds), url.database or shown)
        return Database(_postgresql(url, milliseconds), shown)


def _locked(about: str) -> Select[tuple[None, ...]]:
    """Return what keeps other writers out, until the transaction ends."""
    if not about:
        return select(func.pg_advisory_xact_lock(_WRITERS))
    thing = int.from_bytes(blake2b(about.encode(), digest_size=4).digest(), signed=True)
    return select(func.pg_advisory_xact_lock_shared(_WRITERS), func.pg_advisory_xact_lock(_THINGS, thing))


def conninfo(where: str) -> str:
    """Return a PostgreSQL ledger's address as libpq reads it, its password included. Raises LedgerError for others."""
    url = _url(where)
    if url.get_backend_name() != "postgresql":
        raise LedgerError("Workers share a ledger on PostgreSQL: `[ledger] url` names none.")
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _url(where: str | Path) -> URL:
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(Path(where).expanduser().absolute()))
    with surfacing("address"):
        url = make_url(where)
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite":
        raise LedgerError(f"The ledger lives in SQLite or PostgreSQL, not in {url.get_backend_name()!r}.")
    if url.database in {None, "", ":memory:"}:
        raise LedgerError("The ledger must outlive the process: it cannot be kept in memory.")
    return url


def _prepare_file(url: URL, *, create: bool) -> None:
    if url.query.get("uri"):  # the address itself says how to open: SQLite's own business
        return
    path = Path(url.database or "")
    if path.exists():
        return
    if not create:
        raise NoLedger(f"There is no ledger at {path}.")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # SQLite gives its journal files the mode of this one.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # else a power cut could take the whole file, and every intent in it
    finally:
        os.close(folder)


def _sqlite(url: URL, milliseconds: int) -> Engine:
    engine = create_engine(url, json_serializer=_dumps, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _connected(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        # The driver would begin a transaction late, at the first write: two readers would then become two writers.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {milliseconds}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        immediate = connection.get_execution_options().get(_WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _postgresql(url: URL, milliseconds: int) -> Engine:
    schema.speak_postgresql()
    return create_engine(
        url,
        json_serializer=_dumps,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 10,
            "options": f"-c synchronous_commit=on -c lock_timeout={milliseconds} -c timezone=UTC {READS_COMMITTED}",
        },
    )


_dumps: Final = partial(json.dumps, ensure_ascii=False, allow_nan=False)


@contextmanager
def surfacing(where: str) -> Iterator[None]:
    """Turn whatever the database says into a `LedgerError` that a person can act on (DUP-8)."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError, ModuleNotFoundError) as error:
        raise LedgerError(f"The ledger ({where}) could not be used: {_explain(error)}.") from error


def _explain(error: Exception) -> str:
    origin = getattr(error, "orig", None) or error
    code = getattr(origin, "sqlite_errorcode", None)
    said = (str(origin).strip().splitlines() or [type(origin).__name__])[0].rstrip(".")
    plain = _SQLITE_SAYS.get(code & 0xFF) if isinstance(code, int) else None
    return f"{plain} ({said})" if plain else said
