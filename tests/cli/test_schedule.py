"""`schedule`: what it writes is run by hand as systemd or cron would run it; what it cannot promise it refuses."""

from __future__ import annotations

import os
import re
import shlex
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from click.testing import CliRunner

from pec_autorenew.cli import cli
from pec_autorenew.cli.history import COMMANDS
from pec_autorenew.cli.scheduling import COMMANDS as SCHEDULED
from pec_autorenew.engine.task import Command
from pec_autorenew.schedule import TIMES, machine
from tests.cli.users import BIANCA, HEAD, MARKS, Done, ordered

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import MockPortal
    from tests.cli.users import User
    from tests.markers import Planted

LIVE: Final = "https://areaclienti.pec.it/"
BY_CREDENTIAL: Final = BIANCA.replace("{ env = ", "{ credential = ").replace("PEC_BIANCA", "bianca")
ADDRESS: Final = "bianca.sorbo@pec.it"
UNITS: Final = ("pec-autorenew.service", "pec-autorenew.timer")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a folder that stands for the root of a machine."""
    return tmp_path / "root"


class AtHome:
    """The same user, whose commands run in this very process, since nothing here needs one of its own."""

    def __init__(self, user: User) -> None:
        self.user = user

    def run(self, *arguments: str, **environment: str) -> Done:
        """Run the command to its end."""
        given = {"HOME": str(self.user.home), "PEC_AUTORENEW_CONFIG": None, **environment}
        ended = CliRunner(env=given).invoke(cli, arguments)
        if ended.exception is not None and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        self.user.said += [ended.stdout, ended.stderr]
        return Done(ended.exit_code, ended.stdout, ended.stderr)


@pytest.fixture
def at_home(user: User) -> AtHome:
    """Give the user, at home."""
    return AtHome(user)


def unit_folder(user: User, root: Path) -> Path:
    """Return where a user's units are written below a root."""
    return root / str(user.home).lstrip("/") / ".config" / "systemd" / "user"


def values(unit: Path, name: str) -> list[str]:
    """Return the values of one setting, systemd's own signs taken back."""
    found = re.findall(rf"^{name}=(.*)$", unit.read_text("utf-8"), re.MULTILINE)
    return [value.replace("%%", "%").replace("$$", "$") for value in found]


def alone(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command from `/`, without a terminal, with these variables and no others."""
    return subprocess.run(  # noqa: S603 - the command that was written into the unit or the crontab
        command,
        env=environment,
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        start_new_session=True,
    )


@pytest.fixture
def today(portal: MockPortal) -> MockPortal:
    """Give a portal with one mailbox that is due by the world's clock, since nobody pretends one."""
    portal.reset(scenario="single", layout="g4", clock=datetime.now(UTC))
    portal.truth.change_account("200001@aruba.it", password=MARKS["PEC_BIANCA"])
    return portal


def test_service_command_run_by_hand_with_an_empty_environment_renews(
    user: User, today: MockPortal, root: Path, planted: Planted
) -> None:
    """ENV-1, ENV-2, issue 6 «Done when»: the unit's own command, with what systemd gives, places the order."""
    user.write(HEAD.format(url=today.url) + BY_CREDENTIAL)
    secret = planted(user.home / "bianca.secret")
    secret.write_text(MARKS["PEC_BIANCA"] + "\n", "utf-8")
    done = user.run(
        "schedule", "install", "--user-units", "--root", str(root), "--credential", f"bianca={secret}"
    )  # fmt: skip
    assert done.code == 0, done.err

    service = unit_folder(user, root) / "pec-autorenew.service"
    given = user.home / "credentials"
    given.mkdir()
    for line in values(service, "LoadCredential"):
        name, _, path = line.partition(":")
        planted(given / name).write_bytes(Path(path).read_bytes())
    environment = dict(one.split("=", 1) for line in values(service, "Environment") for one in line.split())
    environment |= {"HOME": str(user.home), "USER": "bianca", "PATH": "/usr/local/bin:/usr/bin:/bin"}
    (command,) = values(service, "ExecStart")
    ended = alone(shlex.split(command), environment | {"CREDENTIALS_DIRECTORY": str(given)})
    user.said += [ended.stdout, ended.stderr]
    assert ended.returncode == 0, ended.stderr
    assert ordered(today) == [ADDRESS]
    assert (user.state / "ledger.sqlite3").exists()


def test_cron_line_run_by_hand_as_cron_would_renews(
    user: User, today: MockPortal, root: Path, planted: Planted
) -> None:
    """ENV-1, ENV-2: the line's own command, given to `sh -c` with HOME and PATH, places the order."""
    secret = planted(user.home / "bianca.secret")
    secret.write_text(MARKS["PEC_BIANCA"] + "\n", "utf-8")
    secret.chmod(0o600)
    user.write(HEAD.format(url=today.url) + BIANCA.replace('env = "PEC_BIANCA"', f'file = "{secret}"'))
    assert user.run("schedule", "install", "--system", "--cron", "--as", "pec", "--root", str(root)).code == 0

    (line,) = [one for one in (root / "etc/cron.d/pec-autorenew").read_text("utf-8").splitlines() if one[0] != "#"]
    minute, hour, *days, who, command = line.split(maxsplit=6)
    assert (minute, hour, days, who) == ("17", "6", ["*"] * 3, "pec")
    ended = alone(
        ["/bin/sh", "-c", command.replace(r"\%", "%")], {"HOME": str(user.home), "PATH": "/usr/bin:/bin"}
    )  # fmt: skip
    user.said += [ended.stdout, ended.stderr]
    assert ended.returncode == 0, ended.stderr
    assert ordered(today) == [ADDRESS]


def test_install_twice_changes_nothing_and_remove_takes_ours_away(user: User, at_home: AtHome, root: Path) -> None:
    """TIM-2: all three commands may be repeated; what else is in the folder stays."""
    user.write(HEAD.format(url=LIVE) + BY_CREDENTIAL)
    folder = unit_folder(user, root)
    where = ("--user-units", "--root", str(root))
    assert "Nothing is scheduled" in at_home.run("schedule", "show", *where).out
    first = at_home.run("schedule", "install", *where)
    assert first.code == 0, first.err
    assert first.out.count("Written") == len(UNITS)
    before = {name: (folder / name).stat().st_mtime_ns for name in UNITS}
    assert at_home.run("schedule", "install", *where).out.count("Unchanged") == len(UNITS)
    assert {name: (folder / name).stat().st_mtime_ns for name in UNITS} == before
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in UNITS} == {0o644}
    assert sorted(path.name for path in folder.iterdir()) == sorted(UNITS)

    (folder / "another.service").write_text("[Service]\n", "utf-8")
    assert at_home.run("schedule", "remove", *where).out.count("Removed") == len(UNITS)
    assert [path.name for path in folder.iterdir()] == ["another.service"]
    assert "Nothing is scheduled" in at_home.run("schedule", "remove", *where).out


def test_show_says_whether_it_is_what_would_be_written_now(user: User, at_home: AtHome, root: Path) -> None:
    """ENV-1: a deadline that was raised since, or a line changed by hand, is seen."""
    text = HEAD.format(url=LIVE) + BY_CREDENTIAL
    user.write(text)
    where = ("--user-units", "--root", str(root))
    at_home.run("schedule", "install", "--at", "5:30", *where)
    (said,) = at_home.run("schedule", "show", "--json", *where).json["installed"]
    assert (said["kind"], said["at"], said["drift"]) == ("systemd", "5:30", "")

    user.write(text.replace("[browser]", '[browser]\nrun_deadline = "3 h"'))
    (said,) = at_home.run("schedule", "show", "--json", *where).json["installed"]
    assert "pec-autorenew.service: not what would be written now" in said["drift"]

    user.write(text.replace("[limits]", "[limit]"))
    assert "unknown key" in at_home.run("schedule", "show", *where).out


def test_checks_are_scheduled_beside_the_orders(user: User, at_home: AtHome, root: Path) -> None:
    """Issue 8: without limits and mandate, for it orders nothing; each is shown, and taken away, by itself."""
    where = ("--user-units", "--root", str(root))
    check = ("--command", "check-portal")
    user.write(f'[portal]\nbase_url = "{LIVE}"\n' + BY_CREDENTIAL)
    assert at_home.run("schedule", "install", *where).code == 78
    assert at_home.run("schedule", "install", *check, *where).code == 0
    user.write(HEAD.format(url=LIVE) + BY_CREDENTIAL)
    assert at_home.run("schedule", "install", *check, *where).code == 0
    assert at_home.run("schedule", "install", *where).code == 0
    (command,) = values(unit_folder(user, root) / "pec-autorenew-check-portal.service", "ExecStart")
    assert command.endswith(" check-portal --quiet")
    shown = at_home.run("schedule", "show", "--json", *where).json["installed"]
    assert [(one["command"], one["at"], one["drift"]) for one in shown] == [
        ("renew", "06:17", ""), ("check-portal", "04:07", ""),
    ]  # fmt: skip
    assert at_home.run("schedule", "remove", *check, *where).out.count("Removed") == len(UNITS)
    assert sorted(path.name for path in unit_folder(user, root).iterdir()) == sorted(UNITS)
    at_home.run("schedule", "install", *check, *where)
    assert at_home.run("schedule", "remove", *where).out.count("Removed") == 2 * len(UNITS)


def test_commands_of_the_options_are_those_that_can_be_scheduled_and_that_run() -> None:
    """`--help` loads neither the scheduler nor the engine, and offers what they have."""
    assert tuple(TIMES) == SCHEDULED
    assert sorted(Command) == sorted(COMMANDS)


@pytest.mark.parametrize("name", UNITS)
def test_foreign_unit_of_our_name_is_neither_written_nor_removed(
    user: User, at_home: AtHome, root: Path, name: str
) -> None:
    """CFG-1: whoever wrote one by hand keeps it, and is told; nothing is written beside it."""
    user.write(HEAD.format(url=LIVE) + BY_CREDENTIAL)
    folder = unit_folder(user, root)
    folder.mkdir(parents=True)
    (folder / name).write_text("[Unit]\nDescription=mine\n", "utf-8")
    for command in ("install", "remove"):
        done = at_home.run("schedule", command, "--user-units", "--root", str(root))
        assert done.code == 78
        assert name in done.err
    assert [path.name for path in folder.iterdir()] == [name]
    assert (folder / name).read_text("utf-8") == "[Unit]\nDescription=mine\n"


@pytest.mark.parametrize(
    ("password", "options", "said"),
    [
        ('env = "PEC_BIANCA"', ("--user-units",), "accounts.0.password: a service has no variable PEC_BIANCA"),
        ('keyring = "x/y"', ("--system",), "accounts.0.password: a service of the system has no key-ring"),
        ('credential = "x"', ("--cron",), "accounts.0.password: credentials are systemd's"),
        ('env = "PEC_BIANCA"', ("--cron",), "accounts.0.password: cron hands on no variables"),
        ('keyring = "x/y"', ("--cron",), "accounts.0.password: a job of cron has no key-ring"),
    ],
)
def test_secret_that_nobody_could_get_at_is_refused_with_its_place(
    user: User, at_home: AtHome, root: Path, password: str, options: tuple[str, ...], said: str
) -> None:
    """SEC-1, ENV-1: what works in a terminal and not at night is said by day; nothing is written."""
    user.write(HEAD.format(url=LIVE) + BIANCA.replace('env = "PEC_BIANCA"', password))
    done = at_home.run("schedule", "install", *options, "--root", str(root))
    assert done.code == 78
    assert said in done.err
    assert not root.exists()


def test_environment_file_must_hold_what_the_configuration_refers_to(
    user: User, at_home: AtHome, root: Path, planted: Planted
) -> None:
    """SEC-1: with the variable in the file it is right, and the file's value is nowhere in the unit."""
    user.write(HEAD.format(url=LIVE) + BIANCA)
    file = planted(user.home / "pec.env")
    file.write_text("# of the service\nOTHER=x\n", "utf-8")
    options = ("schedule", "install", "--user-units", "--root", str(root), "--environment-file", str(file))
    done = at_home.run(*options)
    assert (done.code, "no line PEC_BIANCA=" in done.err) == (78, True)
    file.write_text(f"PEC_BIANCA='{MARKS['PEC_BIANCA']}'\nPEC_AUTORENEW_BROWSER__RUN_DEADLINE=2 h\n", "utf-8")
    assert at_home.run(*options).code == 0
    service = unit_folder(user, root) / "pec-autorenew.service"
    assert values(service, "EnvironmentFile") == [str(file)]
    assert values(service, "TimeoutStartSec") == ["8100s"]


def test_install_reads_the_configuration_as_the_service_will(user: User, at_home: AtHome, root: Path) -> None:
    """ENV-2: a variable of the terminal shapes nothing that the service would not see."""
    user.write(HEAD.format(url=LIVE) + BY_CREDENTIAL)
    where = ("--user-units", "--root", str(root))
    done = at_home.run("schedule", "install", *where, PEC_AUTORENEW_BROWSER__RUN_DEADLINE="9 h")
    assert done.code == 0, done.err
    assert values(unit_folder(user, root) / "pec-autorenew.service", "TimeoutStartSec") == ["4500s"]
    user.write(BY_CREDENTIAL)
    limits = {f"PEC_AUTORENEW_LIMITS__MAX_PER_{one}": "9.00" for one in ("MAILBOX", "RUN", "MONTH")}
    done = at_home.run("schedule", "install", *where, **limits)
    assert done.code == 78
    assert "limits.max_per_run: is missing" in done.err


def test_dry_run_prints_what_would_be_written_and_writes_nothing(user: User, at_home: AtHome, root: Path) -> None:
    """DRY-1: every text, under its path."""
    user.write(HEAD.format(url=LIVE) + BY_CREDENTIAL)
    done = at_home.run("schedule", "install", "--system", "--root", str(root), "--dry-run")
    assert done.code == 0, done.err
    assert all(f"# {root}/etc/systemd/system/{name}\n" in done.out for name in UNITS)
    assert "LoadCredential=bianca:/etc/credstore/pec-autorenew.bianca" in done.out
    assert not root.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may install for the machine")
def test_root_as_the_user_of_the_service_is_refused(user: User, at_home: AtHome) -> None:
    """SEC-5: root gets no sandbox for its browser."""
    user.write(HEAD.format(url=LIVE) + BIANCA.replace("env = ", "file = "))
    done = at_home.run("schedule", "install", "--cron", "--system", "--as", "root")
    assert done.code == 78
    assert "SEC-5" in done.err


CRONTAB: Final = """\
#!/bin/sh
case "$1" in
    -l) cat "$HOME/crontab" 2> /dev/null || { echo "no crontab for $USER" >&2; exit 1; } ;;
    -r) rm "$HOME/crontab" ;;
    -) cat > "$HOME/crontab" ;;
esac
"""


def test_crontab_of_a_user_keeps_what_else_is_in_it(user: User, at_home: AtHome) -> None:
    """TIM-2: by the machine's own `crontab`: added once, with everybody else's lines, and taken away alone."""
    tools = user.home / "tools"
    tools.mkdir()
    (tools / "crontab").write_text(CRONTAB, "utf-8")
    (tools / "crontab").chmod(0o755)
    path = {"PATH": f"{tools}:/usr/bin:/bin"}
    user.write(HEAD.format(url=LIVE) + BIANCA.replace("env = ", "file = "))
    crontab = user.home / "crontab"
    theirs = "MAILTO=somebody\n0 3 * * * true\n"
    crontab.write_text(theirs, "utf-8")
    for _ in range(2):
        assert at_home.run("schedule", "install", "--user-units", "--cron", **path).code == 0
        assert crontab.read_text("utf-8").startswith(theirs)
        assert crontab.read_text("utf-8").count("17 6 * * * ") == 1
    assert "as it would be written now" in at_home.run("schedule", "show", "--user-units", **path).out
    assert at_home.run("schedule", "remove", "--user-units", **path).code == 0
    assert crontab.read_text("utf-8") == theirs
    crontab.unlink()
    assert at_home.run("schedule", "install", "--user-units", "--cron", **path).code == 0
    assert at_home.run("schedule", "remove", "--user-units", **path).code == 0
    assert not crontab.exists()


def test_program_in_the_units_is_this_installation(user: User, at_home: AtHome, root: Path) -> None:
    """ENV-2: not whatever PATH would find."""
    user.write(HEAD.format(url=LIVE) + BY_CREDENTIAL)
    at_home.run("schedule", "install", "--user-units", "--root", str(root))
    (command,) = values(unit_folder(user, root) / "pec-autorenew.service", "ExecStart")
    program, option, config, *_ = shlex.split(command)
    assert Path(program) == Path(sys.executable).with_name("pec-autorenew")
    assert (option, config) == ("-c", str(user.config))


SYSTEMCTL: Final = """\
#!/bin/sh
echo "$@" >> "$HOME/systemctl.said"
case "$*" in *" show "*timer*) echo "NextElapseUSecRealtime=tomorrow" ;; esac
"""


def test_units_of_this_machine_are_started_shown_and_stopped(
    user: User, at_home: AtHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TIM-2: systemd reads the units afresh and starts the timer; before they are removed, it stops it."""
    monkeypatch.setattr(machine, "_RUNS_SYSTEMD", user.home)
    tools = user.home / "tools"
    tools.mkdir()
    (tools / "systemctl").write_text(SYSTEMCTL, "utf-8")
    (tools / "systemctl").chmod(0o755)
    path = {"PATH": f"{tools}:/usr/bin:/bin"}
    secret = user.home / ".config" / "credstore" / "pec-autorenew.bianca"
    user.write(HEAD.format(url=LIVE) + BY_CREDENTIAL)
    refused = at_home.run("schedule", "install", "--user-units", **path)
    assert (refused.code, f"there is no {secret}" in refused.err) == (78, True)
    secret.parent.mkdir()
    secret.touch()
    assert at_home.run("schedule", "install", "--user-units", **path).code == 0
    assert user.state.is_dir()
    assert "NextElapseUSecRealtime: tomorrow" in at_home.run("schedule", "show", "--user-units", **path).out
    assert at_home.run("schedule", "remove", "--user-units", **path).code == 0
    said = (user.home / "systemctl.said").read_text("utf-8").splitlines()
    assert {line.split()[0] for line in said} == {"--user"}
    verbs = [line.split()[2] for line in said]
    assert verbs == ["daemon-reload", "enable", "restart", "show", "show", "disable", "daemon-reload"]
