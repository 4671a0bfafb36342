"""A person's word on the command line: approve, reject, pause, resume."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.users import BIANCA, HEAD

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import MockPortal
    from tests.cli.users import Start, User

ADDRESS = "bianca.sorbo@pec.it"


@pytest.fixture
def bianca(user: User, start: Start) -> MockPortal:
    """Give a portal with one due mailbox, whose order waits for a person's word."""
    portal = start("single")
    user.write(HEAD.format(url=portal.url) + '\n[renewal]\napproval = "above:6.00"\n' + BIANCA)
    return portal


def test_order_waits_for_a_word_and_is_placed_once_it_is_said(user: User, bianca: MockPortal) -> None:
    """INTERFACE, `approve`: the report prints the command; said twice it is one order (DUP-7)."""
    asked = user.run("renew", "--json")
    assert (asked.code, asked.items()) == (3, {ADDRESS: ("needs-person", "approval")})
    (item,) = asked.json["items"]
    assert f"pec-autorenew approve {item['id']}" in item["message"]
    assert bianca.truth.confirm_posts == 0

    for _ in range(2):
        said = user.run("approve", item["id"])
        assert (said.code, said.err) == (0, "")
        assert said.out == (
            f"{item['id']}: approved, 1 year by bonifico for 6,10 €, until 04/12/2026 09:00; "
            "the next `renew` orders it if nothing has changed.\n"
        )
    assert user.run("renew", "--json").items() == {ADDRESS: ("awaiting-payment", "ordered")}
    assert (len(bianca.truth.orders), bianca.truth.confirm_posts) == (1, 1)


def test_rejected_order_is_not_placed(user: User, bianca: MockPortal) -> None:
    """INTERFACE, `reject`: exit 4, and nothing is ordered."""
    identity = user.run("renew", "--json").json["items"][0]["id"]
    said = user.run("reject", identity)
    assert (said.code, "rejected, 1 year by bonifico for 6,10 €" in said.out) == (0, True)
    done = user.run("renew", "--json")
    assert (done.code, done.items()) == (4, {ADDRESS: ("stopped", "approval")})
    assert bianca.truth.orders == {}


def test_word_without_a_question_is_refused(user: User, bianca: MockPortal) -> None:
    """INTERFACE, `approve`: 4 where nothing is asked, 2 for what is no id; others named with it are heard."""
    identity = user.run("renew", "--json").json["items"][0]["id"]
    unknown = user.run("approve", "nobody@pec.it/2026-12-10", identity)
    assert (unknown.code, "nobody@pec.it/2026-12-10: nothing is asked of it." in unknown.err) == (4, True)
    assert f"{identity}: approved" in unknown.out
    assert user.run("approve", ADDRESS).code == 2
    assert user.run("approve").code == 2
    assert bianca.truth.orders == {}


def test_paused_tool_orders_nothing_until_it_is_resumed(user: User, start: Start) -> None:
    """INTERFACE, `pause`: stopped, exit 4, with its reason; reading goes on."""
    portal = start("single")
    user.write(HEAD.format(url=portal.url) + BIANCA)
    assert user.run("pause", "--reason", "the year is being closed").code == 0
    done = user.run("renew", "--json")
    assert (done.code, done.items()) == (4, {ADDRESS: ("stopped", "paused")})
    assert "the year is being closed" in done.json["items"][0]["message"]
    assert user.run("list").code == 0
    assert portal.truth.orders == {}
    assert user.run("resume").out == "New orders are allowed again.\n"
    assert user.run("resume").out == "New orders were not paused.\n"
    assert user.run("renew", "--json").items() == {ADDRESS: ("awaiting-payment", "ordered")}
