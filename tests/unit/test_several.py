"""A directory of configurations: a command over each, in the order of their names, and the worst exit code."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

from pec_autorenew.cli.ending import ending, leave, print_json
from pec_autorenew.cli.options import asking
from pec_autorenew.engine.stopping import requests_heard
from pec_autorenew.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pec_autorenew.cli.options import Asked

ACCOUNT = '[[accounts]]\nname = "{name}"\nusername = "{name}"\npassword = {{ env = "UNUSED" }}\nclient = "{client}"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a directory of three configurations, each with a state folder of its own, and what else may lie there."""
    folder = tmp_path / "configurations"
    folder.mkdir()
    for name, client in (("beta", "Verdi"), ("alfa", "Rossi"), ("gamma", "Rossi")):
        text = f'[ledger]\nstate_dir = "{name}"\n{ACCOUNT.format(name=name, client=client)}'
        (folder / f"{name}.toml").write_text(text, "utf-8")
    for other in (".hidden.toml", "alfa.toml~", "accounts.csv"):
        (folder / other).write_text("no configuration", "utf-8")
    (folder / "more.toml").mkdir()
    return folder


def command(act: Callable[[Asked], None], name: str = "renew", **options: Any) -> click.Command:  # noqa: ANN401
    """Return a command that takes directories and does this for each configuration."""

    @click.command(name)
    @click.option("--no-jitter", is_flag=True)
    @click.option("--csv", "as_csv", is_flag=True)
    @asking(as_json=True, narrowing=True, several=True, **options)
    def run(asked: Asked, *, no_jitter: bool, as_csv: bool) -> None:
        assert not as_csv
        with ending(asked, name):
            asked.config()
            act(asked)
            click.echo(f"{no_jitter}", err=True)

    return run


def of(codes: dict[str, int]) -> Callable[[Asked], None]:
    """Return what ends with these exit codes, by the configuration's name; a word on stdout before."""

    def act(asked: Asked) -> None:
        assert asked.config_path is not None
        name = asked.config_path.stem
        print_json({"name": name, "asked": [*asked.accounts, *asked.clients]}) if asked.as_json else click.echo(name)
        if codes.get(name):
            leave(codes[name])

    return act


def test_configurations_are_run_in_the_order_of_their_names(folder: Path) -> None:
    """A directory is what its *.toml files are, one after the other; the random delay is once for all."""
    done = CliRunner().invoke(command(of({})), ["-c", str(folder)])
    assert (done.exit_code, done.stdout) == (0, "== alfa.toml\nalfa\n== beta.toml\nbeta\n== gamma.toml\ngamma\n")
    assert done.stderr.splitlines() == [
        *("False", "True", "True"),
        "Configurations and their exit codes: alfa.toml 0, beta.toml 0, gamma.toml 0",
    ]


@pytest.mark.parametrize(
    ("codes", "worst"),
    [
        ({"alfa": 75, "gamma": 8}, 75),
        ({"alfa": 4, "beta": 7}, 7),
        ({"alfa": 78, "beta": 5, "gamma": 7}, 5),
        ({"alfa": 6, "gamma": 78}, 78),
        ({"beta": 3}, 3),
    ],
)
def test_worst_exit_code_wins_and_stops_nobody(folder: Path, codes: dict[str, int], worst: int) -> None:
    """INTERFACE: an order that may exist is never hidden by a slip in another configuration."""
    done = CliRunner().invoke(command(of(codes)), ["-c", str(folder)])
    assert done.exit_code == worst
    assert [line for line in done.stdout.splitlines() if "=" not in line] == ["alfa", "beta", "gamma"]


def test_failures_of_any_kind_stop_nobody(folder: Path) -> None:
    """SIL-4: a file that cannot be read, a usage error, an error that nobody foresaw: all are told by their codes."""
    (folder / "alfa.toml").write_text("x =", "utf-8")

    def act(asked: Asked) -> None:
        assert asked.config_path is not None
        if asked.config_path.stem == "beta":
            raise click.UsageError("not so")
        raise RuntimeError("a surprise")

    done = CliRunner().invoke(command(act), ["-c", str(folder)])
    assert done.exit_code == 78
    assert done.stderr.endswith("exit codes: alfa.toml 78, beta.toml 2, gamma.toml 1\n")
    assert "RuntimeError: a surprise" in done.stderr


def test_json_is_one_document(folder: Path) -> None:
    """INTERFACE: with --json, stdout carries one document and nothing else; each configuration's is in it."""
    (folder / "beta.toml").write_text("x =", "utf-8")
    done = CliRunner().invoke(command(of({"gamma": 7})), ["-c", str(folder), "--json"])
    document = json.loads(done.stdout)
    assert (document["schema"], document["command"]) == ("pec-autorenew/runs/1", "renew")
    assert (document["exit_code"], document["exit_codes"]) == (done.exit_code, [7, 78, 0]) == (7, [7, 78, 0])
    assert [(one["config"], one["exit_code"]) for one in document["runs"]] == [
        (f"{folder}/alfa.toml", 0),
        (f"{folder}/beta.toml", 78),
        (f"{folder}/gamma.toml", 7),
    ]
    assert document["runs"][0]["document"]["name"] == "alfa"
    assert document["runs"][1]["document"]["error"]["message"].startswith("The configuration has 1 problem.")


def test_quiet_says_nothing_where_there_is_nothing(folder: Path) -> None:
    """ENV-3: silence over several configurations is silence; who speaks is named."""

    def act(asked: Asked) -> None:
        assert asked.config_path is not None
        if asked.config_path.stem == "beta":
            click.echo("changed")

    runner = CliRunner()
    done = runner.invoke(command(act), ["-c", str(folder), "-q", "--no-jitter"])
    assert (done.exit_code, done.stdout) == (0, "== beta.toml\nchanged\n")
    assert done.stderr.splitlines() == ["True"] * 3


@pytest.mark.parametrize(
    ("options", "ran"),
    [
        (["--client", "Rossi"], {"alfa": ["Rossi"], "gamma": ["Rossi"]}),
        (["--account", "beta"], {"beta": ["beta"]}),
        (["--account", "beta", "--account", "gamma"], {"beta": ["beta"], "gamma": ["gamma"]}),
        (["--account", "alfa", "--account", "beta", "--client", "Rossi"], {"alfa": ["alfa", "Rossi"]}),
    ],
)
def test_accounts_and_clients_choose_the_configurations(
    folder: Path, options: list[str], ran: dict[str, list[str]]
) -> None:
    """INTERFACE: a name is known if any configuration has it, and asked of none that has not."""
    done = CliRunner().invoke(command(of({})), ["-c", str(folder), "--json", *options])
    assert {one["document"]["name"]: one["document"]["asked"] for one in json.loads(done.stdout)["runs"]} == ran


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (["--client", "Bianchi"], "There is no client 'Bianchi'; known: Rossi, Verdi."),
        (["--account", "beta", "--client", "Rossi"], "both of --account and of --client"),
        (["--mailbox", "a@pec.it"], "--mailbox is for one configuration"),
        (["--csv"], "--csv is for one configuration"),
    ],
)
def test_what_is_for_one_configuration_is_a_usage_error(folder: Path, options: list[str], hint: str) -> None:
    """INTERFACE: exit 2, and nothing is run."""
    done = CliRunner().invoke(command(of({})), ["-c", str(folder), *options])
    assert (done.exit_code, done.stdout) == (2, "")
    assert hint in done.stderr


def test_command_for_one_configuration_refuses_a_directory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """INTERFACE: exit 2, whether the directory was named by the option or by the variable."""

    @click.command()
    @asking()
    def single(asked: Asked) -> None:
        raise AssertionError(asked)

    assert CliRunner().invoke(single, ["-c", str(folder)]).exit_code == 2
    monkeypatch.setenv("PEC_AUTORENEW_CONFIG", str(folder))
    done = CliRunner().invoke(single, [])
    assert (done.exit_code, "name its file" in done.stderr) == (2, True)
    assert CliRunner().invoke(command(of({})), []).stdout.startswith("== alfa.toml")


def test_directory_without_a_configuration_is_not_fit(tmp_path: Path) -> None:
    """CFG-1: exit 78, never «nothing is due»."""
    done = CliRunner().invoke(command(of({})), ["-c", str(tmp_path)])
    assert (done.exit_code, "There is no configuration (*.toml)" in done.stderr) == (78, True)


def test_one_ledger_with_two_accounts_of_one_name_is_refused(folder: Path) -> None:
    """SES-5: sessions, surveys and claims go by the account's name: the later configuration is not run."""
    shared = f'[ledger]\nstate_dir = "alfa"\n{ACCOUNT.format(name="Alfa", client="")}'
    (folder / "beta.toml").write_text(shared, "utf-8")
    done = CliRunner().invoke(command(of({})), ["-c", str(folder)])
    assert (done.exit_code, done.stdout.split()) == (
        78,
        ["==", "alfa.toml", "alfa", *["==", "beta.toml", "==", "gamma.toml", "gamma"]],
    )
    assert "Account 'Alfa' is in alfa.toml too, and both have one ledger" in done.stderr
    (folder / "beta.toml").write_text(shared.replace("Alfa", "beta"), "utf-8")
    assert CliRunner().invoke(command(of({})), ["-c", str(folder)]).exit_code == 0


def test_request_to_end_ends_the_rest(folder: Path) -> None:
    """RES-2: Ctrl-C in one run is no wish to go on with the next."""

    def act(_: Asked) -> None:
        click.echo("begun")
        with requests_heard() as hearing:
            try:
                os.kill(os.getpid(), signal.SIGTERM)
                signal.pause()
            except KeyboardInterrupt:
                hearing.be_deaf()

    done = CliRunner().invoke(command(act), ["-c", str(folder)])
    assert (done.exit_code, done.stdout) == (1, "== alfa.toml\nbegun\n")
    assert done.stderr.count("not begun: the command was asked to end") == 2


def test_plug_in_has_its_line_first_and_knows_four_levels(folder: Path) -> None:
    """SIL-6: a monitoring system reads the first line; CRITICAL is worse than UNKNOWN, and 78 no level."""
    levels = {"alfa": 3, "beta": 0, "gamma": 2}

    def act(asked: Asked) -> None:
        assert asked.config_path is not None
        click.echo(f"PEC said by {asked.config_path.stem} | days_min=3;;\nmore")
        leave(levels[asked.config_path.stem])

    done = CliRunner().invoke(command(act, "check"), ["-c", str(folder)])
    assert done.exit_code == 2
    assert done.stdout.splitlines()[:3] == [
        "PEC CRITICAL - 2 of 3 configurations: alfa.toml, gamma.toml",
        "alfa.toml: PEC said by alfa",
        "alfa.toml: more",
    ]
    shared = f'[ledger]\nstate_dir = "alfa"\n{ACCOUNT.format(name="alfa", client="")}'
    (folder / "gamma.toml").write_text(shared, "utf-8")
    done = CliRunner().invoke(command(act, "check"), ["-c", str(folder)])
    assert (done.exit_code, done.stdout.splitlines()[0]) == (
        3,
        "PEC UNKNOWN - 2 of 3 configurations: alfa.toml, gamma.toml",
    )
    assert CliRunner().invoke(command(act, "check"), ["-c", str(folder / "more.toml")]).exit_code == 3


def test_error_of_a_configuration_is_said_by_the_command_itself(folder: Path) -> None:
    """CFG-1: what the command says of one configuration it says of each."""

    def act(asked: Asked) -> None:
        raise ConfigError(f"{asked.config_path} does not allow orders.")

    done = CliRunner().invoke(command(act), ["-c", str(folder)])
    assert (done.exit_code, done.stderr.count("does not allow orders.")) == (78, 3)
