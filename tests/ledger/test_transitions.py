"""The ledger takes the steps that `states.py` has, and no other."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import IllegalTransition, LedgerError
from pec_autorenew.model import PortalAutorenewal
from pec_autorenew.states import TRANSITIONS, RenewalState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pec_autorenew.ledger import Ledger, Renewal

LEGAL = sorted((before, after) for before, afters in TRANSITIONS.items() for after in afters)


@pytest.mark.parametrize(("before", "after"), LEGAL)
def test_settle_legal_step_is_taken_and_told(
    ledger: Ledger,
    now: datetime,
    brought_to: Callable[[RenewalState], Renewal],
    before: RenewalState,
    after: RenewalState,
) -> None:
    """Every step in the dict changes the present and appends one event to the past."""
    renewal = brought_to(before)

    changed = ledger.settle(renewal.id, after, now, run_id="run-2", reason="seen", expiry_after=date(2027, 12, 10))

    assert changed.state is after
    assert ledger.renewal(renewal.id) == changed
    last = ledger.events(renewal_id=renewal.id)[-1]
    assert (last.from_state, last.to_state, last.run_id, last.facts["reason"]) == (before, after, "run-2", "seen")


@pytest.mark.parametrize("before", RenewalState)
def test_settle_illegal_step_is_refused_and_nothing_is_written(
    ledger: Ledger,
    now: datetime,
    brought_to: Callable[[RenewalState], Renewal],
    before: RenewalState,
) -> None:
    """Any step outside the dict, staying included, raises and leaves present and past as they were."""
    renewal = brought_to(before)
    events, illegal = ledger.events(), set(RenewalState) - TRANSITIONS[before]

    for after in sorted(illegal):
        with pytest.raises(IllegalTransition):
            ledger.settle(renewal.id, after, now, reason="no", expiry_after=date(2027, 12, 10))
        assert ledger.renewal(renewal.id) == renewal
        assert ledger.events() == events

    assert before in illegal


@pytest.mark.parametrize("expiry_after", [None, date(2026, 12, 10), date(2026, 12, 9)])
def test_settle_renewed_without_a_later_expiry_is_refused(
    ledger: Ledger, now: datetime, submitted: Callable[..., Renewal], expiry_after: date | None
) -> None:
    """VER-1: nothing is `renewed` unless a later expiry was seen."""
    renewal = submitted()

    with pytest.raises(IllegalTransition, match="VER-1"):
        ledger.settle(renewal.id, RenewalState.RENEWED, now, reason="thank-you", expiry_after=expiry_after)

    assert ledger.renewal(renewal.id).state is RenewalState.SUBMITTING


def test_settle_proof_is_kept_with_the_renewal(
    ledger: Ledger, now: datetime, submitted: Callable[..., Renewal]
) -> None:
    """What the portal proved is in the row, what changed is in the event, and what was not given stays."""
    renewal = submitted()
    later = now + timedelta(hours=1)

    waiting = ledger.settle(
        renewal.id,
        RenewalState.AWAITING_PAYMENT,
        later,
        run_id="run-1",
        reason="ordered",
        message="Order 12345678",
        order_number="12345678",
        order_gross=Decimal("30.49"),
        autorenewal=PortalAutorenewal.OFF,
        facts={"evidence": ("a.png",)},
    )

    assert (waiting.order_number, waiting.order_gross, waiting.gross) == (
        "12345678",
        Decimal("30.49"),
        Decimal("30.50"),
    )
    assert (waiting.settled_at, waiting.submitted_at, waiting.updated_at) == (later, now, later)
    assert waiting.autorenewal is PortalAutorenewal.OFF
    assert ledger.events(renewal_id=renewal.id)[-1].facts == {
        "order_number": "12345678",
        "order_gross": "30.49",
        "autorenewal": "off",
        "reason": "ordered",
        "message": "Order 12345678",
        "evidence": ["a.png"],
    }


def test_settle_unknown_is_not_settled(ledger: Ledger, now: datetime, submitted: Callable[..., Renewal]) -> None:
    """An answer that was lost proves nothing: `settled_at` stays empty."""
    lost = ledger.settle(submitted().id, RenewalState.UNKNOWN, now, reason="unknown")

    assert lost.settled_at is None


def test_settle_missing_renewal_is_refused(ledger: Ledger, now: datetime) -> None:
    """A renewal that is not there cannot be settled."""
    with pytest.raises(LedgerError, match="no renewal 4711"):
        ledger.settle(4711, RenewalState.FAILED, now, reason="no")


def test_annotate_open_renewal_keeps_its_state(
    ledger: Ledger, now: datetime, submitted: Callable[..., Renewal]
) -> None:
    """A note changes what was learned, not where the renewal stands, and is an event too."""
    renewal = submitted()

    noted = ledger.annotate(renewal.id, now, run_id="run-2", message="still waiting", order_number="7")

    assert (noted.state, noted.message, noted.order_number) == (RenewalState.SUBMITTING, "still waiting", "7")
    last = ledger.events(run_id="run-2")[-1]
    assert (last.kind, last.from_state, last.to_state) == ("noted", RenewalState.SUBMITTING, RenewalState.SUBMITTING)
