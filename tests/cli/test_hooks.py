"""The user's own programs along a run: when each is run, what it hears, and what its failing changes."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.counter import Counter, counter_at
from tests.engine.double import LOST

A, B = "a@pec.it", "b@pec.it"
ROOT = Path(__file__).parents[2]
#: Writes one line for each call: its variables, and its document.
RECORDER = """\
import json, os, sys
ours = {name[4:]: value for name, value in os.environ.items() if name[:4] == "PEC_" and name[4:13] != "AUTORENEW"}
with open(sys.argv[1], "a", encoding="utf-8") as file:
    file.write(json.dumps([ours, json.load(sys.stdin)]) + "\\n")
print("chatter")
sys.exit(ours["EVENT"] in sys.argv[2:])
"""


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Give the command line in front of the portal's double, with a mailbox that is due and one that is not."""
    counter = counter_at(tmp_path, monkeypatch)
    counter.truth.add(A, 20)
    counter.truth.add(B, 200)
    return counter


def record(counter: Counter, *failing: str, client: str = "") -> None:
    """Configure a recorder at every moment; it fails at some."""
    (counter.home / "recorder.py").write_text(RECORDER, encoding="utf-8")
    argv = json.dumps([sys.executable, str(counter.home / "recorder.py"), str(counter.home / "calls"), *failing])
    moments = ("before_run", "after_run", "before_renewal", "after_renewal")
    counter.write("[hooks]\n" + "".join(f"{moment} = {argv}\n" for moment in moments))
    if client:
        with (counter.home / "config.toml").open("a", encoding="utf-8") as file:
            file.write(f'client = "{client}"\n')


def calls(counter: Counter) -> list[tuple[dict[str, str], dict[str, Any]]]:
    """Return what the recorder was given, call by call."""
    lines = (counter.home / "calls").read_text("utf-8").splitlines()
    (counter.home / "calls").unlink()
    return [tuple(json.loads(line)) for line in lines]


def test_hooks_hear_of_the_run_and_of_each_renewal(counter: Counter) -> None:
    """Issue 6, item 8: in their order, with the facts as variables and as JSON; stdout keeps to one document."""
    record(counter, client="ginepro")
    done = counter.run("renew", "--json")
    document = done.json
    run_id = document["run_id"]
    heard = calls(counter)
    assert [variables["EVENT"] for variables, _ in heard] == [
        "before_run",
        "before_renewal",
        "after_renewal",
        "after_run",
    ]
    common = {"RUN_ID": run_id, "COMMAND": "renew", "MODE": "live"}
    assert all(variables.items() >= common.items() for variables, _ in heard)
    assert all(one["run_id"] == run_id and one["event"] == variables["EVENT"] for variables, one in heard)
    before, after = heard[1], heard[2]
    renewal = {
        "ACCOUNT": "studio",
        "CLIENT": "ginepro",
        "MAILBOX": A,
        "EXPIRY": "2026-12-21",
        "YEARS": "1",
        "METHOD": "bonifico",
    }
    nothing_yet = dict.fromkeys(("GROSS", "ORDER_NUMBER", "OUTCOME", "REASON"), "")
    assert before[0].items() >= (renewal | nothing_yet).items()
    ordered_item = next(item for item in document["items"] if item["mailbox"] == A)
    came_of_it = {"GROSS": "30.50", "ORDER_NUMBER": "1001", "OUTCOME": "awaiting-payment", "REASON": "ordered"}
    assert after[0].items() >= (renewal | came_of_it).items()
    assert after[1]["renewal"] == ordered_item
    assert before[1]["renewal"]["mailbox"] == A
    assert heard[3][0]["EXIT_CODE"] == "0"
    assert heard[3][1]["report"]["items"] == document["items"]
    assert (done.code, done.err) == (0, "")


def test_hooks_of_a_dry_run_and_of_reconcile_know_it(counter: Counter) -> None:
    """Item 8: a dry run rehearses its programs, `reconcile` orders nothing, `list` has none."""
    record(counter)
    assert counter.run("renew", "--dry-run").code == 0
    heard = calls(counter)
    assert [variables["EVENT"] for variables, _ in heard] == [
        "before_run",
        "before_renewal",
        "after_renewal",
        "after_run",
    ]
    assert {variables["MODE"] for variables, _ in heard} == {"dry-run"}
    assert heard[2][0]["OUTCOME"] == "would-order"
    assert counter.run("reconcile").code == 0
    assert [(one["EVENT"], one["COMMAND"]) for one, _ in calls(counter)] == [
        ("before_run", "reconcile"),
        ("after_run", "reconcile"),
    ]
    assert counter.run("list").code == 0
    assert counter.run("plan").code == 0
    assert not (counter.home / "calls").exists()


def test_failing_before_a_run_ends_it_before_anything_is_visited(counter: Counter) -> None:
    """Item 8: exit 4, told like any other run, and the program after the run hears of it."""
    counter.run("list")
    visits = len(counter.truth.opened)
    record(counter, "before_run")
    done = counter.run("renew", "--json")
    assert (done.code, done.json["exit_codes"]) == (4, [4])
    assert done.items() == {A: ("stopped", "hook"), B: ("stopped", "hook")}
    assert "hooks.before_run" in done.json["items"][0]["message"]
    assert len(counter.truth.opened) == visits
    assert [(one["EVENT"], one.get("EXIT_CODE")) for one, _ in calls(counter)] == [
        ("before_run", None),
        ("after_run", "4"),
    ]
    assert (counter.state / "runs" / done.json["run_id"] / "report.json").exists()


def test_failing_before_a_renewal_stops_that_one(counter: Counter) -> None:
    """Item 8: exit 4, nothing was pressed, and no program is told afterwards of what did not begin."""
    record(counter, "before_renewal")
    done = counter.run("renew", "--json")
    assert (done.code, done.items()[A]) == (4, ("stopped", "hook"))
    assert (counter.truth.clicks, counter.truth.prepared) == (0, [])
    assert [one["EVENT"] for one, _ in calls(counter)] == ["before_run", "before_renewal", "after_run"]


@pytest.mark.parametrize("moment", ["after_renewal", "after_run"])
def test_failing_afterwards_changes_the_exit_code_and_nothing_else(counter: Counter, moment: str) -> None:
    """Item 8: exit 8, the order as it is, and words on stderr."""
    record(counter, moment)
    done = counter.run("renew", "--json")
    assert (done.code, done.json["exit_codes"]) == (8, [8])
    assert done.items()[A] == ("awaiting-payment", "ordered")
    assert len(counter.truth.orders_for(A)) == 1
    assert f"hooks.{moment} ({Path(sys.executable).name}) ended with status 1" in done.err
    codes = [one["EXIT_CODE"] for one, _ in calls(counter) if one["EVENT"] == "after_run"]
    assert codes == (["8"] if moment == "after_renewal" else ["0"])


def test_after_renewal_hears_of_an_order_whose_outcome_is_not_known(counter: Counter) -> None:
    """Item 8, VER-1: once, and with the truth."""
    counter.truth.script["click"] = [LOST]
    counter.truth.lag = 99
    record(counter)
    assert counter.run("renew").code == 5
    (one,) = [one for one, _ in calls(counter) if one["EVENT"] == "after_renewal"]
    assert (one["OUTCOME"], one["REASON"], one["ORDER_NUMBER"]) == ("unknown", "unknown", "")


def test_after_run_is_run_though_an_error_ended_the_run(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Item 8: whatever a program before the run has opened, the one after it can close; its failing hides no error."""
    from pec_autorenew.errors import BrowserUnavailable

    def no_browser(*_: object, **__: object) -> None:
        raise BrowserUnavailable("there is no browser")

    monkeypatch.setattr("pec_autorenew.engine.crew.browsers", no_browser)
    record(counter, "after_run")
    done = counter.run("renew", "--json")
    assert done.code == 78
    ended = calls(counter)[-1]
    assert (ended[0]["EVENT"], ended[0]["EXIT_CODE"]) == ("after_run", "78")
    assert ended[1]["report"]["error"]["message"] == "there is no browser"
    assert "hooks.after_run" in done.err


def test_what_a_program_says_is_shown_and_not_kept(counter: Counter) -> None:
    """SEC-1: its last line is for stderr; ledger and report name its status."""
    said = "sh: it says something of its own"
    counter.write(f"""[hooks]\nbefore_run = ["sh", "-c", "echo '{said}' >&2; exit 9"]\n""")
    done = counter.run("renew", "--json")
    assert f"hooks.before_run (sh) ended with status 9; the last that it said: {said}" in done.err
    assert said not in done.out
    assert said.encode() not in b"".join(path.read_bytes() for path in counter.state.rglob("*") if path.is_file())


def test_example_of_the_document_does_what_it_says(counter: Counter) -> None:
    """docs/hooks.md: the example, word for word, keeps a mailbox from being ordered and writes down the others."""
    text = (ROOT / "docs" / "hooks.md").read_text("utf-8")
    script = re.search(r"```sh\n(#!/bin/sh\n.*?)```", text, re.DOTALL)
    table = re.search(r"```toml\n(\[hooks\]\n.*?)```", text, re.DOTALL)
    assert script is not None
    assert table is not None
    counter.write(table[1])
    program = counter.home / "hooks" / "renewals.sh"
    program.parent.mkdir()
    program.write_text(script[1], encoding="utf-8")
    program.chmod(0o700)

    home = {"HOME": str(counter.home)}
    (counter.home / "frozen-mailboxes").write_text(f"{A}\n", encoding="utf-8")
    done = counter.run("renew", "--json", **home)
    assert (done.code, done.items()[A]) == (4, ("stopped", "hook"))
    assert f"{A} is frozen" in done.err
    (counter.home / "frozen-mailboxes").unlink()
    assert counter.run("renew", "--dry-run", **home).code == 0
    assert not (counter.home / "renewals.csv").exists()
    assert counter.run("renew", "--json", **home).code == 0
    (line,) = (counter.home / "renewals.csv").read_text("utf-8").splitlines()
    assert line.split(";")[1:] == [A, "2026-12-21", "awaiting-payment", "1001", "30.50"]
