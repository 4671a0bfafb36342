"""The machine's own tools: systemctl, crontab, useradd. Every one is called without a shell and by what it printed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pec_autorenew.errors import ConfigError
from pec_autorenew.schedule.units import service_of, timer_of
from pec_autorenew.schedule.wanted import NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pec_autorenew.schedule.job import Job

_RUNS_SYSTEMD: Final = Path("/run/systemd/system")
_LINGERING: Final = Path("/var/lib/systemd/linger")
_TIMEOUT: Final = 60.0


def has_systemd() -> bool:
    """Whether systemd runs this machine, as `sd_booted` tells it."""
    return _RUNS_SYSTEMD.is_dir()


def has_cron() -> bool:
    """Whether there is a `crontab` to ask."""
    return shutil.which("crontab") is not None


def home_of(user: str) -> str:
    """Return the home of a user, or the one that a new system user of this name gets."""
    try:
        return pwd.getpwnam(user).pw_dir
    except KeyError:
        return f"/var/lib/{user}"


def lingers(user: str) -> bool:
    """Whether this user's units run while nobody is logged in."""
    return (_LINGERING / user).exists()


def make_user(user: str) -> bool:
    """Make the system user where there is none; return whether it was made."""
    try:
        if pwd.getpwnam(user).pw_uid == 0:
            raise ConfigError(f"--as {user}: root gets no sandbox for its browser: name an ordinary user (SEC-5).")
    except KeyError:
        shell = shutil.which("nologin", path="/usr/sbin:/sbin") or "/bin/false"
        home = home_of(user)
        _run("useradd", "--system", "--user-group", "--home-dir", home, "--no-create-home", "--shell", shell, user)
        return True
    return False


def give_folder(path: Path, user: str | None) -> None:
    """Make a private folder for the user who is to write into it; None for whoever asks."""
    try:
        if path.is_dir():
            return
        path.mkdir(mode=0o700, parents=True)
        if user is not None:
            shutil.chown(path, user, pwd.getpwnam(user).pw_gid)
    except OSError as error:
        raise ConfigError(f"{path} cannot be made: {error.strerror}.") from error


def rehearse(job: Job, user: str, variables: Mapping[str, str]) -> None:
    """Raise ConfigError unless `user` can start the program and read the configuration, without any environment."""
    entry = pwd.getpwnam(user)
    done = subprocess.run(  # noqa: S603 - this installation's own program
        [*job.program, "config", "validate"],
        user=entry.pw_uid,
        group=entry.pw_gid,
        extra_groups=os.getgrouplist(user, entry.pw_gid),
        env={"PATH": "/usr/bin:/bin", "HOME": entry.pw_dir, **variables},
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )
    if done.returncode:
        said = tuple(line.strip() for line in done.stderr.splitlines() if line.strip())[-5:]
        raise ConfigError(f"The user {user} cannot run {job.program[0]} with {job.wanted.config}.", problems=said)


def start_timer(job: str, *, system: bool) -> None:
    """Let systemd read the units afresh, and start the timer now and at each start of the machine."""
    _systemctl("daemon-reload", system=system)
    _systemctl("enable", timer_of(job), system=system)
    _systemctl("restart", timer_of(job), system=system)


def stop_timer(job: str, *, system: bool) -> None:
    """Stop the timer for good; a run that is under way comes to its end."""
    _systemctl("disable", "--now", timer_of(job), system=system)


def forget_units(*, system: bool) -> None:
    """Let systemd notice that the units are gone."""
    _systemctl("daemon-reload", system=system)


def state_of_timer(job: str, *, system: bool) -> dict[str, str]:
    """Return what systemd says of timer and service; nothing where it does not answer."""
    wanted = {
        timer_of(job): ("ActiveState", "NextElapseUSecRealtime", "LastTriggerUSec"),
        service_of(job): ("Result", "ExecMainStatus"),
    }
    facts: dict[str, str] = {}
    for unit, names in wanted.items():
        try:
            said = _systemctl("show", unit, f"--property={','.join(names)}", system=system)
        except ConfigError:
            return {}
        facts |= dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    return facts


def own_crontab() -> str:
    """Return the crontab of whoever asks, "" where there is none."""
    if not has_cron():
        raise ConfigError("There is no systemd here and no cron: install one, or run `renew` each day by other means.")
    done = _started("crontab", "-l")
    if done.returncode and "no crontab" not in done.stderr:
        raise ConfigError(f"crontab -l: {done.stderr.strip()}")
    return "" if done.returncode else done.stdout


def write_own_crontab(text: str) -> None:
    """Put this in the place of the crontab of whoever asks; an empty one is taken away."""
    if text:
        _run("crontab", "-", given=text)
    else:
        _run("crontab", "-r")


def _systemctl(*arguments: str, system: bool) -> str:
    return _run("systemctl", *(() if system else ("--user",)), "--no-pager", *arguments)


def _run(*command: str, given: str | None = None) -> str:
    done = _started(*command, given=given)
    if done.returncode:
        raise ConfigError(f"`{' '.join(command)}` ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def _started(*command: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    program = shutil.which(command[0])
    if program is None:
        raise ConfigError(f"{command[0]} is not installed.")
    try:
        return subprocess.run(  # noqa: S603 - the machine's own tools, without a shell
            [program, *command[1:]],
            input=given or "",
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
            env=os.environ | {"LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired:
        raise ConfigError(f"{command[0]} gave no answer within {_TIMEOUT:.0f} s ({NAME}).") from None
