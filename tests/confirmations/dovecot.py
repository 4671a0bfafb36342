"""A real IMAP server, Debian's Dovecot, on a free loopback port, with all that it has in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from base64 import b64encode
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import psutil

from tests.processes import is_alive

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM: Final = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
USER: Final = "studio@posta.example"
PASSWORD: Final = "S3gret0-posta"
#: When mails come, unless a test says otherwise: the server searches by the day on which they came.
AT: Final = datetime(2026, 12, 1, 8, 31, tzinfo=UTC)
_START_S: Final = 30.0

_CONFIG: Final = """\
base_dir = {root}/run
state_dir = {root}/run
log_path = {root}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = {tls}
{certificate}
disable_plaintext_auth = no
mail_location = maildir:{root}/Maildir
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 100
passdb {{
  driver = passwd-file
  args = scheme=SHA256 {root}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
"""


@dataclass(frozen=True)
class Server:
    """A running server, with one mailbox."""

    root: Path
    port: int
    tls_port: int
    process: subprocess.Popen[bytes]

    def put(self, content: bytes, at: datetime = AT) -> None:
        """Put a mail that nobody has seen into INBOX, as it came at an instant."""
        # A name never comes again: the server remembers what had it before.
        path = self.root / "Maildir" / "new" / f"{len(self.mails())}.{uuid4().hex}"
        path.write_bytes(content)
        path.chmod(0o666)
        os.utime(path, (at.timestamp(), at.timestamp()))

    def empty(self) -> None:
        """Take all mails away."""
        for kind in ("new", "cur"):
            for mail in (self.root / "Maildir" / kind).iterdir():
                mail.unlink()

    def mails(self) -> list[str]:
        """Return the names of the mails that are there, with their flags, wherever they lie."""
        return sorted(one.name for kind in ("new", "cur") for one in (self.root / "Maildir" / kind).iterdir())

    def flags(self) -> set[str]:
        """Return the flags that any mail has: after «:2,» in its name."""
        return {flag for name in self.mails() for flag in name.partition(":2,")[2]}

    def log(self) -> str:
        """Return what the server wrote."""
        return (self.root / "dovecot.log").read_text("utf-8", "replace")

    def family(self) -> list[psutil.Process]:
        """Return the server's first process, and after it those that this has started."""
        first = psutil.Process(self.process.pid)
        return [first, *first.children(recursive=True)]


def version() -> str:
    """Return the server's version; "" where there is none."""
    if PROGRAM is None:
        return ""
    return subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603


@contextmanager
def running(certificate: tuple[Path, Path] | None = None) -> Iterator[Server]:
    """Run a server; with a certificate and its key, both kinds of TLS. None of its processes outlives this."""
    assert PROGRAM is not None
    root_starts = os.geteuid() == 0  # and does not serve: IMAP is nobody's business
    owner = pwd.getpwnam("nobody") if root_starts else pwd.getpwuid(os.geteuid())
    root = Path(tempfile.mkdtemp(prefix="pec-imap-"))
    try:
        port, tls_port = _free_ports()
        _furnish(root, port, tls_port if certificate else 0, owner, certificate)
        process = subprocess.Popen(  # noqa: S603 - Debian's own program
            [PROGRAM, "-F", "-c", str(root / "dovecot.conf")],
            start_new_session=True,
            user=owner.pw_uid if root_starts else None,
            group=owner.pw_gid if root_starts else None,
            extra_groups=[] if root_starts else None,
        )
        server = Server(root, port, tls_port, process)
        try:
            _wait_for(server)
            yield server
        finally:
            _stop(process)
    finally:
        shutil.rmtree(root)


def _furnish(
    root: Path, port: int, tls_port: int, owner: pwd.struct_passwd, certificate: tuple[Path, Path] | None
) -> None:
    for folder in ("run", "Maildir", "Maildir/new", "Maildir/cur", "Maildir/tmp"):
        (root / folder).mkdir()
    hashed = b64encode(sha256(PASSWORD.encode()).digest()).decode()
    (root / "users").write_text(f"{USER}:{hashed}\n")
    lines = ""
    if certificate is not None:
        for one in certificate:
            shutil.copy(one, root / one.name)
        lines = f"ssl_cert = <{root / certificate[0].name}\nssl_key = <{root / certificate[1].name}"
    config = _CONFIG.format(
        root=root,
        port=port,
        tls_port=tls_port,
        tls="yes" if certificate else "no",
        certificate=lines,
        user=owner.pw_name,
        group=_group_of(owner),
        uid=owner.pw_uid,
        gid=owner.pw_gid,
    )
    (root / "dovecot.conf").write_text(config)
    if os.geteuid() == 0:
        for path in (root, *root.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid)


def _group_of(owner: pwd.struct_passwd) -> str:
    import grp

    return grp.getgrgid(owner.pw_gid).gr_name


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _wait_for(server: Server) -> None:
    """Wait until the server greets; the connection is refused at once while it does not listen."""
    end = time.monotonic() + _START_S
    while time.monotonic() < end and server.process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=_START_S) as line:
                assert line.recv(4) == b"* OK"
                return
        except ConnectionRefusedError:
            continue
    raise AssertionError(f"the IMAP server did not start: {server.log()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server and whatever it has started; asked politely, it takes seconds."""
    children: list[psutil.Process] = []
    if process.poll() is None:
        process.send_signal(signal.SIGSTOP)  # it starts nothing more after its children were counted
        children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait(_START_S)
    for one in children:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    end = time.monotonic() + _START_S
    while time.monotonic() < end and any(is_alive(one) for one in children):
        pass  # killed as they are, it takes no time
