"""After a click whose answer was lost: never a second order, and the truth as soon as the portal shows it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from pec_autorenew.engine import placing
from pec_autorenew.engine.settling import record
from pec_autorenew.errors import (
    LedgerError,
    Maintenance,
    NotRecorded,
    PortalBroken,
    PortalTimeout,
    PortalUnreachable,
    SessionEnded,
    TooManyRequests,
    UnexpectedPage,
)
from pec_autorenew.model import OrderState
from pec_autorenew.results import exit_code_of_error
from pec_autorenew.states import RenewalState
from tests.engine.double import LOST, REFUSED
from tests.engine.office import account, said

if TYPE_CHECKING:
    from pec_autorenew.engine.proof import Verdict
    from pec_autorenew.engine.visit import Visit
    from pec_autorenew.ledger import Renewal
    from pec_autorenew.model import Item
    from tests.engine.office import Office


def test_lost_answer_with_an_order_in_the_list_is_proved_at_once(office: Office) -> None:
    """VER-1: the list, loaded afresh, shows the order, whatever became of the answer."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["answer"].append(LOST)
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "ordered")}
    assert office.truth.clicks == 1


def test_lost_answer_with_an_order_that_shows_late_is_unknown_and_settled_later(office: Office) -> None:
    """DUP-4: `unknown`, exit 5; the next run finds the order and places none."""
    office.truth.lag = 1
    office.truth.add("a@pec.it", 10)
    office.truth.script["answer"].append(LOST)
    result = office.run()
    assert said(result) == {"a@pec.it": ("unknown", "unknown")}
    assert result.codes == (5,)
    assert office.ledger.spent(result.run_id) == Decimal("30.50")
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "waiting")}
    assert (office.truth.clicks, len(office.truth.orders)) == (1, 1)


def test_words_of_a_form_that_came_again_are_told(office: Office) -> None:
    """SIL-4: they prove nothing, and whoever looks into it has to know them."""
    office.truth.lag, office.truth.why = 1, "the portal shows the form again and says: non valido"
    office.truth.add("a@pec.it", 10)
    (item,) = office.run().items
    assert "The order may exist (the portal shows the form again and says: non valido)" in item.message


def test_lost_answer_without_an_order_is_failed_only_after_settle(office: Office) -> None:
    """DUP-4: an empty list proves nothing until `settle` has passed; then the budget is free and it is ordered."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["click"].append(LOST)
    first = office.run()
    office.clock.advance(timedelta(minutes=14))
    assert said(office.run()) == {"a@pec.it": ("unknown", "unknown")}
    assert office.truth.clicks == 1
    office.clock.advance(timedelta(minutes=1))
    assert said(office.run()) == {"a@pec.it": ("failed", "portal-error")}
    assert office.ledger.spent(first.run_id) == 0
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "ordered")}
    assert (office.truth.clicks, len(office.truth.orders)) == (2, 1)


def test_unknown_renewal_keeps_its_budget(office: Office) -> None:
    """PRC-4: what may have been spent is spent."""
    office.configure(limits={"max_per_month": "40.00"})
    office.truth.add("a@pec.it", 10)
    office.truth.script["click"].append(LOST)
    office.run()
    office.truth.add("b@pec.it", 11)
    assert said(office.run())["b@pec.it"] == ("stopped", "budget")


def test_late_own_order_after_a_failed_renewal_is_told_as_such(office: Office) -> None:
    """DUP-6: an order that comes after it was taken for lost is adopted, not doubled, and the report says whose."""
    office.truth.lag = 2
    office.truth.add("a@pec.it", 10)
    # «Rinnova» stays although the order exists: the double hides it from both.
    office.truth.script["answer"].append(LOST)
    office.run()
    office.clock.advance(timedelta(minutes=16))
    assert said(office.run("reconcile")) == {"a@pec.it": ("failed", "portal-error")}
    result = office.run()
    assert said(result) == {"a@pec.it": ("awaiting-payment", "adopted")}
    assert "probably our own of 01/12/2026" in result.items[0].message
    assert (office.truth.clicks, len(office.truth.orders)) == (1, 1)


def test_late_own_order_counts_against_the_month_again(office: Office) -> None:
    """PRC-4: what was given back when it was taken for lost is spent after all; it is no order of the later run."""
    office.configure(limits={"max_per_month": "50.00"})
    office.truth.lag = 2
    office.truth.add("a@pec.it", 10)
    office.truth.script["answer"].append(LOST)
    office.run()
    office.clock.advance(timedelta(minutes=16))
    office.run("reconcile")
    assert office.ledger.spent_in_month("2026-12") == 0
    office.truth.add("b@pec.it", 11)
    result = office.run()
    assert said(result) == {"a@pec.it": ("awaiting-payment", "adopted"), "b@pec.it": ("stopped", "budget")}
    assert office.ledger.spent_in_month("2026-12") == Decimal("30.50")
    stored = office.ledger.run(result.run_id)
    assert stored is not None
    assert stored.report is not None
    assert stored.report["totals"] == {"ordered": 0, "gross": "0.00", "currency": "EUR"}


@pytest.mark.parametrize("size", [1, 2])
def test_late_own_orders_of_one_click_count_each_by_itself(office: Office, size: int) -> None:
    """PRC-4, VER-2: the portal made two orders of one click, or one; either way the month has all of their money."""
    office.truth.flags = True
    office.truth.split_into = size
    office.truth.lag = 2
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 11)
    office.truth.script["answer"].append(LOST)
    office.run()
    office.clock.advance(timedelta(minutes=16))
    office.run("reconcile")
    adopted = ("awaiting-payment", "adopted")
    assert said(office.run("reconcile")) == {"a@pec.it": adopted, "b@pec.it": adopted}
    assert (office.truth.clicks, office.ledger.spent_in_month("2026-12")) == (1, Decimal("61.00"))


def test_unknown_renewal_lets_the_others_of_the_account_go_on(office: Office) -> None:
    """DUP-4: once looked up, what stays unknown does not stop the rest; in this run and in the next."""
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 11)
    office.truth.script["click"].append(LOST)
    result = office.run()
    assert said(result) == {"a@pec.it": ("unknown", "unknown"), "b@pec.it": ("awaiting-payment", "ordered")}
    office.truth.add("c@pec.it", 12)
    assert said(office.run())["c@pec.it"] == ("awaiting-payment", "ordered")


def test_list_that_cannot_be_read_after_the_click_stops_the_account(office: Office) -> None:
    """DUP-4: nobody has looked it up, so the account gets no further order; other accounts do."""
    office.configure(account("studio"), account("other"))
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 11)
    office.truth.add("c@pec.it", 12, "other")
    office.truth.script["answer"].append(lambda: office.truth.script["survey"].extend(_timeouts()))
    result = office.run()
    assert said(result) == {
        "a@pec.it": ("unknown", "unknown"),
        "b@pec.it": ("failed", "timeout"),
        "c@pec.it": ("awaiting-payment", "ordered"),
    }
    assert office.renewals("a@pec.it")[0].state is RenewalState.UNKNOWN
    assert said(office.run())["a@pec.it"] == ("awaiting-payment", "waiting")
    assert len(office.truth.orders_for("a@pec.it")) == 1


def _timeouts() -> list[BaseException]:
    return [PortalTimeout("slow")] * 3


def test_session_lost_with_the_answer_is_looked_up_after_a_new_sign_in(office: Office) -> None:
    """SES-2: one new sign-in may look the order up; nothing is pressed again."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["answer"] += [SessionEnded("signed out")]
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "ordered")}
    assert office.truth.clicks == 1


@pytest.mark.parametrize("step", ["click", "answer"])
@pytest.mark.parametrize(
    "error",
    [
        PortalTimeout("slow"),
        PortalBroken("500"),
        PortalUnreachable("reset"),
        SessionEnded("signed out"),
        Maintenance("closed"),
        UnexpectedPage("blank"),
        TooManyRequests("429"),
        LOST,
    ],
    ids=lambda error: type(error).__name__,
)
def test_click_is_made_once_whatever_comes_of_it(office: Office, step: str, error: Exception) -> None:
    """DUP-3: nothing that retries wraps the click, for the errors too that may be tried again elsewhere."""
    office.truth.add("a@pec.it", 10)
    office.truth.script[step] += [error]
    told = said(office.run())["a@pec.it"]
    assert office.truth.clicks == 1
    assert told == (("unknown", "unknown") if step == "click" else ("awaiting-payment", "ordered"))
    office.run()
    assert office.truth.clicks == 1


def test_form_that_sends_nothing_is_refused_by_the_portal(office: Office) -> None:
    """HOUSE, states: nothing left the browser and «Rinnova» is offered: `failed`, and no order."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["click"].append(REFUSED)
    assert said(office.run()) == {"a@pec.it": ("failed", "refused-by-portal")}
    assert office.renewals()[0].state is RenewalState.FAILED


def test_confirmation_tells_our_order_from_somebody_elses(office: Office) -> None:
    """VER-2: two new orders for the mailbox, and the number on the confirmation is one of them."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["answer"].append(lambda: office.truth.place("a@pec.it"))
    result = office.run()
    assert said(result) == {"a@pec.it": ("awaiting-payment", "ordered")}
    assert result.items[0].order_number == office.truth.orders[0].number


def test_two_orders_without_a_confirmation_need_a_person(office: Office) -> None:
    """VER-2: nothing tells the two apart, so the renewal stays `unknown` and a person looks."""
    office.truth.add("a@pec.it", 10)

    def somebody_orders_too_and_the_answer_is_lost() -> None:
        office.truth.place("a@pec.it")
        raise LOST

    office.truth.script["answer"].append(somebody_orders_too_and_the_answer_is_lost)
    result = office.run()
    assert said(result) == {"a@pec.it": ("needs-person", "foreign-order")}
    assert result.codes == (3,)
    assert office.renewals()[0].state is RenewalState.UNKNOWN
    assert said(office.run()) == {"a@pec.it": ("needs-person", "foreign-order")}


def test_order_at_another_price_than_confirmed_needs_a_person(office: Office) -> None:
    """VER-2, PRC-1: the portal made an order for another sum; it is neither taken for ours nor ordered again."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["click"].append(lambda: setattr(office.truth.boxes["a@pec.it"], "price", Decimal("39.00")))
    result = office.run()
    assert said(result) == {"a@pec.it": ("needs-person", "foreign-order")}
    assert "39,00 €" in result.items[0].message
    assert "30,50 €" in result.items[0].message
    assert said(office.run()) == {"a@pec.it": ("needs-person", "foreign-order")}
    assert office.truth.clicks == 1


def test_order_cancelled_right_after_the_click_is_cancelled(office: Office) -> None:
    """DUP-10: told once as `order-cancelled`; then it waits for a person, and its budget is free."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["answer"].append(lambda: setattr(office.truth.orders[-1], "state", OrderState.CANCELLED))
    result = office.run()
    assert said(result) == {"a@pec.it": ("failed", "order-cancelled")}
    assert office.renewals()[0].state is RenewalState.CANCELLED
    assert office.ledger.spent(result.run_id) == 0
    assert said(office.run()) == {"a@pec.it": ("needs-person", "approval")}
    assert office.truth.clicks == 1


def test_cancelled_order_of_somebody_else_does_not_prove_that_ours_is_gone(office: Office) -> None:
    """VER-2, DUP-4: the answer is lost, ours shows late, and the list has another one, cancelled: `unknown` so far."""
    office.truth.lag = 1
    office.truth.add("a@pec.it", 10)

    def somebody_orders_and_cancels() -> None:
        office.truth.place("a@pec.it", state=OrderState.CANCELLED)
        raise LOST

    office.truth.script["answer"].append(somebody_orders_and_cancels)
    first = office.run()
    assert said(first) == {"a@pec.it": ("unknown", "unknown")}
    assert office.ledger.spent(first.run_id) == Decimal("30.50")
    assert said(office.run()) == {"a@pec.it": ("needs-person", "foreign-order")}
    assert (office.truth.clicks, len(office.truth.orders_for("a@pec.it"))) == (1, 1)


def test_cancelled_order_after_a_lost_answer_is_ours_when_the_list_is_complete(office: Office) -> None:
    """DUP-10: once `settle` has passed, and there is no other one, it was ours; a person decides on the next."""
    office.truth.add("a@pec.it", 10)

    def cancelled_and_lost() -> None:
        office.truth.orders[-1].state = OrderState.CANCELLED
        raise LOST

    office.truth.script["answer"].append(cancelled_and_lost)
    assert said(office.run()) == {"a@pec.it": ("unknown", "unknown")}
    office.clock.advance(timedelta(minutes=15))
    assert said(office.run()) == {"a@pec.it": ("failed", "order-cancelled")}
    assert said(office.run()) == {"a@pec.it": ("needs-person", "approval")}
    assert office.truth.clicks == 1


def test_order_cancelled_later_is_reported_once_and_not_placed_again(office: Office) -> None:
    """DUP-10: `failed`, `order-cancelled`, then `needs-person`, `approval`, until a person approves."""
    office.truth.add("a@pec.it", 10)
    office.run()
    office.truth.orders[0].state = OrderState.CANCELLED
    assert said(office.run()) == {"a@pec.it": ("failed", "order-cancelled")}
    for _ in range(2):
        assert said(office.run()) == {"a@pec.it": ("needs-person", "approval")}
    assert office.truth.clicks == 1


def test_order_paid_right_after_the_click_waits_for_the_expiry(office: Office) -> None:
    """PAY-4: paid is not renewed."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["answer"].append(lambda: setattr(office.truth.orders[-1], "state", OrderState.PAID))
    result = office.run()
    assert said(result) == {"a@pec.it": ("awaiting-payment", "ordered")}
    assert "is paid; the new expiry date does not show yet" in result.items[0].message


def test_order_that_leaves_the_list_never_becomes_free_by_itself(office: Office) -> None:
    """DUP-4: an order that was once in the list cannot be proved away by its absence."""
    office.truth.add("a@pec.it", 10)
    office.run()
    office.truth.orders[0].hidden_for = 99
    for _ in range(3):
        assert said(office.run()) == {"a@pec.it": ("unknown", "unknown")}
        office.clock.advance(timedelta(days=1))
    office.truth.orders[0].hidden_for = 0
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "waiting")}
    assert office.truth.clicks == 1


def test_several_renewals_of_one_click_are_settled_each_by_itself(office: Office) -> None:
    """VER-2: of one order one mailbox is renewed already, the other is not."""
    office.truth.flags = True
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 11)
    office.truth.script["answer"].append(LOST)
    office.truth.lag = 1
    office.run()
    office.truth.orders[0].state = OrderState.PAID
    office.truth.boxes["a@pec.it"].expiry += timedelta(days=365)
    assert said(office.run()) == {
        "a@pec.it": ("renewed", "renewed"),
        "b@pec.it": ("awaiting-payment", "waiting"),
    }
    assert office.truth.clicks == 1


def test_order_that_the_portal_splits_is_one_click_and_keeps_its_sum(office: Office) -> None:
    """VER-2, PRC-4: several orders count when their amounts add up; the budget keeps the whole."""
    office.truth.flags = True
    office.truth.split_into = 1
    for number in range(3):
        office.truth.add(f"m{number}@pec.it", 10 + number)
    result = office.run()
    assert {item.order_number for item in result.items} == {order.number for order in office.truth.orders}
    assert office.ledger.spent(result.run_id) == Decimal("91.50")
    office.run()
    assert office.ledger.spent(result.run_id) == Decimal("91.50")
    stored = office.ledger.run(result.run_id)
    assert stored is not None
    assert stored.report is not None
    assert stored.report["totals"] == {"ordered": 3, "gross": "91.50", "currency": "EUR"}


def test_portal_that_dates_the_order_yesterday_is_believed(office: Office) -> None:
    """VER-2: the portal's clock may be minutes behind ours at midnight; its order is ours all the same."""
    office.clock.advance(timedelta(hours=15, minutes=4))  # 00:04 in Rome, on 2 December
    office.truth.add("a@pec.it", 10)
    office.truth.script["answer"].append(
        lambda: setattr(office.truth.orders[-1], "placed_on", office.truth.orders[-1].placed_on - timedelta(days=1))  # type: ignore[operator]
    )
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "ordered")}


def test_login_without_an_order_list_goes_by_the_confirmation(office: Office) -> None:
    """VER-1: where this login has no order list, number and a withdrawn «Rinnova» are told as `list-not-visible`."""
    office.truth.orders_visible = False
    office.truth.add("a@pec.it", 10)
    result = office.run()
    assert said(result) == {"a@pec.it": ("awaiting-payment", "ordered")}
    assert "list-not-visible" in result.items[0].message
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "waiting")}


def test_login_without_an_order_list_and_a_lost_answer_stays_unknown(office: Office) -> None:
    """DUP-4: where a fresh reading cannot decide, it stays `unknown`, however long."""
    office.truth.orders_visible = False
    office.truth.add("a@pec.it", 10)
    office.truth.script["click"].append(LOST)
    office.run()
    office.clock.advance(timedelta(days=3))
    assert said(office.run()) == {"a@pec.it": ("unknown", "unknown")}
    assert office.truth.clicks == 1


def test_ledger_that_fails_after_the_click_is_shouted_with_the_facts(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DUP-8: NotRecorded names mailbox, gross and number, and nothing hides it; the next run finds `submitting`."""
    office.truth.add("a@pec.it", 10)

    def full(*_: object, **__: object) -> None:
        raise LedgerError("disk full")

    def break_the_ledger() -> None:
        for verb in ("settle", "annotate", "record_survey", "finish_run", "release", "note"):
            monkeypatch.setattr(office.ledger, verb, full)

    office.truth.script["answer"].append(break_the_ledger)
    with pytest.raises(NotRecorded, match=r"a@pec\.it \(30\.50 EUR, number 1001\).*disk full"):
        office.run()
    monkeypatch.undo()
    assert office.renewals()[0].state is RenewalState.SUBMITTING
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "waiting")}
    assert office.truth.clicks == 1


def test_ledger_that_fails_at_a_later_order_does_not_hide_that_one_may_exist(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DUP-8, INTERFACE: of «not fit» and «an order may exist», the exit code says what may have cost money."""
    office.configure(account("studio"), account("other"))
    office.truth.add("proven@pec.it", 25)
    office.run()
    office.clock.advance(timedelta(days=8))
    office.truth.add("a@pec.it", 20)
    office.truth.add("b@pec.it", 28, "other")
    submit = office.ledger.submit
    lost: list[object] = []

    def only_once(*given: Any, **facts: Any) -> Any:  # noqa: ANN401 - whatever it is given
        if lost:
            raise LedgerError("disk full")
        lost.append(given)
        return submit(*given, **facts)

    monkeypatch.setattr(office.ledger, "submit", only_once)
    office.truth.script["answer"], office.truth.lag = [LOST], 99
    with pytest.raises(LedgerError, match="disk full") as raised:
        office.run()
    assert office.truth.clicks == 2
    assert exit_code_of_error(raised.value) == 5
    assert office.ledger.runs()[0].exit_code == 5


def test_ledger_that_fails_before_the_click_prevents_it(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """DUP-8: no ledger, no order."""
    office.truth.add("a@pec.it", 10)

    def read_only(*_: object, **__: object) -> None:
        raise LedgerError("read-only")

    monkeypatch.setattr(office.ledger, "submit", read_only)
    with pytest.raises(LedgerError, match="read-only"):
        office.run()
    assert office.truth.clicks == 0
    (run,) = office.ledger.runs()
    assert run.exit_code == 78


@pytest.mark.parametrize("step", ["form", "before-click", "click", "answer"])
def test_run_killed_between_submitting_and_proof_leaves_no_second_order(office: Office, step: str) -> None:
    """DUP-1, DUP-2: whatever dies after `submitting`, three more runs leave at most one order."""
    office.truth.add("a@pec.it", 10)
    office.truth.script[step].append(SystemExit(9))
    with pytest.raises(SystemExit):
        office.run()
    placed = len(office.truth.orders)
    assert office.renewals()[0].state is RenewalState.UNKNOWN
    for _ in range(3):
        office.run()
        assert len(office.truth.orders) == placed
    office.clock.advance(timedelta(minutes=15))
    for _ in range(3):
        office.run()
    assert len(office.truth.orders_for("a@pec.it")) == 1


def test_order_for_two_of_which_only_one_was_written_down_is_known_for_both(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """VER-2, DUP-2: the run ended between the two renewals of one click; the order still names both."""
    office.truth.flags = True
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 11)
    written: list[str] = []

    def once(visit: Visit, renewal: Renewal, verdict: Verdict, *, looked: bool = True) -> Item:
        written.append(renewal.name)
        if len(written) > 1:
            raise RuntimeError("it ends here")
        return record(visit, renewal, verdict, looked=looked)

    with monkeypatch.context() as patched:
        patched.setattr(placing, "record", once)
        office.run()
    assert [one.state.value for one in office.renewals()] == ["awaiting-payment", "unknown"]
    assert set(said(office.run()).values()) == {("awaiting-payment", "waiting")}
    assert (office.truth.clicks, len(office.truth.orders)) == (1, 1)


def test_parts_of_a_split_order_that_were_cancelled_unseen_wait_for_a_person(office: Office) -> None:
    """DUP-10, VER-2: one part is settled by its number; the other is looked for, and not taken for lost."""
    office.truth.flags, office.truth.split_into, office.truth.lag = True, 1, 1
    for address in ("a@pec.it", "b@pec.it"):
        office.truth.add(address, 10)
    assert set(said(office.run()).values()) == {("unknown", "unknown")}
    for order in office.truth.orders:
        order.state, order.hidden_for = OrderState.CANCELLED, 0
    office.run()
    office.clock.advance(timedelta(hours=1))
    for _ in range(2):
        told = said(office.run())
    assert told == dict.fromkeys(("a@pec.it", "b@pec.it"), ("needs-person", "approval"))
    assert (office.truth.clicks, len(office.truth.orders)) == (1, 2)
