"""The systemd units: read back as systemd reads them, verified and rated by its own tool."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING, Final

import pytest

from pec_autorenew.errors import ConfigError
from pec_autorenew.schedule.units import units
from pec_autorenew.schedule.wanted import Credential, Wanted, asked_in
from tests.schedule.conftest import CONFIG

if TYPE_CHECKING:
    from pathlib import Path

    from tests.schedule.conftest import MakeJob

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")

SERVICE: Final = "pec-autorenew.service"
TIMER: Final = "pec-autorenew.timer"
CHECKS: Final = ("pec-autorenew-check-portal.service", "pec-autorenew-check-portal.timer")
#: What borgmatic's sample unit gets.
TO_BEAT: Final = 2.9


def settings(text: str) -> dict[str, list[str]]:
    """Return a unit's settings, each with all its values."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze, which needs no systemd to be running for what is asked here."""
    return subprocess.run(  # noqa: S603 - the machine's own tool
        [shutil.which("systemd-analyze") or "systemd-analyze", "--no-pager", *arguments],
        env=os.environ | {"XDG_RUNTIME_DIR": tempfile.gettempdir()},
        capture_output=True,
        text=True,
        check=False,
    )


def written(folder: Path, texts: dict[str, str]) -> list[str]:
    """Write the units into a folder; return their paths."""
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [str(folder / name) for name in texts]


@needs_systemd
@pytest.mark.parametrize("system", [True, False], ids=["system", "user"])
def test_units_are_verified_by_systemd_without_a_word(job: MakeJob, tmp_path: Path, system: bool) -> None:  # noqa: FBT001
    """Issue 6, schedule: `systemd-analyze verify` has nothing to say of either unit."""
    paths = written(tmp_path, units(job(program="/bin/true", system=system, user="daemon" if system else "")))
    done = analyze(*([] if system else ["--user"]), "verify", *paths)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("system", [True, False], ids=["system", "user"])
def test_service_is_rated_better_than_borgmatic_s(job: MakeJob, tmp_path: Path, system: bool) -> None:  # noqa: FBT001
    """SEC-5: systemd's own rating is below 2.9, with all that the browser's sandbox needs."""
    path, _ = written(tmp_path, units(job(system=system, user="daemon" if system else "")))
    done = analyze("security", "--offline=true", path)
    rating = re.search(r"exposure level .*: ([0-9.]+)", done.stdout)
    assert rating is not None, done.stdout + done.stderr
    assert float(rating[1]) < (2.0 if system else 2.5) < TO_BEAT


@needs_systemd
def test_units_of_the_check_are_verified_by_systemd_without_a_word(job: MakeJob, tmp_path: Path) -> None:
    """Issue 8: units of their own, which systemd finds right, at a quiet hour and with a random delay."""
    texts = units(job(program="/bin/true", user="daemon", command="check-portal", at="04:07"))
    assert tuple(texts) == CHECKS
    done = analyze("verify", *written(tmp_path, texts))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    service, timer = (settings(text) for text in texts.values())
    assert service["ExecStart"] == ["/bin/true -c /etc/pec-autorenew/config.toml check-portal --quiet"]
    assert service["Description"] == ["Look what has changed on the PEC portal, and order nothing"]
    assert (timer["OnCalendar"], timer["RandomizedDelaySec"]) == (["*-*-* 04:07:00"], ["1800s"])


def test_units_of_renew_are_what_they_were_before_there_was_another_command(job: MakeJob) -> None:
    """TIM-2: what is installed stays as it would be written now."""
    assert "command" not in units(job())[TIMER].splitlines()[0]


def test_service_keeps_what_the_browser_s_sandbox_needs(job: MakeJob) -> None:
    """SEC-5: each of these was measured: without one of them the browser does not start (scripts/try_in_debian.sh)."""
    service = settings(units(job())[SERVICE])
    assert service["RestrictNamespaces"] == ["user pid net"]
    assert service["SystemCallFilter"] == ["@system-service", "~@privileged @resources", "seccomp chroot capset"]
    assert "MemoryDenyWriteExecute" not in service
    assert "ProcSubset" not in service
    assert service["NoNewPrivileges"] == ["yes"]
    assert service["User"] == ["pec-autorenew"]


def test_service_of_a_user_names_no_user_and_waits_for_no_system_target(job: MakeJob) -> None:
    """ENV-2: a manager of one user knows neither; what is shut is shut by a user namespace."""
    service = settings(units(job(system=False, user=""))[SERVICE])
    assert not {"User", "After", "Wants", "StateDirectory"} & service.keys()
    assert service["PrivateUsers"] == ["yes"]
    assert service["ProtectHome"] == ["read-only"]
    assert service["ReadWritePaths"] == ["/home/anna/.local/state/pec-autorenew"]


def test_service_gives_up_only_behind_the_run_s_own_deadline(job: MakeJob) -> None:
    """RES-1: the run ends itself first, a person's time included; then nothing of it remains (RES-2)."""
    text = CONFIG + '[browser]\nrun_deadline = "90 min"\n[sign_in]\nwait_human = "20 min"\n'
    service = settings(units(job(text))[SERVICE])
    assert service["TimeoutStartSec"] == ["7200s"]
    assert service["KillMode"] == ["mixed"]


def test_service_tries_again_after_75_alone(job: MakeJob) -> None:
    """TIM-2: what is temporary is tried again soon; every other code waits for a person, and stays to be seen."""
    from pec_autorenew import results

    service = settings(units(job())[SERVICE])
    stays = {int(code) for code in service["RestartPreventExitStatus"][0].split()}
    assert {*results.WORST_FIRST, results.USAGE} - stays == {results.TEMPORARY}
    assert "SuccessExitStatus" not in service


def test_timer_catches_up_and_has_the_random_delay_itself(job: MakeJob) -> None:
    """TIM-2: a missed day is caught up; the delay is the configuration's, and is not waited for twice."""
    texts = units(job(CONFIG + '[renewal]\njitter = "45 min"\n', at="6:05"))
    timer = settings(texts[TIMER])
    assert timer["OnCalendar"] == ["*-*-* 06:05:00"]
    assert timer["Persistent"] == ["true"]
    assert timer["RandomizedDelaySec"] == ["2700s"]
    assert settings(texts[SERVICE])["ExecStart"][0].endswith(" renew --quiet --no-jitter")


def test_timer_takes_systemd_s_own_calendar(job: MakeJob) -> None:
    """Whoever knows OnCalendar= may use it."""
    assert settings(units(job(at="Mon..Fri 07:30"))[TIMER])["OnCalendar"] == ["Mon..Fri 07:30"]


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("/etc/pec autorenew", '"/etc/pec autorenew/config.toml"'),
        ("/etc/100%", "/etc/100%%/config.toml"),
        ("/etc/$HOME", "/etc/$$HOME/config.toml"),
        ('/etc/a"b\\', '"/etc/a\\"b\\\\/config.toml"'),
    ],
)
def test_service_takes_strange_paths_literally(job: MakeJob, folder: str, said: str) -> None:
    """ENV-2: a blank, a percent sign, a dollar or a quote in a path means itself."""
    (line,) = settings(units(job(config=f"{folder}/config.toml"))[SERVICE])["ExecStart"]
    assert f" -c {said} renew " in line


@needs_systemd
def test_service_with_strange_paths_is_read_by_systemd_as_meant(job: MakeJob, tmp_path: Path) -> None:
    """ENV-2: systemd's own reading agrees: it finds the program, whose folder has every strange sign."""
    folder = tmp_path / "a b%h$HOME"
    folder.mkdir()
    (folder / "true").symlink_to("/bin/true")
    text = CONFIG + '[ledger]\nstate_dir = "/srv/a b%h"\n'
    asked = {
        "credentials": (Credential("studio", "/etc/a b%h/studio"),),
        "environment_file": "/etc/a b%h/environment",
        "config": "/etc/a b%h$HOME/config.toml",
        "user": "daemon",
    }
    paths = written(tmp_path, units(job(text, program=str(folder / "true"), **asked)))
    done = analyze("verify", *paths)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    (folder / "true").unlink()
    assert "not executable" in analyze("verify", *paths).stderr


def test_service_refuses_a_program_that_systemd_would_not_start(job: MakeJob) -> None:
    """ENV-1: said at once, not each night in a journal."""
    with pytest.raises(ConfigError, match="quotes"):
        units(job(program='/opt/a"b/pec-autorenew'))


def test_service_holds_names_of_secrets_only(job: MakeJob) -> None:
    """SEC-1: a credential is a name and a path; an encrypted one is read as such."""
    credentials = (Credential("a", "/etc/credstore/a"), Credential("b", "/etc/credstore.encrypted/b"))
    service = settings(units(job(credentials=credentials, environment_file="/etc/pec/env"))[SERVICE])
    assert service["LoadCredential"] == ["a:/etc/credstore/a"]
    assert service["LoadCredentialEncrypted"] == ["b:/etc/credstore.encrypted/b"]
    assert service["EnvironmentFile"] == ["/etc/pec/env"]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("/var/lib/pec-autorenew", {"StateDirectory": ["pec-autorenew"]}),
        ("/var/lib/pec/one", {"StateDirectory": ["pec/one"]}),
        ("/srv/pec", {"ReadWritePaths": ["/srv/pec"]}),
        ("", {"StateDirectory": ["pec-autorenew pec-autorenew/.local/state/pec-autorenew"]}),
    ],
)
def test_service_may_write_into_the_state_folder(job: MakeJob, state: str, said: dict[str, list[str]]) -> None:
    """ENV-2: the folder is the configuration's, or the one that any command of the same user would take."""
    text = CONFIG + (f'[ledger]\nstate_dir = "{state}"\n' if state else "")
    service = settings(units(job(text))[SERVICE])
    assert {key: service[key] for key in ("StateDirectory", "ReadWritePaths") if key in service} == said
    assert service["ProtectSystem"] == ["strict"]


def test_service_may_write_where_else_the_configuration_says(job: MakeJob) -> None:
    """ProtectSystem=strict must not stop the file for monitoring, nor a ledger elsewhere."""
    text = CONFIG + '[monitoring]\ntextfile = "/var/metrics/pec.prom"\n[ledger]\nurl = "sqlite:////srv/db/l.sqlite3"\n'
    assert settings(units(job(text))[SERVICE])["ReadWritePaths"] == ["/srv/db /var/metrics"]


@pytest.mark.parametrize(
    ("program", "homes"),
    [("/opt/pec/bin/pec-autorenew", "yes"), ("/home/anna/bin/pec", "read-only"), ("/homestead/pec", "yes")],
)
def test_service_sees_homes_only_if_it_lies_there(job: MakeJob, program: str, homes: str) -> None:
    """SEC-1: nothing in a home is read, unless the program or its configuration is there."""
    assert settings(units(job(program=program))[SERVICE])["ProtectHome"] == [homes]


def test_units_say_what_was_asked_for(job: MakeJob) -> None:
    """`show` reads it back, to say whether they are what would be written now."""
    one = job(at="Mon 07:00")
    for text in units(one).values():
        assert asked_in(text) == one.wanted
    assert asked_in("[Unit]\n") is None
    assert asked_in('# pec-autorenew schedule 1: {"of": "tomorrow"}\n') is None


@pytest.mark.parametrize(
    "asked",
    [
        {"at": "06:17\nExecStart=/bin/false"},
        {"at": "25 o'clock"},
        {"user": "Anna Verdi"},
        {"command": "config"},
        {"environment_file": "relative"},
        {"credentials": (Credential("a:b", "/x"),)},
        {"credentials": (Credential("a", "/x\nUser=root"),)},
    ],
)
def test_what_would_be_read_as_something_else_is_refused(asked: dict[str, object]) -> None:
    """SEC-1: no option can write a line of its own into a unit."""
    with pytest.raises(ConfigError):
        Wanted("/etc/config.toml", system=True, **asked)  # type: ignore[arg-type]
