"""docs/check-portal.md and examples/ci: what stands there runs, night after night, and holds no secret."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

import pytest
import yaml  # type: ignore[import-untyped]
from click.testing import CliRunner

from pec_autorenew.cli import cli
from pec_autorenew.config.settings import Config, Layer
from tests.cli.users import MARKS
from tests.notify.receivers import Receiver, receiving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pec_autorenew.mock_portal import MockPortal
    from tests.cli.users import Start, User

ROOT: Final = Path(__file__).parents[2]
CI: Final = ROOT / "examples" / "ci"
TEXT: Final = (ROOT / "docs" / "check-portal.md").read_text("utf-8")
BLOCKS: Final = re.findall(r"^```sh\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
SETTINGS: Final = tomllib.loads((CI / "check-portal.toml").read_text("utf-8"))


def github() -> dict[str, Any]:
    """Return the one job of the workflow."""
    read: dict[str, Any] = yaml.safe_load((CI / "github-actions.yml").read_text("utf-8"))
    (job,) = read["jobs"].values()
    assert isinstance(job, dict)
    return job


def gitlab() -> dict[str, Any]:
    """Return the one job."""
    (job,) = yaml.safe_load((CI / "gitlab-ci.yml").read_text("utf-8")).values()
    assert isinstance(job, dict)
    return job


def scripts() -> list[str]:
    """Return every script of pipelines and document."""
    steps = [step["run"] for step in github()["steps"] if "run" in step]
    return [*steps, *gitlab()["script"], *gitlab()["after_script"], *BLOCKS]


def ours(script: str) -> list[str]:
    """Return the commands of ours in a script, without what the shell does with them."""
    found = re.findall(r"^\s*(?:[A-Z_]+=\S+ )?pec-autorenew (.*?)(?: > \S+)?$", script, re.MULTILINE)
    return [" ".join(command.split()) for command in found]


COMMANDS: Final = sorted({command for script in scripts() for command in ours(script)})


@pytest.mark.parametrize("script", scripts())
def test_script_is_right_for_the_shell(script: str) -> None:
    """Whoever copies it gets no syntax error."""
    done = subprocess.run(["/bin/sh", "-n"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_command_of_ours_is_found() -> None:
    """The next test sees them all."""
    assert len(COMMANDS) >= 10
    assert "check-portal --junit results/portal.xml --html results/portal.html" in COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_command_of_ours_has_no_unknown_word(command: str) -> None:
    """Commands and options exist; what they are given is not looked at."""
    ended = CliRunner().invoke(cli, [*command.split(), "--help"])
    assert ended.exit_code == 0, ended.output


def test_pipelines_hold_references_only() -> None:
    """SEC-1: each variable that the configuration names comes from the pipeline's own store."""
    assert Config.from_layers((Layer("file", SETTINGS),)).accounts[0].name == "studio"
    wanted = set(re.findall(r'\{ env = "(\w+)" \}', (CI / "check-portal.toml").read_text("utf-8")))
    assert wanted == {"PEC_STUDIO_PASSWORD", "PEC_NOTIFY_URL"}
    (step,) = [one for one in github()["steps"] if "PEC_STUDIO_PASSWORD" in one.get("env", {})]
    assert step["env"] == {name: f"${{{{ secrets.{name} }}}}" for name in sorted(wanted, reverse=True)}
    assert wanted.isdisjoint(gitlab()["variables"])
    for job in (github(), gitlab()):
        variables = job.get("env") or job["variables"]
        assert set(variables) == {"PEC_AUTORENEW_CONFIG", "PEC_AUTORENEW_LEDGER__STATE_DIR"}


def test_pipelines_keep_the_ledger_and_no_session() -> None:
    """SEC-1: a saved session is as good as a password for a while; it stays where it was."""
    kept = [one["with"]["path"] for one in github()["steps"] if "cache" in one.get("uses", "")]
    assert kept == ["portal-state/ledger.sqlite3"] * 2
    assert gitlab()["cache"]["paths"] == ["portal-state/ledger.sqlite3"]
    uploaded = [one["with"]["path"] for one in github()["steps"] if "upload-artifact" in one.get("uses", "")]
    assert uploaded == gitlab()["artifacts"]["paths"] == ["results/"]


def test_pipelines_run_each_night_alone_and_not_for_ever() -> None:
    """TIM-2: scheduled, one at a time, ended by the pipeline if by nothing else; results are kept of a failure too."""
    workflow = yaml.safe_load((CI / "github-actions.yml").read_text("utf-8"))
    assert re.fullmatch(r"[1-9]\d? \d+ \* \* \*", workflow[True]["schedule"][0]["cron"])  # `on` is a truth to YAML
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]
    assert gitlab()["resource_group"]
    assert github()["timeout-minutes"] == 30
    assert gitlab()["timeout"] == "30 minutes"
    assert gitlab()["artifacts"]["when"] == gitlab()["cache"]["when"] == "always"
    after = github()["steps"][-3:]
    assert [one["if"] for one in after] == ["${{ !cancelled() }}"] * 3


class Runner:
    """A runner's folder, in which the pipelines' own lines are run."""

    def __init__(self, user: User, portal: MockPortal, told: Receiver) -> None:
        url = portal.url
        self.user, self.portal, self.folder = user, portal, user.home / "project"
        self.folder.mkdir()
        text = (CI / "check-portal.toml").read_text("utf-8")
        (self.folder / "check-portal.toml").write_text(text.replace("123456@aruba.it", "100001@aruba.it"), "utf-8")
        (user.home / "summary").touch()
        self.variables = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "GITHUB_STEP_SUMMARY": str(user.home / "summary"),
            "PEC_AUTORENEW_CONFIG": str(self.folder / "check-portal.toml"),
            "PEC_AUTORENEW_LEDGER__STATE_DIR": str(self.folder / "portal-state"),
            "PEC_AUTORENEW_PORTAL__BASE_URL": url,
            "PEC_AUTORENEW_PORTAL__LOGIN_ORIGINS": f'["{url.rstrip("/")}"]',
            "PEC_AUTORENEW_BROWSER__ACTION_TIMEOUT": "3 s",
            "PEC_STUDIO_PASSWORD": MARKS["PEC_STUDIO"],
            "PEC_NOTIFY_URL": told.channel,
            "PEC_AUTORENEW_HOOKS__AFTER_RUN": json.dumps([str(self.hook)]),
        }

    @property
    def hook(self) -> Path:
        """A program that writes down what it is told of a run."""
        path = self.folder / "hook"
        if not path.exists():
            path.write_text('#!/bin/sh\necho "$PEC_COMMAND $PEC_MODE $PEC_EXIT_CODE" >> "$0.told"\n', "utf-8")
            path.chmod(0o755)
        return path

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script as a runner does, a day later."""
        self.portal.truth.clock.advance(86_400)
        done = subprocess.run(  # noqa: S603 - the lines of the examples
            ["/bin/sh", "-e", "-c", script],
            env=self.user.environment | self.variables,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        self.user.said += [done.stdout, done.stderr]
        return done


@pytest.fixture
def told() -> Iterator[Receiver]:
    """Give somebody who is told."""
    with receiving() as receiver:
        yield receiver


def test_pipelines_see_a_renamed_button_say_so_once_and_remember_it(user: User, start: Start, told: Receiver) -> None:
    """Issue 8, part 3: the pipelines' own lines, two nights long; after the first one the portal renames a button."""
    portal = start("demo")
    runner = Runner(user, portal, told)
    check, summary = (step["run"] for step in github()["steps"] if "pec-autorenew " in step.get("run", ""))
    first = runner.run(check)
    assert first.returncode == 0, first.stderr
    assert told.requests == []

    said = re.compile("conferma e completa", re.IGNORECASE)
    portal._desk.rendering.rename = lambda text: said.sub("Invia", text)  # type: ignore[assignment]
    (line,) = gitlab()["script"]
    second = runner.run(line)
    assert second.returncode == 6, second.stderr
    assert "modulo_ordine.confirm: present → missing; nearest: button «Invia l'ordine»" in second.stdout
    root = ET.fromstring((runner.folder / "results/portal.xml").read_text("utf-8"))  # noqa: S314 - our own
    (failure,) = root.iter("failure")
    assert "Invia l'ordine" in (failure.get("message") or "")
    assert "present → missing" in (runner.folder / "results/portal.html").read_text("utf-8")
    ((_, _, message),) = told.requests
    assert message["title"] == "PEC: 1 pagina del portale è cambiata"
    assert "modulo_ordine.confirm: presente → manca" in message["message"]
    assert (runner.folder / "hook.told").read_text("utf-8") == "check-portal dry-run 0\ncheck-portal dry-run 6\n"

    (block,) = [one for one in BLOCKS if "check.json" in one]
    strict = runner.run(block)
    assert (strict.returncode, strict.stderr) == (1, "")  # something has changed

    runner.run(summary)
    lines = (user.home / "summary").read_text("utf-8").splitlines()
    changes = [" changed since the check before" in one for one in lines if "check-portal" in one]
    assert (lines[0], changes) == ("```text", [True, False])
    (block,) = [one for one in BLOCKS if "show last --since" in one]
    block = block.replace("2026-11-20", "2026-12-01")
    shown = runner.run("\n".join(one for one in block.splitlines() if "check-portal --since" not in one))
    assert shown.returncode == 0, shown.stderr
    assert re.search(r"Since the check of 02/12/2026 .*: \d changes?\.$", shown.stdout, re.MULTILINE)
    assert portal.truth.confirm_posts == 0


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("check-portal --since 2020", "There is no earlier check of the portal '2020'"),
        ("check-portal --since 2026-02-30", "'2026-02-30' is no day: write it as 2026-12-31."),
        ("history --command check-portal --csv", "--command chooses runs, and --csv holds renewals"),
        ("history --command orders", "'orders' is not one of"),
    ],
)
def test_check_that_nobody_knows_is_told_before_anything_is_visited(tmp_path: Path, command: str, said: str) -> None:
    """INTERFACE: a usage error; no browser starts, and no run stands in the ledger."""
    settings = {"PEC_AUTORENEW_CONFIG": str(CI / "check-portal.toml"), "HOME": str(tmp_path)}
    done = CliRunner(env=settings | {"PEC_AUTORENEW_LEDGER__STATE_DIR": str(tmp_path)}).invoke(cli, command.split())
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())
    listed = CliRunner(env=settings | {"PEC_AUTORENEW_LEDGER__STATE_DIR": str(tmp_path)}).invoke(cli, ["history"])
    assert "No run yet" in listed.stdout
