"""The line for cron, and the block of it in somebody's crontab; nothing here touches the machine."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from pec_autorenew.errors import ConfigError
from pec_autorenew.schedule.wanted import MARK, NAME

if TYPE_CHECKING:
    from pec_autorenew.schedule.job import Job

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
    words = shlex.join((*job.program, "renew", "--quiet")).replace("%", r"\%")
    user = f"{job.wanted.user} " if job.wanted.system else ""
    return f"{job.wanted.line}\n{minute} {hour} * * * {user}{words}\n{END}\n"


def merged(crontab: str, ours: str) -> str:
    """Return the crontab with our block in it once, everything else as it is."""
    rest = without(crontab)
    return rest + ("" if not rest or rest.endswith("\n") else "\n") + ours


def without(crontab: str) -> str:
    """Return the crontab without our block. Raises ConfigError where the block has no end."""
    start = _start(crontab)
    if start is None:
        return crontab
    before, found = crontab[:start], find(crontab)
    return before + without(crontab[start + len(found or "") :])


def find(crontab: str) -> str | None:
    """Return our block as it stands in the crontab. Raises ConfigError where it has no end."""
    start = _start(crontab)
    if start is None:
        return None
    lines = crontab[start:].splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.rstrip("\n") == END:
            return "".join(lines[: number + 1])
    raise ConfigError(f"The crontab has our first line and not «{END}»: take the block out by hand (crontab -e).")


def _start(crontab: str) -> int | None:
    if crontab.startswith(MARK):
        return 0
    found = crontab.find(f"\n{MARK}")
    return None if found < 0 else found + 1
