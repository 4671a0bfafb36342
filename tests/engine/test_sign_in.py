"""Passwords: typed once, never again after a refusal, and only so often a day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import PortalTimeout, PortalUnreachable, SessionEnded
from pec_autorenew.planning import today_in_rome
from tests.engine.office import account, said

if TYPE_CHECKING:
    from tests.engine.office import Office


def test_wrong_password_is_typed_once_and_stops_only_its_account(office: Office) -> None:
    """HUM-3: one attempt, exit 1; the other account goes on."""
    office.configure(account("studio"), account("other"))
    office.truth.add("b@pec.it", 10, "other")
    office.truth.refused.add("studio")
    result = office.run()
    assert said(result) == {None: ("failed", "sign-in-rejected"), "b@pec.it": ("awaiting-payment", "ordered")}
    assert office.truth.passwords_typed == ["studio", "other"]
    assert result.codes == (1,)


def test_wrong_password_is_not_typed_again_until_it_changes(office: Office) -> None:
    """HUM-3: across runs too; a changed secret is tried, once."""
    office.truth.add("a@pec.it", 10)
    office.truth.refused.add("studio")
    for _ in range(3):
        assert said(office.run()) == {None: ("failed", "sign-in-rejected")}
        office.clock.advance(timedelta(days=2))
    assert office.truth.passwords_typed == ["studio"]
    office.truth.secrets["studio"] = "second"
    office.truth.refused.clear()
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "ordered")}
    assert len(office.truth.passwords_typed) == 2


def test_password_whose_answer_never_came_is_not_typed_twice(office: Office) -> None:
    """HUM-3: nobody knows whether it was refused, so this run does not type it again."""
    office.truth.script["password"].append(PortalTimeout("slow"))
    assert said(office.run()) == {None: ("failed", "timeout")}
    assert office.truth.passwords_typed == ["studio"]


def test_portal_that_does_not_open_costs_no_password(office: Office) -> None:
    """HUM-3: what fails before the password is typed may be tried again, and is no attempt."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["sign_in"] += [PortalUnreachable("no route")] * 2
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "ordered")}
    assert office.truth.passwords_typed == ["studio"]
    today = today_in_rome(office.clock())
    assert len(office.ledger.sign_ins_on(office.config.portal.base_url, "studio", today)) == 1


def test_session_that_ends_is_renewed_once(office: Office) -> None:
    """SES-2: one new sign-in, and the work starts over; a session that ends again stops the account."""
    office.truth.add("a@pec.it", 10)

    def sign_out() -> None:
        _sign_out(office)

    office.truth.script["prepare"].append(sign_out)
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "ordered")}


def _sign_out(_office: Office) -> None:
    raise SessionEnded("signed out")


@pytest.mark.parametrize("allowed", [1, 2])
def test_sign_ins_of_a_day_are_limited_across_runs(office: Office, allowed: int) -> None:
    """HUM-3: `sign_in.max_per_day` holds for all runs of a day in Rome; the message says when it may again."""
    office.configure(sign_in={"max_per_day": allowed})
    office.truth.add("a@pec.it", 10)
    for _ in range(allowed):
        assert said(office.run())["a@pec.it"][0] == "awaiting-payment"
    result = office.run()
    assert said(result) == {"a@pec.it": ("stopped", "sign-in-limit")}
    assert "tomorrow" in result.items[0].message
    assert result.codes == (4,)
    assert len(office.truth.passwords_typed) == allowed
    office.clock.advance(timedelta(days=1))
    assert said(office.run())["a@pec.it"] == ("awaiting-payment", "waiting")


def test_sign_ins_of_yesterday_in_rome_do_not_count(office: Office) -> None:
    """TIM-1: the day is Rome's: 22:59 UTC and 23:01 UTC are two days in winter."""
    office.configure(sign_in={"max_per_day": 1})
    office.truth.add("a@pec.it", 10)
    office.clock.advance(timedelta(hours=14, minutes=59))
    office.run()
    office.clock.advance(timedelta(minutes=2))
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "waiting")}


def test_session_that_nobody_here_began_must_show_a_known_mailbox(office: Office) -> None:
    """SIL-5: signed in without a password, as whom nobody knows: nothing is ordered, nothing is kept of the list."""
    office.truth.add("somebody.else@pec.it", 10)
    office.truth.sessions.add("studio")
    assert said(office.run()) == {None: ("drift", "unexpected-page")}
    assert (office.truth.clicks, office.ledger.last_survey(office.config.portal.base_url, "studio")) == (0, None)
    office.configure(account("studio", include=["somebody.else@pec.it"]))
    assert said(office.run()) == {"somebody.else@pec.it": ("awaiting-payment", "ordered")}


def test_session_that_nobody_here_began_is_known_by_the_last_survey(office: Office) -> None:
    """SIL-5: the list of the last look tells whose session it is."""
    office.truth.add("a@pec.it", 100)
    assert said(office.run("list")) == {}
    office.truth.sessions.add("studio")
    office.clock.advance(timedelta(days=80))
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "ordered")}
    assert office.truth.passwords_typed == ["studio"]


def test_saved_session_needs_no_password(office: Office) -> None:
    """SES-5, HUM-3: the next run goes on with the session of the last, which the list shows to be its own."""
    office.truth.keeps_sessions = True
    office.truth.add("a@pec.it", 40)
    for _ in range(3):
        office.run("list")
    assert office.truth.passwords_typed == ["studio"]


def test_saved_session_of_somebody_else_is_dropped_and_never_ordered_with(office: Office) -> None:
    """SES-1, SIL-5: nothing shows that it is this account's: the password is typed, and the list read again."""
    office.truth.keeps_sessions = True
    office.truth.sessions.add("studio")
    office.truth.add("somebody.else@pec.it", 10)

    def then_our_own() -> None:
        del office.truth.boxes["somebody.else@pec.it"]
        office.truth.add("a@pec.it", 10)

    office.truth.script["password"].append(then_our_own)
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "ordered")}
    assert office.truth.passwords_typed == ["studio"]
