"""A person's word: for exactly the facts that were shown, for a while, and used once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import NotApprovable
from pec_autorenew.model import OrderState
from pec_autorenew.states import RequestState
from tests.engine.office import said

if TYPE_CHECKING:
    from pec_autorenew.ledger import Request
    from tests.engine.office import Office

A = "a@pec.it"
ASKED = {A: ("needs-person", "approval")}
ORDERED = {A: ("awaiting-payment", "ordered")}
VALID = timedelta(days=3)


def decide(office: Office, *, granted: bool = True, address: str = A) -> Request:
    """Say yes or no to what is asked of a mailbox."""
    expiry = office.truth.boxes[address].expiry
    portal = office.config.portal.base_url
    return office.ledger.answer(portal, address, expiry, office.clock(), VALID, granted=granted)


def requests(office: Office) -> list[RequestState]:
    """Return what became of all questions, oldest first."""
    return [one.state for one in office.ledger.requests(office.config.portal.base_url, current_only=False)]


@pytest.fixture
def asking(office: Office) -> Office:
    """Give an office where every order waits for a person, and one was asked for."""
    office.configure(renewal={"approval": "always"})
    office.truth.add(A, 20)
    assert said(office.run()) == ASKED
    return office


def test_question_names_the_command_that_answers_it(asking: Office) -> None:
    """INTERFACE: the id of the item is the argument of `approve`; nothing was ordered."""
    (item,) = asking.run().items
    assert f"pec-autorenew approve {A}/{asking.truth.boxes[A].expiry}" in item.message
    assert (item.gross, item.years) == (Decimal("30.50"), 1)
    assert (asking.truth.clicks, requests(asking)) == (0, [RequestState.ASKED])


def test_approved_order_is_placed_once(asking: Office) -> None:
    """DUP-7: the word is used up by its order, however often it was said."""
    assert decide(asking) == decide(asking)
    assert said(asking.run()) == ORDERED
    assert said(asking.run()) == {A: ("awaiting-payment", "waiting")}
    assert (asking.truth.clicks, requests(asking)) == (1, [RequestState.USED])
    (renewal,) = asking.renewals()
    assert asking.ledger.requests(asking.config.portal.base_url, current_only=False)[0].renewal_id == renewal.id
    with pytest.raises(NotApprovable, match="nothing is asked"):
        decide(asking)


@pytest.mark.parametrize("price", [Decimal("30.51"), Decimal("30.49")])
def test_other_price_than_approved_stops_the_order(asking: Office, price: Decimal) -> None:
    """PRC-7: what was approved is one price, and not a better one either; the new one waits for its own word."""
    decide(asking)
    asking.truth.boxes[A].price = price
    assert said(asking.run()) == {A: ("stopped", "price-changed")}
    assert said(asking.run()) == ASKED
    assert asking.truth.clicks == 0
    decide(asking)
    assert said(asking.run()) == ORDERED


def test_other_years_than_approved_are_asked_again(asking: Office) -> None:
    """INTERFACE, `approve`: exactly that mailbox, expiry, years, method and gross."""
    decide(asking)
    asking.configure(renewal={"years": 2}, limits={"max_per_mailbox": "100.00"})
    assert said(asking.run()) == {A: ("stopped", "price-changed")}
    assert asking.truth.clicks == 0


def test_approval_holds_for_a_while(asking: Office) -> None:
    """INTERFACE, `approval_valid`: after it, the question is asked again."""
    decide(asking)
    asking.clock.advance(VALID)
    assert said(asking.run()) == ASKED
    assert requests(asking) == [RequestState.EXPIRED, RequestState.ASKED]
    assert asking.truth.clicks == 0


def test_question_that_nobody_saw_again_is_too_old_to_answer(asking: Office) -> None:
    """INTERFACE, `approve`: what was shown days ago may be another price today."""
    asking.clock.advance(VALID)
    with pytest.raises(NotApprovable, match="too old"):
        decide(asking)
    asking.run()
    assert decide(asking).state is RequestState.ANSWERED


def test_rejected_order_is_not_placed_and_not_asked_again(asking: Office) -> None:
    """INTERFACE, `reject`: policy now, until its time is over or the price is another one."""
    decide(asking, granted=False)
    for _ in range(2):
        assert said(asking.run()) == {A: ("stopped", "approval")}
    asking.clock.advance(VALID)
    assert said(asking.run()) == ASKED
    assert asking.truth.clicks == 0


def test_last_word_counts(asking: Office) -> None:
    """A person may change their mind until the order is placed."""
    decide(asking)
    decide(asking, granted=False)
    assert said(asking.run()) == {A: ("stopped", "approval")}
    decide(asking)
    assert said(asking.run()) == ORDERED


def test_order_that_somebody_placed_meanwhile_leaves_nothing_to_approve(asking: Office) -> None:
    """DUP-6: the question is about an order that must not be placed any more."""
    asking.truth.place(A)
    assert said(asking.run()) == {A: ("awaiting-payment", "adopted")}
    with pytest.raises(NotApprovable, match="awaiting-payment already"):
        decide(asking)


def test_cancelled_order_is_placed_again_when_a_person_approves(office: Office) -> None:
    """DUP-10: and the word that the first order used up does not do for the second."""
    office.configure(renewal={"approval": "always"})
    office.truth.add(A, 20)
    office.run()
    decide(office)
    assert said(office.run()) == ORDERED
    office.truth.orders[0].state = OrderState.CANCELLED
    assert said(office.run()) == {A: ("failed", "order-cancelled")}
    assert said(office.run()) == ASKED
    decide(office)
    assert said(office.run()) == ORDERED
    assert office.truth.clicks == 2


def test_mailbox_near_its_deletion_is_renewed_when_a_person_approves(office: Office) -> None:
    """PAY-7: fewer days to deletion than the payment takes: a person decides, knowing the price."""
    office.truth.add(A, -88)
    assert said(office.run()) == ASKED
    decide(office)
    assert said(office.run()) == ORDERED


def test_dearer_mailbox_is_renewed_when_a_person_approves(office: Office) -> None:
    """PRC-7: the price went up by more than the limit, and somebody agreed to it."""
    office.truth.add(A, 10)
    office.run()
    office.truth.pay(office.truth.orders[0])
    office.run()
    office.clock.advance(timedelta(days=360))
    office.truth.boxes[A].price = Decimal("39.00")
    assert said(office.run()) == ASKED
    decide(office)
    assert said(office.run()) == ORDERED


def test_approval_of_one_mailbox_orders_no_other(office: Office) -> None:
    """PRC-5: of a group, exactly the approved ones."""
    office.truth.flags = True
    office.configure(renewal={"approval": "always"})
    office.truth.add(A, 20)
    office.truth.add("b@pec.it", 20)
    office.run()
    decide(office)
    assert said(office.run()) == {**ORDERED, "b@pec.it": ("needs-person", "approval")}
    assert [list(order.lines) for order in office.truth.orders] == [[A]]


def test_dry_run_asks_nobody_and_goes_by_what_was_said(office: Office) -> None:
    """DRY-1: no row for a question; an approved order would be placed, and the approval is still there after it."""
    office.configure(renewal={"approval": "always"})
    office.truth.add(A, 20)
    assert said(office.run(live=False)) == ASKED
    assert requests(office) == []
    office.run()
    decide(office)
    assert said(office.run(live=False)) == {A: ("would-order", "dry-run")}
    assert requests(office) == [RequestState.ANSWERED]
    assert said(office.run()) == ORDERED


def test_limit_is_not_lifted_by_an_approval(asking: Office) -> None:
    """DRY-2: there is no way past a limit."""
    decide(asking)
    asking.configure(limits={"max_per_mailbox": "30.00"})
    assert said(asking.run()) == {A: ("stopped", "over-limit")}
    assert asking.truth.clicks == 0


def test_word_that_is_taken_back_between_form_and_click_stops_the_order(asking: Office) -> None:
    """DUP-7: the transaction that writes `submitting` looks at the word again."""
    decide(asking)
    asking.truth.script["prepare"].append(lambda: None)
    submit = asking.ledger.submit

    def taken_back(*facts: object, **more: object) -> object:
        decide(asking, granted=False)
        return submit(*facts, **more)  # type: ignore[arg-type]

    asking.ledger.submit = taken_back  # type: ignore[method-assign, assignment]
    assert said(asking.run()) == {A: ("stopped", "approval")}
    assert (asking.truth.clicks, asking.renewals()) == (0, ())


def test_nothing_is_asked_of_what_nobody_knows(office: Office) -> None:
    """A word without a question is refused."""
    with pytest.raises(NotApprovable, match="nothing is asked"):
        office.ledger.answer(
            office.config.portal.base_url, "x@pec.it", date(2026, 12, 10), office.clock(), VALID, granted=True
        )
