"""A mailbox on a real IMAP server: what is read, what is left as it was, and servers that are not as they should be."""

from __future__ import annotations

import imaplib
import socket
import traceback
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from threading import enumerate as threads
from typing import TYPE_CHECKING

import pytest
from imap_tools.folder import MailBoxFolderManager

from pec_autorenew.config import Account
from pec_autorenew.confirmations import Confirmation, Kind, Question, read_confirmations
from pec_autorenew.errors import MailUnreadable, SecretUnavailable
from tests.confirmations import dovecot
from tests.confirmations.dovecot import AT, PASSWORD, USER
from tests.confirmations.letters import GENUINE, HOP, SERVER, letter
from tests.processes import is_alive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.confirmations.dovecot import Server

pytestmark = pytest.mark.skipif(
    not dovecot.version().startswith("2.3"), reason="needs Debian's dovecot-imapd, version 2.3"
)

QUESTION = Question(AT - timedelta(days=1), frozenset({"1001"}), frozenset({"a@pec.it"}))


def reader(port: int, **changes: object) -> Account:
    """Return an account with the mailbox at this port."""
    mail = {
        "host": "127.0.0.1",
        "port": port,
        "encryption": "none",
        "username": USER,
        "password": {"env": "PEC_TEST_MAIL_PASSWORD"},
        "authserv_id": SERVER,
        **changes,
    }
    tree = {"name": "studio", "username": "1@aruba.it", "password": {"env": "UNUSED"}, "mail": mail}
    return Account.model_validate(tree)


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the password where the configuration says."""
    monkeypatch.setenv("PEC_TEST_MAIL_PASSWORD", PASSWORD)


def read(server: Server, question: Question = QUESTION, **changes: object) -> tuple[Confirmation, ...]:
    """Read the server's mailbox."""
    return read_confirmations(reader(server.port, **changes), question)


# -- what is read ----------------------------------------------------------------------------------------------------


def test_account_without_a_mailbox_has_no_mails() -> None:
    """ENV-3: nothing is configured, nothing is asked."""
    plain = Account.model_validate({"name": "studio", "username": "1@aruba.it", "password": {"env": "UNUSED"}})
    assert read_confirmations(plain, QUESTION) == ()


def test_genuine_mails_are_read_in_their_order(server: Server) -> None:
    """X3: «Conferma ordine» and «Conferma pagamento», with numbers and mailboxes, the older first."""
    server.put(letter(subject="Conferma pagamento", date="Thu, 03 Dec 2026 09:00:00 +0100", message_id="<2@x>"))
    server.put(letter())
    assert [(one.kind, set(one.numbers), set(one.addresses)) for one in read(server)] == [
        (Kind.ORDER, {"1001"}, {"a@pec.it"}),
        (Kind.PAYMENT, {"1001"}, {"a@pec.it"}),
    ]


def test_mailbox_is_left_as_it_was(server: Server) -> None:
    """X3: opened read-only: nothing is marked as read, moved or deleted, what counts and what does not."""
    server.put(letter())
    server.put(letter(sender="From: x@evil.example", subject="Saluti"))
    before = server.mails()
    assert len(read(server)) == 1
    assert server.mails() == before
    assert server.flags() == set()
    with _session(server) as imap:
        imap.select("INBOX", readonly=True)
        assert imap.search(None, "UNSEEN")[1] == [b"1 2"]
        assert imap.search(None, "RECENT")[1] == [b"1 2"]


def test_mails_are_read_without_a_mark_even_where_the_server_would_make_one(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X3: a server that opens every folder for writing gets no reason to write either (BODY.PEEK)."""
    opened = MailBoxFolderManager.set
    monkeypatch.setattr(MailBoxFolderManager, "set", lambda folders, name, readonly: opened(folders, name))  # noqa: ARG005
    server.put(letter())
    assert len(read(server)) == 1
    assert server.flags() == set()


@contextmanager
def _session(server: Server) -> Iterator[imaplib.IMAP4]:
    with imaplib.IMAP4("127.0.0.1", server.port) as imap:
        imap.login(USER, PASSWORD)
        yield imap


FORGED = {
    "another-sender": {"sender": "From: ordini@staff.aruba.it.example"},
    "name-of-the-sender": {"sender": 'From: "ordini@staff.aruba.it" <x@evil.example>'},
    "two-senders": {"sender": "From: ordini@staff.aruba.it\r\nFrom: x@evil.example"},
    "no-result": {"top": HOP},
    "failed": {"top": f"{HOP}\r\n{GENUINE.replace('pass', 'fail')}"},
    "signed-by-another": {"top": f"{HOP}\r\n{GENUINE.replace('staff.aruba.it', 'evil.example')}"},
    "forged-below-the-real": {"top": f"{HOP}\r\n{GENUINE.replace('pass', 'fail')}\r\n{GENUINE}"},
    "forged-by-a-relay": {"top": f"{HOP}\r\nReceived: from a by relay.evil.example; Tue\r\n{GENUINE}"},
    "another-server-s": {"top": f"{HOP}\r\n{GENUINE.replace(SERVER, 'mx.evil.example')}"},
    "an-answer": {"subject": "Re: Conferma ordine"},
    "too-old": {"date": "Sun, 29 Nov 2026 09:00:00 +0100"},
    "huge": {"body": "ordine n. 1001\r\n" * 80_000},
}


@pytest.mark.parametrize("wrong", FORGED.values(), ids=FORGED)
def test_mail_that_is_not_the_portal_s_own_says_nothing(server: Server, wrong: dict[str, str]) -> None:
    """X3: end to end, what the receiving server does not vouch for is as if it were not there."""
    server.put(letter(**wrong))
    assert read(server) == ()


def test_mail_that_came_long_ago_is_not_even_looked_for(server: Server) -> None:
    """NOT-2: the server searches by day; an old mailbox is not read from its beginning."""
    server.put(letter(), at=AT - timedelta(days=3))
    server.put(letter(message_id="<2@x>"), at=AT - timedelta(days=2))
    assert len(read(server)) == 1


# -- what goes wrong -------------------------------------------------------------------------------------------------


def told(account: Account, **how: float) -> str:
    """Return what is told of a mailbox that cannot be read; no secret is in it, nor in what a debugger shows."""
    with pytest.raises(MailUnreadable) as caught:
        read_confirmations(account, QUESTION, **how)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__dict__)
    assert PASSWORD not in shown
    assert caught.value.__context__ is None
    return caught.value.message


def test_wrong_password_is_told_without_it(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-1: the server's words and the library's stay where they are."""
    monkeypatch.setenv("PEC_TEST_MAIL_PASSWORD", f"{PASSWORD}-wrong")
    assert told(reader(server.port)) == f"INBOX at 127.0.0.1:{server.port} refused user name or password"


def test_password_beyond_ascii_is_told_without_it(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-1: a library's error about letters would hold the password."""
    monkeypatch.setenv("PEC_TEST_MAIL_PASSWORD", f"{PASSWORD}-è")
    assert told(reader(server.port)).startswith(f"INBOX at 127.0.0.1:{server.port} ")


def test_missing_password_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-1: a reference that leads nowhere."""
    monkeypatch.delenv("PEC_TEST_MAIL_PASSWORD")
    with pytest.raises(SecretUnavailable):
        read_confirmations(reader(1), QUESTION)


def test_missing_folder_is_told(server: Server) -> None:
    """NOT-2: the configuration names a folder that is not there."""
    assert told(reader(server.port, folder="Ordini")) == f"Ordini at 127.0.0.1:{server.port} has no such folder"


def test_server_that_is_down_is_told() -> None:
    """NOT-2: nobody listens."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        assert told(reader(port)) == f"INBOX at 127.0.0.1:{port} could not be reached (ConnectionRefusedError)"


@contextmanager
def listening(answer: bytes = b"", every: float = 0.02) -> Iterator[int]:
    """Listen and say `answer` again and again, or nothing at all, until whoever listens goes away."""
    over = Event()

    def talk() -> None:
        line, _ = listener.accept()
        with line:
            while answer and not over.wait(every):
                try:
                    line.sendall(answer)
                except OSError:
                    return
            over.wait()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=talk)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join()


@pytest.mark.parametrize("answer", [b"", b"x", b"* OK\r\n"])
def test_server_that_never_comes_to_an_end_is_left(answer: bytes) -> None:
    """NOT-2: silent, dripping or talking without an end: the run goes on, and no connection stays."""
    with listening(answer) as port:
        message = told(reader(port), longest=0.5)
        assert not [one for one in threads() if one.name == "mail of studio"]
    assert message.startswith(f"INBOX at 127.0.0.1:{port} ")
    assert message.endswith(("took longer than 0.5 s", "did not answer in time"))


# -- who is at the other end -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encryption", ["tls", "starttls"])
def test_certificate_that_nobody_vouches_for_is_refused(tls_server: Server, encryption: str) -> None:
    """SEC-1: whoever cannot prove who they are gets no password."""
    server = tls_server
    port = server.tls_port if encryption == "tls" else server.port
    before = server.log().count("Login")
    message = told(reader(port, encryption=encryption))
    assert message.endswith("showed a certificate that is not trusted; nothing was sent")
    assert server.log().count("Login") == before


@pytest.mark.parametrize("encryption", ["tls", "starttls"])
def test_certificate_that_the_machine_trusts_is_taken(
    tls_server: Server, certificate: tuple[Path, Path], encryption: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SEC-1: both ways of TLS, where the certificate is trusted and names the host."""
    server = tls_server
    server.put(letter())
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    port = server.tls_port if encryption == "tls" else server.port
    assert len(read_confirmations(reader(port, encryption=encryption), QUESTION)) == 1
    # The same server by a name that is not in its certificate.
    message = told(reader(port, encryption=encryption, host="localhost"))
    assert message.endswith("showed a certificate that is not trusted; nothing was sent")


def test_plain_server_is_not_taken_for_one_with_tls(server: Server) -> None:
    """SEC-1: no falling back to a plain connection."""
    for encryption in ("tls", "starttls"):
        assert "could not be re" in told(reader(server.port, encryption=encryption))


def test_server_of_the_tests_leaves_no_process() -> None:
    """RES-2: what the tests start they end."""
    with dovecot.running() as server:
        first, *others = server.family()
        assert is_alive(first)
        assert any(is_alive(one) for one in others)  # not all: who greeted leaves by itself, at any moment
    assert not any(is_alive(one) for one in (first, *others))
    assert not server.root.exists()
