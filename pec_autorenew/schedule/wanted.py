"""What somebody asked of `schedule install`, as it stands in the first line of what was written for them."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pec_autorenew.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The name of the units, of the cron file, of the system user, and of its folder below /var/lib.
NAME: Final = "pec-autorenew"
RENEW: Final = "renew"
CHECK: Final = "check-portal"
#: The commands that can be scheduled, each with the time of day at which it runs if nobody says another.
#: Checks end before the orders begin, and before anybody is at work.
TIMES: Final[Mapping[str, str]] = MappingProxyType({RENEW: "06:17", CHECK: "04:07"})
#: Begins the line by which a file, or a block of a crontab, is known as ours; what was asked for follows as JSON.
MARK: Final = f"# {NAME} schedule 1: "

_TIME: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_CALENDAR: Final = re.compile(r"[A-Za-z0-9*:,./~ +_-]+")
_NAME: Final = re.compile(r"[A-Za-z0-9._@-]+")
_USER: Final = re.compile(r"[a-z_][a-z0-9_-]{0,30}")


@dataclass(frozen=True, slots=True)
class Credential:
    """A file that systemd reads before it gives up root, and hands to the service alone."""

    name: str
    path: str

    @property
    def encrypted(self) -> bool:
        """Whether `systemd-creds encrypt` wrote it, told by the names that systemd's own manual gives such files."""
        return self.path.endswith(".cred") or "/credstore.encrypted/" in self.path


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for, paths absolute."""

    config: str
    #: For the whole machine, under a user of its own; else for whoever asked.
    system: bool
    user: str = ""
    at: str = "06:17"
    credentials: tuple[Credential, ...] = ()
    environment_file: str = ""
    command: str = RENEW

    def __post_init__(self) -> None:
        """Refuse what would be read as something else where it is written."""
        if not _TIME.fullmatch(self.at) and not _CALENDAR.fullmatch(self.at):
            raise ConfigError(f"--at {self.at!r}: write a time as 06:17, or what systemd's OnCalendar= takes.")
        if self.command not in TIMES:
            raise ConfigError(f"{self.command!r} is no command that can be scheduled.")
        if self.user and not _USER.fullmatch(self.user):
            raise ConfigError(f"--as {self.user!r}: the name of a system user is wanted.")
        for one in self.credentials:
            if not _NAME.fullmatch(one.name):
                raise ConfigError(f"--credential {one.name!r}: a name of letters, figures and ._@- is wanted.")
        for path in (self.config, self.environment_file, *(one.path for one in self.credentials)):
            require_writable_down(path)

    @property
    def hour_and_minute(self) -> tuple[int, int] | None:
        """The time of day, or None where it is a calendar expression of systemd's."""
        found = _TIME.fullmatch(self.at)
        return (int(found[1]), int(found[2])) if found else None

    @property
    def line(self) -> str:
        """The line that says what was asked for."""
        asked = asdict(self)
        if self.command == RENEW:  # as it was written before there was another
            del asked["command"]
        return MARK + json.dumps(asked, ensure_ascii=False, sort_keys=True)

    @property
    def job(self) -> str:
        """The name of the units and of the system's file for cron."""
        return job_name(self.command)


def job_name(command: str) -> str:
    """Return what the units of a command are called."""
    return NAME if command == RENEW else f"{NAME}-{command}"


def asked_in(text: str) -> Wanted | None:
    """Return what was asked for when `text` was written; None if it is not ours, or not of this version."""
    line = next((one for one in text.splitlines() if one.startswith(MARK)), None)
    if line is None:
        return None
    try:
        facts = json.loads(line.removeprefix(MARK))
        credentials = tuple(Credential(**one) for one in facts.pop("credentials"))
        return Wanted(**facts, credentials=credentials)
    except (ValueError, TypeError, KeyError, AttributeError, ConfigError):
        return None


def require_writable_down(path: str) -> None:
    """Raise ConfigError for a path that no unit and no crontab can hold."""
    if path and (not path.isprintable() or not path.startswith("/")):
        raise ConfigError(f"{path!r}: an absolute path without control characters is wanted here.")
