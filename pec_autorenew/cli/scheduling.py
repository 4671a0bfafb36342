"""`schedule install`, `schedule show`, `schedule remove`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pec_autorenew.cli.ending import ending, print_json
from pec_autorenew.cli.options import asking, common

if TYPE_CHECKING:
    from pec_autorenew.cli.options import Asked
    from pec_autorenew.schedule import Credential, Place

_system = click.option(
    "--system/--user-units", default=None, help="For the machine, or for you alone (else by who asks: root or not)."
)
_root = click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write below DIR, as for an image, and call none of this machine's tools.",
)


#: Not the scheduler's own list, which would be loaded for `--help`; a test holds the two together.
COMMANDS: Final = ("renew", "check-portal")


@click.group("schedule")
@common
def schedule(**_: object) -> None:
    """Run `renew`, or `check-portal`, each day: a systemd service and its timer, or a cron line without systemd."""


@schedule.command("install")
@_system
@click.option("--as", "user", metavar="USER", default="pec-autorenew", show_default=True, help="As whom, for --system.")
@click.option("--command", type=click.Choice(COMMANDS), default="renew", show_default=True, help="What is to run.")
@click.option(
    "--at",
    metavar="WHEN",
    help="A time, or systemd's OnCalendar=  [default: 06:17 for renew, 04:07 for check-portal].",
)
@click.option(
    "--credential",
    "credentials",
    multiple=True,
    metavar="NAME=PATH",
    help="The file of a { credential } reference; encrypted if it ends in .cred or lies in a credstore.encrypted.",
)
@click.option("--environment-file", metavar="FILE", default="", help="A file with the variables of { env } references.")
@click.option("--cron", "by_cron", is_flag=True, help="A cron line even where systemd runs.")
@_root
@click.option("--dry-run", is_flag=True, help="Print what would be written, and write nothing.")
@asking()
def install_command(  # noqa: PLR0913 - one argument for each option
    asked: Asked,
    *,
    system: bool | None,
    user: str,
    command: str,
    at: str | None,
    credentials: tuple[str, ...],
    environment_file: str,
    by_cron: bool,
    root: Path | None,
    dry_run: bool,
) -> None:
    """Write the units (or the cron line) for this installation and this configuration, and start the timer."""
    with ending(asked, "schedule"):
        from pec_autorenew import schedule as scheduling
        from pec_autorenew.engine.readiness import require_ready

        place = _place(system, root)
        wanted = scheduling.Wanted(
            str(_config_path(asked)),
            place.system,
            user if place.system else "",
            at or scheduling.TIMES[command],
            tuple(map(_credential, credentials)),
            str(Path(environment_file).absolute()) if environment_file else "",
            command,
        )
        by_cron = by_cron or (root is None and not dry_run and not scheduling.has_systemd())
        job = scheduling.prepared(wanted, place, require_ready, by_cron=by_cron)
        if dry_run:
            for path, text in scheduling.texts(job, place, by_cron=by_cron).items():
                click.echo(f"# {path}\n{text}")
            return
        for line in scheduling.install(job, place, by_cron=by_cron):
            if not asked.quiet:
                click.echo(line)


@schedule.command("show")
@_system
@_root
@asking(as_json=True)
def show_command(asked: Asked, *, system: bool | None, root: Path | None) -> None:
    """Say what is installed and where, whether it is what would be written now, and when it runs next."""
    with ending(asked, "schedule"):
        from pec_autorenew import schedule as scheduling
        from pec_autorenew.engine.readiness import require_ready

        place = _place(system, root)
        found = scheduling.found(place, require_ready)
        states = {
            one.command: scheduling.state_of_timer(scheduling.job_name(one.command), system=place.system)
            for one in found
            if one.kind == "systemd" and place.here
        }
        if asked.as_json:
            installed = [
                {"command": one.command, "kind": one.kind, "place": one.place, "at": one.at, "drift": one.drift}
                | {"timer": states.get(one.command, {}) if one.kind == "systemd" else {}}
                for one in found
            ]
            timer = states.get(scheduling.RENEW, {})
            print_json({"schema": "pec-autorenew/schedule/1", "installed": installed, "timer": timer})
            return
        for one in found:
            now = one.drift or "as it would be written now"
            click.echo(f"{one.command} by {one.kind}: {one.place}, at {one.at or '?'}: {now}")
            for name, value in states.get(one.command, {}).items() if one.kind == "systemd" else ():
                click.echo(f"  {name}: {value or '–'}")
        if not found:
            click.echo("Nothing is scheduled here.")


@schedule.command("remove")
@_system
@click.option("--command", type=click.Choice(COMMANDS), help="Only what runs this command.")
@_root
@asking()
def remove_command(asked: Asked, *, system: bool | None, command: str | None, root: Path | None) -> None:
    """Stop the timer and take away what `install` wrote; ledger, user, credentials and configuration stay."""
    with ending(asked, "schedule"):
        from pec_autorenew import schedule as scheduling

        said = scheduling.uninstall(_place(system, root), [command] if command else scheduling.TIMES)
        for line in said or ["Nothing is scheduled here."]:
            if not asked.quiet:
                click.echo(line)


def _place(system: bool | None, root: Path | None) -> Place:  # noqa: FBT001 - as the option says it
    import pwd

    from pec_autorenew.errors import ConfigError
    from pec_autorenew.schedule import Place

    is_root = os.geteuid() == 0
    system = is_root if system is None else system
    if system and not is_root and root is None:
        raise ConfigError("--system writes for the whole machine, which only root can: sudo, or leave it out.")
    try:
        who = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        who = str(os.geteuid())
    return Place(system, who, Path.home(), root.absolute() if root else None)


def _config_path(asked: Asked) -> Path:
    from pec_autorenew.config import default_path

    said = asked.config_path or os.environ.get("PEC_AUTORENEW_CONFIG")
    return Path(said or default_path()).absolute()


def _credential(said: str) -> Credential:
    from pec_autorenew.schedule import Credential

    name, equals, path = said.partition("=")
    if not equals or not path:
        raise click.UsageError(f"--credential {said!r}: write it as NAME=PATH.")
    return Credential(name, str(Path(path).absolute()))
