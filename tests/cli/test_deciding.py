"""A person's word on the command line: approve, reject, pause, resume."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.counter import Counter, counter_at

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "a@pec.it"


@pytest.fixture
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Give the command line in front of the portal's double, with one due mailbox."""
    counter = counter_at(tmp_path, monkeypatch)
    counter.truth.add(ADDRESS, 10)
    return counter


@pytest.fixture
def asking(plain: Counter) -> Counter:
    """Let its order wait for a person's word."""
    plain.write('[renewal]\napproval = "above:30.00"\n')
    return plain


def test_order_waits_for_a_word_and_is_placed_once_it_is_said(asking: Counter) -> None:
    """INTERFACE, `approve`: the report prints the command; said twice it is one order (DUP-7)."""
    asked = asking.run("renew", "--json")
    assert (asked.code, asked.items()) == (3, {ADDRESS: ("needs-person", "approval")})
    (item,) = asked.json["items"]
    assert f"pec-autorenew approve {item['id']}" in item["message"]
    assert asking.truth.clicks == 0

    for _ in range(2):
        said = asking.run("approve", item["id"])
        assert (said.code, said.err) == (0, "")
        assert said.out == (
            f"{item['id']}: approved, 1 year by bonifico for 30,50 €, until 04/12/2026 09:00; "
            "the next `renew` orders it if nothing has changed.\n"
        )
    assert asking.run("renew", "--json").items() == {ADDRESS: ("awaiting-payment", "ordered")}
    assert (len(asking.truth.orders), asking.truth.clicks) == (1, 1)


def test_rejected_order_is_not_placed(asking: Counter) -> None:
    """INTERFACE, `reject`: exit 4, and nothing is ordered."""
    identity = asking.run("renew", "--json").json["items"][0]["id"]
    said = asking.run("reject", identity)
    assert (said.code, "rejected, 1 year by bonifico for 30,50 €" in said.out) == (0, True)
    done = asking.run("renew", "--json")
    assert (done.code, done.items()) == (4, {ADDRESS: ("stopped", "approval")})
    assert asking.truth.orders == []


def test_word_without_a_question_is_refused(asking: Counter) -> None:
    """INTERFACE, `approve`: 4 where nothing is asked, 2 for what is no id; others named with it are heard."""
    identity = asking.run("renew", "--json").json["items"][0]["id"]
    unknown = asking.run("approve", "nobody@pec.it/2026-12-10", identity)
    assert (unknown.code, "nobody@pec.it/2026-12-10: nothing is asked of it." in unknown.err) == (4, True)
    assert f"{identity}: approved" in unknown.out
    assert asking.run("approve", ADDRESS).code == 2
    assert asking.run("approve").code == 2
    assert asking.truth.orders == []


def test_paused_tool_orders_nothing_until_it_is_resumed(plain: Counter) -> None:
    """INTERFACE, `pause`: stopped, exit 4, with its reason; reading goes on."""
    assert plain.run("pause", "--reason", "the year is being closed").code == 0
    done = plain.run("renew", "--json")
    assert (done.code, done.items()) == (4, {ADDRESS: ("stopped", "paused")})
    assert "the year is being closed" in done.json["items"][0]["message"]
    assert plain.run("list").code == 0
    assert plain.truth.orders == []
    assert plain.run("resume").out == "New orders are allowed again.\n"
    assert plain.run("resume").out == "New orders were not paused.\n"
    assert plain.run("renew", "--json").items() == {ADDRESS: ("awaiting-payment", "ordered")}
