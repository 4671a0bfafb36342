"""What is to be run, as whom, from where, for how long: all that is written into a unit or a cron line."""

from __future__ import annotations

import sys
import sysconfig
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pec_autorenew.schedule.secrets import references
from pec_autorenew.schedule.wanted import NAME, require_writable_down

if TYPE_CHECKING:
    from pec_autorenew.config import Config
    from pec_autorenew.schedule.wanted import Wanted

#: Above the run's own deadline, for the messages after it and for the browser to end.
_MARGIN: Final = timedelta(minutes=10)
_HOMES: Final = ("/home", "/root", "/run/user")
#: Where systemd makes folders for services.
_STATES: Final = Path("/var/lib")


@dataclass(frozen=True, slots=True)
class Job:
    """One scheduled run, every path absolute."""

    wanted: Wanted
    #: The program, and what makes it read this configuration.
    program: tuple[str, ...]
    state_dir: str
    #: Further folders that it has to write into.
    writes: tuple[str, ...]
    #: Files and folders that it has to read, besides the system's own.
    reads: tuple[str, ...]
    longest: timedelta
    jitter: timedelta

    @property
    def needs_homes(self) -> bool:
        """Whether something that it reads lies in somebody's home."""
        return any(path == home or path.startswith(f"{home}/") for path in self.reads for home in _HOMES)

    @property
    def state_directory(self) -> str:
        """The state folder below /var/lib, which systemd makes for its user; "" where it is elsewhere."""
        path = Path(self.state_dir)
        below = self.wanted.system and path != _STATES and path.is_relative_to(_STATES)
        return str(path.relative_to(_STATES)) if below else ""


def program() -> tuple[str, ...]:
    """Return how to start this very installation, by absolute paths (ENV-2)."""
    script = Path(sysconfig.get_path("scripts")) / NAME
    return (str(script),) if script.is_file() else (sys.executable, "-m", "pec_autorenew")


def job_for(wanted: Wanted, config: Config, home: str) -> Job:
    """Return what is to run with this configuration, for a user who has this home."""
    state = config.ledger.state_dir or f"{home}/.local/state/{NAME}"
    database = config.ledger.url.removeprefix("sqlite:///") if config.ledger.url.startswith("sqlite:") else ""
    writes = {str(Path(file).parent) for file in (config.monitoring.textfile, database) if file}
    started = program()
    reads = [
        *(wanted.config, config.accounts_file, config.browser.executable),
        *(one.file for _, one in references(config) if one.file),
        *(started[0], sys.prefix, sys.base_prefix, str(Path(__file__).parents[2])),
    ]
    job = Job(
        wanted,
        (*started, "-c", wanted.config),
        state,
        tuple(sorted(writes - {state})),
        tuple(path for path in reads if path),
        config.browser.run_deadline + config.sign_in.wait_human + _MARGIN,
        config.renewal.jitter,
    )
    for path in (*job.program[:1], job.state_dir, *job.writes):
        require_writable_down(path)
    return job
