"""An ordinary mailbox, read by IMAP: opened read-only, nothing marked, moved or deleted, and never for long.

What the headers do not show to be the portal's own confirmation is not fetched at all.
"""

from __future__ import annotations

import imaplib
import socket
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING, Final

from pec_autorenew.config import Encryption
from pec_autorenew.confirmations.authentic import SENDER, is_authentic
from pec_autorenew.confirmations.reading import kind_of, read_confirmation
from pec_autorenew.credentials import resolve
from pec_autorenew.errors import MailUnreadable

if TYPE_CHECKING:
    from imap_tools import BaseMailBox
    from pydantic import SecretStr

    from pec_autorenew.config import Account, Mail
    from pec_autorenew.confirmations.values import Confirmation, Question

#: A run waits so many seconds for a mailbox and no longer, whatever its server does.
LONGEST_WAIT: Final = 15.0
#: After the line was cut, the reading ends by itself.
_CUT: Final = 2.0
#: The newest mails of the portal's that are looked at, and the longest of them.
_MOST_MAILS: Final = 100
_LARGEST: Final = 1024 * 1024
#: IMAP searches by day, and which day it is depends on where the server stands.
_A_DAY: Final = timedelta(days=1)


def read_confirmations(
    account: Account, question: Question, *, longest: float = LONGEST_WAIT
) -> tuple[Confirmation, ...]:
    """Return what the account's mailbox holds about the question; nothing where none is configured.

    Raises MailUnreadable, SecretUnavailable.
    """
    if account.mail is None:
        return ()
    reading = _Reading(account.mail, resolve(account.mail.password), question, longest)
    # The library's time-outs hold for each answer; a server that drips would keep the run for ever.
    thread = Thread(target=reading.go, name=f"mail of {account.name}", daemon=True)
    thread.start()
    thread.join(longest)
    if thread.is_alive():
        for line in reading.lines:
            with suppress(OSError):  # it may be gone already
                line.shutdown(socket.SHUT_RDWR)
        thread.join(_CUT)
        raise MailUnreadable(f"{reading.place} took longer than {longest:g} s")
    if reading.failure:
        raise MailUnreadable(f"{reading.place} {reading.failure}")
    return tuple(sorted(reading.found, key=lambda one: (one.at, one.mark)))


@dataclass(slots=True)
class _Reading:
    """One connection, in a thread of its own."""

    mail: Mail
    password: SecretStr
    question: Question
    longest: float
    found: list[Confirmation] = field(default_factory=list)
    #: What went wrong, in words of our own: a library's may hold what was sent.
    failure: str = ""
    #: The connection, as soon as there is one, so that it can be cut.
    lines: list[socket.socket] = field(default_factory=list)

    @property
    def place(self) -> str:
        """The folder and its server, for people."""
        return f"{self.mail.folder} at {self.mail.host}:{self.mail.port}"

    def go(self) -> None:
        """Read; what goes wrong is told in `failure`."""
        try:
            with closing(self._connected()) as client:
                self._read(client)
        except Exception as error:  # noqa: BLE001 - told by whoever waits, in words that hold no secret
            self.failure = _why(error)

    def _connected(self) -> _Line | _TlsLine:
        """Return a connection; a plain one on loopback only, which the configuration holds."""
        mail = self.mail
        if mail.encryption is Encryption.TLS:
            return _TlsLine(mail, self.longest, self.lines)
        return _Line(mail, self.longest, self.lines)

    def _read(self, client: imaplib.IMAP4) -> None:
        from imap_tools import AND

        if self.mail.encryption is Encryption.STARTTLS:
            client.starttls(ssl.create_default_context())
        box = _box_on(client)
        username, password = self.mail.username, self.password.get_secret_value()
        plain = (username + password).isascii()
        (box.login if plain else box.login_utf8)(username, password, initial_folder=None)
        box.folder.set(self.mail.folder, readonly=True)
        since = (self.question.since - _A_DAY).date()
        uids = box.uids(AND(date_gte=since, from_=SENDER))
        for uid in uids[-_MOST_MAILS:]:
            self._look_at(box, uid)
        client.logout()

    def _look_at(self, box: BaseMailBox, uid: str) -> None:
        """Read one mail: first its headers, and the rest where they say that it counts."""
        for head in box.fetch(uid_list=uid, headers_only=True, mark_seen=False):
            if head.size_rfc822 > _LARGEST or kind_of(head.obj) is None:
                continue
            if not is_authentic(head.obj, self.mail.authserv_id):
                continue
            for whole in box.fetch(uid_list=uid, mark_seen=False):
                said = read_confirmation(whole.obj, self.question)
                if said is not None and is_authentic(whole.obj, self.mail.authserv_id):
                    self.found.append(said)


class _Line(imaplib.IMAP4):
    """A connection that can be cut from its first moment on."""

    def __init__(self, mail: Mail, longest: float, lines: list[socket.socket]) -> None:
        self._lines = lines
        super().__init__(mail.host, mail.port, longest)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        """Connect."""
        super().open(host, port, timeout)
        self._lines.append(self.sock)

    def close(self) -> None:  # type: ignore[override]
        """Hang up, whether or not the other end still listens."""
        with suppress(OSError):
            self.shutdown()


class _TlsLine(imaplib.IMAP4_SSL):
    """The same, with TLS from the first byte on and a certificate that is verified."""

    def __init__(self, mail: Mail, longest: float, lines: list[socket.socket]) -> None:
        self._lines = lines
        super().__init__(mail.host, mail.port, ssl_context=ssl.create_default_context(), timeout=longest)

    def open(self, host: str = "", port: int | None = 993, timeout: float | None = None) -> None:
        """Connect."""
        super().open(host, port, timeout)
        self._lines.append(self.sock)

    def close(self) -> None:  # type: ignore[override]
        """Hang up, whether or not the other end still listens."""
        with suppress(OSError):
            self.shutdown()


def _box_on(client: imaplib.IMAP4) -> BaseMailBox:
    """Return the library's mailbox on a connection that stands."""
    from imap_tools import BaseMailBox

    class Box(BaseMailBox):
        def _get_mailbox_client(self) -> imaplib.IMAP4:
            return client

    return Box()


def _why(error: Exception) -> str:
    """Return what went wrong, without the library's own words."""
    from imap_tools.errors import MailboxFolderSelectError, MailboxLoginError

    match error:
        case MailboxLoginError():
            return "refused user name or password"
        case MailboxFolderSelectError():
            return "has no such folder"
        case ssl.SSLCertVerificationError():
            return "showed a certificate that is not trusted; nothing was sent"
        case TimeoutError():
            return "did not answer in time"
        case OSError():
            return f"could not be reached ({type(error).__name__})"
        case _:
            return f"could not be read ({type(error).__name__})"
