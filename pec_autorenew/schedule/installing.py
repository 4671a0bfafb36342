"""Installing, showing and removing: the texts from the configuration, the files, and the machine's tools in order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pec_autorenew.config import load_config
from pec_autorenew.errors import ConfigError, PecAutorenewError
from pec_autorenew.schedule import cron, machine
from pec_autorenew.schedule.environment import variables_in
from pec_autorenew.schedule.files import ours, remove, write_all
from pec_autorenew.schedule.job import Job, job_for
from pec_autorenew.schedule.secrets import (
    ENCRYPTED,
    credentials_wanted,
    out_of_reach_of_cron,
    out_of_reach_of_service,
    usual_place,
)
from pec_autorenew.schedule.units import service_of, timer_of, units
from pec_autorenew.schedule.wanted import NAME, RENEW, TIMES, Wanted, asked_in, job_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pec_autorenew.config import Config

#: For whom nothing is looked up on this machine.
_PLANNED_HOME: Final = f"/var/lib/{NAME}"


@dataclass(frozen=True, slots=True)
class Found:
    """Something of ours that is installed."""

    #: systemd or cron
    kind: str
    place: str
    #: The time for which it was asked; "" where our first line is of another version.
    at: str
    #: "" where it is what would be written now, else why it is not, in words.
    drift: str
    command: str = RENEW


@dataclass(frozen=True, slots=True)
class Place:
    """Where things are written: on this machine, or below a folder, for an image or a package.

    What is read (configuration, credentials, program) has the same path here and there.
    """

    system: bool
    #: Whoever asks.
    who: str
    home: Path
    root: Path | None = None

    @property
    def here(self) -> bool:
        """Whether it is this machine, whose tools are to be called."""
        return self.root is None

    def path(self, absolute: str) -> Path:
        """Return where such a path is written."""
        return (self.root or Path("/")) / absolute.lstrip("/")

    def unit(self, name: str) -> Path:
        """Return where a unit is written."""
        return self.path("/etc/systemd/system" if self.system else f"{self.home}/.config/systemd/user") / name

    def cron_file(self, job: str) -> Path:
        """Return the system's own file for cron."""
        return self.path(f"/etc/cron.d/{job}")

    def home_of_job(self, wanted: Wanted) -> str:
        """Return the home of the user as whom it runs."""
        if not wanted.system:
            return str(self.home)
        return machine.home_of(wanted.user) if self.here else _PLANNED_HOME


def prepared(wanted: Wanted, place: Place, check: Callable[[Config], None], *, by_cron: bool) -> Job:
    """Return the job as it would be started: the configuration read as it will be, without anybody's environment.

    Raises ConfigError with every place that could not work unattended. `check` says whether orders are allowed, which
    a look at the portal need not be.
    """
    variables = variables_in(wanted.environment_file) if wanted.environment_file else None
    if by_cron and (wanted.environment_file or wanted.credentials):
        raise ConfigError("cron reads neither credentials nor an environment file: use { file = … } for secrets.")
    config = load_config(Path(wanted.config), environ=variables or {})
    if wanted.command == RENEW:
        check(config)
    if by_cron:
        problems = out_of_reach_of_cron(config)
    else:
        wanted = _with_credentials(wanted, place, config)
        names = None if variables is None else frozenset(variables)
        problems = out_of_reach_of_service(config, names, system=wanted.system)
        problems += _missing_files(wanted) if place.here else []
    if problems:
        raise ConfigError("A run without a person could not get at every secret.", problems=tuple(problems))
    return job_for(wanted, config, place.home_of_job(wanted))


def texts(job: Job, place: Place, *, by_cron: bool) -> dict[Path, str]:
    """Return what would be written where; for the crontab of whoever asks, our block under the name `crontab`."""
    if not by_cron:
        return {place.unit(name): text for name, text in units(job).items()}
    return {place.cron_file(job.wanted.job) if job.wanted.system else Path("crontab"): cron.block(job)}


def install(job: Job, place: Place, *, by_cron: bool) -> list[str]:
    """Write what is to be written and start it; return what is to be said. May be repeated."""
    wanted, said = job.wanted, []
    if place.here and wanted.system:
        if machine.make_user(wanted.user):
            said.append(f"The system user {wanted.user} was made.")
        variables = variables_in(wanted.environment_file) if wanted.environment_file else {}
        machine.rehearse(job, wanted.user, variables)
    if place.here and not job.state_directory:
        machine.give_folder(Path(job.state_dir), wanted.user if wanted.system else None)
    written = texts(job, place, by_cron=by_cron)
    if by_cron and not wanted.system:
        _write_crontab(cron.merged(_crontab(place), cron.block(job)), place)
        return [*said, "Written: a line in your crontab."]
    changed = write_all(written)
    said += [f"{'Written' if changed else 'Unchanged'}: {path}" for path in written]
    if place.here and not by_cron:
        machine.start_timer(wanted.job, system=wanted.system)
        said.append("The timer is started.")
        if not wanted.system and not machine.lingers(place.who):
            said.append("It runs while you are logged in; for the time between: loginctl enable-linger")
    return said


def found(place: Place, check: Callable[[Config], None]) -> list[Found]:
    """Return what of ours is installed, and whether it is what would be written now."""
    all_found = []
    for command in TIMES:
        job = job_name(command)
        for by_cron, path in ((False, place.unit(service_of(job))), (True, place.cron_file(job))):
            if by_cron and not place.system:
                text, where = cron.find(_crontab(place), command), "crontab"
            else:
                text, where = ours(path), str(path)
            if text is not None:
                wanted = asked_in(text)
                drift = _drift(wanted, place, check, by_cron=by_cron)
                kind = "cron" if by_cron else "systemd"
                all_found.append(Found(kind, where, wanted.at if wanted else "", drift, command))
    return all_found


def uninstall(place: Place, commands: Iterable[str] = TIMES) -> list[str]:
    """Take away what is ours of these commands and nothing else; return what is to be said. May be repeated."""
    return [line for command in commands for line in _taken_away(place, command)]


def _taken_away(place: Place, command: str) -> list[str]:
    said, job = [], job_name(command)
    paths = [place.unit(name) for name in (timer_of(job), service_of(job))]
    standing = [path for path in paths if ours(path) is not None]
    if standing:
        if place.here:
            machine.stop_timer(job, system=place.system)
        said += [f"Removed: {path}" for path in standing if remove(path)]
        if place.here:
            machine.forget_units(system=place.system)
    if place.system:
        said += [f"Removed: {place.cron_file(job)}"] if remove(place.cron_file(job)) else []
    elif (crontab := _crontab(place)) != (rest := cron.without(crontab, command)):
        _write_crontab(rest, place)
        said.append(f"Removed: the line for `{command}` in your crontab.")
    return said


def _with_credentials(wanted: Wanted, place: Place, config: Config) -> Wanted:
    """Add where those credentials are of which the configuration speaks and nobody said it."""
    given = {one.name for one in wanted.credentials}
    names = [name for name in credentials_wanted(config) if name not in given]
    there = frozenset(path for name in names if Path(path := f"/{ENCRYPTED}/{NAME}.{name}").exists())
    added = [usual_place(name, str(place.home), system=wanted.system, is_there=there) for name in names]
    return replace(wanted, credentials=(*wanted.credentials, *added))


def _missing_files(wanted: Wanted) -> list[str]:
    return [
        f"credential {one.name}: there is no {one.path}: put the secret there, for its owner only (umask 077), or say "
        f"--credential {one.name}=PATH"
        for one in wanted.credentials
        if not Path(one.path).exists()
    ]


def _drift(wanted: Wanted | None, place: Place, check: Callable[[Config], None], *, by_cron: bool) -> str:
    if wanted is None:
        return "it was written by another version: run `schedule install` again"
    try:
        job = prepared(wanted, place, check, by_cron=by_cron)
        expected = texts(job, place, by_cron=by_cron)
        standing = {path: _standing(path, place, wanted.command) for path in expected}
    except PecAutorenewError as error:
        problems = "; ".join(error.problems) if isinstance(error, ConfigError) else ""
        return " ".join(filter(None, (error.message, problems)))
    if standing == expected:
        return ""
    differing = ", ".join(str(path) for path, text in expected.items() if standing[path] != text)
    return f"{differing}: not what would be written now: run `schedule install` again"


def _standing(path: Path, place: Place, command: str) -> str | None:
    return cron.find(_crontab(place), command) if path == Path("crontab") else ours(path)


def _crontab(place: Place) -> str:
    """Return the crontab of whoever asks; below a folder, a file there."""
    if place.here:
        return machine.own_crontab() if machine.has_cron() else ""
    path = place.path(f"/var/spool/cron/crontabs/{place.who}")
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _write_crontab(text: str, place: Place) -> None:
    if place.here:
        machine.write_own_crontab(text)
        return
    path = place.path(f"/var/spool/cron/crontabs/{place.who}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
