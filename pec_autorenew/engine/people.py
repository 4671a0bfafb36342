"""What only a person can do at the portal: asked, waited for as long as configured, else parked (HUM-1 to HUM-5)."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pec_autorenew.errors import (
    ApprovalDenied,
    ApprovalExpired,
    NextStep,
    NotApprovable,
    Parked,
    PecAutorenewError,
    PersonNeeded,
)
from pec_autorenew.italian import format_date
from pec_autorenew.model import Outcome
from pec_autorenew.planning import ROME, days_left, today_in_rome
from pec_autorenew.states import STANDING, HandoverState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pec_autorenew.engine.visit import Visit
    from pec_autorenew.ledger import Handover, Renewal
    from pec_autorenew.model import Item

PUSH: Final = "two-step-approval"
LOCKED: Final = "account-locked"
BANK: Final = "bank-authentication"
#: What may stand between a visitor and the area; a sign-in that succeeds shows that it has been done.
AT_THE_DOOR: Final = frozenset({PUSH, "captcha", "code", "password-change", LOCKED, "terms", "notice"})
#: What a person can do elsewhere while the browser stands at the door: only for this is it worth waiting.
_DONE_ELSEWHERE: Final = frozenset({PUSH})
_EVERY_S: Final = 2.0

_WHAT: Final = {
    PUSH: "approve the sign-in on the device that belongs to it",
    "captcha": "the portal wants to see that a person signs in",
    "code": "the portal wants the code that it has sent",
    "password-change": "the portal wants another password; change it, and the secret of the configuration too",
    LOCKED: "the portal has locked the account; nothing is typed there until a person says that it is open again",
    "terms": "the portal wants new terms to be accepted",
    "notice": "the portal wants something to be read",
}


def wait_for_person(visit: Visit, needed: PersonNeeded) -> None:
    """Hand over what the portal asks, and return once the portal has let the visitor in.

    Raises Parked where nobody does it in time: the account is parked, and the others go on (HUM-2).
    """
    errand = visit.errand
    wait = (
        errand.config.sign_in.wait_human if needed.reason in _DONE_ELSEWHERE and not errand.attended else timedelta(0)
    )
    handover = _asked(visit, needed.reason, wait)
    became, over = HandoverState.PARKED, f"{needed.message}: {handover.message}"
    try:
        for _ in _now_and_then(visit, wait):
            if visit.portal.goes_on():
                became = HandoverState.ANSWERED
                return
            if _said(visit, handover) is HandoverState.DENIED:
                over = f"{needed.message}; a person called it off"
                break
    except ApprovalDenied:
        became = HandoverState.DENIED
        raise
    except ApprovalExpired:
        became = HandoverState.EXPIRED
        raise
    except PersonNeeded as next_one:  # this was done, and behind it stands something else
        became = HandoverState.ANSWERED
        _settle(visit, handover, became)
        wait_for_person(visit, next_one)
        return
    except PecAutorenewError as error:
        if error.next_step is not NextStep.RETRY:
            raise
        over = f"{needed.message}; while it was waited for: {error.message}"  # to try again would ask again
    finally:
        _settle(visit, handover, became)
    raise Parked(over, reason=needed.reason, page=needed.page) from needed


def park(visit: Visit, error: PecAutorenewError) -> None:
    """Hand over what the portal asked for in the middle of the work; at the door it was handed over already."""
    over = isinstance(error, Parked | ApprovalDenied | ApprovalExpired)
    if isinstance(error, PersonNeeded) and error.reason in AT_THE_DOOR and not over:
        _settle(visit, _asked(visit, error.reason, timedelta(0)), HandoverState.PARKED)


def require_unlocked(visit: Visit) -> None:
    """Raise PersonNeeded while nobody has said that an account which the portal had locked is open again."""
    errand, account = visit.errand, visit.account.name
    for one in errand.ledger.handovers(errand.portal, account):
        if one.reason == LOCKED:
            raise Parked(f"the portal had locked {account}: {one.message}", reason=LOCKED)


def door_is_open(visit: Visit) -> None:
    """Note that whatever was asked at the door has been done."""
    errand = visit.errand
    if errand.ledger.handovers(errand.portal, visit.account.name):
        errand.ledger.handovers_met(
            errand.portal, visit.account.name, AT_THE_DOOR, errand.clock(), run_id=errand.run_id
        )


def hand_over_payment(visit: Visit, renewal: Renewal, item: Item) -> None:
    """Hand over an order that a person pays at their bank, or note that it is paid or gone (PAY-6)."""
    errand = visit.errand
    standing = [
        one
        for one in errand.ledger.handovers(errand.portal, visit.account.name)
        if (one.reason, one.subject) == (BANK, renewal.name)
    ]
    if item.reason == BANK and not standing:
        now = errand.clock()
        message = (
            f"Order {item.order_number or 'without a number'} is placed and not paid: pay it at {errand.portal}, "
            f"«Ordini associati al servizio», «Paga». {item.message}"
        )
        handover = errand.ledger.hand_over(
            errand.portal, visit.account.name, BANK, message, now, now, run_id=errand.run_id, subject=renewal.name
        )
        errand.ledger.settle_handover(errand.portal, handover.id, HandoverState.PARKED, now, run_id=errand.run_id)
        errand.asked(handover)
    elif standing and (item.outcome is not Outcome.AWAITING_PAYMENT or item.pay_by is None):
        errand.ledger.handovers_met(
            errand.portal, visit.account.name, {BANK}, errand.clock(), run_id=errand.run_id, subject=renewal.name
        )


def _asked(visit: Visit, reason: str, wait: timedelta) -> Handover:
    errand, account = visit.errand, visit.account.name
    now = errand.clock()
    until = now + wait
    how_long = f" The run waits until {until.astimezone(ROME):%H:%M}." if wait else ""
    message = f"{_WHAT.get(reason, reason).capitalize()}.{how_long}{_days_left(visit)} {_how(reason, account)}"
    handover = errand.ledger.hand_over(errand.portal, account, reason, message, now, until, run_id=errand.run_id)
    errand.asked(handover)
    return handover


def _how(reason: str, account: str) -> str:
    if reason == LOCKED:
        return "Then: `pec-autorenew handover list`, `pec-autorenew handover answer NUMBER`."
    return f"To go on at any time: `pec-autorenew login {account}`."


def _days_left(visit: Visit) -> str:
    """Say how urgent it is, as far as the last look told."""
    errand = visit.errand
    stored = errand.ledger.last_survey(errand.portal, visit.account.name)
    boxes = [box for box in (stored.survey.mailboxes if stored else ()) if visit.account.covers(box.address)]
    if not boxes:
        return ""
    first = min(boxes, key=lambda box: box.expiry)
    left = days_left(first.expiry, today_in_rome(errand.clock()))
    day, days = format_date(first.expiry), f"{abs(left)} day{'' if abs(left) == 1 else 's'}"
    if left < 0:
        return f" {first.address} expired on {day}, {days} ago."
    return f" {first.address} expires on {day}, {f'in {days}' if left else 'today'}."


def _now_and_then(visit: Visit, wait: timedelta) -> Iterator[None]:
    """Yield every other second until the time is over, however the clock is set meanwhile; keep the claims alive."""
    end = time.monotonic() + wait.total_seconds()
    for _ in range(int(wait.total_seconds() / _EVERY_S)):
        if time.monotonic() > end:
            return
        visit.errand.sleep(_EVERY_S)
        visit.errand.keep_claims()
        yield


def _said(visit: Visit, handover: Handover) -> HandoverState:
    found = visit.errand.ledger.handover(handover.id)
    return found.state if found else handover.state


def _settle(visit: Visit, handover: Handover, state: HandoverState) -> None:
    """Write down what became of it, unless somebody was faster; what is parked stands, whatever was said too early."""
    errand = visit.errand
    with suppress(NotApprovable):
        if _said(visit, handover) is HandoverState.ANSWERED and state is HandoverState.PARKED:
            handover = errand.ledger.hand_over(
                errand.portal, handover.account, handover.reason, handover.message, errand.clock(), handover.wait_until,
                run_id=errand.run_id, subject=handover.subject,
            )  # fmt: skip
        if _said(visit, handover) in STANDING:
            errand.ledger.settle_handover(errand.portal, handover.id, state, errand.clock(), run_id=errand.run_id)
