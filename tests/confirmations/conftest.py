"""The mailbox of the tests of IMAP: a real server, started once, emptied for each test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

import pytest

from tests.confirmations import dovecot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.confirmations.dovecot import Server


@pytest.fixture(scope="session")
def imap() -> Iterator[Server]:
    """Start a server without TLS."""
    with dovecot.running() as server:
        yield server


@pytest.fixture
def server(imap: Server) -> Server:
    """Return the server with an empty INBOX."""
    imap.empty()
    return imap


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make a certificate that nobody has signed, for this machine's loopback address; return it with its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mx.posta.example")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    paths = folder / "imap.pem", folder / "imap.key"
    paths[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@pytest.fixture(scope="session")
def imap_with_tls(certificate: tuple[Path, Path]) -> Iterator[Server]:
    """Start a server with TLS, with that certificate."""
    with dovecot.running(certificate) as server:
        yield server


@pytest.fixture
def tls_server(imap_with_tls: Server) -> Server:
    """Return the server with TLS and an empty INBOX."""
    imap_with_tls.empty()
    return imap_with_tls
