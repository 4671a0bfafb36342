"""Real servers on loopback: one that takes HTTP, one that takes mail; and secrets that lead to them."""

from __future__ import annotations

import email
import json
import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

#: In the path of an address as its token, and as a mail server's password (SEC-1).
TOKEN: Final = "S3gret0-Gettone-61"
PASSWORD: Final = "S3gret0-Posta-62"


@dataclass
class Receiver:
    """Takes what is sent to it, and answers as a test says."""

    server: ThreadingHTTPServer
    requests: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    status: int = 200
    #: Set, at the end; a server that hangs waits for it, and says that somebody has come.
    hang: bool = False
    called: Event = field(default_factory=Event)
    released: Event = field(default_factory=Event)

    @property
    def netloc(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server.server_address[1]}"

    @property
    def channel(self) -> str:
        """An address as Apprise writes it, with a token."""
        return f"json://{self.netloc}/{TOKEN}"

    @property
    def ping_url(self) -> str:
        """An address of a dead-man service, with a token."""
        return f"http://{self.netloc}/ping/{TOKEN}"

    @property
    def pings(self) -> list[str]:
        """What was pinged, in this order: what stands behind the token."""
        return [path.partition(TOKEN)[2] for method, path, _ in self.requests if method == "GET"]

    @property
    def messages(self) -> list[tuple[str, str, str]]:
        """Severity, title and text of what was posted."""
        return [(one["type"], one["title"], one["message"]) for method, _, one in self.requests if method == "POST"]


def closed_port() -> int:
    """Return a port of loopback at which nobody listens."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Serve on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._take({})

        def do_POST(self) -> None:
            self._take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _take(self, content: dict[str, Any]) -> None:
            receiver.requests.append((self.command, self.path, content))
            receiver.called.set()
            if receiver.hang:
                receiver.released.wait()
                return
            self.send_response(receiver.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(server)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


EXIM: Final = "/usr/sbin/exim4"
_EXIM_CONFIGURATION: Final = """\
primary_hostname = posta.prova.example
spool_directory = {folder}/spool
log_file_path = {folder}/log_%s
pid_file_path = {folder}/pid
exim_path = {exim}
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_advertise_hosts =
auth_advertise_hosts = *
host_lookup =
rfc1413_hosts =
keep_environment =
queue_only = true
domainlist local_domains = prova.example
acl_smtp_rcpt = recipients
begin acl
recipients:
  accept authenticated = *
         domains = +local_domains
  deny message = nobody here
begin routers
everybody:
  driver = accept
  transport = folder
begin transports
folder:
  driver = appendfile
  directory = {folder}/mail
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{pec}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""


@dataclass(frozen=True)
class MailServer:
    """Debian's Exim with a configuration of its own: takes mail from who is known, and puts it into a folder."""

    folder: Path
    port: int

    def channel(self, password: str = PASSWORD) -> str:
        """Return an address as Apprise writes it."""
        return f"mailto://pec:{password}@127.0.0.1:{self.port}/?from=pec@prova.example&to=studio@prova.example"

    def delivered(self) -> list[EmailMessage]:
        """Deliver what waits, and return what has arrived."""
        command = [EXIM, "-C", str(self.folder / "exim.conf"), "-q"]
        subprocess.run(command, check=True, capture_output=True, timeout=30)  # noqa: S603 - Debian's own
        found = sorted((self.folder / "mail").glob("*"), key=lambda path: path.stat().st_mtime_ns)
        return [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]


def why_no_mail() -> str:
    """Return why there can be no mail server on this machine, or ""."""
    if not Path(EXIM).exists():
        return "there is no Exim (Debian: exim4-daemon-light)"
    return "" if os.geteuid() == 0 else "Exim delivers nothing unless root starts it"


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Start Exim on a free port, in a folder that its own user can get to."""
    folder = Path(tempfile.mkdtemp(prefix="pec-exim-", dir="/tmp"))
    port = closed_port()
    for name in ("spool", "mail"):
        (folder / name).mkdir()
    text = _EXIM_CONFIGURATION.format(folder=folder, port=port, exim=EXIM, password=PASSWORD)
    (folder / "exim.conf").write_text(text, encoding="utf-8")
    for path in (folder, *folder.glob("*/")):
        shutil.chown(path, "Debian-exim")
    process = subprocess.Popen(  # noqa: S603 - Debian's own
        [EXIM, "-C", str(folder / "exim.conf"), "-bdf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_it_listens(port, process)
        yield MailServer(folder, port)
    finally:
        process.terminate()
        process.wait(timeout=10)
        shutil.rmtree(folder)


def _wait_until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(400):
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        try:
            process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"Exim ended with {process.returncode}")
    raise AssertionError("Exim does not listen")
