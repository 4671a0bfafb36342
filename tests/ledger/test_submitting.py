"""DUP-1, DUP-4, DUP-7: what stands in the ledger before the binding click."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import AlreadyOpen, AnotherRun, LedgerError, PolicyStop
from pec_autorenew.ledger import PAUSE, Ledger, SubmittedMailbox
from pec_autorenew.model import PaymentMethod, PortalAutorenewal
from pec_autorenew.states import SPENDING, RenewalState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pec_autorenew.ledger import Budget, Renewal, Submission

OTHER_PORTAL = "http://127.0.0.1:8123"

#: A worker: says that it is ready, waits for the word, submits, and dies at once if it is told to.
WORKER = """
import os, signal, sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pec_autorenew.errors import AlreadyOpen
from pec_autorenew.ledger import Budget, Ledger, Submission, SubmittedMailbox
from pec_autorenew.model import PaymentMethod

where, group, ending = sys.argv[1:]
order = Submission("studio", (SubmittedMailbox("studio@pec.it", date(2026, 12, 10), Decimal("30.50")),), 1,
                   PaymentMethod.BONIFICO, Decimal("30.50"), ("100",), group)
ledger = Ledger.open(where)
print("ready", flush=True)
sys.stdin.readline()
try:
    ledger.submit("https://areaclienti.pec.it", order, Budget(Decimal(100), Decimal(100)),
                  datetime(2026, 12, 1, 8, tzinfo=UTC), "run-1")
    print("submitted", flush=True)
except AlreadyOpen:
    print("already open", flush=True)
if ending == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
ledger.close()
"""


def _worker(where: str, group: str, ending: str = "lives") -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", WORKER, where, group, ending],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def test_submit_order_is_written_whole(
    ledger: Ledger, portal: str, now: datetime, ample: Budget, order: Callable[..., Submission]
) -> None:
    """DUP-1: mailbox, account, expiry seen, years, gross and the order numbers then listed are in the row."""
    wanted = order(
        mailboxes=(SubmittedMailbox(" Studio@PEC.it", date(2026, 12, 10), Decimal("30.50"), PortalAutorenewal.OFF),)
    )

    (renewal,) = ledger.submit(portal + "/", wanted, ample, now, "run-1")

    assert renewal.state is RenewalState.SUBMITTING
    assert (renewal.portal, renewal.account, renewal.address) == (portal, "studio", "studio@pec.it")
    assert (renewal.expiry, renewal.name) == (date(2026, 12, 10), "studio@pec.it/2026-12-10")
    assert (renewal.years, renewal.method) == (1, PaymentMethod.BONIFICO)
    assert (renewal.gross, renewal.order_gross) == (Decimal("30.50"), Decimal("30.50"))
    assert renewal.order_numbers_before == ("100", "101")
    assert (renewal.reserved_month, renewal.submitted_at, renewal.settled_at) == ("2026-12", now, None)
    assert (renewal.autorenewal, renewal.client, renewal.counts) == (PortalAutorenewal.OFF, "Rossi", True)
    assert renewal.form == {"lines": ["Casella PEC STANDARD"], "consents": ["Condizioni generali"]}
    assert (renewal.run_id, renewal.order_group) == ("run-1", wanted.group)
    assert [(event.from_state, event.to_state) for event in ledger.events(renewal_id=renewal.id)] == [
        (None, RenewalState.PLANNED),
        (RenewalState.PLANNED, RenewalState.SUBMITTING),
    ]


def test_submit_returned_another_connection_sees_it(where: str, portal: str, submitted: Callable[..., Renewal]) -> None:
    """DUP-1: once `submit` has returned, everybody sees the intent."""
    renewal = submitted()

    with Ledger.open(where) as other:
        assert other.unsettled(portal) == (renewal,)


def test_submit_process_killed_before_the_click_next_run_finds_it(ledger: Ledger, where: str, portal: str) -> None:
    """DUP-1: killed right after `submit`, the intent is there for the next run."""
    with _worker(where, "click-1", "killed") as worker:
        said, _ = worker.communicate("go\n")

    assert (said.split("\n")[1], worker.returncode) == ("submitted", -9)
    assert [renewal.name for renewal in ledger.unsettled(portal, "studio")] == ["studio@pec.it/2026-12-10"]


def test_submit_from_two_processes_exactly_one_wins(ledger: Ledger, where: str, portal: str) -> None:
    """DUP-7: two processes that want the same renewal at the same time make one intent."""
    workers = [_worker(where, f"click-{number}") for number in range(2)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    said = sorted(worker.communicate()[0] for worker in workers)

    assert said == ["already open\n", "submitted\n"]
    assert len(ledger.renewals(portal)) == 1


def test_submit_from_eight_threads_exactly_one_wins(
    ledger: Ledger, portal: str, now: datetime, ample: Budget, order: Callable[..., Submission]
) -> None:
    """DUP-7: eight threads on one ledger, too."""
    threads = 8
    together = Barrier(threads)

    def submit(wanted: Submission) -> bool:
        together.wait()
        try:
            ledger.submit(portal, wanted, ample, now, "run-1")
        except AlreadyOpen:
            return False
        return True

    with ThreadPoolExecutor(threads) as pool:
        won = list(pool.map(submit, [order() for _ in range(threads)]))

    assert sum(won) == 1
    assert len(ledger.renewals(portal)) == 1


@pytest.mark.parametrize(
    "state", [RenewalState.SUBMITTING, RenewalState.UNKNOWN, RenewalState.AWAITING_PAYMENT, RenewalState.RENEWED]
)
def test_submit_while_the_renewal_is_open_or_done_is_refused(  # noqa: PLR0917 - fixtures
    ledger: Ledger,
    portal: str,
    now: datetime,
    ample: Budget,
    order: Callable[..., Submission],
    brought_to: Callable[[RenewalState], Renewal],
    state: RenewalState,
) -> None:
    """DUP-9: the same mailbox at the same expiry, in other letters and by another account, is open already."""
    brought_to(state)

    with pytest.raises(AlreadyOpen):
        ledger.submit(
            portal.upper().replace("HTTPS", "https"), order(" STUDIO@pec.it ", account="b"), ample, now, "run-2"
        )

    assert len(ledger.renewals(portal)) == 1


@pytest.mark.parametrize("state", [RenewalState.FAILED, RenewalState.CANCELLED])
def test_submit_after_no_order_was_proved_is_accepted(  # noqa: PLR0917 - fixtures
    ledger: Ledger,
    portal: str,
    now: datetime,
    ample: Budget,
    order: Callable[..., Submission],
    brought_to: Callable[[RenewalState], Renewal],
    state: RenewalState,
) -> None:
    """Where the portal proved that there is no order, another may be placed; both are history."""
    first = brought_to(state)

    (second,) = ledger.submit(portal, order(), ample, now, "run-2")

    assert ledger.find(portal, "studio@pec.it", date(2026, 12, 10)) == second
    assert ledger.renewals(portal, address="studio@pec.it") == (first, second)


@pytest.mark.parametrize("state", [RenewalState.SUBMITTING, RenewalState.UNKNOWN])
def test_submit_while_the_account_is_unproven_is_refused(  # noqa: PLR0917 - fixtures
    ledger: Ledger,
    portal: str,
    now: datetime,
    ample: Budget,
    order: Callable[..., Submission],
    brought_to: Callable[[RenewalState], Renewal],
    state: RenewalState,
) -> None:
    """DUP-4: an account with an unproven order gets no other; other accounts and portals go on."""
    brought_to(state)

    with pytest.raises(AlreadyOpen, match="DUP-4"):
        ledger.submit(portal, order("other@pec.it"), ample, now, "run-1")

    ledger.submit(portal, order("other@pec.it", account="other"), ample, now, "run-1")
    ledger.submit(OTHER_PORTAL, order(), ample, now, "run-1")
    assert len(ledger.renewals()) == 3


def test_submit_similar_address_or_other_expiry_is_another_renewal(
    ledger: Ledger, now: datetime, portal: str, submitted: Callable[..., Renewal]
) -> None:
    """PRC-11: similar addresses, and the next year's expiry, are identities of their own."""
    for address, expiry in (
        ("a@pec.it", date(2026, 12, 10)),
        ("aa@pec.it", date(2026, 12, 10)),
        ("a@pec.it.example", date(2026, 12, 10)),
        ("a@pec.it", date(2027, 12, 10)),
    ):
        renewal = submitted(address, expiry)
        ledger.settle(renewal.id, RenewalState.AWAITING_PAYMENT, now, reason="ordered")

    assert len(ledger.open_renewals(portal)) == 4


def test_submit_name_of_a_click_used_twice_is_refused(
    ledger: Ledger, now: datetime, submitted: Callable[..., Renewal]
) -> None:
    """A reused click would hide an order from the budget, even when its first use is settled."""
    first = submitted(group="same")
    ledger.settle(first.id, RenewalState.AWAITING_PAYMENT, now, reason="ordered")

    with pytest.raises(LedgerError, match="same"):
        submitted("other@pec.it", group="same")


@pytest.mark.parametrize(
    "changes",
    [
        {"mailboxes": ()},
        {"group": ""},
        {"order_gross": Decimal(0)},
        {"order_gross": Decimal(-1)},
        {"order_gross": Decimal("30.505")},
        {"order_gross": Decimal("NaN")},
        {
            "mailboxes": (
                SubmittedMailbox("a@pec.it", date(2026, 12, 10)),
                SubmittedMailbox("A@pec.it ", date(2026, 12, 10)),
            )
        },
    ],
)
def test_submit_order_without_sense_is_refused(
    ledger: Ledger, submitted: Callable[..., Renewal], changes: dict[str, object]
) -> None:
    """PRC-3, DUP-9: no mailbox, one twice, no click, or a total that is no price: nothing is written."""
    with pytest.raises(LedgerError):
        submitted(**changes)

    assert ledger.renewals() == ()


def test_submit_while_paused_is_refused(ledger: Ledger, now: datetime, submitted: Callable[..., Renewal]) -> None:
    """A pause stops new orders in the same transaction that would reserve them; `resume` lets them pass."""
    ledger.set_flag(PAUSE, "Mario", now)
    with pytest.raises(PolicyStop) as stopped:
        submitted()
    assert stopped.value.reason == "paused"

    assert ledger.clear_flag(PAUSE, now)
    assert submitted().state is RenewalState.SUBMITTING


def test_submit_without_the_claim_is_refused(
    ledger: Ledger, portal: str, now: datetime, ample: Budget, order: Callable[..., Submission]
) -> None:
    """SES-5: a holder whose claim lapsed, or was taken over, cannot order."""
    with pytest.raises(AnotherRun):
        ledger.submit(portal, order(), ample, now, "run-1", holder="me")
    ledger.claim(portal, "studio", "me", now, timedelta(minutes=5))
    late = now + timedelta(minutes=5)
    with pytest.raises(AnotherRun):
        ledger.submit(portal, order(), ample, late, "run-1", holder="me")
    ledger.claim(portal, "studio", "you", late, timedelta(minutes=5))
    with pytest.raises(AnotherRun):
        ledger.submit(portal, order(), ample, late, "run-1", holder="me")

    assert ledger.renewals() == ()
    ledger.submit(portal, order(), ample, late, "run-1", holder="you")


def test_submit_second_mailbox_refused_first_is_not_written(
    ledger: Ledger, now: datetime, portal: str, ample: Budget, order: Callable[..., Submission]
) -> None:
    """One order is one transaction: all of its mailboxes or none."""
    (first,) = ledger.submit(portal, order("b@pec.it"), ample, now, "run-1")
    ledger.settle(first.id, RenewalState.AWAITING_PAYMENT, now, reason="ordered")
    both = tuple(SubmittedMailbox(name, date(2026, 12, 10)) for name in ("a@pec.it", "b@pec.it"))

    with pytest.raises(AlreadyOpen):
        ledger.submit(portal, replace(order(), mailboxes=both), ample, now, "run-1")

    assert [renewal.address for renewal in ledger.renewals()] == ["b@pec.it"]


def test_submit_unknown_run_is_refused(
    ledger: Ledger, now: datetime, portal: str, ample: Budget, order: Callable[..., Submission]
) -> None:
    """An order belongs to a run that the ledger knows, or the run's budget could not be told."""
    with pytest.raises(LedgerError):
        ledger.submit(portal, order(), ample, now, "run-unheard-of")

    assert ledger.renewals() == ()


def test_last_price_is_that_of_the_newest_renewal_with_one(
    ledger: Ledger, portal: str, now: datetime, submitted: Callable[..., Renewal]
) -> None:
    """PRC-7: the price to compare with is the newest of this mailbox, among the states that are asked for."""
    assert ledger.last_price(portal, "studio@pec.it") is None
    first = submitted()
    ledger.settle(first.id, RenewalState.RENEWED, now, reason="renewed", expiry_after=date(2027, 12, 10))
    box = SubmittedMailbox("studio@pec.it", date(2027, 12, 10), Decimal("73.20"))
    second = submitted(mailboxes=(box,), years=2, order_gross=box.gross)

    assert ledger.last_price(portal, "STUDIO@pec.it") == (Decimal("73.20"), 2)
    ledger.settle(second.id, RenewalState.UNKNOWN, now, reason="unknown")
    ledger.settle(second.id, RenewalState.FAILED, now, reason="portal-error")
    assert ledger.last_price(portal, "studio@pec.it", states=SPENDING) == (Decimal("30.50"), 1)
    assert ledger.last_price("https://other.example", "studio@pec.it") is None


def test_press_dates_the_click_of_an_order_that_is_still_submitting(
    ledger: Ledger, portal: str, now: datetime, submitted: Callable[..., Renewal]
) -> None:
    """DUP-4, DUP-7: `settle` is counted from the click; what was settled meanwhile, or taken over, is not pressed."""
    ledger.claim(portal, "studio", "here", now, timedelta(minutes=90))
    renewal, later = submitted(), now + timedelta(minutes=100)
    (pressed,) = ledger.press((renewal,), later, holder="here")
    assert (pressed.submitted_at, pressed.state) == (later, RenewalState.SUBMITTING)
    assert ledger.events(renewal_id=renewal.id)[-1].kind == "pressing"
    with pytest.raises(AnotherRun, match="no longer holds account studio"):
        ledger.press((pressed,), later, holder="there")
    ledger.settle(renewal.id, RenewalState.FAILED, later, reason="portal-error")
    with pytest.raises(AlreadyOpen, match="settled before it was ordered: it is failed"):
        ledger.press((pressed,), later, holder="here")
