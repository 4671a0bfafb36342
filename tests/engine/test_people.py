"""What only a person can do: waited for as long as configured, parked, and never asked too often."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import ApprovalDenied, ApprovalExpired, PersonNeeded, PortalTimeout
from pec_autorenew.model import OrderState
from pec_autorenew.states import HandoverState
from tests.engine.office import account, said

if TYPE_CHECKING:
    from pec_autorenew.ledger import Handover
    from tests.engine.office import Office

A = "a@pec.it"
URL = "http://127.0.0.1:8000/"
PUSH = ("needs-person", "two-step-approval")


@pytest.fixture
def asked(office: Office) -> Office:
    """Return an office whose portal asks for an approval on a device, once."""
    office.truth.add(A, 10)
    office.configure(sign_in={"wait_human": "1 min"})
    office.truth.script["password"].append(PersonNeeded("approve it", reason="two-step-approval"))
    return office


def handed_over(office: Office) -> list[Handover]:
    """Return all that was ever asked."""
    return list(office.ledger.handovers(office.config.portal.base_url, standing_only=False))


def test_push_that_is_approved_while_the_run_waits_lets_it_go_on(asked: Office) -> None:
    """HUM-2: one password, one wait, one order."""
    waits = [lambda: None, lambda: None, lambda: asked.truth.let_in.add("studio")]
    asked.truth.script["waiting"] += waits
    assert said(asked.run()) == {A: ("awaiting-payment", "ordered")}
    assert asked.truth.passwords_typed == ["studio"]
    assert asked.slept == [2.0] * 3
    (handover,) = handed_over(asked)
    assert handover.state is HandoverState.ANSWERED
    assert [one.id for one in asked.watcher.asked_for] == [handover.id]


def test_push_that_nobody_answers_parks_the_account_and_the_others_go_on(asked: Office) -> None:
    """HUM-2: never longer than configured; exit 3 for the one, an order for the other."""
    asked.configure(account("studio", include=[A]), account("other"))
    asked.truth.add("b@pec.it", 10, "other")
    result = asked.run()
    assert said(result) == {A: PUSH, "b@pec.it": ("awaiting-payment", "ordered")}
    assert sum(asked.slept) == 60
    assert [one.state for one in handed_over(asked)] == [HandoverState.PARKED]
    assert result.codes == (3,)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ApprovalDenied("refused on the device"), HandoverState.DENIED),
        (ApprovalExpired("too late"), HandoverState.EXPIRED),
    ],
    ids=["denied", "expired"],
)
def test_push_that_is_over_is_not_waited_for(asked: Office, error: Exception, state: HandoverState) -> None:
    """HUM-2: what the portal says ends the wait, and no second push is sent in this run."""
    asked.truth.script["waiting"].append(error)
    assert said(asked.run()) == {None: PUSH}
    assert (asked.slept, asked.truth.passwords_typed) == ([2.0], ["studio"])
    assert [one.state for one in handed_over(asked)] == [state]


def test_wait_that_breaks_off_leaves_something_to_do(asked: Office) -> None:
    """HUM-2, SIL-4: the portal goes away while the run waits: nobody is asked a second time, and it still stands."""
    asked.truth.script["waiting"].append(PortalTimeout("slow"))
    assert said(asked.run()) == {None: PUSH}
    assert asked.slept == [2.0]
    assert [one.state for one in handed_over(asked)] == [HandoverState.PARKED]


def test_person_who_calls_it_off_ends_the_wait(asked: Office) -> None:
    """HUM-2: `handover cancel` from another process is heard at once."""

    def cancel() -> None:
        (standing,) = asked.ledger.handovers(asked.config.portal.base_url)
        asked.ledger.settle_handover(URL, standing.id, HandoverState.DENIED, asked.clock())

    asked.truth.script["waiting"].append(cancel)
    assert said(asked.run()) == {None: PUSH}
    assert asked.slept == [2.0]
    assert [one.state for one in handed_over(asked)] == [HandoverState.DENIED]


@pytest.mark.parametrize("reason", ["captcha", "code", "terms", "password-change"])
def test_what_nobody_can_do_from_elsewhere_is_not_waited_for(office: Office, reason: str) -> None:
    """HUM-1, HUM-2: parked at once, with the command to go on; the next sign-in that succeeds answers it."""
    office.truth.add(A, 10)
    office.truth.script["sign_in"].append(PersonNeeded("a person", reason=reason))
    result = office.run()
    assert said(result) == {None: ("needs-person", reason)}
    assert office.slept == []
    assert "pec-autorenew login studio" in result.items[0].message
    assert said(office.run()) == {A: ("awaiting-payment", "ordered")}
    assert [one.state for one in handed_over(office)] == [HandoverState.ANSWERED]


def test_request_says_how_urgent_it_is(office: Office) -> None:
    """HUM-4: what, for whom, days left, until when, how to go on."""
    office.truth.add(A, 40)
    office.run("list")
    office.clock.advance(timedelta(days=30))
    office.truth.script["password"].append(PersonNeeded("approve it", reason="two-step-approval"))
    office.run()
    (asked,) = office.watcher.asked_for
    assert asked.account == "studio"
    assert f"{A} expires on 10/01/2027, in 10 days" in asked.message
    assert "waits until 09:05" in asked.message
    assert "login studio" in asked.message


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "expires on 01/12/2026, today."),
        (1, "expires on 02/12/2026, in 1 day."),
        (-1, "expired on 30/11/2026, 1 day ago."),
        (-11, "expired on 20/11/2026, 11 days ago."),
    ],
)
def test_request_says_in_words_when_a_mailbox_expires_or_did(office: Office, days: int, words: str) -> None:
    """HUM-4: nobody has to read a negative number."""
    office.truth.add(A, days)
    office.run("list")
    office.truth.script["password"].append(PersonNeeded("a captcha", reason="captcha"))
    office.run()
    (asked,) = office.watcher.asked_for
    assert f" {A} {words} " in asked.message


def test_locked_account_is_left_alone_until_a_person_says_so(office: Office) -> None:
    """HUM-1, HUM-3: not another password is typed there, across runs, until `handover answer`."""
    office.truth.add(A, 10)
    office.truth.script["password"].append(PersonNeeded("locked", reason="account-locked"))
    for _ in range(3):
        assert said(office.run())[None] == ("needs-person", "account-locked")
        office.clock.advance(timedelta(days=1))
    assert office.truth.passwords_typed == ["studio"]
    (standing,) = office.ledger.handovers(office.config.portal.base_url)
    office.ledger.settle_handover(URL, standing.id, HandoverState.ANSWERED, office.clock())
    assert said(office.run()) == {A: ("awaiting-payment", "ordered")}
    assert office.truth.passwords_typed == ["studio", "studio"]


def test_pushes_of_a_day_are_limited_across_runs(asked: Office) -> None:
    """HUM-3: nobody's telephone rings all day; approved or not, each push counts."""
    asked.configure(sign_in={"max_pushes_per_day": 2, "wait_human": "2 s"})
    push = PersonNeeded("approve it", reason="two-step-approval")
    asked.truth.script["password"].append(push)
    assert [said(asked.run())[None] for _ in range(3)] == [PUSH, PUSH, ("stopped", "sign-in-limit")]
    assert len(asked.truth.passwords_typed) == 2
    asked.clock.advance(timedelta(days=1))
    assert said(asked.run()) == {A: ("awaiting-payment", "ordered")}


def test_login_that_succeeds_lets_a_refused_password_be_typed_again(office: Office) -> None:
    """HUM-3: a person showed that the account is open; from there on the secret may be tried once more."""
    office.truth.add(A, 10)
    office.truth.refused.add("studio")
    assert said(office.run())[None] == ("failed", "sign-in-rejected")
    assert said(office.run())[None] == ("failed", "sign-in-rejected")
    assert office.truth.passwords_typed == ["studio"]
    office.truth.sessions.add("studio")  # somebody signs in by hand
    office.configure(account("studio", include=[A]))
    assert said(office.run("login", live=False)) == {}
    office.truth.sessions.clear()
    office.truth.refused.clear()
    assert said(office.run()) == {A: ("awaiting-payment", "ordered")}
    assert office.truth.passwords_typed == ["studio", "studio"]


@pytest.mark.parametrize("end", ["pay", "cancel"])
def test_order_that_a_person_pays_at_the_bank_is_handed_over_until_it_is_paid(office: Office, end: str) -> None:
    """PAY-6: number and way to pay, once; nothing is left to do when it is paid, or cancelled."""
    office.configure(renewal={"payment_method": "carta", "allow_portal_autorenewal": True})
    office.truth.add(A, 10)
    result = office.run()
    assert said(result) == {A: ("awaiting-payment", "bank-authentication")}
    assert result.codes == (3,)
    (asked,) = office.watcher.asked_for
    assert (asked.subject, asked.reason) == (f"{A}/2026-12-11", "bank-authentication")
    assert str(office.truth.orders[0].number) in asked.message
    assert office.config.portal.base_url in asked.message
    office.run()
    assert len(office.watcher.asked_for) == 1
    (standing,) = office.ledger.handovers(office.config.portal.base_url)
    assert standing.state is HandoverState.PARKED
    if end == "pay":
        office.truth.pay(office.truth.orders[0])
    else:
        office.truth.orders[0].state = OrderState.CANCELLED
    office.run()
    assert office.ledger.handovers(office.config.portal.base_url) == ()


@pytest.mark.parametrize("step", ["survey", "prepare"])
def test_person_who_is_needed_in_the_middle_of_the_work_is_asked_too(office: Office, step: str) -> None:
    """HUM-1, HUM-2: a CAPTCHA on a page inside stops the account, and stands in the list of what waits for a person."""
    office.truth.add(A, 10)
    office.truth.script[step].append(PersonNeeded("a captcha", reason="captcha"))
    assert ("needs-person", "captcha") in said(office.run()).values()
    (standing,) = office.ledger.handovers(office.config.portal.base_url)
    assert (standing.reason, standing.state) == ("captcha", HandoverState.PARKED)
    assert len(office.watcher.asked_for) == 1
    assert office.truth.clicks == 0


def test_push_counts_from_the_moment_it_was_sent(asked: Office) -> None:
    """HUM-3: a run that is ended while it waits has rung the telephone all the same."""
    asked.configure(sign_in={"max_pushes_per_day": 1})

    def end() -> None:
        raise KeyboardInterrupt

    asked.truth.script["waiting"].append(end)
    asked.run()
    assert said(asked.run())[None] == ("stopped", "sign-in-limit")
    assert asked.truth.passwords_typed == ["studio"]


def test_run_that_died_while_it_waited_leaves_nothing_that_is_waited_for(asked: Office) -> None:
    """HUM-2: what it asked is parked by the next run, and can still be done."""
    asked.ledger.hand_over(URL, "studio", "captcha", "Do it.", asked.clock(), asked.clock() + timedelta(minutes=5))
    asked.clock.advance(timedelta(hours=1))
    asked.truth.script["password"].clear()
    asked.run("plan", live=False)
    assert [one.state for one in handed_over(asked)] == [HandoverState.ANSWERED]


def test_long_wait_keeps_the_claims_alive(asked: Office) -> None:
    """SES-5: nobody else may sign in to the account while somebody stands at its door."""
    asked.configure(sign_in={"wait_human": "3 h"})
    asked.truth.script["waiting"] += [lambda: asked.clock.advance(timedelta(minutes=15))] * 12
    asked.truth.script["waiting"].append(lambda: asked.truth.let_in.add("studio"))
    assert said(asked.run()) == {A: ("awaiting-payment", "ordered")}


def test_login_is_no_attempt_of_ours(office: Office) -> None:
    """HUM-3: signing in by hand, as often as one likes, takes nothing from what the timer may do."""
    office.truth.add(A, 10)
    office.configure(account("studio", include=[A]), sign_in={"max_per_day": 1})
    office.truth.sessions.add("studio")
    for _ in range(3):
        office.run("login", live=False)
    office.truth.sessions.clear()
    assert said(office.run()) == {A: ("awaiting-payment", "ordered")}


def test_whoever_signs_in_in_our_place_must_be_the_accounts_user(office: Office) -> None:
    """SES-1, SIL-5: somebody else's customer, perhaps: nothing is ordered unless they vouch for it."""
    office.truth.add(A, 10)
    office.truth.by_hand = True
    assert said(office.run(attended=True)) == {None: ("drift", "unexpected-page")}
    assert office.truth.clicks == 0
    office.truth.vouched = frozenset({A})
    assert said(office.run(attended=True)) == {A: ("awaiting-payment", "ordered")}


def test_word_that_was_said_too_early_leaves_it_to_be_done(asked: Office) -> None:
    """HUM-2: answered, and the portal still waits when the time is over: it stands in the list again."""

    def too_early() -> None:
        (standing,) = asked.ledger.handovers(URL)
        asked.ledger.settle_handover(URL, standing.id, HandoverState.ANSWERED, asked.clock())

    asked.truth.script["waiting"].append(too_early)
    assert said(asked.run()) == {None: PUSH}
    assert [one.state for one in asked.ledger.handovers(URL)] == [HandoverState.PARKED]


def test_captcha_after_the_click_keeps_the_order_and_is_handed_over(office: Office) -> None:
    """HUM-1, DUP-3: what became of the order is unknown, not lost."""
    office.truth.add(A, 10)
    office.truth.script["answer"].append(
        lambda: office.truth.script["survey"].append(PersonNeeded("a captcha", reason="captcha"))
    )
    assert said(office.run()) == {A: ("unknown", "unknown")}
    assert [one.reason for one in office.ledger.handovers(URL)] == ["captcha"]
