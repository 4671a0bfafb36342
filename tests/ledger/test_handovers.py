"""What is handed over to a person: one row for each thing, however often it is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import NotApprovable
from pec_autorenew.states import HandoverState

if TYPE_CHECKING:
    from pec_autorenew.ledger import Ledger

PORTAL = "https://areaclienti.example/"
NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)


def test_what_is_asked_again_keeps_its_number(ledger: Ledger) -> None:
    """HUM-2: parked, and asked again the next day: one thing to do; every step is an event."""
    first = ledger.hand_over(PORTAL, "studio", "captcha", "Do it.", NOW, SOON)
    ledger.settle_handover(PORTAL, first.id, HandoverState.PARKED, SOON)
    again = ledger.hand_over(PORTAL, "studio", "captcha", "Do it now.", NOW + timedelta(days=1), SOON)
    assert (again.id, again.state, again.message) == (first.id, HandoverState.ASKED, "Do it now.")
    other = ledger.hand_over(PORTAL, "studio", "code", "Type it.", NOW, SOON)
    assert [one.id for one in ledger.handovers(PORTAL, "studio")] == [first.id, other.id]
    kinds = [event.kind for event in ledger.events()]
    assert kinds == ["handover-asked", "handover-parked", "handover-asked", "handover-asked"]


def test_two_orders_of_one_account_are_two_things_to_do(ledger: Ledger) -> None:
    """PAY-6: each order that a person pays has a row of its own."""
    one = ledger.hand_over(PORTAL, "studio", "bank-authentication", "Pay.", NOW, NOW, subject="a@pec.it/2026-12-10")
    two = ledger.hand_over(PORTAL, "studio", "bank-authentication", "Pay.", NOW, NOW, subject="b@pec.it/2026-12-10")
    assert one.id != two.id


@pytest.mark.parametrize("state", [HandoverState.ANSWERED, HandoverState.DENIED, HandoverState.EXPIRED])
def test_what_is_settled_stands_no_longer(ledger: Ledger, state: HandoverState) -> None:
    """HUM-2: it is settled once, and asked anew under another number."""
    first = ledger.hand_over(PORTAL, "studio", "code", "Type it.", NOW, SOON)
    settled = ledger.settle_handover(PORTAL, first.id, state, SOON)
    assert (settled.state, settled.settled_at, ledger.handovers(PORTAL)) == (state, SOON, ())
    with pytest.raises(NotApprovable, match=f"is {state} already"):
        ledger.settle_handover(PORTAL, first.id, HandoverState.DENIED, SOON)
    assert ledger.hand_over(PORTAL, "studio", "code", "Type it.", NOW, SOON).id != first.id
    assert len(ledger.handovers(PORTAL, standing_only=False)) == 2


def test_number_that_nobody_gave_is_refused(ledger: Ledger) -> None:
    """HUM-2: a wrong number answers nothing."""
    with pytest.raises(NotApprovable, match="number 7"):
        ledger.settle_handover(PORTAL, 7, HandoverState.ANSWERED, NOW)


def test_sign_in_that_succeeds_answers_what_was_asked_for_it(ledger: Ledger) -> None:
    """HUM-2: of this account, and of these kinds only."""
    ledger.hand_over(PORTAL, "studio", "terms", "Read.", NOW, SOON)
    paying = ledger.hand_over(PORTAL, "studio", "bank-authentication", "Pay.", NOW, NOW, subject="a@pec.it/2026-12-10")
    other = ledger.hand_over(PORTAL, "other", "terms", "Read.", NOW, SOON)
    ledger.handovers_met(PORTAL, "studio", {"terms", "captcha"}, SOON)
    assert [one.id for one in ledger.handovers(PORTAL)] == [paying.id, other.id]


def test_number_of_another_portal_is_refused(ledger: Ledger) -> None:
    """HUM-2: whoever is configured for the mock portal answers nothing of the live one."""
    first = ledger.hand_over(PORTAL, "studio", "account-locked", "Look.", NOW, NOW)
    with pytest.raises(NotApprovable):
        ledger.settle_handover("http://127.0.0.1:8000/", first.id, HandoverState.ANSWERED, NOW)
    assert ledger.handovers(PORTAL) == (first,)
