"""While an order waits for its payment: what the portal says on how to pay it, by when, and who is told again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from pec_autorenew import paying
from pec_autorenew.errors import ConfigError, LedgerError
from pec_autorenew.ledger import Ledger
from pec_autorenew.model import OrderState
from pec_autorenew.states import RenewalState
from tests.engine.office import account, said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.office import Office

#: What a portal might say; invented, as is the account.
WORDS = "Ordine 1001. Bonifico a Prova S.p.A., IBAN IT00 X000 0000, causale: 1001"


# -- the portal's own instructions --------------------


def test_portal_s_words_are_kept_with_the_order_and_told(office: Office) -> None:
    """PAY-5: what the confirmation said of the order is in the report, in this run and later, until it is paid."""
    office.truth.add("a@pec.it", 10)
    office.truth.thanks = WORDS
    assert [item.instructions for item in office.run().items] == [WORDS]
    assert [item.instructions for item in office.run().items] == [WORDS]
    office.truth.pay(office.truth.orders[0])
    assert [item.instructions for item in office.run().items] == [""]
    assert [one.payment_instructions for one in office.renewals()] == [WORDS]


@pytest.mark.parametrize("number", ["999", "100"])
def test_thanks_for_another_order_are_no_instructions_for_ours(office: Office, number: str) -> None:
    """PAY-5, VER-1 (fault `success-of-another`): the list has another number, so those words are somebody else's."""
    office.truth.add("a@pec.it", 10)
    office.truth.thanks, office.truth.thanks_for = WORDS, number
    assert [item.instructions for item in office.run().items] == [""]
    assert [item.instructions for item in office.run().items] == [""]


def test_instructions_wait_until_the_list_shows_their_order(office: Office) -> None:
    """PAY-5, DUP-4: while the outcome is unknown nobody is told to pay; once the list has the number, they are."""
    office.truth.add("a@pec.it", 10)
    office.truth.thanks, office.truth.lag = WORDS, 1
    (item,) = office.run().items
    (renewal,) = office.renewals()
    assert (item.outcome.value, item.instructions) == ("unknown", "")
    assert (renewal.state, renewal.payment_instructions) == (RenewalState.UNKNOWN, "")
    (item,) = office.run().items
    assert (item.outcome.value, item.instructions) == ("awaiting-payment", WORDS)


def test_order_that_the_portal_split_has_instructions_for_its_first_part(office: Office) -> None:
    """PAY-5: one confirmation with one number speaks of one order."""
    office.truth.flags, office.truth.split_into, office.truth.thanks = True, 1, WORDS
    for address in ("a@pec.it", "b@pec.it"):
        office.truth.add(address, 10)
    result = office.run()
    assert set(said(result).values()) == {("awaiting-payment", "ordered")}
    assert {item.mailbox: item.instructions for item in result.items} == {"a@pec.it": WORDS, "b@pec.it": ""}


def test_portal_that_says_far_too_much_is_cut_short(office: Office) -> None:
    """PAY-5: the ledger keeps the order's words, not a whole site's."""
    office.truth.add("a@pec.it", 10)
    office.truth.thanks = "parole " * 10_000
    assert [len(item.instructions) for item in office.run().items] == [5000]


# -- by when, and who is told again --------------------

#: Friday 11 December; for Tuesday 8 is a holiday, a transfer has to be made on Monday 7.
LAST, STEPS = date(2026, 12, 7), (date(2026, 12, 4), date(2026, 12, 6), date(2026, 12, 8))


def days(office: Office, until: date) -> Iterator[date]:
    """Let days pass until this one, and yield each."""
    while (today := office.clock().date()) <= until:
        yield today
        office.clock.advance(timedelta(days=1))


def test_reminder_comes_with_the_first_report_and_on_each_step_once(office: Office) -> None:
    """PAY-4, NOT-1: two runs a day; a step of the ladder is told by the first one that reaches it."""
    office.truth.add("a@pec.it", 10)
    told = [
        (today, item.reason)
        for today in days(office, date(2026, 12, 10))
        for _ in range(2)
        for item in office.run().items
        if item.reminder
    ]
    assert told == [(date(2026, 12, 1), "ordered"), *((step, "waiting") for step in STEPS)]
    assert len(office.ledger.events(kind="reminded")) == 4


def test_order_says_by_when_it_has_to_be_paid(office: Office) -> None:
    """PAY-4: order number, method, gross, and the last day on which that method still is in time."""
    office.truth.add("a@pec.it", 10)
    (item,) = office.run().items
    assert item.pay_by == LAST
    assert item.message == (
        "Order 1001 is in «Attesa pagamento» (bonifico, 30,50 €). "
        "Pay it by 07/12/2026: a bonifico is registered within 3 working days."
    )
    office.clock.advance(timedelta(days=7))
    (item,) = office.run().items
    assert "07/12/2026 was the last day to pay it" in item.message


def test_reminders_end_when_the_order_shows_paid_and_renewed_waits_for_the_new_expiry(office: Office) -> None:
    """PAY-4: «Pagato» is no renewal yet, and is nobody's to pay; only the later expiry date is."""
    box = office.truth.add("a@pec.it", 10)
    office.run()
    (order,) = office.truth.orders
    order.state = OrderState.PAID
    for _ in days(office, date(2026, 12, 12)):
        (item,) = office.run().items
        assert (item.outcome.value, item.reminder, item.pay_by) == ("awaiting-payment", False, None)
        assert "Pay it" not in item.message
    box.expiry = box.expiry.replace(year=2027)
    assert said(office.run()) == {"a@pec.it": ("renewed", "renewed")}


def test_dry_run_reminds_and_does_not_remember(office: Office) -> None:
    """DRY-1, PAY-4: what a dry run says is not what a scheduled run has told."""
    office.truth.add("a@pec.it", 10)
    office.run()
    office.clock.advance(timedelta(days=3))
    assert [item.reminder for item in office.run(live=False).items] == [True]
    assert [item.reminder for item in office.run("plan", live=False).items] == [True]
    assert [item.reminder for item in office.run().items] == [True]
    assert [item.reminder for item in office.run().items] == [False]


def test_run_for_another_mailbox_uses_no_reminder_up(office: Office) -> None:
    """PAY-4: whoever was not in the report was not told."""
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 10)
    office.run()
    office.clock.advance(timedelta(days=3))
    office.run(mailboxes=frozenset({"b@pec.it"}))
    assert {item.mailbox: item.reminder for item in office.run().items} == {"a@pec.it": True, "b@pec.it": False}


def test_run_whose_report_was_lost_uses_no_reminder_up(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """PAY-4, NOT-2: it is noted after the report is in the ledger; a second time is better than not at all."""
    office.truth.add("a@pec.it", 10)

    def disk_full(*_: object) -> None:
        raise LedgerError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "finish_run", disk_full)
        with pytest.raises(LedgerError):
            office.run()
    assert [item.reminder for item in office.run().items] == [True]


def test_run_that_ends_in_an_error_without_a_report_uses_no_reminder_up(office: Office) -> None:
    """PAY-4, NOT-2: the command then prints the error alone; the next run reminds."""
    office.configure(account("studio"), account("atelier"))
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 200, "atelier")
    office.truth.place("a@pec.it")
    office.truth.script["survey"] += [lambda: None, ConfigError("a secret is gone")]
    with pytest.raises(ConfigError):
        office.run()
    (item,) = (one for one in office.run().items if one.mailbox == "a@pec.it")
    assert (item.reason, item.reminder) == ("waiting", True)


def test_order_of_somebody_else_is_reminded_of_by_the_account_s_own_method(office: Office) -> None:
    """PAY-4, DUP-6: how it will be paid nobody knows; the account's own way counts, here a postal payment."""
    office.configure(renewal={"payment_method": "bollettino"})
    office.truth.add("a@pec.it", 30)
    office.truth.place("a@pec.it")
    (item,) = office.run().items
    assert (item.reason, item.reminder, item.pay_by) == ("adopted", True, date(2026, 12, 21))
    assert "a bollettino is registered within 7 working days" in item.message
    assert [(item.reason, item.reminder) for item in office.run().items] == [("waiting", False)]


def test_ladder_is_the_configured_one(office: Office) -> None:
    """INTERFACE, `[notify] ladder`: here two days before, and nothing else but the day after the last one."""
    office.configure(notify={"ladder": [2]})
    office.truth.add("a@pec.it", 10)
    told = [today for today in days(office, date(2026, 12, 9)) for item in office.run().items if item.reminder]
    assert told == [date(2026, 12, 1), date(2026, 12, 5), date(2026, 12, 8)]


def test_public_administration_is_told_what_to_send(office: Office) -> None:
    """PAY-8: the six characters of its own code make it one; the commitment takes the place of the payment."""
    billing = {"identifier": "codice-destinatario", "value": "ABC123"}
    office.configure(account("studio", billing=billing))
    office.truth.add("a@pec.it", 10)
    (item,) = office.run().items
    assert "By 07/12/2026 send the signed payment commitment" in item.message
    assert "codice univoco ABC123, CIG, CUP and the split-payment statement" in item.message
    assert "Pay it" not in item.message


def test_run_with_nothing_due_loads_no_calendar(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """ENV-3: the library of holidays is for open payments; a plan does without it before the expiry."""

    def loaded() -> None:
        raise AssertionError

    monkeypatch.setattr(paying, "_italian_holidays", loaded)
    office.truth.add("a@pec.it", 200)
    office.truth.add("b@pec.it", 10)
    assert said(office.run("plan", live=False)) == {
        "a@pec.it": ("skipped", "not-due"),
        "b@pec.it": ("would-order", "due"),
    }
    with pytest.raises(AssertionError):
        office.run()
