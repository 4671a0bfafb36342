"""Drift and vanished mailboxes: how far they reach, and that they hide nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pec_autorenew.errors import ElementAmbiguous, FormChanged, UnexpectedPage
from pec_autorenew.states import RenewalState
from tests.engine.office import account, said

if TYPE_CHECKING:
    from tests.engine.office import Office


def three(office: Office) -> None:
    """Give the office three accounts with a due mailbox each."""
    office.configure(account("one"), account("two"), account("three"))
    for number, name in enumerate(("one", "two", "three")):
        office.truth.add(f"{name}@pec.it", 10 + number, name)


def test_drift_in_one_account_stops_that_account(office: Office) -> None:
    """DRF-4: the others are ordered; exit 6."""
    three(office)
    office.truth.script["survey"].append(UnexpectedPage("?"))
    result = office.run()
    assert said(result) == {
        None: ("drift", "unexpected-page"),
        "two@pec.it": ("awaiting-payment", "ordered"),
        "three@pec.it": ("awaiting-payment", "ordered"),
    }
    assert result.codes == (6,)


def test_drift_in_two_accounts_stops_all_new_orders(office: Office) -> None:
    """DRF-4: reading goes on, nothing more is ordered in this run; an event says why."""
    three(office)
    office.truth.script["survey"] += [UnexpectedPage("?"), ElementAmbiguous("two")]
    result = office.run()
    assert [item.outcome.value for item in result.items] == ["drift"] * 3
    assert (office.truth.clicks, office.truth.looks["three"]) == (0, 1)
    assert len(office.ledger.events(run_id=result.run_id, kind="drift")) == 2


def test_drift_on_an_order_page_stops_all_new_orders(office: Office) -> None:
    """DRF-4: the form is not recognised for one mailbox, so none is ordered after it."""
    three(office)
    office.truth.script["prepare"] += [lambda: None, UnexpectedPage("?")]
    result = office.run()
    assert said(result) == {
        "one@pec.it": ("awaiting-payment", "ordered"),
        "two@pec.it": ("drift", "unexpected-page"),
        "three@pec.it": ("drift", "unexpected-page"),
    }
    assert office.truth.clicks == 1


def test_drift_right_before_the_click_presses_nothing(office: Office) -> None:
    """DRF-4, PRC-1: the form cannot be read again: `drift`, the renewal `failed`, and no further order."""
    three(office)

    def unreadable() -> None:
        raise FormChanged("cannot be read again") from UnexpectedPage("?")

    office.truth.script["form"].append(unreadable)
    result = office.run()
    assert [item.outcome.value for item in result.items] == ["drift"] * 3
    assert office.truth.clicks == 0
    assert office.renewals()[0].state is RenewalState.FAILED


def test_vanished_mailbox_stops_its_account_until_it_is_back(office: Office) -> None:
    """SIL-2: alarm for every mailbox of the account, in each run, though the list was recorded meanwhile."""
    office.truth.add("a@pec.it", 10)
    office.truth.add("gone@pec.it", 300)
    office.run("list", live=False)
    office.truth.boxes["gone@pec.it"].listed = False
    for _ in range(2):
        result = office.run()
        assert said(result) == {
            "a@pec.it": ("drift", "inventory-shrank"),
            "gone@pec.it": ("drift", "inventory-shrank"),
        }
        assert result.codes == (6,)
    office.truth.boxes["gone@pec.it"].listed = True
    assert said(office.run())["a@pec.it"] == ("awaiting-payment", "ordered")


def test_vanished_mailbox_that_is_excluded_or_long_dead_is_no_alarm(office: Office) -> None:
    """SIL-2: past day +90 it is `cancelled`; excluded it is nobody's business."""
    office.truth.add("a@pec.it", 300)
    office.truth.add("dead@pec.it", -91)
    office.truth.add("other@pec.it", 300)
    office.run("list", live=False)
    office.truth.boxes["dead@pec.it"].listed = office.truth.boxes["other@pec.it"].listed = False
    office.configure(account("studio", exclude=["other@pec.it"]))
    result = office.run("plan", live=False)
    assert said(result) == {"a@pec.it": ("skipped", "not-due")}
    assert result.codes == (0,)


def test_mailbox_that_vanishes_after_the_click_does_not_hide_the_order(office: Office) -> None:
    """SIL-2, VER-1: the look that shows the order is believed; the alarm is told beside it, and the account stops."""
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 12)
    office.truth.add("gone@pec.it", 300)
    office.run("list", live=False)

    def vanish() -> None:
        office.truth.boxes["gone@pec.it"].listed = False

    office.truth.script["answer"].append(vanish)
    result = office.run()
    assert said(result) == {
        "a@pec.it": ("awaiting-payment", "ordered"),
        "gone@pec.it": ("drift", "inventory-shrank"),
        "b@pec.it": ("drift", "inventory-shrank"),
    }
    assert office.renewals()[0].state is RenewalState.AWAITING_PAYMENT
    assert office.truth.clicks == 1


def test_old_survey_is_no_excuse_for_an_old_expiry(office: Office) -> None:
    """DUP-5: when more than a minute has passed since the look, the account is looked at again before an order."""
    office.configure(account("studio"), account("other"))
    office.truth.add("a@pec.it", 10)
    other = office.truth.add("b@pec.it", 12, "other")

    def time_passes_and_somebody_renews_b() -> None:
        office.clock.advance(timedelta(minutes=5))
        other.expiry += timedelta(days=365)

    office.truth.script["prepare"].append(time_passes_and_somebody_renews_b)
    assert said(office.run()) == {
        "a@pec.it": ("awaiting-payment", "ordered"),
        "b@pec.it": ("skipped", "already-renewed"),
    }
    assert office.truth.orders_for("b@pec.it") == []
