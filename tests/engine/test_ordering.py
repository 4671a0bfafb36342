"""Ordering what is due: once, the most urgent first, within the limits, and nothing in a dry run."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import ConfigError, PolicyStop
from pec_autorenew.ledger import PAUSE
from pec_autorenew.model import MailboxType, OrderState, PortalAutorenewal
from pec_autorenew.states import RenewalState
from tests.engine.office import account, said

if TYPE_CHECKING:
    from tests.engine.office import Office


def test_due_mailbox_is_ordered_once_and_proved_by_the_list(office: Office) -> None:
    """VER-1, DUP-1: one order in the truth, `awaiting-payment` in report and ledger, with number and gross."""
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 200)
    result = office.run()
    assert said(result) == {"a@pec.it": ("awaiting-payment", "ordered"), "b@pec.it": ("skipped", "not-due")}
    (order,) = office.truth.orders
    (renewal,) = office.renewals()
    assert (renewal.state, renewal.order_number, renewal.gross) == (
        RenewalState.AWAITING_PAYMENT,
        order.number,
        Decimal("30.50"),
    )
    assert renewal.form["accepted"] == ["Condizioni generali"]
    stored = office.ledger.run(result.run_id)
    assert stored is not None
    assert stored.report is not None
    assert stored.report["totals"] == {"ordered": 1, "gross": "30.50", "currency": "EUR"}
    assert (result.codes, stored.exit_code) == ((0,), 0)


def test_second_run_orders_nothing(office: Office) -> None:
    """BLK-2, DUP-6: what is ordered waits for its payment, however often the command runs."""
    office.truth.add("a@pec.it", 10)
    office.run()
    again = office.run()
    assert said(again) == {"a@pec.it": ("awaiting-payment", "waiting")}
    assert len(office.truth.orders) == office.truth.clicks == 1


def test_paid_order_is_renewed_when_the_expiry_moves(office: Office) -> None:
    """PAY-4, VER-1: only the new expiry date makes it `renewed`."""
    office.truth.add("a@pec.it", 10)
    office.run()
    (order,) = office.truth.orders
    order.state = OrderState.PAID
    assert said(office.run("reconcile")) == {"a@pec.it": ("awaiting-payment", "waiting")}
    office.truth.pay(order)
    result = office.run("reconcile")
    assert said(result) == {"a@pec.it": ("renewed", "renewed")}
    assert str(result.items[0].expiry_after) == "2027-12-11"
    assert office.renewals()[0].state is RenewalState.RENEWED


def test_order_that_renews_at_once_counts_in_the_totals(office: Office) -> None:
    """VER-1: where the portal moves the expiry at once, the order of this run is `renewed` and still counted."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["answer"].append(lambda: office.truth.pay(office.truth.orders[-1]))
    result = office.run()
    assert said(result) == {"a@pec.it": ("renewed", "ordered")}
    stored = office.ledger.run(result.run_id)
    assert stored is not None
    assert stored.report is not None
    assert stored.report["totals"] == {"ordered": 1, "gross": "30.50", "currency": "EUR"}


def test_expiry_that_moves_otherwise_than_ordered_is_told(office: Office) -> None:
    """VER-1: a new expiry that is not old plus years is `renewed` and `expiry-differs`."""
    office.truth.add("a@pec.it", 10)
    office.run()
    office.truth.boxes["a@pec.it"].expiry += timedelta(days=200)
    assert said(office.run()) == {"a@pec.it": ("renewed", "expiry-differs")}


def test_most_urgent_is_first_across_accounts(office: Office) -> None:
    """BLK-1: the plan is told, and ordered, by expiry, whichever account a mailbox belongs to."""
    office.configure(account("a"), account("b"))
    for address, days, owner in (("x@pec.it", 20, "a"), ("y@pec.it", 5, "b"), ("z@pec.it", 12, "a")):
        office.truth.add(address, days, owner)
    office.run()
    urgent = ["y@pec.it", "z@pec.it", "x@pec.it"]
    assert office.watcher.orders == [urgent]
    assert [next(iter(order.lines)) for order in office.truth.orders] == urgent


def test_run_budget_stops_what_it_does_not_cover(office: Office) -> None:
    """BLK-1, PRC-4: the most urgent are ordered, the rest is `stopped`, `budget`, exit 4."""
    office.configure(limits={"max_per_run": "70.00"})
    for number in range(3):
        office.truth.add(f"m{number}@pec.it", 10 + number)
    result = office.run()
    assert said(result)["m2@pec.it"] == ("stopped", "budget")
    assert result.codes == (4,)
    assert [list(order.lines) for order in office.truth.orders] == [["m0@pec.it"], ["m1@pec.it"]]


def test_month_budget_is_kept_across_runs_and_freed_by_the_new_month(office: Office) -> None:
    """PRC-4: the calendar month counts, not the run."""
    office.configure(limits={"max_per_month": "40.00"})
    office.truth.add("a@pec.it", 10)
    office.run()
    office.truth.add("b@pec.it", 10)
    assert said(office.run())["b@pec.it"] == ("stopped", "budget")
    assert office.truth.clicks == 1
    office.clock.advance(timedelta(days=31))
    assert said(office.run())["b@pec.it"] == ("awaiting-payment", "ordered")


def two_clients(office: Office, *clients: dict[str, str]) -> None:
    """Have an account of Rossi's with two mailboxes, one of Verdi's and one of nobody's with one each, all due."""
    office.tree["clients"] = list(clients)
    office.configure(account("rossi", client="Rossi"), account("verdi", client="Verdi"), account("solo"))
    for number, (owner, address) in enumerate(
        [("rossi", "r1@pec.it"), ("rossi", "r2@pec.it"), ("verdi", "v@pec.it"), ("solo", "s@pec.it")]
    ):
        office.truth.add(address, 10 + number, account=owner)


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("limit", ["max_per_run", "max_per_month"])
def test_client_s_budget_one_cent_short_stops_that_client_only(office: Office, limit: str, *, live: bool) -> None:
    """PRC-4: `stopped`, `budget`, and the message names the client; the others go on, in a dry run as well."""
    two_clients(office, {"name": "Rossi", limit: "60.99"})
    result = office.run(live=live)
    ordered = ("awaiting-payment", "ordered") if live else ("would-order", "dry-run")
    expected = dict.fromkeys(["r1@pec.it", "v@pec.it", "s@pec.it"], ordered)
    assert said(result) == expected | {"r2@pec.it": ("stopped", "budget")}
    assert "for client Rossi" in next(item.message for item in result.items if item.mailbox == "r2@pec.it")
    assert result.codes == (4,)


def test_client_s_month_is_kept_across_runs_and_adopted_orders_cost_none(office: Office) -> None:
    """PRC-4, DUP-6: the month goes on in the next run; a foreign order takes nothing; the new month is free."""
    two_clients(office, {"name": "Rossi", "max_per_month": "61.00"}, {"name": "Verdi", "max_per_run": "30.50"})
    office.truth.place("r2@pec.it")
    assert said(office.run())["r2@pec.it"] == ("awaiting-payment", "adopted")
    assert office.ledger.spent_in_month("2026-12", client="Rossi") == Decimal("30.50")
    office.truth.add("r3@pec.it", 10, account="rossi")
    office.truth.add("r4@pec.it", 11, account="rossi")
    second = said(office.run())
    assert (second["r3@pec.it"], second["r4@pec.it"]) == (("awaiting-payment", "ordered"), ("stopped", "budget"))
    office.clock.advance(timedelta(days=31))
    assert said(office.run())["r4@pec.it"] == ("awaiting-payment", "ordered")


def test_client_s_budget_never_raises_that_of_all(office: Office) -> None:
    """PRC-2: both hold; a client without a table has the limits of all."""
    two_clients(office, {"name": "Rossi", "max_per_run": "1000"})
    office.configure(limits={"max_per_run": "61.00"})
    result = said(office.run())
    assert [one for one, (outcome, _) in result.items() if outcome == "stopped"] == ["v@pec.it", "s@pec.it"]


def test_approval_does_not_let_a_client_above_its_budget(office: Office) -> None:
    """PRC-4: a person's word is for a price, and no budget grows by it."""
    two_clients(office, {"name": "Rossi", "max_per_run": "30.50"})
    office.configure(renewal={"approval": "always"})
    office.run()
    for request in office.ledger.requests(office.config.portal.base_url):
        facts, now = request.facts, office.clock()
        office.ledger.answer(request.portal, facts.address, facts.expiry, now, timedelta(days=3), granted=True)
    result = said(office.run())
    assert (result["r1@pec.it"], result["r2@pec.it"]) == (("awaiting-payment", "ordered"), ("stopped", "budget"))


@pytest.mark.parametrize(("limit", "reason"), [("0", "over-limit"), ("30.49", "over-limit")])
def test_mailbox_above_its_limit_is_stopped(office: Office, limit: str, reason: str) -> None:
    """PRC-1, PRC-2: nothing above the limit is ordered, and 0 means zero."""
    office.configure(limits={"max_per_mailbox": limit})
    office.truth.add("a@pec.it", 10)
    assert said(office.run()) == {"a@pec.it": ("stopped", reason)}
    assert office.truth.clicks == 0
    assert office.renewals() == ()


def test_renewal_without_limits_does_not_begin(office: Office) -> None:
    """PRC-2, DRY-2: the runner itself refuses, whoever calls it; no portal is opened."""
    del office.tree["limits"]["max_per_run"]
    with pytest.raises(ConfigError, match="max_per_run"):
        office.run()
    assert office.truth.opened == []


def test_card_without_leave_does_not_begin(office: Office) -> None:
    """PAY-1: a method that switches «Rinnovo automatico» on needs `allow_portal_autorenewal`."""
    office.configure(renewal={"payment_method": "carta"})
    with pytest.raises(ConfigError, match="contradicts"):
        office.run()


def test_card_is_a_request_to_a_person(office: Office) -> None:
    """PAY-1, PAY-6: the order waits for the bank, exit 3, and the report says what the portal will charge."""
    office.configure(renewal={"payment_method": "carta", "allow_portal_autorenewal": True})
    office.truth.add("a@pec.it", 10)
    result = office.run()
    assert said(result) == {"a@pec.it": ("awaiting-payment", "bank-authentication")}
    assert result.codes == (3,)
    assert "charges a year by itself" in result.items[0].message


def test_max_items_counts_what_was_ordered(office: Office) -> None:
    """INTERFACE, `--max-items`: a mailbox that was refused takes no place, over several orders."""
    office.truth.add("dear@pec.it", 1, price=Decimal(100))
    for number in range(3):
        office.truth.add(f"m{number}@pec.it", 10 + number)
    result = office.run(max_items=2)
    assert said(result) == {
        "dear@pec.it": ("stopped", "over-limit"),
        "m0@pec.it": ("awaiting-payment", "ordered"),
        "m1@pec.it": ("awaiting-payment", "ordered"),
        "m2@pec.it": ("stopped", "budget"),
    }


def test_max_items_cuts_an_order_for_several(office: Office) -> None:
    """INTERFACE, `--max-items`: the most urgent of a common order, and no more."""
    office.truth.flags = True
    for number in range(3):
        office.truth.add(f"m{number}@pec.it", 10 + number)
    office.run(max_items=2)
    assert [list(order.lines) for order in office.truth.orders] == [["m0@pec.it", "m1@pec.it"]]


def test_one_order_for_several_mailboxes_where_the_portal_has_flags(office: Office) -> None:
    """DUP-3: one click for the group, and each renewal has its part."""
    office.truth.flags = True
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 12, price=Decimal("20.00"))
    result = office.run()
    (order,) = office.truth.orders
    assert set(order.lines) == {"a@pec.it", "b@pec.it"}
    assert {one.gross for one in office.renewals()} == {Decimal("30.50"), Decimal("20.00")}
    assert {one.order_gross for one in result.items} == {Decimal("50.50")}
    stored = office.ledger.run(result.run_id)
    assert stored is not None
    assert stored.report is not None
    assert stored.report["totals"]["gross"] == "50.50"  # type: ignore[index]


def test_mailboxes_without_own_amounts_are_ordered_one_by_one(office: Office) -> None:
    """PRC-1: a common form that hides what each costs is not confirmed."""
    office.truth.flags, office.truth.shows_amounts = True, False
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 12)
    office.run()
    assert [list(order.lines) for order in office.truth.orders] == [["a@pec.it"], ["b@pec.it"]]


def test_one_dear_mailbox_does_not_hold_back_its_group(office: Office) -> None:
    """PRC-1: what is above its limit leaves the order, and the rest is ordered together."""
    office.truth.flags = True
    office.truth.add("a@pec.it", 10)
    office.truth.add("dear@pec.it", 11, price=Decimal(100))
    office.truth.add("c@pec.it", 12)
    result = office.run()
    assert said(result)["dear@pec.it"] == ("stopped", "over-limit")
    assert [set(order.lines) for order in office.truth.orders] == [{"a@pec.it", "c@pec.it"}]


def test_one_refused_mailbox_does_not_hold_back_its_group(office: Office) -> None:
    """PRC-8: a common order that is stopped is tried mailbox by mailbox, so that one cannot starve the others."""
    office.truth.flags = True
    for number in range(3):
        office.truth.add(f"m{number}@pec.it", 10 + number)
    error = PolicyStop("m1@pec.it is STANDARD and the cart says PRO", reason="type-changed")
    office.truth.script["prepare"] += [error, lambda: None, error]
    result = office.run()
    assert said(result) == {
        "m0@pec.it": ("awaiting-payment", "ordered"),
        "m1@pec.it": ("stopped", "type-changed"),
        "m2@pec.it": ("awaiting-payment", "ordered"),
    }
    assert office.truth.clicks == 2


def test_form_is_judged_by_the_engine_too(office: Office) -> None:
    """PRC-5, PRC-8: whoever filled the form in, another type on it stops the order before the click."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["prepare"].append(lambda: setattr(office.truth.boxes["a@pec.it"], "kind", MailboxType.PRO))
    assert said(office.run()) == {"a@pec.it": ("stopped", "type-changed")}
    assert office.truth.clicks == 0
    assert office.renewals() == ()


def test_price_that_changes_before_the_click_orders_nothing(office: Office) -> None:
    """PRC-1: the form is read again right before the click; the renewal ends as `failed`, its budget is free."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["form"].append(lambda: setattr(office.truth.boxes["a@pec.it"], "price", Decimal("30.51")))
    result = office.run()
    assert said(result) == {"a@pec.it": ("stopped", "price-changed")}
    assert office.truth.clicks == 0
    assert office.renewals()[0].state is RenewalState.FAILED
    assert office.ledger.spent(result.run_id) == 0
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "ordered")}


def test_price_far_above_the_last_order_waits_for_a_person(office: Office) -> None:
    """PRC-7: a year that costs over 25 % more than last time is `needs-person`, `approval`."""
    office.truth.add("a@pec.it", 10)
    office.run()
    office.truth.pay(office.truth.orders[0])
    office.run()
    office.clock.advance(timedelta(days=360))
    office.truth.boxes["a@pec.it"].price = Decimal("38.20")
    assert said(office.run()) == {"a@pec.it": ("needs-person", "approval")}
    office.truth.boxes["a@pec.it"].price = Decimal("38.10")
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "ordered")}


def test_approval_above_an_amount_holds_back_only_what_is_above(office: Office) -> None:
    """INTERFACE, `approval`: the dear mailbox of a group waits, the others are ordered."""
    office.truth.flags = True
    office.configure(renewal={"approval": "above:35.00"})
    office.truth.add("a@pec.it", 10)
    office.truth.add("dear@pec.it", 11, price=Decimal(36))
    result = office.run()
    assert said(result) == {
        "a@pec.it": ("awaiting-payment", "ordered"),
        "dear@pec.it": ("needs-person", "approval"),
    }
    assert [list(order.lines) for order in office.truth.orders] == [["a@pec.it"]]


def test_mailbox_of_two_accounts_is_one_item_and_one_order(office: Office) -> None:
    """DUP-9: the first configured account that shows the mailbox owns it."""
    office.configure(account("a"), account("b"))
    office.truth.add("x@pec.it", 10, "a+b")
    assert said(office.run()) == {"x@pec.it": ("awaiting-payment", "ordered")}
    assert said(office.run()) == {"x@pec.it": ("awaiting-payment", "waiting")}
    assert len(office.truth.orders) == 1


def test_mailbox_that_its_first_account_excludes_belongs_to_the_next(office: Office) -> None:
    """DUP-9: an account that does not look after a mailbox does not keep it from another one."""
    office.configure(account("a", exclude=["x@pec.it"]), account("b"))
    office.truth.add("x@pec.it", 10, "a+b")
    result = office.run()
    assert said(result) == {"x@pec.it": ("awaiting-payment", "ordered")}
    assert result.items[0].account == "b"


def test_dry_run_leaves_truth_and_renewals_alone(office: Office) -> None:
    """DRY-1: everything up to the click, no renewal, no reservation; the look and the sign-in are recorded."""
    office.truth.add("a@pec.it", 10)
    result = office.run(live=False)
    assert said(result) == {"a@pec.it": ("would-order", "dry-run")}
    assert (office.truth.orders, office.truth.clicks, office.renewals()) == ([], 0, ())
    survey = office.ledger.last_survey(office.config.portal.base_url, "studio")
    assert survey is not None
    assert survey.mode == "dry-run"
    assert office.truth.prepared == [("a@pec.it",)]


def test_dry_run_keeps_to_the_budget(office: Office) -> None:
    """DRY-1, BLK-1: a dry run says what a live one would not have covered."""
    office.configure(limits={"max_per_run": "40.00"})
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 11)
    assert said(office.run(live=False)) == {
        "a@pec.it": ("would-order", "dry-run"),
        "b@pec.it": ("stopped", "budget"),
    }


def test_dry_run_adopts_and_settles_nothing(office: Office) -> None:
    """DRY-1: what is open is told from the look, and stays as it is in the ledger."""
    office.truth.add("a@pec.it", 10)
    office.run()
    office.truth.pay(office.truth.orders[0])
    office.truth.add("b@pec.it", 10)
    office.truth.place("b@pec.it")
    assert said(office.run(live=False)) == {
        "a@pec.it": ("renewed", "renewed"),
        "b@pec.it": ("awaiting-payment", "adopted"),
    }
    assert [one.state for one in office.renewals()] == [RenewalState.AWAITING_PAYMENT]


def test_pause_stops_new_orders_and_reading_goes_on(office: Office) -> None:
    """INTERFACE, `pause`: `stopped`, `paused`, and nothing is filled in."""
    office.truth.add("a@pec.it", 10)
    office.ledger.set_flag(PAUSE, "holidays", office.clock())
    assert said(office.run()) == {"a@pec.it": ("stopped", "paused")}
    assert office.truth.prepared == []
    assert office.truth.looks["studio"] == 1


def test_early_renewal_is_ordered_and_its_reason_kept(office: Office) -> None:
    """INTERFACE, `--renew-early`: a fresh survey that proves nothing due does not hide it; the reason is an event."""
    office.truth.add("a@pec.it", 100)
    office.run()
    result = office.run(early={"a@pec.it": "price rises in January"})
    assert said(result) == {"a@pec.it": ("awaiting-payment", "ordered")}
    (event,) = office.ledger.events(run_id=result.run_id, kind="renew-early")
    assert event.facts["reason"] == "price rises in January"


def test_mailbox_renewed_while_the_run_goes_on_is_skipped(office: Office) -> None:
    """DUP-5: the expiry is read again before the order is prepared; it moved, so nothing is filled in."""
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 20)

    def somebody_renews_b() -> None:
        office.truth.boxes["b@pec.it"].expiry += timedelta(days=365)

    office.truth.script["answer"].append(somebody_renews_b)
    result = office.run()
    assert said(result)["b@pec.it"] == ("skipped", "already-renewed")
    assert office.truth.prepared == [("a@pec.it",)]


def test_mailbox_ordered_by_somebody_while_the_run_goes_on_is_adopted(office: Office) -> None:
    """DUP-6: «Rinnova» gone is no renewal; the order that took it away is adopted."""
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 20)
    office.truth.script["answer"].append(lambda: office.truth.place("b@pec.it"))
    result = office.run()
    assert said(result)["b@pec.it"] == ("awaiting-payment", "adopted")
    assert len(office.truth.orders_for("b@pec.it")) == 1


def test_mailbox_ordered_by_somebody_while_its_order_is_filled_in_is_adopted(office: Office) -> None:
    """DUP-6: a «Rinnova» that goes away between look and click is looked up, and is no drift."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["prepare"].append(lambda: office.truth.place("a@pec.it"))
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "adopted")}
    assert office.truth.clicks == 0


def test_portal_autorenewal_on_is_not_ordered(office: Office) -> None:
    """PAY-2: the portal charges by itself."""
    office.truth.add("a@pec.it", 10, autorenewal=PortalAutorenewal.ON)
    assert said(office.run()) == {"a@pec.it": ("skipped", "portal-autorenewal-on")}


def test_autorenewal_that_nobody_asked_for_is_told(office: Office) -> None:
    """PAY-2: the state is read before and after the order, and a change is reported."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["answer"].append(
        lambda: setattr(office.truth.boxes["a@pec.it"], "autorenewal", PortalAutorenewal.ON)
    )
    result = office.run()
    assert "«Rinnovo automatico» was off and is on: nobody asked for that." in result.items[0].message


def test_plan_says_what_would_be_ordered_and_fills_in_nothing(office: Office) -> None:
    """INTERFACE, `plan`: changes nothing."""
    office.truth.add("a@pec.it", 10)
    assert said(office.run("plan", live=False)) == {"a@pec.it": ("would-order", "due")}
    assert (office.truth.prepared, office.truth.orders) == ([], [])


def test_named_mailbox_that_nobody_shows_is_an_alarm(office: Office) -> None:
    """SIL-2: a mailbox of the configuration that the portal does not show, and one asked for by name."""
    office.configure(account("studio", include=["a@pec.it", "gone@pec.it"]))
    office.truth.add("a@pec.it", 100)
    assert said(office.run())["gone@pec.it"] == ("failed", "mailbox-not-found")
    result = office.run(mailboxes=frozenset({"typo@pec.it"}))
    assert said(result) == {"typo@pec.it": ("failed", "mailbox-not-found")}
