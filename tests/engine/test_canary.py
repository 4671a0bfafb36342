"""BLK-3: the first order at a portal, and the first after drift, goes ahead alone and must be in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import OutcomeUnknown, UnexpectedPage
from tests.engine.office import account, said

if TYPE_CHECKING:
    from tests.engine.office import Office

ORDERED, WAITING = ("awaiting-payment", "ordered"), ("awaiting-payment", "waiting")


@pytest.fixture
def first(office: Office) -> Office:
    """Give an office that has never ordered: three mailboxes of one account that go into one order, and another's."""
    office.ledger.clear_flag("canary/http://127.0.0.1:8000", office.clock())
    office.configure(account("studio"), account("other"))
    office.truth.flags = True
    for address, days in (("b@pec.it", 12), ("a@pec.it", 11), ("c@pec.it", 13)):
        office.truth.add(address, days)
    office.truth.add("other@pec.it", 5, account="other")
    return office


def orders(office: Office) -> list[list[str]]:
    """Return the mailboxes of each order that exists, oldest first."""
    return [list(order.lines) for order in office.truth.orders]


def test_first_order_is_the_most_urgent_mailbox_alone(first: Office) -> None:
    """Then the others go together, as they would have."""
    assert set(said(first.run()).values()) == {ORDERED}
    assert orders(first) == [["other@pec.it"], ["a@pec.it", "b@pec.it", "c@pec.it"]]


def test_canary_of_a_group_goes_before_the_rest_of_it(first: Office) -> None:
    """One of three, then two."""
    del first.truth.boxes["other@pec.it"]
    first.run()
    assert orders(first) == [["a@pec.it"], ["b@pec.it", "c@pec.it"]]
    first.truth.add("d@pec.it", 14)
    first.truth.add("e@pec.it", 14)
    first.run()
    assert orders(first)[2:] == [["d@pec.it", "e@pec.it"]]


def test_no_other_order_before_the_canary_is_in_the_list(first: Office) -> None:
    """Of no account: the list is late, and nothing else is placed until it shows the first."""
    first.truth.lag = 1
    result = first.run()
    told = said(result)
    assert told["other@pec.it"] == ("unknown", "unknown")
    assert {told[one] for one in ("a@pec.it", "b@pec.it", "c@pec.it")} == {("stopped", "canary")}
    assert "other@pec.it" in next(item.message for item in result.items if item.mailbox == "a@pec.it")
    assert orders(first) == [["other@pec.it"]]
    first.truth.orders[0].hidden_for = 9
    assert {said(first.run())[one] for one in ("a@pec.it", "b@pec.it", "c@pec.it")} == {("stopped", "canary")}
    assert orders(first) == [["other@pec.it"]], "in the next run neither"

    first.truth.lag = first.truth.orders[0].hidden_for = 0
    told = said(first.run())
    assert told == {"other@pec.it": WAITING, "a@pec.it": ORDERED, "b@pec.it": ORDERED, "c@pec.it": ORDERED}
    assert orders(first) == [["other@pec.it"], ["a@pec.it", "b@pec.it", "c@pec.it"]]


def test_lost_answer_of_the_canary_stops_the_others(first: Office) -> None:
    """Nothing was ordered, and nobody knows it yet."""
    first.truth.script["click"].append(OutcomeUnknown("the answer was lost"))
    told = said(first.run())
    assert told["other@pec.it"] == ("unknown", "unknown")
    assert {told[one] for one in ("a@pec.it", "b@pec.it", "c@pec.it")} == {("stopped", "canary")}


def test_mailbox_that_is_held_back_is_no_canary(first: Office) -> None:
    """The next most urgent one goes ahead."""
    first.truth.boxes["other@pec.it"].price *= 10
    told = said(first.run())
    assert told["other@pec.it"] == ("stopped", "over-limit")
    assert orders(first) == [["a@pec.it"], ["b@pec.it", "c@pec.it"]]


def test_order_after_drift_goes_alone_again(first: Office) -> None:
    """What was proved before the portal changed proves nothing."""
    first.run()
    first.truth.add("d@pec.it", 14)
    first.truth.add("e@pec.it", 14)
    first.truth.script["survey"].append(UnexpectedPage("nothing is where it was"))
    assert "drift" in {outcome for outcome, _ in said(first.run()).values()}
    assert orders(first)[2:] == []
    first.run()
    assert orders(first)[2:] == [["d@pec.it"], ["e@pec.it"]]


def test_dry_run_sends_no_canary(first: Office) -> None:
    """Nothing is placed, so nothing goes ahead: a dry run walks with what would be ordered together."""
    assert {outcome for outcome, _ in said(first.run(live=False)).values()} == {"would-order"}
    assert first.truth.prepared == [("other@pec.it",), ("a@pec.it", "b@pec.it", "c@pec.it")]
