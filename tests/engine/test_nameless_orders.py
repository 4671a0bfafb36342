"""VER-2: a list that does not say for which mailboxes its orders are, and two clicks that one order may come from."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.engine.double import LOST
from tests.engine.office import said

if TYPE_CHECKING:
    from tests.engine.office import Office

A, B = "a@pec.it", "b@pec.it"


@pytest.fixture
def nameless(office: Office) -> Office:
    """Give an account with two mailboxes at one price, whose orders name none."""
    office.truth.add(A, 10)
    office.truth.add(B, 12)
    office.truth.place = partial(office.truth.place, names_mailboxes=False)  # type: ignore[method-assign]
    return office


def test_order_of_another_click_is_not_taken_for_the_lost_one(nameless: Office) -> None:
    """VER-2: the first click made no order; the second one's, known by its confirmation, settles that one only."""
    nameless.truth.script["click"].append(LOST)
    assert said(nameless.run()) == {A: ("unknown", "unknown"), B: ("awaiting-payment", "ordered")}
    assert said(nameless.run()) == {A: ("unknown", "unknown"), B: ("awaiting-payment", "waiting")}
    assert [order.lines.keys() for order in nameless.truth.orders] == [{B}]


def test_number_on_a_confirmation_keeps_its_order_from_another_click(nameless: Office) -> None:
    """VER-2: the second click's order shows late; by its confirmation it is not the first one's, which made none."""
    nameless.truth.script["click"].append(LOST)
    nameless.truth.lag = 1
    assert said(nameless.run()) == {A: ("unknown", "unknown"), B: ("unknown", "unknown")}
    assert said(nameless.run()) == {A: ("unknown", "unknown"), B: ("awaiting-payment", "waiting")}


def test_order_that_may_come_from_two_lost_clicks_is_taken_for_neither(nameless: Office) -> None:
    """VER-2, DUP-4: nothing tells whose it is: a person looks, and neither is ordered again."""
    nameless.truth.script["click"].append(LOST)
    nameless.truth.script["answer"].append(LOST)
    nameless.truth.lag = 1
    either = ("needs-person", "foreign-order")
    assert said(nameless.run()) == {A: ("unknown", "unknown"), B: ("unknown", "unknown")}
    result = nameless.run()
    assert said(result) == {A: either, B: either}
    assert f"or that of {B}/" in result.items[0].message
    nameless.truth.boxes[A].expiry = nameless.truth.boxes[A].expiry.replace(year=2027)
    assert said(nameless.run()) == {A: ("renewed", "renewed"), B: ("awaiting-payment", "waiting")}
    assert nameless.truth.clicks == 2
