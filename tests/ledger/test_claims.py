"""SES-5, DUP-7: claims, sign-ins and flags."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import AnotherRun

if TYPE_CHECKING:
    from pec_autorenew.ledger import Ledger

LEASE = timedelta(minutes=2)


def test_claim_held_by_another_is_refused(ledger: Ledger, portal: str, now: datetime) -> None:
    """One account has one worker; other accounts are free; the holder may claim again."""
    ledger.claim(portal, "studio", "me", now, LEASE)

    with pytest.raises(AnotherRun, match="me works on account studio"):
        ledger.claim(portal + "/", "studio", "you", now + LEASE - timedelta(seconds=1), LEASE)

    ledger.claim(portal, "other", "you", now, LEASE)
    assert ledger.claim(portal, "studio", "me", now, LEASE).until == now + LEASE
    assert [(claim.account, claim.holder) for claim in ledger.claims(portal)] == [("other", "you"), ("studio", "me")]


def test_claim_lapsed_is_taken_over_and_the_old_holder_learns_it(ledger: Ledger, portal: str, now: datetime) -> None:
    """A worker that died is replaced when its lease has lapsed; should it wake up, its heartbeat tells it."""
    ledger.claim(portal, "studio", "dead", now, LEASE)

    ledger.claim(portal, "studio", "heir", now + LEASE, LEASE)

    with pytest.raises(AnotherRun, match="heir"):
        ledger.heartbeat(portal, "studio", "dead", now + LEASE)
    ledger.release(portal, "studio", "dead")
    assert [claim.holder for claim in ledger.claims(portal)] == ["heir"]


def test_claim_kept_alive_by_heartbeats_is_not_taken_over(ledger: Ledger, portal: str, now: datetime) -> None:
    """Each heartbeat moves the end of the lease."""
    ledger.claim(portal, "studio", "me", now, LEASE)
    ledger.heartbeat(portal, "studio", "me", now + timedelta(minutes=1))

    with pytest.raises(AnotherRun):
        ledger.claim(portal, "studio", "you", now + LEASE, LEASE)

    (claim,) = ledger.claims(portal)
    assert (claim.acquired_at, claim.until) == (now, now + timedelta(minutes=3))


def test_claim_released_is_free(ledger: Ledger, portal: str, now: datetime) -> None:
    """What is given back can be taken at once; a heartbeat for it is refused."""
    ledger.claim(portal, "studio", "me", now, LEASE)
    ledger.release(portal, "studio", "me")

    with pytest.raises(AnotherRun, match="nobody"):
        ledger.heartbeat(portal, "studio", "me", now)
    assert ledger.claim(portal, "studio", "you", now, LEASE).holder == "you"


def test_claim_wanted_by_eight_at_once_is_given_to_one(ledger: Ledger, portal: str, now: datetime) -> None:
    """DUP-7: the lock is a lock."""
    workers = 8
    together, refused = Barrier(workers), []

    def claim(name: str) -> None:
        together.wait()
        try:
            ledger.claim(portal, "studio", name, now, LEASE)
        except AnotherRun as error:
            refused.append(error)

    threads = [Thread(target=claim, args=(f"worker-{number}",)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(refused), len(ledger.claims(portal))) == (7, 1)


def test_sign_ins_are_counted_by_the_day_in_rome(ledger: Ledger, portal: str) -> None:
    """TIM-1: 23:30 UTC in winter is the next day in Rome; other accounts are not counted."""
    for hour, minute in ((22, 59), (23, 0), (23, 30)):
        ledger.record_sign_in(portal, "studio", datetime(2026, 12, 1, hour, minute, tzinfo=UTC), ok=True)
    ledger.record_sign_in(portal, "other", datetime(2026, 12, 1, 12, tzinfo=UTC), ok=False, reason="timeout")

    assert len(ledger.sign_ins_on(portal, "studio", date(2026, 12, 1))) == 1
    assert len(ledger.sign_ins_on(portal, "studio", date(2026, 12, 2))) == 2
    (other,) = ledger.sign_ins_on(portal, "other", date(2026, 12, 1))
    assert (other.ok, other.reason, other.secret_mark) == (False, "timeout", None)


def test_rejected_mark_lasts_until_a_sign_in_succeeds(ledger: Ledger, portal: str, now: datetime) -> None:
    """A refused password is remembered, through time-outs too, until another one was accepted."""
    assert ledger.rejected_mark(portal, "studio") is None
    ledger.record_sign_in(portal, "studio", now, ok=False, reason="sign-in-rejected", secret_mark="old")
    assert ledger.rejected_mark(portal, "studio") == "old"

    ledger.record_sign_in(portal, "studio", now, ok=False, reason="timeout", secret_mark="new")
    assert ledger.rejected_mark(portal, "studio") == "old"
    assert ledger.rejected_mark(portal, "other") is None

    ledger.record_sign_in(portal, "studio", now, ok=True, secret_mark="new")
    assert ledger.rejected_mark(portal, "studio") is None


def test_flag_set_changed_and_cleared_is_told(ledger: Ledger, now: datetime) -> None:
    """DRF-4: a flag has one value for all workers, and each change is an event."""
    assert ledger.flag("brake") is None
    ledger.set_flag("brake", "drift", now, run_id="run-1")
    ledger.set_flag("brake", "drift on a second account", now + LEASE)

    flag = ledger.flag("brake")

    assert flag is not None
    assert (flag.value, flag.at) == ("drift on a second account", now + LEASE)
    assert ledger.clear_flag("brake", now)
    assert not ledger.clear_flag("brake", now)
    assert ledger.flag("brake") is None
    assert [event.kind for event in ledger.events()] == ["flag-set", "flag-set", "flag-cleared"]


def test_flags_of_a_kind_are_read_and_changed_together(ledger: Ledger, now: datetime) -> None:
    """NOT-1: what people were told is read in one go and written in one transaction, with one event."""
    ledger.set_flag("brake", "drift", now)
    ledger.change_flags("told", {"told/a_1": "x", "told/b": "y"}, (), now, facts={"matters": 2})
    ledger.change_flags("told", {"told/b": "z"}, {"told/a_1", "told/never"}, now + LEASE)

    assert [(one.key, one.value, one.at) for one in ledger.flags("told/")] == [("told/b", "z", now + LEASE)]
    assert ledger.flags("told/a%") == ()
    assert ledger.flag("brake") is not None
    assert [event.kind for event in ledger.events()] == ["flag-set", "told", "told"]
