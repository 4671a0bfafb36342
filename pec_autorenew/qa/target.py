"""Which portal is tested, who signs in there, and whether a test may order on it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pec_autorenew.config import SecretReference, host_of, is_loopback, origin_of
from pec_autorenew.config.portal import ALLOWED_HOSTS
from pec_autorenew.config.values import host_matches
from pec_autorenew.credentials import resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import SecretStr

    from pec_autorenew.mock_portal import MockPortal
    from pec_autorenew.qa.recording import Recording

#: Who signs in, where the secret is (`env:NAME`, `file:PATH`, `keyring:ENTRY`), and which mailbox the walk renews.
USERNAME: Final = "PEC_QA_USERNAME"
PASSWORD: Final = "PEC_QA_PASSWORD"  # noqa: S105 - the name of a variable
PASSWORD_REF: Final = "PEC_QA_PASSWORD_REF"  # noqa: S105 - likewise
MAILBOX: Final = "PEC_QA_MAILBOX"
#: The word that stands for the mock portal that the kit itself starts, whose port nobody knows before.
MOCK: Final = "mock"


class NotSaid(ValueError):
    """Something that the kit needs to know was not said, or not so that it can be understood."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs in: the secret is looked up when it is typed."""

    username: str
    reference: SecretReference | None = None
    #: The mock portal's own, which are published.
    secret: SecretStr | None = None

    def password(self) -> SecretStr:
        """Return the secret. Raises SecretUnavailable, which names the place and not the secret."""
        if self.reference is not None:
            return resolve(self.reference)
        if self.secret is None:
            raise NotSaid(f"nobody said where the password of {self.username} is")
        return self.secret


@dataclass(frozen=True, slots=True)
class Target:
    """The portal under test."""

    base_url: str
    login_origins: tuple[str, ...]
    #: Milliseconds for one action or arrival.
    timeout: float
    #: Origins on which a marked test may press the binding click.
    ordering: frozenset[str] = frozenset()
    #: The mock portal, with its truth; None where the portal is somebody else's.
    mock: MockPortal | None = None
    #: A recording (`check-portal --record`) in the portal's place.
    recording: Recording | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @property
    def origin(self) -> str:
        """The origin of the portal."""
        return origin_of(self.base_url)

    @property
    def mailbox(self) -> str:
        """The mailbox that the walk renews; "" for the one that expires first."""
        return "" if self.mock is not None or self.recording is not None else self.environ.get(MAILBOX, "")

    def credentials(self) -> Credentials:
        """Return who signs in: at the mock the first account of its scenario. Raises NotSaid."""
        if self.mock is not None:
            return self._of_mock()
        username = self.environ.get(USERNAME, "")
        if not username:
            raise NotSaid(f"who signs in is said in the environment: {USERNAME}, and {PASSWORD} or {PASSWORD_REF}")
        return Credentials(username, reference_from(self.environ.get(PASSWORD_REF, f"env:{PASSWORD}")))

    def _of_mock(self) -> Credentials:
        from pydantic import SecretStr

        assert self.mock is not None  # noqa: S101 - the caller asked
        customer = next(iter(self.mock.truth.accounts.values()), None)
        if customer is None:
            raise NotSaid("this scenario of the mock portal has no account to sign in with")
        return Credentials(customer.username, secret=SecretStr(customer.password))


def reference_from(said: str) -> SecretReference:
    """Return the place that `env:NAME`, `file:PATH`, `keyring:ENTRY` or `credential:NAME` means. Raises NotSaid."""
    kind, colon, place = said.partition(":")
    if not colon or kind not in {"env", "file", "keyring", "credential"} or not place:
        raise NotSaid(f"{PASSWORD_REF} is no place of a secret: write env:NAME, file:PATH or keyring:ENTRY")
    return SecretReference.model_validate({kind: place})


def is_live(address: str) -> bool:
    """Return whether an address belongs to the portal where orders cost money: no test orders there, ever."""
    host = host_of(address)
    return any(host_matches(host, pattern) or host == pattern.removeprefix("*.") for pattern in ALLOWED_HOSTS)


def ordering_origins(named: Iterable[str], mock_origin: str = "") -> frozenset[str]:
    """Return the origins that `--pec-allow-orders` names, `mock` being the one that the kit started.

    Raises NotSaid for what is no origin, and for the live portal.
    """
    origins = set()
    for one in named:
        if one == MOCK:
            origins |= {mock_origin} - {""}
            continue
        if not one.startswith(("http://", "https://")) or not host_of(one):
            raise NotSaid(f"{one!r} is no origin; write https://host, or {MOCK}")
        if is_live(one):
            raise NotSaid(f"{origin_of(one)} is the live portal, where no test may order")
        origins.add(origin_of(one))
    return frozenset(origins)


def default_timeout(base_url: str) -> float:
    """Return the milliseconds for one action: on this machine nothing takes as long as on the way to another one."""
    return 5_000 if is_loopback(host_of(base_url)) else 30_000
