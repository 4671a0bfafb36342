"""Orders that somebody else placed, and renewals that belong to another account of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pec_autorenew.model import OrderState
from tests.engine.double import LOST
from tests.engine.office import account, said

if TYPE_CHECKING:
    from tests.engine.office import Office


def test_unpaid_order_of_somebody_else_prevents_ours(office: Office) -> None:
    """DUP-6: adopted with its number and the two choices; it counts against no budget."""
    office.truth.add("a@pec.it", 10)
    order = office.truth.place("a@pec.it")
    result = office.run()
    assert said(result) == {"a@pec.it": ("awaiting-payment", "adopted")}
    assert result.items[0].order_number == order.number
    assert "«Paga» or «Annulla»" in result.items[0].message
    assert office.truth.clicks == 0
    assert office.ledger.spent(result.run_id) == 0
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "waiting")}
    office.truth.pay(order)
    assert said(office.run()) == {"a@pec.it": ("renewed", "renewed")}


def test_own_order_that_outlives_its_expiry_is_not_called_somebody_else_s(office: Office) -> None:
    """DUP-6, VER-2: somebody else's payment moved the expiry; what still waits is the order of our own click."""
    box = office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 10)
    office.run()
    box.expiry = box.expiry.replace(year=box.expiry.year + 1)
    assert said(office.run())["a@pec.it"][0] == "renewed"
    item = next(one for one in office.run().items if one.mailbox == "a@pec.it")
    assert item.reason == "adopted"
    assert "our own" in item.message
    assert "somebody else's" not in item.message


def test_adopted_order_that_is_cancelled_waits_for_a_person(office: Office) -> None:
    """DUP-10: whoever placed it, a cancelled order is not simply replaced."""
    office.truth.add("a@pec.it", 10)
    office.truth.place("a@pec.it")
    office.run()
    office.truth.orders[0].state = OrderState.CANCELLED
    assert said(office.run()) == {"a@pec.it": ("failed", "order-cancelled")}
    assert said(office.run()) == {"a@pec.it": ("needs-person", "approval")}


def test_two_unpaid_orders_for_one_mailbox_need_a_person(office: Office) -> None:
    """DUP-6: the first is adopted so that nothing is ordered; a person cancels one of them."""
    office.truth.add("a@pec.it", 10)
    office.truth.place("a@pec.it")
    office.truth.place("a@pec.it")
    assert said(office.run()) == {"a@pec.it": ("needs-person", "foreign-order")}
    assert office.truth.clicks == 0


def test_unpaid_order_without_names_and_without_rinnova_needs_a_person(office: Office) -> None:
    """VER-2: the list names no mailbox and «Rinnova» is gone; whose order it is would be a guess."""
    office.truth.add("a@pec.it", 10)
    office.truth.place("a@pec.it", names_mailboxes=False)
    result = office.run()
    assert said(result) == {"a@pec.it": ("needs-person", "foreign-order")}
    assert office.truth.clicks == 0


def test_paid_order_of_these_days_asks_for_a_person(office: Office) -> None:
    """DUP-6: paid a moment ago and the expiry unmoved: a second order could be one too many."""
    office.truth.add("a@pec.it", 10)
    office.truth.place("a@pec.it", state=OrderState.PAID)
    assert said(office.run()) == {"a@pec.it": ("needs-person", "foreign-order")}
    assert office.truth.clicks == 0


def test_renewal_of_an_account_that_was_renamed_is_settled(office: Office) -> None:
    """DUP-6, DUP-9: the ledger's open renewal is found by its mailbox, under whatever account name."""
    office.truth.add("a@pec.it", 10, "studio+atelier")
    office.run()
    office.configure(account("atelier"))
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "waiting")}
    office.truth.pay(office.truth.orders[0])
    assert said(office.run()) == {"a@pec.it": ("renewed", "renewed")}


def test_unknown_renewal_of_another_account_stops_neither_run_nor_neighbours(office: Office) -> None:
    """DUP-4: the mailbox is reached by another login; its open renewal is judged, the rest goes on."""
    office.truth.add("a@pec.it", 10, "studio+atelier")
    office.truth.add("b@pec.it", 12, "atelier")
    office.truth.script["click"].append(LOST)
    office.run()
    office.configure(account("atelier"))
    assert said(office.run()) == {"a@pec.it": ("unknown", "unknown"), "b@pec.it": ("awaiting-payment", "ordered")}
    assert office.truth.clicks == 2


def test_race_for_the_same_renewal_stops_only_its_mailbox(office: Office) -> None:
    """DUP-7: another machine wrote the same renewal a moment before; no click, and the others go on."""
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 12)
    box = office.truth.boxes["a@pec.it"]

    def another_machine() -> None:
        from pec_autorenew.model import PortalOrder

        order = PortalOrder("777", None, OrderState.AWAITING_PAYMENT, None, frozenset({"a@pec.it"}), "")
        office.ledger.adopt(office.config.portal.base_url, "elsewhere", "a@pec.it", box.expiry, order, office.clock())

    office.truth.script["prepare"].append(another_machine)
    result = office.run()
    assert said(result) == {"a@pec.it": ("stopped", "already-open"), "b@pec.it": ("awaiting-payment", "ordered")}
    assert office.truth.orders_for("a@pec.it") == []


def test_renewal_of_a_mailbox_that_left_the_list_is_judged_by_its_order(office: Office) -> None:
    """PAY-4, SIL-2: its order is still told, and so is the alarm for what else has gone."""
    office.truth.flags = True
    for address in ("a@pec.it", "b@pec.it"):
        office.truth.add(address, 10)
    office.truth.add("c@pec.it", 100)
    office.run()
    office.truth.boxes["a@pec.it"].listed = False
    office.truth.boxes["c@pec.it"].listed = False
    assert said(office.run()) == {
        "a@pec.it": ("awaiting-payment", "waiting"),
        "b@pec.it": ("awaiting-payment", "waiting"),
        "c@pec.it": ("drift", "inventory-shrank"),
    }
