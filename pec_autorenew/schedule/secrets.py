"""Which secrets a run without a person can get at, and which not: every refusal names its place (SEC-1, ENV-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import BaseModel

from pec_autorenew.config import SecretReference
from pec_autorenew.schedule.wanted import NAME, Credential

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pec_autorenew.config import Config

#: Where systemd's own tools look for credentials; in a home, where newer versions do.
PLAIN: Final = "etc/credstore"
ENCRYPTED: Final = "etc/credstore.encrypted"
AT_HOME: Final = ".config/credstore"

_ADVICE: Final = '{ credential = "NAME" }, or a file that only the service\'s user can read'


def references(config: Config) -> list[tuple[str, SecretReference]]:
    """Return every reference to a secret with its place, in the order of the configuration."""
    return [found for name in type(config).model_fields for found in _within(name, getattr(config, name))]


def _within(place: str, value: object) -> Iterator[tuple[str, SecretReference]]:
    if isinstance(value, SecretReference):
        yield place, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _within(f"{place}.{name}", getattr(value, name))
    elif isinstance(value, tuple):
        for number, one in enumerate(value):
            yield from _within(f"{place}.{number}", one)


def credentials_wanted(config: Config) -> tuple[str, ...]:
    """Return the names of the credentials that the configuration refers to, each once."""
    return tuple(dict.fromkeys(one.credential for _, one in references(config) if one.credential))


def out_of_reach_of_service(config: Config, variables: frozenset[str] | None, *, system: bool) -> list[str]:
    """Return a line for each reference that a service cannot follow; `variables` are those of its environment file."""
    lines = []
    for place, one in references(config):
        if one.env and variables is None:
            lines.append(
                f"{place}: a service has no variable {one.env}: use {_ADVICE}, or give it by --environment-file"
            )
        elif one.env and one.env not in (variables or ()):
            lines.append(f"{place}: the environment file has no line {one.env}=…")
        elif one.keyring and system:
            lines.append(f"{place}: a service of the system has no key-ring of a desktop: use {_ADVICE}")
    return lines


def out_of_reach_of_cron(config: Config) -> list[str]:
    """Return a line for each reference that a job of cron cannot follow."""
    why = {
        "env": "cron hands on no variables of yours",
        "credential": "credentials are systemd's, or a container's",
        "keyring": "a job of cron has no key-ring of a desktop",
    }
    return [
        f"{place}: {why[one.kind]}: use {{ file = … }} or {{ command = … }}"
        for place, one in references(config)
        if one.kind in why
    ]


def usual_place(name: str, folder: str, *, system: bool, is_there: frozenset[str]) -> Credential:
    """Return where a credential is looked for if nobody said so: encrypted if such a file is there, else plain."""
    encrypted = f"/{ENCRYPTED}/{NAME}.{name}"
    if system and encrypted in is_there:
        return Credential(name, encrypted)
    return Credential(name, f"/{PLAIN}/{NAME}.{name}" if system else f"{folder}/{AT_HOME}/{NAME}.{name}")
