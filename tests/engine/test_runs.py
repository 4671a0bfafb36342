"""Runs as such: nothing due, one at a time, retries that wait as told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.engine.closing import close_unknown
from pec_autorenew.engine.readiness import require_consistent
from pec_autorenew.engine.retrying import retrying
from pec_autorenew.engine.waiting import wait_a_while
from pec_autorenew.errors import AnotherRun, ConfigError, PecAutorenewError, PortalTimeout, SignInRejected
from pec_autorenew.states import RenewalState
from tests.engine.double import LOST
from tests.engine.office import account, said

if TYPE_CHECKING:
    from tests.engine.office import Office


def test_nothing_due_opens_no_portal(office: Office) -> None:
    """ENV-3: the last survey proves it, so no browser is started, and each mailbox is told with its reason."""
    office.truth.add("a@pec.it", 100)
    office.run()
    office.truth.opened.clear()
    office.clock.advance(timedelta(days=6))
    result = office.run()
    assert said(result) == {"a@pec.it": ("skipped", "not-due")}
    assert (office.truth.opened, result.codes) == ([], (0,))


@pytest.mark.parametrize("days", [8, 70])
def test_old_survey_or_near_expiry_opens_the_portal(office: Office, days: int) -> None:
    """ENV-3: a survey proves nothing after `survey_max_age`, nor when an expiry lies inside the window."""
    office.configure(ledger={"survey_max_age": "30 d" if days > 30 else "7 d"})
    office.truth.add("a@pec.it", 100)
    office.run()
    office.truth.opened.clear()
    office.clock.advance(timedelta(days=days))
    office.run()
    assert len(office.truth.opened) == 1


def test_incomplete_survey_proves_nothing(office: Office) -> None:
    """SIL-2: after a look in which a mailbox had vanished, the portal is looked at again."""
    office.truth.add("a@pec.it", 100)
    office.truth.add("gone@pec.it", 100)
    office.run()
    office.truth.boxes["gone@pec.it"].listed = False
    office.run("list", live=False)
    office.truth.opened.clear()
    assert said(office.run())["gone@pec.it"] == ("drift", "inventory-shrank")
    assert len(office.truth.opened) == 1


def test_open_order_opens_the_portal(office: Office) -> None:
    """DUP-4: `renew` reconciles what is open, due or not."""
    office.truth.add("a@pec.it", 10)
    office.run()
    office.truth.pay(office.truth.orders[0])
    office.truth.opened.clear()
    office.run()
    assert len(office.truth.opened) == 1


def test_second_run_ends_at_once_while_the_first_works(office: Office) -> None:
    """LCK-1, DUP-7: AnotherRun says who works; the first is not disturbed, and no lock is left behind."""
    office.truth.add("a@pec.it", 10)
    refused: list[str] = []

    def second() -> None:
        with pytest.raises(AnotherRun) as caught:
            office.run()
        refused.append(caught.value.message)

    office.truth.script["prepare"].append(second)
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "ordered")}
    assert "another run is active" in refused[0]
    assert office.truth.clicks == 1
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "waiting")}


def test_account_that_another_machine_works_on_ends_the_run(office: Office) -> None:
    """DUP-7: two state folders, one ledger: the claim decides, and the run's end is in the ledger."""
    portal = office.config.portal.base_url
    office.ledger.claim(portal, "studio", "elsewhere:1:run", office.clock(), timedelta(minutes=5))
    with pytest.raises(AnotherRun, match="elsewhere"):
        office.run()
    assert office.ledger.runs()[0].exit_code == 75
    office.clock.advance(timedelta(minutes=5))
    assert office.run().codes == (0,)


def test_claim_that_was_taken_over_prevents_the_click(office: Office) -> None:
    """SES-5, DUP-7: a run that slept through its lease orders nothing."""
    office.truth.add("a@pec.it", 10)
    portal = office.config.portal.base_url

    def sleep_through_the_lease() -> None:
        office.clock.advance(timedelta(hours=2))
        office.ledger.claim(portal, "studio", "elsewhere:1:run", office.clock(), timedelta(minutes=5))

    office.truth.script["prepare"].append(sleep_through_the_lease)
    result = office.run()
    assert said(result)["a@pec.it"][0] == "failed"
    assert office.truth.clicks == 0


def test_claims_are_kept_alive_in_a_long_run(office: Office) -> None:
    """SES-5: accounts that are ordered for hours after the start are still this run's."""
    office.configure(account("a"), account("b"), account("c"))
    for number, name in enumerate("abc"):
        office.truth.add(f"{name}@pec.it", 10 + number, name)
    office.truth.script["prepare"] += [lambda: office.clock.advance(timedelta(minutes=50))] * 3
    assert {outcome for outcome, _ in said(office.run()).values()} == {"awaiting-payment"}


def test_claims_are_given_back_when_the_run_ends(office: Office) -> None:
    """LCK-1: nothing is left to delete by hand, after an error either."""
    office.truth.script["survey"].append(RuntimeError())
    office.run()
    assert office.ledger.claims(office.config.portal.base_url) == ()


def test_account_without_orders_is_left_before_the_next_is_looked_at(office: Office) -> None:
    """RES-3: a visit ends as soon as it has nothing more to do."""
    office.configure(account("a"), account("b"))
    office.truth.add("a@pec.it", 100, "a")
    office.truth.add("b@pec.it", 10, "b")
    office.truth.script["survey"] += [lambda: None, lambda: _expect(office.truth.closed == ["a"])]
    office.run()
    assert office.truth.closed == ["a", "b"]


def _expect(fact: bool) -> None:  # noqa: FBT001 - the fact is the argument
    assert fact


def test_below_critical_days_is_7_whatever_the_reason(office: Office) -> None:
    """SIL-3: an unpaid order too."""
    office.truth.add("a@pec.it", 6)
    result = office.run()
    assert result.codes == (7,)
    assert office.ledger.runs()[0].exit_code == 7


def test_close_settles_only_what_is_unknown(office: Office) -> None:
    """DUP-4: a person's word closes an `unknown` renewal as `failed`, and nothing else."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["click"].append(LOST)
    office.run()
    portal, (renewal,) = office.config.portal.base_url, office.renewals()
    closed = close_unknown(office.ledger, portal, renewal.name, "I looked", office.clock())
    assert (closed.state, closed.message) == (RenewalState.FAILED, "Closed by a person: I looked")
    for identity in (renewal.name, "b@pec.it/2026-12-11", "nonsense"):
        with pytest.raises(PecAutorenewError, match="only a renewal whose outcome is unknown"):
            close_unknown(office.ledger, portal, identity, "again", office.clock())
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "ordered")}


def test_retrying_tries_three_times_and_signs_in_between() -> None:
    """HOUSE: named errors only, the last one as it is."""
    tries: list[int] = []
    again: list[int] = []
    slept: list[float] = []

    def act() -> None:
        tries.append(1)
        raise PortalTimeout("slow")

    with pytest.raises(PortalTimeout, match="slow"):
        retrying(act, again=lambda: again.append(1), sleep=slept.append)
    assert (len(tries), len(again), len(slept)) == (3, 2, 2)


def test_retrying_does_not_try_again_what_will_not_pass() -> None:
    """HUM-3: a refused password least of all."""
    tries = []

    def act() -> None:
        tries.append(1)
        raise SignInRejected("wrong")

    with pytest.raises(SignInRejected):
        retrying(act, again=list, sleep=lambda _: None)
    assert len(tries) == 1


def test_jitter_waits_no_longer_than_configured() -> None:
    """TIM-2: a random time up to the longest."""
    slept: list[float] = []
    for _ in range(20):
        wait_a_while(timedelta(minutes=1), slept.append)
    assert 0 <= min(slept) <= max(slept) <= 60


def test_inconsistent_configuration_names_every_place(office: Office) -> None:
    """PAY-1: each level that chose card or PayPal is named."""
    office.configure(
        account("studio", payment_method="paypal", mailboxes=[{"address": "a@pec.it", "payment_method": "carta"}])
    )
    with pytest.raises(ConfigError) as caught:
        require_consistent(office.config)
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "accounts.0.payment_method",
        "accounts.0.mailboxes.0.payment_method",
    ]
    office.tree["accounts"] = []
    with pytest.raises(ConfigError):
        require_consistent(office.config)
