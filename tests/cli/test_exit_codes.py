"""Each exit code of the interface is reached by a command line, and the portal's truth is what the code says."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.engine.locks import only_run
from pec_autorenew.errors import Maintenance, PersonNeeded, UnexpectedPage
from pec_autorenew.results import WORST_FIRST
from tests.cli.counter import Counter, counter_at
from tests.engine.double import LOST

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.users import Done

A = "a@pec.it"


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Give the command line in front of the portal's double, with a mailbox that is due."""
    counter = counter_at(tmp_path, monkeypatch)
    counter.truth.add(A, 20)
    return counter


def all_well(counter: Counter) -> Done:
    """Order what is due."""
    return counter.run("renew", "--json")


def wrong_password(counter: Counter) -> Done:
    """Sign in with a password that is refused."""
    counter.truth.refused.add("studio")
    return counter.run("renew", "--json")


def strange_option(counter: Counter) -> Done:
    """Ask for what there is not."""
    return counter.run("renew", "--json", "--account", "nobody")


def captcha(counter: Counter) -> Done:
    """Meet a captcha at the door."""
    counter.truth.script["sign_in"] = [PersonNeeded("a captcha", reason="captcha")]
    return counter.run("renew", "--json")


def nothing_left(counter: Counter) -> Done:
    """Have a budget that allows nothing."""
    return counter.run("renew", "--json", "--max-total", "0")


def lost_answer(counter: Counter) -> Done:
    """Lose the answer to the click, with an order that no list shows yet."""
    counter.truth.script["answer"], counter.truth.lag = [LOST], 99
    return counter.run("renew", "--json")


def strange_page(counter: Counter) -> Done:
    """Find another page than expected."""
    counter.truth.script["survey"] = [UnexpectedPage("blank")]
    return counter.run("renew", "--json")


def days_go_by(counter: Counter) -> Done:
    """Order three days before the expiry."""
    counter.truth.add(A, 3)
    return counter.run("renew", "--json")


def deaf_program(counter: Counter) -> Done:
    """Have a report that cannot be delivered."""
    counter.write('[hooks]\nafter_run = ["false"]\n')
    return counter.run("renew", "--json")


def closed_portal(counter: Counter) -> Done:
    """Come during maintenance."""
    counter.truth.script["survey"] = [Maintenance("closed")]
    return counter.run("renew", "--json")


def another_run(counter: Counter) -> Done:
    """Come while another run is active."""
    with only_run(counter.state, "another"):
        return counter.run("renew", "--json")


def wrong_configuration(counter: Counter) -> Done:
    """Have a configuration that does not allow orders."""
    path = counter.home / "config.toml"
    path.write_text(path.read_text("utf-8").replace('max_per_run = "200.00"\n', ""), encoding="utf-8")
    return counter.run("renew", "--json")


def newer_ledger(counter: Counter) -> Done:
    """Have a ledger that a newer version wrote."""
    counter.run("list")
    with closing(sqlite3.connect(counter.state / "ledger.sqlite3")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    return counter.run("renew", "--json")


#: Scenario, exit code, outcome and reason of the mailbox (None: a document without items), orders at the portal.
WAYS: list[tuple[Callable[[Counter], Done], int, tuple[str, str] | None, int]] = [
    (all_well, 0, ("awaiting-payment", "ordered"), 1),
    (wrong_password, 1, ("failed", "sign-in-rejected"), 0),
    (strange_option, 2, None, 0),
    (captcha, 3, ("needs-person", "captcha"), 0),
    (nothing_left, 4, ("stopped", "budget"), 0),
    (lost_answer, 5, ("unknown", "unknown"), 1),
    (strange_page, 6, ("drift", "unexpected-page"), 0),
    (days_go_by, 7, ("awaiting-payment", "ordered"), 1),
    (deaf_program, 8, ("awaiting-payment", "ordered"), 1),
    (closed_portal, 75, ("failed", "maintenance"), 0),
    (another_run, 75, None, 0),
    (wrong_configuration, 78, None, 0),
    (newer_ledger, 78, None, 0),
]


@pytest.mark.parametrize(("way", "code", "item", "orders"), WAYS, ids=lambda value: getattr(value, "__name__", None))
def test_exit_code_is_reached(
    counter: Counter, way: Callable[[Counter], Done], code: int, item: tuple[str, str] | None, orders: int
) -> None:
    """INTERFACE, exit codes: by a run of the command line, and the process's code is the document's."""
    done = way(counter)
    assert (done.code, done.json["exit_code"]) == (code, code)
    assert code == done.json["exit_codes"][0]
    assert list(done.items().values()) == ([item] if item else [])
    assert ("error" in done.json) == (item is None)
    assert len(counter.truth.orders_for(A)) == orders


def test_every_exit_code_of_the_interface_has_its_scenario() -> None:
    """INTERFACE: 0 to 8, 75 and 78, and none besides."""
    codes = {code for _, code, _, _ in WAYS}
    assert codes == {*range(9), 75, 78} == {0, 2, *WORST_FIRST}


def test_several_at_once_end_with_the_worst(counter: Counter) -> None:
    """INTERFACE: an unknown outcome, of a mailbox that is critical, and a program that fails afterwards."""
    counter.write('[hooks]\nafter_run = ["false"]\n')
    counter.truth.add(A, 3)
    counter.truth.script["answer"], counter.truth.lag = [LOST], 99
    done = counter.run("renew", "--json")
    assert (done.code, done.json["exit_codes"]) == (5, [5, 7, 8])


def test_newer_ledger_is_left_as_it_is_and_the_error_says_what_to_do(counter: Counter) -> None:
    """Issue 6, item 11: refused by every command, 78, «Upgrade», not a byte changed."""
    newer_ledger(counter)
    before = (counter.state / "ledger.sqlite3").read_bytes()
    for command in ("renew", "reconcile", "list", "history", "plan"):
        done = counter.run(command)
        assert done.code == 78
        assert "a newer version wrote it. Upgrade pec-autorenew." in done.err
    assert (counter.state / "ledger.sqlite3").read_bytes() == before
    assert counter.truth.opened == counter.truth.opened[:1]
