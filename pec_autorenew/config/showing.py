"""The configuration for people and for the ledger: every value, where it comes from, and no secret (CFG-1, SEC-1)."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import singledispatch
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel

from pec_autorenew.config.models import QUOTED, Hooks
from pec_autorenew.config.settings import Config
from pec_autorenew.config.values import Approval, SecretPattern, SecretReference, write_duration
from pec_autorenew.model import Mandate

if TYPE_CHECKING:
    from collections.abc import Iterator

MASK: Final = "***"


def masked_dump(config: Config) -> dict[str, object]:
    """Return the effective configuration as JSON can hold it; secrets are named by their place only."""
    ledger = config.ledger.model_copy(update={"url": _without_password(config.ledger.url)})
    dump = {name: _plain(ledger if name == "ledger" else getattr(config, name)) for name in Config.model_fields}
    return dump | ({"accounts_file_sha256": config.accounts_digest} if config.accounts_digest else {})


def effective(config: Config) -> list[tuple[str, str, str]]:
    """Return (dotted key, value as text, origin) for every key, in the order of the models."""
    return [
        (".".join(path), "" if value is None else _text(value), config.origin(*path))
        for path, value in _leaves((), masked_dump(config))
    ]


@singledispatch
def _plain(value: object) -> object:
    """Return a value as JSON and people can read it; what needs no change stays."""
    return value


@_plain.register(SecretReference)
@_plain.register(SecretPattern)
@_plain.register(Approval)
@_plain.register(Decimal)
@_plain.register(date)
def _(value: object) -> str:
    return str(value)


@_plain.register
def _(value: time) -> str:
    return f"{value:%H:%M}"


@_plain.register
def _(value: timedelta) -> str:
    return write_duration(value)


@_plain.register
def _(value: Enum) -> object:
    return value.value


@_plain.register
def _(value: BaseModel) -> dict[str, object]:
    return {name: _plain(getattr(value, name)) for name in type(value).model_fields}


@_plain.register
def _(value: Hooks) -> dict[str, object]:
    """Name only the programs: an argument may hold a secret."""
    shown = {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    return {name: [*one[:1], *("…" for _ in one[1:2])] if isinstance(one, list) else one for name, one in shown.items()}


@_plain.register
def _(value: Mandate) -> dict[str, object]:
    accept = sorted(value.accept) + [f"{QUOTED} {text}" for text in sorted(value.texts)]
    return {"given_by": value.given_by, "given_on": value.given_on.isoformat(), "accept": accept}


@_plain.register(dict)
def _(value: dict[object, object]) -> dict[str, object]:
    return {str(key): _plain(inner) for key, inner in value.items()}


@_plain.register(tuple)
def _(value: tuple[object, ...]) -> list[object]:
    return [_plain(inner) for inner in value]


def _leaves(path: tuple[str, ...], value: object) -> Iterator[tuple[tuple[str, ...], object]]:
    """Walk to the single values; a list of tables is walked, a list of words is one value."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves((*path, key), inner)
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        for number, inner in enumerate(value):
            yield from _leaves((*path, str(number)), inner)
    else:
        yield path, value


def _text(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case list():
            return ", ".join(str(inner) for inner in value)
        case dict():
            return ""
        case _:
            return str(value)


def _without_password(url: str) -> str:
    """Mask the password in an address, before the host and among the parameters."""
    return re.sub(r"(?<=[?&]password=)[^&]*", MASK, re.sub(r"(?<=://)([^:@/]*):.*@", rf"\1:{MASK}@", url))
