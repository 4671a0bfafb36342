"""The states of a renewal, as the design has them."""

from __future__ import annotations

from itertools import product

import pytest

from pec_autorenew.states import LIVE, SPENDING, TRANSITIONS, UNSETTLED, RenewalState, may_follow

S = RenewalState
#: Copied from the design, so that a change of the table is a decision.
DESIGNED = {
    (S.PLANNED, S.SUBMITTING), (S.PLANNED, S.FAILED),
    (S.SUBMITTING, S.AWAITING_PAYMENT), (S.SUBMITTING, S.RENEWED), (S.SUBMITTING, S.FAILED), (S.SUBMITTING, S.UNKNOWN),
    (S.UNKNOWN, S.AWAITING_PAYMENT), (S.UNKNOWN, S.RENEWED), (S.UNKNOWN, S.FAILED), (S.UNKNOWN, S.CANCELLED),
    (S.AWAITING_PAYMENT, S.RENEWED), (S.AWAITING_PAYMENT, S.CANCELLED), (S.AWAITING_PAYMENT, S.UNKNOWN),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), product(S, S))
def test_transition_is_allowed_exactly_where_designed(before: RenewalState, after: RenewalState) -> None:
    """HOUSE, states of a renewal: these steps and no other."""
    assert may_follow(before, after) is ((before, after) in DESIGNED)


def test_every_state_has_its_row() -> None:
    """HOUSE: a new state is a decision about what may follow it."""
    assert TRANSITIONS.keys() == set(S)


def test_what_is_open_is_what_may_still_change() -> None:
    """DUP-7: live means that something may follow; what has ended frees its identity."""
    assert {state for state, after in TRANSITIONS.items() if after} == LIVE


def test_what_may_have_cost_money_counts() -> None:
    """PRC-4: every state after `planned` counts, unless the portal proved that there is no order."""
    assert set(S) - {S.PLANNED, S.FAILED, S.CANCELLED} == SPENDING
    assert UNSETTLED < SPENDING & LIVE
