"""The kinds of values that a configuration is written with; each refusal says how to write it right.

No message ever repeats what was written: a secret in the wrong place must not reach a log by way of an error.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_MONEY: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
_DURATION: Final = re.compile(r"([0-9]{1,9}) ?(s|min|h|d)")
_UNITS: Final = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "min": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_LONGEST: Final = timedelta(days=36_500)
_HOST: Final = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_ENVIRONMENT_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9._@:-]+")
#: Where the name of an account goes in a pattern.
NAME_HERE: Final = "{name}"
_REFERENCES: Final = ("env", "file", "command", "keyring", "credential")
_REFERENCE_FORM: Final = '{ env = "NAME" }, or one of file, command, keyring, credential'


class Section(BaseModel):
    """What every table of the configuration is: complete, unchangeable, and without unknown keys (CFG-1)."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def read_money(value: object) -> Decimal:
    """Return an amount in euro; a TOML number is refused, for it would be a float (PRC-2)."""
    if isinstance(value, Decimal):
        value = f"{value:f}"
    if isinstance(value, str) and _MONEY.fullmatch(value):
        return Decimal(value).quantize(Decimal("0.01"))
    raise ValueError('not an amount in euro: write it in quotes, with a point and at most two decimals, as in "40.00"')


def read_duration(value: object) -> timedelta:
    """Return a duration; a bare number is refused, for nobody knows its unit."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError('not a duration: write a number and a unit (s, min, h or d), as in "10 min"')
    if int(match[1]) * _UNITS[match[2]].total_seconds() > _LONGEST.total_seconds():
        raise ValueError("a duration of more than a hundred years")
    return int(match[1]) * _UNITS[match[2]]


def write_duration(value: timedelta) -> str:
    """Return the duration as one would write it in the file: in the largest unit that needs no fraction."""
    unit, length = next(((u, d) for u, d in _UNITS.items() if value and not value % d), ("s", _UNITS["s"]))
    return f"{value // length} {unit}"


def _above_zero(value: timedelta) -> timedelta:
    if not value:
        raise ValueError("must be longer than nothing")
    return value


def _read_whole(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("must be a whole number")


def _read_flag(value: object) -> bool:
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if isinstance(value, bool):
        return value
    raise ValueError("must be true or false")


def read_day(value: object) -> date:
    """Return a calendar date; a number is refused, for pydantic would take it for seconds since 1970."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError("not a date: write it as 2026-11-01") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError("not a date: write it without quotes and without a time, as 2026-11-01")


def _absolute(value: str) -> str:
    if value and not Path(value).expanduser().is_absolute():
        raise ValueError("write an absolute path: outside the configuration file there is no folder to start from")
    return str(Path(value).expanduser()) if value else ""


Money = Annotated[Decimal, BeforeValidator(read_money)]
Duration = Annotated[timedelta, BeforeValidator(read_duration)]
SomeDuration = Annotated[timedelta, BeforeValidator(read_duration), AfterValidator(_above_zero)]
Whole = Annotated[int, BeforeValidator(_read_whole)]
Days = Annotated[int, BeforeValidator(_read_whole), Field(ge=0, le=366)]
Years = Annotated[int, BeforeValidator(_read_whole), Field(ge=1, le=5)]
Flag = Annotated[bool, BeforeValidator(_read_flag)]
#: Empty, or absolute: loading has put the configuration's folder before a relative one (ENV-2).
PathText = Annotated[str, AfterValidator(_absolute)]


# -- places on the network ------------------------------------------------------------------------------------------


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine without asking anybody."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _split_address(value: str) -> SplitResult:
    parts = urlsplit(value)
    try:
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError('not an address: write it as "https://areaclienti.pec.it/"')
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError("an address without user name, password, query and fragment is wanted here")
    if parts.scheme != "https" and not is_loopback(host):
        raise ValueError("must begin with https:// (only a loopback address may do without)")
    return parts


def origin_of(address: str) -> str:
    """Return scheme, host and (unless it is the scheme's own) port, as a browser writes an origin."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in {None, usual} else "")


def host_of(address: str) -> str:
    """Return the host name of an address, in lower case and without port."""
    return urlsplit(address).hostname or ""


def read_base_url(value: str) -> str:
    """Return the portal's address with its path ended by a slash, so that relative addresses join as expected."""
    path = _split_address(value).path
    return origin_of(value) + (path if path.endswith("/") else f"{path}/")


def read_origin(value: str) -> str:
    """Return an origin; a path is refused, because a password form is allowed by origin, not by page (SEC-2)."""
    if _split_address(value).path not in {"", "/"}:
        raise ValueError('write an origin without a path: "https://login.aruba.it"')
    return origin_of(value)


def read_host(value: str) -> str:
    """Return a host name or "*." and a domain of at least two labels: a wider pattern would be no rule (SEC-3)."""
    host = value.lower()
    try:
        ip_address(host)
    except ValueError:
        name = host.removeprefix("*.")
        if not _HOST.fullmatch(name) or (name != host and "." not in name):
            raise ValueError('not a host name: write "areaclienti.pec.it" or "*.pec.it", without port') from None
    return host


def host_matches(host: str, pattern: str) -> bool:
    """Whether `host` is what `pattern` allows; "*.pec.it" means every host below pec.it, and not pec.it itself."""
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


# -- secrets and approval -------------------------------------------------------------------------------------------


class _Place(Section):
    """One of the places where secrets are kept."""

    env: str | None = None
    file: PathText | None = None
    command: tuple[str, ...] | None = None
    keyring: str | None = None
    credential: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _refuse_literals(cls, value: Any) -> Any:  # noqa: ANN401 - whatever somebody wrote
        if isinstance(value, Mapping | cls):
            return value
        raise ValueError(f"a secret is never written here: say where it is, as in {_REFERENCE_FORM}")

    @model_validator(mode="after")
    def _name_one_place(self) -> Self:
        if len([kind for kind in _REFERENCES if getattr(self, kind)]) != 1:
            raise ValueError(f"exactly one place is wanted: {_REFERENCE_FORM}")
        if self.env and not _ENVIRONMENT_NAME.fullmatch(self._for_one(self.env)):
            raise ValueError("env: the name of an environment variable is wanted, not the secret itself")
        if self.credential and not _FILE_NAME.fullmatch(self._for_one(self.credential)):
            raise ValueError("credential: the name given to systemd's LoadCredential= is wanted")
        return self

    def _for_one(self, place: str) -> str:
        """Return the place as it is for one account."""
        return place

    @property
    def kind(self) -> str:
        """Which of the places it is: env, file, command, keyring or credential."""
        return next(kind for kind in _REFERENCES if getattr(self, kind))

    def __str__(self) -> str:
        """Name the place; of a command only its program, since its arguments may hold a secret."""
        place = f"{self.command[0]} …" if self.command else getattr(self, self.kind)
        return f"{self.kind}: {place}"


class SecretReference(_Place):
    """Where a secret is to be found; never the secret (SEC-1)."""


class SecretPattern(_Place):
    """Where the secrets of many accounts are to be found: each account's name stands in the place of `{name}`."""

    @model_validator(mode="after")
    def _has_room_for_a_name(self) -> Self:
        said = self.command or (getattr(self, self.kind),)
        if not any(NAME_HERE in word for word in said):
            raise ValueError(f"{NAME_HERE} is missing: without it all accounts would have one secret")
        return self

    def _for_one(self, place: str) -> str:
        return place.replace(NAME_HERE, "x")


class Approval(Section):
    """When a person must say yes before an order: never, always, or above an amount."""

    always: bool = False
    above: Decimal | None = None

    def needed_for(self, gross: Decimal) -> bool:
        """Whether an order of this gross waits for a person's word."""
        return self.always or (self.above is not None and gross > self.above)

    def __str__(self) -> str:
        """Return it as the file says it."""
        return "always" if self.always else "none" if self.above is None else f"above:{self.above}"


def read_approval(value: object) -> object:
    """Return what «none», «always» or «above:50.00» means."""
    if isinstance(value, Approval):
        return value
    kind, colon, amount = value.partition(":") if isinstance(value, str) else ("", "", "")
    if kind == "above" and colon:
        return Approval(above=read_money(amount.strip()))
    if colon or kind not in {"none", "always"}:
        raise ValueError('must be "none", "always" or "above:" and an amount, as in "above:50.00"')
    return Approval(always=kind == "always")
