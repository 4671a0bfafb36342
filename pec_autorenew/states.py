"""The states of a renewal and their transitions, as data. The ledger refuses any other."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class RenewalState(StrEnum):
    """Where one renewal (one mailbox at one expiry date) stands."""

    PLANNED = "planned"
    SUBMITTING = "submitting"
    UNKNOWN = "unknown"
    AWAITING_PAYMENT = "awaiting-payment"
    RENEWED = "renewed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RequestState(StrEnum):
    """What became of a question to a person (HUM-2)."""

    ASKED = "asked"
    ANSWERED = "answered"
    DENIED = "denied"
    EXPIRED = "expired"
    #: Answered, and acted upon: the answer holds for nothing else.
    USED = "used"


class HandoverState(StrEnum):
    """What became of something that only a person can do: a second step, a CAPTCHA, new terms, a payment (HUM-2)."""

    #: A run waits for it, or would if it had begun to.
    ASKED = "asked"
    #: Nobody did it while the run waited; it can be done later.
    PARKED = "parked"
    ANSWERED = "answered"
    DENIED = "denied"
    #: The portal's own time for it was over.
    EXPIRED = "expired"


#: A person can still do it.
STANDING: Final = frozenset({HandoverState.ASKED, HandoverState.PARKED})

_S = RenewalState

#: from -> the states that may follow. Whatever has no successor is final.
TRANSITIONS: Final[dict[RenewalState, frozenset[RenewalState]]] = {
    _S.PLANNED: frozenset({_S.SUBMITTING, _S.FAILED}),
    _S.SUBMITTING: frozenset({_S.AWAITING_PAYMENT, _S.RENEWED, _S.FAILED, _S.UNKNOWN}),
    _S.UNKNOWN: frozenset({_S.AWAITING_PAYMENT, _S.RENEWED, _S.FAILED, _S.CANCELLED}),
    _S.AWAITING_PAYMENT: frozenset({_S.RENEWED, _S.CANCELLED, _S.UNKNOWN}),
    _S.RENEWED: frozenset(),
    _S.FAILED: frozenset(),
    _S.CANCELLED: frozenset(),
}

#: At most one renewal in one of these per mailbox and expiry; «unknown» and «submitting» must be looked up first.
LIVE: Final = frozenset({_S.PLANNED, _S.SUBMITTING, _S.UNKNOWN, _S.AWAITING_PAYMENT})

#: An order may exist and nobody has looked yet: no further order of the account until that is done (DUP-4).
UNSETTLED: Final = frozenset({_S.SUBMITTING, _S.UNKNOWN})

#: These count against the budgets (PRC-4): the money is spent or may be.
SPENDING: Final = frozenset({_S.SUBMITTING, _S.UNKNOWN, _S.AWAITING_PAYMENT, _S.RENEWED})


def may_follow(before: RenewalState, after: RenewalState) -> bool:
    """Whether a renewal in `before` may become `after`."""
    return after in TRANSITIONS[before]
