"""Secrets: each reference leads to one, and nobody else can read what is saved of a sign-in. None is ever shown."""

from __future__ import annotations

import logging
import stat
from collections import Counter
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pec_autorenew.credentials import resolve
from pec_autorenew.doctor.findings import defect, ok, warning
from pec_autorenew.errors import SecretUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import SecretStr

    from pec_autorenew.config import SecretReference
    from pec_autorenew.doctor.findings import Finding, Surroundings

#: What a service has otherwise than a terminal, by the kind of reference.
_ADVICE: Final = MappingProxyType(
    {
        "env": "A service has none of your shell's variables: use a file, a credential, or Environment= of its unit.",
        "command": "A service finds programs in /usr/bin and /bin only: write the whole path; nobody answers it.",
        "keyring": "A service has no desktop session, and no key-ring with it: use a file or a credential.",
    }
)
#: Above every level that a library logs at: it would quote the address, which is a secret.
_SILENT: Final = logging.CRITICAL + 1


def secrets(around: Surroundings) -> Iterator[Finding]:
    """Look whether each account's password, and the key of saved sessions, can be found."""
    wanted = [(f"account {one.name}", one.password) for one in around.config.accounts]
    if around.config.sign_in.session_key is not None:
        wanted.append(("sign_in.session_key", around.config.sign_in.session_key))
    yield from _found(around, wanted)


def mail(around: Surroundings) -> Iterator[Finding]:
    """Look whether the password of each account's ordinary mailbox can be found."""
    wanted = [(f"account {one.name}", one.mail.password) for one in around.config.accounts if one.mail is not None]
    if wanted:
        yield from _found(around, wanted)
    else:
        yield ok("None is configured.")


def _found(around: Surroundings, wanted: Sequence[tuple[str, SecretReference]]) -> Iterator[Finding]:
    kinds: Counter[str] = Counter()
    for about, reference in wanted:
        try:
            resolve(reference, around.environ)
        except SecretUnavailable as error:
            yield defect(error.message, _ADVICE.get(reference.kind, ""), about)
        else:
            kinds[reference.kind] += 1
    if kinds:
        yield ok(f"Found: {', '.join(f'{number} by {kind}' for kind, number in sorted(kinds.items()))}.")


def sessions(around: Surroundings) -> Iterator[Finding]:
    """Look whether others can read a saved session: whoever has it is signed in (SES-4)."""
    folder = around.config.state_dir / "sessions"
    files = sorted(folder.rglob("*.session")) if folder.is_dir() else []
    bad = [path for path in files if stat.S_IMODE(path.lstat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO)]
    for path in bad:
        yield defect(f"Others can read {path}.", f"Run `chmod 600 {path}`; end that session at the portal.")
    if not bad:
        yield ok(f"{len(files)} saved, private." if files else "None is saved.")


def notifiers(around: Surroundings) -> Iterator[Finding]:
    """Look whether each address for messages can be found and is understood; nothing is sent."""
    notify = around.config.notify
    urls = [(f"notify.urls.{number}", one) for number, one in enumerate(notify.urls)]
    urls += [(f"notify.channels.{number}", one.url) for number, one in enumerate(notify.channels)]
    pings = [("notify.ping_url", notify.ping_url)] if notify.ping_url is not None else []
    if not urls and not pings:
        advice = "Set notify.urls or notify.ping_url: then somebody hears of it when a run fails, or does not come."
        yield warning("Nobody is told of anything.", advice)
        return
    understood = 0
    for about, reference in (*urls, *pings):
        try:
            secret = resolve(reference, around.environ)
        except SecretUnavailable as error:
            yield defect(error.message, _ADVICE.get(reference.kind, ""), about)
            continue
        if _is_web_address(secret) if about == "notify.ping_url" else _is_known(secret):
            understood += 1
        else:
            what = "no web address" if about == "notify.ping_url" else "no address that Apprise knows"
            yield defect(f"The secret ({reference}) is {what}.", "Write it as its service's page says.", about)
    if understood:
        yield ok(f"{understood} understood; `pec-autorenew notify test` sends something.")


def _is_web_address(secret: SecretStr) -> bool:
    try:
        parts = urlsplit(secret.get_secret_value())
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _is_known(secret: SecretStr) -> bool:
    with _silent("apprise"):
        from apprise import Apprise

        return Apprise.instantiate(secret.get_secret_value(), suppress_exceptions=True) is not None


@contextmanager
def _silent(name: str) -> Iterator[None]:
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(_SILENT)
    try:
        yield
    finally:
        logger.setLevel(before)
