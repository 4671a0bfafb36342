"""What the options of the commands narrow, lower and print; how the pages are walked is no matter here."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.model import PortalAutorenewal
from tests.cli.counter import Counter, counter_at

if TYPE_CHECKING:
    from pathlib import Path

A, OTHERS, OLD, SOON, LATER = "a@pec.it", "officine@pec.it", "vecchia@pec.it", "presto@pec.it", "archivio@pec.it"
KEYS = {
    *("schema", "run_id", "command", "mode", "started_at", "finished_at", "exit_code", "exit_codes", "totals"),
    *("items", "next_due"),
}
ITEM_KEYS = {
    *("id", "account", "mailbox", "outcome", "reason", "message", "years", "payment_method", "gross", "order_gross"),
    *("order_number", "expiry_before", "expiry_after", "portal_autorenewal", "evidence"),
    *("pay_by", "reminder", "payment_instructions", "client"),
}


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Give the command line in front of the portal's double."""
    return counter_at(tmp_path, monkeypatch)


@pytest.fixture
def one(counter: Counter) -> Counter:
    """Let one mailbox be due."""
    counter.truth.add(A, 10)
    return counter


@pytest.fixture
def many(counter: Counter) -> Counter:
    """Let two accounts have mailboxes: an expired one, two that are due, one each that is not or renews itself."""
    truth = counter.truth
    truth.add(OLD, -10)
    truth.add(SOON, 9)
    truth.add(A, 20)
    truth.add(LATER, 260)
    truth.add("fatture@pec.it", 15, autorenewal=PortalAutorenewal.ON)
    truth.add(OTHERS, 18, "azienda")
    counter.write("", "studio", "azienda")
    text = (counter.home / "config.toml").read_text("utf-8")
    (counter.home / "config.toml").write_text(
        text.replace('name = "studio"', 'name = "studio"\nclient = "ginepro"'), encoding="utf-8"
    )
    return counter


def ordered(counter: Counter) -> list[str]:
    """Return the mailboxes in the portal's orders, one entry for each order that holds them."""
    return sorted(address for order in counter.truth.orders for address in order.lines)


def change(counter: Counter, before: str, after: str) -> None:
    """Change the configuration."""
    path = counter.home / "config.toml"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_dry_run_without_anything_critical_exits_zero(one: Counter) -> None:
    """DRY-1: what would be ordered is no complaint."""
    done = one.run("renew", "--dry-run")
    assert done.code == 0
    assert "Dry run: 1 would be ordered, 30,50 €; nothing was." in done.out
    assert ordered(one) == []


def test_run_document_has_every_key_of_the_interface(many: Counter) -> None:
    """INTERFACE: the document's keys are there, always, and `exit_code` is the first of `exit_codes`, the worst."""
    done = many.run("renew", "--json", "--max-items", "1", "--account", "studio")
    document = done.json
    assert document.keys() == KEYS
    assert document["schema"] == "pec-autorenew/run/1"
    assert all(item.keys() == ITEM_KEYS for item in document["items"])
    assert (done.code, document["exit_code"], document["exit_codes"]) == (7, 7, [7, 4])
    assert ordered(many) == [OLD], "the most urgent one (BLK-1)"
    (item,) = (one for one in document["items"] if one["reason"] == "ordered")
    (order,) = many.truth.orders
    assert item == item | {
        "id": f"{OLD}/{item['expiry_before']}",
        "years": 1,
        "payment_method": "bonifico",
        "gross": f"{order.gross:.2f}",
        "order_gross": f"{order.gross:.2f}",
        "order_number": order.number,
        "expiry_after": None,
        "portal_autorenewal": "off",
        "evidence": [],
    }
    report = many.state / "runs" / document["run_id"] / "report.json"
    assert report.read_text("utf-8") == done.out
    assert report.stat().st_mode & 0o777 == 0o600
    assert document["next_due"] == {"mailbox": LATER, "expiry": "2027-08-18", "due_from": "2027-07-19"}


def test_mailbox_below_its_critical_days_exits_seven_though_it_is_ordered(counter: Counter) -> None:
    """SIL-3: an unpaid order three days before the expiry is no renewal, and the message names the mailbox."""
    counter.truth.add(A, 3)
    done = counter.run("renew")
    assert done.code == 7
    assert ordered(counter) == [A]
    assert f"Below 7 days and not renewed: {A} (3 days left)." in done.out


def test_max_total_never_raises_the_configured_limit(many: Counter) -> None:
    """PRC-2: a command line lowers limits only; what the budget does not cover is stopped, most urgent first."""
    change(many, 'max_per_run = "200.00"', 'max_per_run = "61.00"')
    done = many.run("renew", "--json", "--max-total", "999.00")
    assert sum((order.gross for order in many.truth.orders), Decimal(0)) <= Decimal(61)
    assert ordered(many) == [SOON, OLD]
    assert done.json["exit_codes"] == [7, 4]
    assert done.items()[A] == ("stopped", "budget")


def test_max_total_lowers_the_limit_of_a_run(one: Counter) -> None:
    """PRC-2: 30,50 € allow one mailbox of 30,50 €, and zero means zero."""
    none = one.run("renew", "--json", "--max-total", "0")
    assert (none.code, none.items()) == (4, {A: ("stopped", "budget")})
    assert ordered(one) == []
    assert one.run("renew", "--json", "--max-total", "30,49").items() == {A: ("stopped", "budget")}
    assert one.run("renew", "--json", "--max-total", "30,50").code == 0
    assert ordered(one) == [A]


@pytest.mark.parametrize(
    ("narrowing", "due"),
    [
        (("--account", "azienda"), {OTHERS}),
        (("--client", "ginepro"), {OLD, SOON, A}),
        (("--mailbox", " Presto@PEC.it"), {SOON}),
    ],
)
def test_narrowing_options_leave_out_the_rest(many: Counter, narrowing: tuple[str, ...], due: set[str]) -> None:
    """INTERFACE: accounts, clients, and mailboxes in any spelling (DUP-9) choose what is planned, and ordered."""
    assert many.run("plan", "--json", *narrowing).mailboxes("would-order") == due
    many.run("renew", *narrowing)
    assert set(ordered(many)) == due


def test_within_narrows_the_window(many: Counter) -> None:
    """INTERFACE: with ten days' window only what expires before is due."""
    done = many.run("renew", "--dry-run", "--json", "--within", "10", "--client", "ginepro")
    assert done.mailboxes("would-order") == {SOON, OLD}


def test_window_is_never_widened(counter: Counter) -> None:
    """INTERFACE: `--within` narrows; with 365 days the window is still 30."""
    counter.truth.add(A, 31)
    counter.truth.add(LATER, 200)
    done = counter.run("renew", "--json", "--within", "365")
    assert done.mailboxes("skipped") == {A, LATER}
    assert ordered(counter) == []


def test_renew_early_orders_that_mailbox_before_its_window(counter: Counter) -> None:
    """INTERFACE: `--renew-early` with its reason renews what is not due, even when a fresh survey would end the run."""
    counter.truth.add(A, 100)
    counter.truth.add(LATER, 200)
    assert counter.run("renew").code == 0
    alone = counter.run("renew", "--renew-early", A)
    assert (alone.code, ordered(counter)) == (2, [])
    assert "--renew-early and --reason go together" in alone.err
    done = counter.run("renew", "--json", "--renew-early", "A@Pec.it", "--reason", "closing the year")
    assert done.items()[A] == ("awaiting-payment", "ordered")
    assert ordered(counter) == [A]


def test_clock_that_starts_again_makes_no_survey_stale(counter: Counter) -> None:
    """INTERFACE: while `PEC_AUTORENEW_CLOCK` is set, run times that are equal or overlap are plausible."""
    counter.truth.add(A, 100)
    for _ in range(2):
        assert counter.run("renew").code == 0
    assert len(counter.truth.opened) == 1


def test_plan_says_why_and_what_the_budget_leaves(one: Counter) -> None:
    """INTERFACE: `plan` orders nothing, gives a reason for each mailbox, prices where known, and the budget after."""
    unknown = one.run("plan")
    assert (unknown.code, ordered(one)) == (0, [])
    assert "1 due." in unknown.out
    assert "Budget: 200,00 € left in this run and month; the price of 1 shows only on the order form" in unknown.out

    assert one.run("renew").code == 0
    one.truth.pay(one.truth.orders[0])
    one.truth.clock.advance(timedelta(days=360))
    assert one.run("reconcile").code == 0
    known = one.run("plan", "--json")
    assert known.json["schema"] == "pec-autorenew/plan/1"
    assert known.json["budget"] == {"left": "200.00", "left_afterwards": "169.50", "unpriced": 0, "currency": "EUR"}
    assert "169,50 € after it at the last orders' prices." in one.run("plan").out


def test_portal_s_own_renewer_is_left_alone(many: Counter) -> None:
    """PAY-2: a mailbox with «Rinnovo automatico» on is never ordered, and is not announced as the next one."""
    done = many.run("renew", "--json", "--mailbox", "fatture@pec.it")
    assert done.items() == {"fatture@pec.it": ("skipped", "portal-autorenewal-on")}
    assert ordered(many) == []
    assert done.json["next_due"]["mailbox"] == LATER


@pytest.mark.parametrize("command", ["renew", "plan", "list"])
def test_unknown_mailbox_is_an_error_that_says_how_to_find_the_right_one(counter: Counter, command: str) -> None:
    """INTERFACE: a mailbox that no account shows is an error, even where a fresh survey would have ended the run."""
    counter.truth.add(A, 100)
    assert counter.run("renew").code == 0
    done = counter.run(command, "--mailbox", "a@pec.lt", "--json")
    assert done.code == 1
    (item,) = done.json["problems" if command == "list" else "items"]
    assert (item["mailbox"], item["reason"]) == ("a@pec.lt", "mailbox-not-found")
    told = counter.run(command, "--mailbox", "a@pec.lt")
    assert "a@pec.lt: failed, mailbox-not-found" in told.out + told.err
    assert "Check the spelling; `pec-autorenew list` shows what there is." in told.out + told.err
    assert ordered(counter) == []


# -- how it is printed -----------------------------------------------------------------------------------------------


def test_log_json_is_one_object_a_line(many: Counter) -> None:
    """INTERFACE: with `--log-json` stderr carries JSON lines, errors among them; stdout keeps the result."""
    many.truth.add("altra@pec.it", 200, "azienda")
    done = many.run("plan", "--log-json", "--account", "azienda")
    assert [json.loads(line)["event"] for line in done.err.splitlines()] == ["look", "done", "done"]
    assert "1 due." in done.out
    (many.home / "config.toml").write_text("[", encoding="utf-8")
    broken = many.run("plan", "--log-json")
    assert json.loads(broken.err)["event"] == "error"


def test_quiet_run_says_what_is_wrong_or_changed_and_no_more(one: Counter) -> None:
    """ENV-3: an order placed and a renewal seen are said, an order that still waits is not."""
    first = one.run("renew", "-q")
    assert (first.code, first.err) == (0, "")
    assert "1 ordered, 30,50 €." in first.out
    again = one.run("-q", "renew")
    assert (again.code, again.out, again.err) == (0, "", "")
    one.truth.pay(one.truth.orders[0])
    paid = one.run("reconcile", "-q")
    assert (paid.code, paid.err) == (0, "")
    assert f"{A} (expires 11/12/2026): renewed" in paid.out


def test_json_with_verbose_keeps_the_log_on_stderr(many: Counter) -> None:
    """INTERFACE: with `--json`, stdout carries one JSON document and nothing else; logs go to stderr."""
    done = many.run("list", "--json", "-v", "--account", "azienda")
    assert done.json["schema"] == "pec-autorenew/list/1"
    assert "Looking at account azienda." in done.err
