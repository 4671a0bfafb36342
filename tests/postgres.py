"""A real PostgreSQL server, Debian's, on a free loopback port, with all that it has in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg import sql

from pec_autorenew.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Debian keeps each version's programs in a folder of its own.
PROGRAMS: Final = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
#: An empty ledger, from which each test's is copied.
_TEMPLATE: Final = "template_ledger"
_names = count()


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int

    def address(self, database: str) -> str:
        """Return a database's address, as `[ledger] url` has it."""
        return f"postgresql+psycopg://pec@127.0.0.1:{self.port}/{database}"

    def empty(self) -> str:
        """Make a database with nothing in it, and return its address."""
        return self._made("template0")

    def ledger(self) -> str:
        """Make a database with an empty ledger, and return its address."""
        return self._made(_TEMPLATE)

    def _made(self, template: str) -> str:
        name = f"test_{next(_names)}"
        self.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return self.address(name)

    def execute(self, statement: sql.Composed | sql.SQL) -> None:
        """Have something done that no transaction can hold."""
        with psycopg.connect(f"postgresql://pec@127.0.0.1:{self.port}/postgres", autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """Run a server that no process of it outlives; `durable` waits for the disk, as a server should."""
    assert PROGRAMS is not None
    folder = Path(tempfile.mkdtemp(prefix="pec-pg-", dir="/tmp"))
    data, port = str(folder / "data"), _free_port()
    settings = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}"]
    settings += ["max_connections=200", "shared_buffers=128MB"]
    # A server may be set to isolate more than we ask for: sums would then be those from before a lock was waited for.
    settings += ["default_transaction_isolation='repeatable read'"]
    settings += [] if durable else ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
    options = " ".join(f"-c {one}" for one in settings)
    try:
        shutil.chown(folder, _owner().pw_uid, _owner().pw_gid)
        _do(folder, "initdb", "-D", data, "-U", "pec", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        _do(folder, "pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            server = Server(port)
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
            Ledger.open(server.address(_TEMPLATE)).close()
            yield server
        finally:
            _do(folder, "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _owner() -> pwd.struct_passwd:
    """Return who serves: PostgreSQL refuses to be root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _do(folder: Path, program: str, *arguments: str) -> None:
    """Have one of the server's programs do something, as its owner."""
    assert PROGRAMS is not None
    root = os.geteuid() == 0
    subprocess.run(  # noqa: S603 - Debian's own programs
        [PROGRAMS / program, *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        user=_owner().pw_uid if root else None,
        group=_owner().pw_gid if root else None,
        extra_groups=[] if root else None,
    )


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port
