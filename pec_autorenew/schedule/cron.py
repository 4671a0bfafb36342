"""The line for cron, and the block of it in somebody's crontab; nothing here touches the machine."""

from __future__ import annotations

import re
import shlex
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pec_autorenew.errors import ConfigError
from pec_autorenew.schedule.wanted import CHECK, MARK, NAME, RENEW, asked_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pec_autorenew.schedule.job import Job

#: What is run, and what it is told: `renew` waits a random time by itself where there is no terminal.
_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {RENEW: (RENEW, "--quiet"), CHECK: (CHECK, "--quiet", "--jitter")}
)
END: Final = f"# end of {NAME} schedule"


def block(job: Job) -> str:
    """Return the marked lines for a crontab; with a column for the user where it is the system's. Raises ConfigError.

    The run waits a random time by itself, since cron cannot.
    """
    time = job.wanted.hour_and_minute
    if time is None:
        raise ConfigError(f"--at {job.wanted.at!r}: cron is given a time of day, as 06:17.")
    hour, minute = time
    # To cron, a percent sign ends the command, in quotes too.
    words = shlex.join((*job.program, *_WORDS[job.wanted.command])).replace("%", r"\%")
    user = f"{job.wanted.user} " if job.wanted.system else ""
    return f"{job.wanted.line}\n{minute} {hour} * * * {user}{words}\n{END}\n"


def merged(crontab: str, ours: str) -> str:
    """Return the crontab with this block in it once, in the place of an earlier one; everything else as it is."""
    rest = without(crontab, _command_of(ours))
    return rest + ("" if not rest or rest.endswith("\n") else "\n") + ours


def without(crontab: str, command: str) -> str:
    """Return the crontab without our block for a command. Raises ConfigError where a block of ours has no end."""
    return "".join(part for part, ours in _parts(crontab) if ours != command)


def find(crontab: str, command: str) -> str | None:
    """Return our block for a command as it stands in the crontab. Raises ConfigError where it has no end."""
    return next((part for part, ours in _parts(crontab) if ours == command), None)


def _parts(crontab: str) -> Iterator[tuple[str, str]]:
    """Yield the crontab in parts: each block of ours with its command, and with "" what is somebody else's."""
    block: list[str] | None = None
    for line in re.split(r"(?<=\n)", crontab):  # not at every sign that may end a line
        if block is None and not line.startswith(MARK):
            yield line, ""
            continue
        block = [*(block or ()), line]
        if line.rstrip("\n") == END:
            yield "".join(block), _command_of(block[0])
            block = None
    if block is not None:
        raise ConfigError(f"The crontab has our first line and not «{END}»: take the block out by hand (crontab -e).")


def _command_of(block: str) -> str:
    """Return which command a block runs; one of another version is from before there was another."""
    wanted = asked_in(block)
    return wanted.command if wanted else RENEW
