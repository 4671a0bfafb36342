"""What `doctor` looks at, each in surroundings of a test's choice (ENV-1); the whole is in `tests/cli`."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from pec_autorenew.config import Clock, Config
from pec_autorenew.config.settings import Layer
from pec_autorenew.doctor import machine, reach, secrecy, wiring
from pec_autorenew.doctor.examining import CHECKS, PROBED, configuration, findings_of
from pec_autorenew.doctor.findings import Check, Finding, Result, Surroundings
from pec_autorenew.doctor.service import end, examine_as_service, home_of_user, service_environment
from pec_autorenew.doctor.showing import print_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.markers import Planted

LIMITS = {"max_per_mailbox": "40.00", "max_per_run": "200.00", "max_per_month": "500.00"}
MANDATE = {"given_by": "Prova Provetti", "given_on": "2026-11-01", "accept": ["condizioni-generali"]}


def around(tmp_path: Path, *, environ: dict[str, str] | None = None, **tables: Any) -> Surroundings:  # noqa: ANN401 - of any form
    """Return surroundings in which everything is right, but for these tables."""
    tree = {
        "portal": {"base_url": "http://127.0.0.1:9/"},
        "ledger": {"state_dir": str(tmp_path / "state")},
        "limits": LIMITS,
        "mandate": MANDATE,
        "accounts": [{"name": "studio", "username": "studio", "password": {"env": "PEC"}}],
    }
    config = Config.from_layers((Layer("file", {**tree, **tables}),))
    return Surroundings(config, "config.toml", {"PATH": "/usr/bin:/bin", **(environ or {})}, Clock())


def told(found: Iterable[Finding]) -> list[tuple[str, str]]:
    """Return result and message of each finding."""
    return [(one.result.value, one.message) for one in found]


def test_state_folder_is_made_by_the_first_run_and_not_by_the_doctor(tmp_path: Path) -> None:
    """ENV-1: where there is none yet, nothing is wrong, and nothing is made."""
    place = around(tmp_path)
    results = [one.result for one in (*machine.state_folder(place), *machine.ledger(place))]
    assert set(results) == {Result.OK}
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("mode", "expected"), [(0o700, "ok"), (0o755, "warning"), (0o770, "defect"), (0o702, "defect")]
)
def test_state_folder_is_private(tmp_path: Path, mode: int, expected: str) -> None:
    """SEC-4: who can look into it is told, and who can write into it is refused."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state").chmod(mode)
    assert told(machine.state_folder(around(tmp_path)))[0][0] == expected


@pytest.mark.parametrize(("megabytes", "expected"), [(499, "warning"), (500, "ok"), (49, "defect"), (50, "warning")])
def test_room_on_the_disk_is_measured(tmp_path: Path, megabytes: int, expected: str) -> None:
    """DUP-8: a disk is found to be full before the ledger is refused an entry."""
    place = around(tmp_path)
    full = Surroundings(place.config, "", {}, Clock(), free=lambda _: megabytes * 1_000_000)
    assert told(machine.state_folder(full))[-1][0] == expected


def test_configuration_without_limits_and_mandate_is_a_defect(tmp_path: Path) -> None:
    """PRC-2: `renew` would end with 78, and the doctor says so before; so are settings that contradict each other."""
    bare = around(tmp_path, limits={}, mandate=None)
    assert [result for result, _ in told(configuration(bare))] == ["defect"] * 4
    contrary = around(tmp_path, renewal={"payment_method": "carta"})
    assert "«Rinnovo automatico»" in told(configuration(contrary))[0][1]
    assert told(configuration(around(tmp_path))) == [("ok", "config.toml: 1 account, http://127.0.0.1:9/")]


def test_root_on_a_live_portal_is_a_defect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-5: and what to do about it is said."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (found,) = reach.browser(around(tmp_path, portal={}))
    assert found.result is Result.DEFECT
    assert "run as an ordinary user (SEC-5)" in found.message
    assert "Let a user of its own run it" in found.advice


def test_machine_that_refuses_a_sandbox_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-5: which switch of the system keeps the browser from its sandbox."""
    switch = tmp_path / "apparmor_restrict_unprivileged_userns"
    switch.write_text("1\n")
    monkeypatch.setattr(reach, "_SWITCHES", ((str(switch), "1"),))
    (found,) = reach.browser(around(tmp_path, browser={"executable": str(tmp_path / "none")}))
    assert str(switch) in found.advice


def secret(planted: Planted, path: Path, text: str) -> dict[str, str]:
    """Write a secret, and return the reference to it."""
    planted(path).write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return {"file": str(path)}


def test_notifiers_are_told_apart_and_never_quoted(
    tmp_path: Path, planted: Planted, caplog: pytest.LogCaptureFixture
) -> None:
    """SEC-1: which address is not understood, by its place; a library that would quote it is silenced."""
    good = secret(planted, tmp_path / "good", "json://127.0.0.1/S3gret0-token")
    bad = secret(planted, tmp_path / "bad", "jsonn://127.0.0.1/S3gret0-token")
    place = around(
        tmp_path,
        notify={"urls": [good, bad], "channels": [{"url": {"env": "PEC_ONCALL"}}], "ping_url": bad},
    )
    found = list(secrecy.notifiers(place))
    assert [(one.result.value, one.about) for one in found] == [
        ("defect", "notify.urls.1"),
        ("defect", "notify.channels.0"),
        ("defect", "notify.ping_url"),
        ("ok", ""),
    ]
    assert "S3gret0" not in "".join(one.message + one.advice for one in found)
    assert not [one for one in caplog.records if one.name == "apprise"]


def test_mail_witness_without_its_password_is_a_defect(tmp_path: Path) -> None:
    """SEC-1: the second witness is looked at as the first."""
    mail = {
        "host": "127.0.0.1",
        "username": "studio",
        "password": {"env": "PEC_MAIL"},
        "authserv_id": "mx.example",
    }
    account = {"name": "studio", "username": "studio", "password": {"env": "PEC"}, "mail": mail}
    place = around(tmp_path, accounts=[account])
    assert told(secrecy.mail(place)) == [("defect", "The environment variable PEC_MAIL is not set.")]
    assert told(secrecy.mail(around(tmp_path))) == [("ok", "None is configured.")]


def test_hooks_are_found_as_a_service_finds_them(tmp_path: Path) -> None:
    """ENV-2: a program of the system, found where a service looks; all of them are looked at."""
    place = around(tmp_path, hooks={"before_run": ["sh", "-c", "true"], "after_renewal": ["no-such"]})
    assert told(wiring.hooks(place)) == [
        ("defect", "no-such is no program that can be run here."),
        ("ok", "before_run: the program is there."),
    ]


def test_metrics_that_nobody_would_read_are_a_warning(tmp_path: Path) -> None:
    """ENV-1: the collector reads files whose names end with .prom."""
    place = around(tmp_path, monitoring={"textfile": str(tmp_path / "pec.txt")})
    assert told(wiring.monitoring(place)) == [("warning", "pec.txt does not end with .prom.")]


def test_check_that_breaks_is_a_defect_and_quotes_nothing(tmp_path: Path) -> None:
    """SIL-4, SEC-1: what nobody foresaw is told by its kind and place, and ends no other check."""

    def broken(_: Surroundings) -> Iterator[Finding]:
        raise RuntimeError("S3gret0-nothing-of-this")
        yield  # type: ignore[unreachable]

    ((result, message),) = told(findings_of(Check("broken", "Breaks.", broken), around(tmp_path)))
    assert result == "defect"
    assert message.startswith("an unexpected RuntimeError in test_doctor.py, line ")


def test_checks_have_names_of_their_own() -> None:
    """INTERFACE: a program can tell them apart; a probe makes some of the same."""
    names = [check.name for check in CHECKS]
    assert len(names) == len(set(names))
    assert set(PROBED) <= set(CHECKS)


def test_service_has_three_variables_and_no_more() -> None:
    """ENV-1: whatever the shell has; of the user, what the system knows."""
    shell = {"PATH": "/opt/bin", "HOME": "/elsewhere", "DISPLAY": ":0", "PEC_AUTORENEW_CONFIG": "x", "LANG": "it_IT"}
    bare = {"PATH": "/usr/bin:/bin", "HOME": home_of_user()}
    assert service_environment(shell) == bare
    unit = {"CREDENTIALS_DIRECTORY": "/run/credentials/x"}
    assert service_environment({**shell, **unit}) == {**bare, **unit}


def test_service_that_does_not_start_is_a_defect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ENV-1: no report is the worst report."""
    monkeypatch.setattr("sys.executable", "/bin/false")
    document, _ = examine_as_service(tmp_path / "config.toml", {})
    assert (document["exit_code"], document["defects"], document["checks"][0]["check"]) == (78, 1, "program")


def test_service_ends_with_all_that_it_started() -> None:
    """RES-2: whoever breaks the examination off leaves no process behind: the pipe that they share is closed."""
    command = ["/bin/sh", "-c", "tail -f /dev/null & echo begun; wait"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as child:  # noqa: S603 - a shell's own
        assert child.stdout is not None
        assert child.stdout.readline() == b"begun\n"
        end(child)
        assert child.stdout.read() == b""
    assert child.returncode == -signal.SIGTERM


def test_document_is_a_table_on_a_terminal() -> None:
    """INTERFACE: on a terminal, each check once, with what to do under what was found; nothing of it is markup."""
    from io import StringIO

    from rich.console import Console

    lines = [
        {"check": "disk", "about": None, "result": "ok", "message": "[bold]much", "advice": None},
        {"check": "disk", "about": "room", "result": "defect", "message": "None.", "advice": "Make some."},
    ]
    document = {"as_service": False, "defects": 1, "warnings": 0, "checks": lines}
    out = StringIO()
    print_document(Console(file=out, force_terminal=True, width=60, color_system=None), document)
    text = out.getvalue()
    assert "[bold]much" in text
    assert text.count("disk") == 1
    rows = [row.split() for row in text.splitlines()]
    assert ["✗", "room:", "None."] in rows
    assert ["Make", "some."] in rows
    assert "1 defect: `renew` does not work like this." in text
