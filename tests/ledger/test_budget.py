"""PRC-4: what is spent, or may be, and when it is free again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import LedgerError, NextStep
from pec_autorenew.ledger import Budget, BudgetExceeded, ClientBudget, SubmittedMailbox, month_of
from pec_autorenew.model import OrderState, PortalOrder
from pec_autorenew.states import RenewalState

if TYPE_CHECKING:
    from collections.abc import Callable

    from pec_autorenew.ledger import Ledger, Renewal, Submission

EXPIRY = date(2026, 12, 10)


def _budget(per_run: str, per_month: str) -> Budget:
    return Budget(Decimal(per_run), Decimal(per_month))


def test_budget_exactly_used_up_is_enough(
    ledger: Ledger, portal: str, now: datetime, order: Callable[..., Submission]
) -> None:
    """An order that takes the last cent fits; its reason for stopping would be `budget`."""
    ledger.submit(portal, order(), _budget("30.50", "30.50"), now, "run-1")

    assert (ledger.spent("run-1"), ledger.spent_in_month("2026-12")) == (Decimal("30.50"), Decimal("30.50"))
    assert (BudgetExceeded.reason, BudgetExceeded.outcome, BudgetExceeded.next_step) == (
        "budget",
        "stopped",
        NextStep.STOP_ITEM,
    )


@pytest.mark.parametrize(
    "budget", [_budget("30.49", "1000"), _budget("1000", "30.49"), _budget("0", "1000"), _budget("1000", "0")]
)
def test_budget_one_cent_short_stops_the_order(
    ledger: Ledger, portal: str, now: datetime, order: Callable[..., Submission], budget: Budget
) -> None:
    """PRC-2: either limit stops, 0 means zero, and nothing is written."""
    with pytest.raises(BudgetExceeded):
        ledger.submit(portal, order(), budget, now, "run-1")

    assert (ledger.renewals(), ledger.events()) == ((), ())


def test_budget_limit_that_is_no_amount_is_refused(
    ledger: Ledger, portal: str, now: datetime, order: Callable[..., Submission]
) -> None:
    """PRC-2: «Infinity» or a negative number is no limit."""
    for limit in ("Infinity", "-1", "NaN"):
        with pytest.raises(LedgerError):
            ledger.submit(portal, order(), _budget(limit, "1000"), now, "run-1")

    assert ledger.renewals() == ()


def test_budget_of_the_run_counts_this_run_only(
    ledger: Ledger, portal: str, now: datetime, order: Callable[..., Submission]
) -> None:
    """The run's budget begins anew with each run, the month's does not."""
    ledger.submit(portal, order("a@pec.it", account="a"), _budget("40", "100"), now, "run-1")
    with pytest.raises(BudgetExceeded, match="max_per_run"):
        ledger.submit(portal, order("b@pec.it", account="b"), _budget("40", "100"), now, "run-1")
    ledger.submit(portal, order("b@pec.it", account="b"), _budget("40", "100"), now, "run-2")

    with pytest.raises(BudgetExceeded, match="max_per_month"):
        ledger.submit(portal, order("c@pec.it", account="c"), _budget("400", "61"), now, "run-2")


def test_budget_of_the_month_counts_all_portals(
    ledger: Ledger, portal: str, now: datetime, order: Callable[..., Submission]
) -> None:
    """Money is money: another base address does not double the month's budget."""
    ledger.submit(portal, order(), _budget("40", "40"), now, "run-1")

    with pytest.raises(BudgetExceeded):
        ledger.submit("https://other.example", order(), _budget("40", "40"), now, "run-2")


@pytest.mark.parametrize(
    ("instant", "month"),
    [
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), "2026-12"),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "2027-01"),
        (datetime(2026, 6, 30, 21, 59, tzinfo=UTC), "2026-06"),
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), "2026-07"),
    ],
)
def test_budget_month_is_that_of_rome(
    ledger: Ledger,
    portal: str,
    order: Callable[..., Submission],
    ample: Budget,
    instant: datetime,
    month: str,
) -> None:
    """PRC-4, TIM-1: the calendar month of the reservation is that of Europe/Rome, in winter and in summer."""
    (renewal,) = ledger.submit(portal, order(), ample, instant, "run-1")

    assert (renewal.reserved_month, month_of(instant)) == (month, month)
    assert ledger.spent_in_month(month) == Decimal("30.50")


def test_budget_next_month_begins_anew_at_midnight_in_rome(
    ledger: Ledger, portal: str, order: Callable[..., Submission]
) -> None:
    """A minute before midnight in Rome the month is spent, at midnight it is not, though UTC says December."""
    budget = _budget("1000", "31")
    ledger.submit(portal, order("a@pec.it", account="a"), budget, datetime(2026, 12, 5, tzinfo=UTC), "run-1")

    with pytest.raises(BudgetExceeded):
        ledger.submit(
            portal, order("b@pec.it", account="b"), budget, datetime(2026, 12, 31, 22, 59, tzinfo=UTC), "run-1"
        )
    ledger.submit(portal, order("b@pec.it", account="b"), budget, datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "run-1")


@pytest.mark.parametrize("state", sorted(set(RenewalState) - {RenewalState.PLANNED}))
def test_budget_is_freed_only_by_proof(
    ledger: Ledger, brought_to: Callable[[RenewalState], Renewal], state: RenewalState
) -> None:
    """DUP-10, PRC-4: `failed` and `cancelled` free the budget; what may still cost money does not."""
    brought_to(state)

    left = Decimal("0.00") if state in {RenewalState.FAILED, RenewalState.CANCELLED} else Decimal("30.50")
    assert (ledger.spent("run-1"), ledger.spent_in_month("2026-12")) == (left, left)


def test_budget_order_with_three_mailboxes_counts_once(
    ledger: Ledger, portal: str, now: datetime, order: Callable[..., Submission]
) -> None:
    """One order of 91,50 € for three mailboxes takes 91,50 €, and all of it until its last renewal is proved away."""
    boxes = tuple(SubmittedMailbox(f"{name}@pec.it", EXPIRY, Decimal("30.50")) for name in "abc")
    wanted = order(mailboxes=boxes, order_gross=Decimal("91.50"))

    renewals = ledger.submit(portal, wanted, _budget("91.50", "91.50"), now, "run-1")

    assert len({renewal.order_group for renewal in renewals}) == 1
    for renewal in renewals:
        assert ledger.spent("run-1") == Decimal("91.50")
        ledger.settle(renewal.id, RenewalState.FAILED, now, reason="refused-by-portal")
    assert ledger.spent("run-1") == Decimal(0)


def test_budget_price_corrected_counts_for_the_whole_order(
    ledger: Ledger, portal: str, now: datetime, ample: Budget, order: Callable[..., Submission]
) -> None:
    """When the order list shows another price, it is the order's, so all of its renewals say so."""
    boxes = tuple(SubmittedMailbox(f"{name}@pec.it", EXPIRY) for name in "ab")
    first, second = ledger.submit(portal, order(mailboxes=boxes, order_gross=Decimal(61)), ample, now, "run-1")

    ledger.settle(first.id, RenewalState.AWAITING_PAYMENT, now, reason="ordered", order_gross=Decimal("60.99"))

    assert ledger.renewal(second.id).order_gross == Decimal("60.99")
    assert ledger.spent("run-1") == Decimal("60.99")


@pytest.mark.parametrize(
    "budget",
    [_budget("1000", "100"), Budget(Decimal(1000), Decimal(1000), ClientBudget("Rossi", Decimal(100), None))],
    ids=["of all", "of a client"],
)
def test_budget_wanted_by_many_at_once_is_never_exceeded(
    ledger: Ledger, portal: str, now: datetime, order: Callable[..., Submission], budget: Budget
) -> None:
    """PRC-4: reserved atomically; ten accounts that want 30,50 € each from 100 € place three orders."""
    workers = 10
    together = Barrier(workers)
    stopped: list[BudgetExceeded] = []

    def submit(wanted: Submission) -> None:
        together.wait()
        try:
            ledger.submit(portal, wanted, budget, now, "run-1")
        except BudgetExceeded as error:
            stopped.append(error)

    threads = [
        Thread(target=submit, args=(order(f"{number}@pec.it", account=f"{number}"),)) for number in range(workers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(stopped), ledger.spent_in_month("2026-12")) == (7, Decimal("91.50"))


# -- a client's own ----------------------------------------------------------------------------------------------------


def _of_client(per_run: str | None, per_month: str | None, client: str = "Rossi") -> Budget:
    own = ClientBudget(client, *(None if one is None else Decimal(one) for one in (per_run, per_month)))
    return Budget(Decimal(1000), Decimal(1000), own)


@pytest.mark.parametrize(
    "limits", [("30.49", None, "max_per_run"), (None, "30.49", "max_per_month"), ("0", "1000", "max_per_run")]
)
def test_budget_of_a_client_one_cent_short_stops_the_order(
    ledger: Ledger,
    portal: str,
    now: datetime,
    order: Callable[..., Submission],
    limits: tuple[str | None, str | None, str],
) -> None:
    """PRC-4: a client's limit holds besides those of all, to the cent, and the message names the client."""
    per_run, per_month, limit = limits
    with pytest.raises(BudgetExceeded, match=f"{limit} of client Rossi") as caught:
        ledger.submit(portal, order(), _of_client(per_run, per_month), now, "run-1")
    assert caught.value.reason == "budget"
    assert ledger.renewals() == ()
    ledger.submit(portal, order(), _of_client("30.50", "30.50"), now, "run-1")


def test_budget_of_a_client_never_raises_that_of_all(
    ledger: Ledger, portal: str, now: datetime, order: Callable[..., Submission]
) -> None:
    """PRC-2: both hold; the lower one stops."""
    own = ClientBudget("Rossi", Decimal(1000), Decimal(1000))
    with pytest.raises(BudgetExceeded, match="max_per_run = 30"):
        ledger.submit(portal, order(), Budget(Decimal(30), Decimal(1000), own), now, "run-1")


def test_budgets_of_two_clients_are_independent(
    ledger: Ledger, portal: str, now: datetime, order: Callable[..., Submission]
) -> None:
    """PRC-4: what one client spends, no other has less of; runs begin anew, the month does not."""
    rossi, verdi = _of_client("31", "62"), _of_client("31", "62", "Verdi")
    ledger.submit(portal, order("a@pec.it", account="a"), rossi, now, "run-1")
    with pytest.raises(BudgetExceeded, match="max_per_run of client Rossi"):
        ledger.submit(portal, order("b@pec.it", account="b"), rossi, now, "run-1")
    ledger.submit(portal, order("c@pec.it", account="c", client="Verdi"), verdi, now, "run-1")
    ledger.submit(portal, order("b@pec.it", account="b"), rossi, now, "run-2")
    with pytest.raises(BudgetExceeded, match=r"61\.00 EUR of max_per_month of client Rossi"):
        ledger.submit(portal, order("d@pec.it", account="d"), _of_client(None, "62"), now, "run-2")
    assert ledger.spent("run-1", client="Rossi") == ledger.spent("run-1", client="Verdi") == Decimal("30.50")
    assert ledger.spent_in_month("2026-12", client="Rossi") == Decimal(61)
    assert ledger.spent_in_month("2026-12") == Decimal("91.50")
    assert ledger.spent("run-1", client="") == 0


def test_order_of_ours_that_came_after_it_was_lost_counts_for_the_client_it_was_reserved_for(
    ledger: Ledger, portal: str, now: datetime, submitted: Callable[..., Renewal]
) -> None:
    """PRC-4: a label that was changed since moves no money from one client to another; a foreign order costs none."""
    lost = submitted()
    ledger.settle(lost.id, RenewalState.FAILED, now, reason="lost")
    found = PortalOrder("102", now.date(), OrderState.AWAITING_PAYMENT, Decimal("30.50"), frozenset({lost.address}), "")
    ledger.adopt(portal, lost.account, lost.address, lost.expiry, found, now, "run-2", client="Verdi", ours=lost)
    ledger.adopt(portal, "a", "foreign@pec.it", lost.expiry, found, now, "run-2", client="Verdi")
    assert ledger.spent_in_month("2026-12", client="Rossi") == Decimal("30.50")
    assert ledger.spent_in_month("2026-12", client="Verdi") == 0
