"""The truth behind the false portal: orders, payments, and who may see what."""

from __future__ import annotations

from datetime import date

import pytest

from pec_autorenew.mock_portal import (
    Account,
    Mailbox,
    MailboxType,
    Method,
    MockPortal,
    OrderState,
    RefusedError,
    Truth,
)
from pec_autorenew.mock_portal.clock import MockClock
from pec_autorenew.mock_portal.scenarios import SCENARIOS, arrange
from pec_autorenew.mock_portal.values import Choice, OrderRequest
from pec_autorenew.mock_portal.wire import BadValueError

ADDRESS = "prova.corbezzolo@pec.it"
ACCOUNT = "900001@aruba.it"


@pytest.fixture
def truth() -> Truth:
    """One account with one mailbox, due in ten days."""
    made = Truth(MockClock())
    made.add_account(Account(username=ACCOUNT, password="S3gret0-Conto", greeting="Corbezzolo"))
    made.add_mailbox(Mailbox(address=ADDRESS, account=ACCOUNT, expiry=date(2026, 12, 11), password="S3gret0-Casella"))
    return made


def test_place_order_leaves_the_expiry_alone(truth: Truth) -> None:
    """Ordering is not renewing: the expiry moves when the payment is registered."""
    order = truth.place_order_for(ADDRESS, years=2)
    assert truth.mailbox(ADDRESS).expiry == date(2026, 12, 11)
    truth.pay_order(order.number)
    assert truth.mailbox(ADDRESS).expiry == date(2028, 12, 11)


def test_place_order_twice_is_refused(truth: Truth) -> None:
    """An unpaid order stands in the way of a second one."""
    truth.place_order_for(ADDRESS)
    with pytest.raises(RefusedError):
        truth.place_order_for(ADDRESS)
    assert len(truth.orders_for(ADDRESS)) == 1


def test_cancel_order_makes_the_mailbox_renewable_again(truth: Truth) -> None:
    """«Annulla» brings «Rinnova» back."""
    order = truth.place_order_for(ADDRESS)
    assert not truth.renewable(truth.mailbox(ADDRESS))
    assert truth.cancel_order(order.number).state is OrderState.CANCELLED
    assert truth.renewable(truth.mailbox(ADDRESS))


@pytest.mark.parametrize(
    ("method", "after_sign_in", "automatic"),
    [
        (Method.CARTA, True, True),
        (Method.PAYPAL, True, True),
        (Method.CARTA, False, False),
        (Method.BONIFICO, True, False),
        (Method.BOLLETTINO, True, False),
    ],
)
def test_pay_order_switches_automatic_renewal_on_only_by_card_after_sign_in(
    truth: Truth,
    method: Method,
    after_sign_in: bool,  # noqa: FBT001 (a parameter of the test)
    automatic: bool,  # noqa: FBT001 (a parameter of the test)
) -> None:
    """Card and PayPal switch the automatic renewal on, unless paid without signing in."""
    order = truth.place_order_for(ADDRESS, method=method)
    truth.pay_order(order.number, after_sign_in=after_sign_in)
    assert truth.mailbox(ADDRESS).auto_renewal is automatic


def test_pay_order_already_cancelled_is_refused(truth: Truth) -> None:
    """Nobody pays a cancelled order."""
    order = truth.place_order_for(ADDRESS)
    truth.cancel_order(order.number)
    with pytest.raises(RefusedError):
        truth.pay_order(order.number)


def test_pay_order_with_another_type_changes_the_mailbox(truth: Truth) -> None:
    """A renewal with another plan changes the plan once it is paid."""
    consents = tuple(consent.text for consent in truth.options.consents)
    choice = Choice(address=ADDRESS, type=MailboxType.PRO, extra_gb=2)
    request = OrderRequest(
        signed_in_as=ACCOUNT,
        choices=(choice,),
        years=1,
        method=Method.BONIFICO,
        consents=consents,
    )
    order = truth.take_order(request)
    assert order is not None
    assert order.marketing_consents == consents[-1:]
    assert order.consents == consents[:-1]
    truth.pay_order(order.number)
    mailbox = truth.mailbox(ADDRESS)
    assert (mailbox.type, mailbox.extra_gb) == (MailboxType.PRO, 2)


def test_place_order_without_a_required_consent_is_refused(truth: Truth) -> None:
    """The portal does not sign in the customer's place."""
    choice = Choice(address=ADDRESS, type=MailboxType.STANDARD)
    request = OrderRequest(signed_in_as=ACCOUNT, choices=(choice,), years=1, method=Method.BONIFICO)
    with pytest.raises(RefusedError, match="condizioni"):
        truth.take_order(request)


def test_place_order_beyond_the_promotion_is_refused(truth: Truth) -> None:
    """Products on promotion renew for two years at most."""
    truth.set_options(max_years=2)
    with pytest.raises(RefusedError):
        truth.place_order_for(ADDRESS, years=3)


def test_order_numbers_have_eight_digits_and_grow(truth: Truth) -> None:
    """Numbers grow, by steps that nobody can foresee."""
    numbers = []
    for _ in range(3):
        order = truth.place_order_for(ADDRESS)
        truth.cancel_order(order.number)
        numbers.append(order.number)
    assert all(len(number) == 8 for number in numbers)
    assert numbers == sorted(set(numbers))


def test_sign_in_with_a_blank_too_many_is_wrong(truth: Truth) -> None:
    """Blanks and case count, and every attempt is remembered."""
    assert truth.sign_in(ACCOUNT, "segreta ") is None
    assert truth.sign_in(ACCOUNT.upper(), "S3gret0-Conto") is None
    assert truth.sign_in(ACCOUNT, "S3gret0-Conto") is not None
    assert [attempt.ok for attempt in truth.sign_ins] == [False, False, True]


def test_sign_in_with_a_mailbox_sees_only_itself(truth: Truth) -> None:
    """A mailbox's own credentials open that mailbox and no other."""
    truth.add_mailbox(Mailbox(address="altra@pec.example", account=ACCOUNT, expiry=date(2027, 1, 1)))
    visitor = truth.sign_in(ADDRESS, "S3gret0-Casella")
    assert visitor is not None
    assert [mailbox.address for mailbox in truth.visible_mailboxes(visitor)] == [ADDRESS]


def test_change_mailbox_with_unknown_field_is_an_error(truth: Truth) -> None:
    """A misspelt field never passes in silence."""
    with pytest.raises(BadValueError, match="expires"):
        truth.change_mailbox(ADDRESS, expires=date(2027, 1, 1))


@pytest.mark.parametrize(
    ("scenario", "renewable"),
    [("empty", 0), ("single", 1), ("nothing-due", 2), ("many", 15), ("demo", 6), ("crowd", 300), ("reseller", 500)],
)
def test_scenario_has_its_mailboxes(scenario: str, renewable: int) -> None:
    """Each named scenario offers the renewals that it promises."""
    truth = Truth(MockClock())
    arrange(truth, layout="g2", scenario=scenario)
    assert sum(map(truth.renewable, truth.mailboxes.values())) == renewable


def test_scenarios_are_all_tried() -> None:
    """No scenario is left out of the test above, and an unknown one is an error."""
    assert set(SCENARIOS) == {"empty", "single", "nothing-due", "many", "demo", "crowd", "reseller"}
    with pytest.raises(BadValueError, match="demo"):
        MockPortal(scenario="none-such")
