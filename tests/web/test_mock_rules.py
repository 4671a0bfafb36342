"""The rules of the false portal, which are those that the public guides document."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from pec_autorenew.mock_portal import Mailbox, MailboxType, Options, rules
from pec_autorenew.mock_portal.values import Choice, MailboxState

EXPIRY = date(2026, 12, 10)
MAILBOX = Mailbox(address="prova@pec.example", account="1@aruba.it", expiry=EXPIRY)


@pytest.mark.parametrize(
    ("days_after", "state"),
    [
        (-1, MailboxState.ACTIVE),
        (0, MailboxState.ACTIVE),
        (1, MailboxState.EXPIRED),
        (90, MailboxState.EXPIRED),
        (91, MailboxState.CANCELLED),
    ],
)
def test_state_around_the_expiry_follows_the_ninety_days(days_after: int, state: MailboxState) -> None:
    """A mailbox is «Scaduta» for ninety days after its expiry, then it is gone."""
    assert rules.state_on(MAILBOX, EXPIRY + timedelta(days=days_after)) is state


@pytest.mark.parametrize(
    "mailbox",
    [
        replace(MAILBOX, auto_renewal=True),
        replace(MAILBOX, cancelled=True),
        replace(MAILBOX, on_domain=True),
        replace(MAILBOX, activating=True),
        replace(MAILBOX, expiry=EXPIRY - timedelta(days=91)),
    ],
)
def test_renewable_with_a_reason_against_it_is_false(mailbox: Mailbox) -> None:
    """Each documented cause hides «Rinnova»."""
    assert not rules.renewable_on(mailbox, EXPIRY, unpaid_order=False)


def test_renewable_expired_mailbox_is_true() -> None:
    """«Scaduta» can still be renewed."""
    assert rules.renewable_on(MAILBOX, EXPIRY + timedelta(days=90), unpaid_order=False)


def test_renewable_with_unpaid_order_is_false() -> None:
    """An order that waits for payment hides «Rinnova»."""
    assert not rules.renewable_on(MAILBOX, EXPIRY, unpaid_order=True)


def test_expiry_is_near_from_ninety_days_before() -> None:
    """The expiry turns red ninety days before."""
    assert not rules.expiry_is_near(MAILBOX, EXPIRY - timedelta(days=91))
    assert rules.expiry_is_near(MAILBOX, EXPIRY - timedelta(days=90))


def test_add_years_to_the_leap_day_lands_on_the_28th() -> None:
    """The 29th of February becomes the 28th in a common year and stays in a leap year."""
    assert rules.add_years(date(2028, 2, 29), 1) == date(2029, 2, 28)
    assert rules.add_years(date(2028, 2, 29), 4) == date(2032, 2, 29)


def test_price_cart_rounds_the_tax_line_by_line() -> None:
    """Two lines of 0,25 net carry six cents of tax each, rounded up, not eleven in all."""
    cheap = replace(MAILBOX, yearly_net_cents=25)
    other = replace(cheap, address="altra@pec.example")
    choices = [Choice(address=box.address, type=box.type) for box in (cheap, other)]
    quote = rules.price_cart(
        {cheap.address: cheap, other.address: other}, choices, years=1, kit=False, options=Options()
    )
    assert (quote.net_cents, quote.vat_cents, quote.gross_cents) == (50, 12, 62)


def test_price_cart_with_kit_and_years_multiplies_only_the_mailbox() -> None:
    """The kit is bought once, the mailbox for every year."""
    choice = Choice(address=MAILBOX.address, type=MailboxType.PRO, extra_gb=1)
    quote = rules.price_cart({MAILBOX.address: MAILBOX}, [choice], years=3, kit=True, options=Options())
    assert [line.net_cents for line in quote.lines] == [3 * (2500 + 300)]
    assert [extra.text for extra in quote.extras] == ["Dispositivo di Firma Digitale"]
    assert quote.net_cents == 3 * 2800 + 3500
