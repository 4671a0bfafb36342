"""`worker` over PostgreSQL: processes that share the accounts, die and are asked to end; each order is there once."""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from pec_autorenew.ledger import Ledger
from pec_autorenew.states import RenewalState
from tests.fleet.trial import Trial

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres import Server

#: `make torture` takes 10,000.
ACCOUNTS: Final = int(os.environ.get("PEC_FLEET_ACCOUNTS", "60"))
#: So many accounts are done between two kills, on average.
EVERY: Final = int(os.environ.get("PEC_FLEET_KILL_EVERY", "15"))
PATIENCE_S: Final = 300.0 + ACCOUNTS


def states(trial: Trial) -> dict[RenewalState, int]:
    """Return how many renewals the ledger has in each state."""
    with Ledger.open(trial.facts.ledger) as ledger:
        renewals = ledger.renewals()
    return {state: sum(one.state is state for one in renewals) for state in {one.state for one in renewals}}


def test_workers_share_a_sweep_and_leave_when_asked(postgresql: Server, tmp_path: Path) -> None:
    """DUP-7, RES-2: two processes, each renewal ordered once, one report; asked to end, they end well."""
    trial = Trial.of(postgresql, tmp_path, 40, due=30)
    for number in range(2):
        trial.start(number)
    for _ in trial.watch(0.2, PATIENCE_S):
        pass
    assert trial.end() == [0, 0], trial.log(0) + trial.log(1)
    assert trial.orders() == {f"m{number}@pec.it": 1 for number in range(30)}
    assert states(trial) == {RenewalState.AWAITING_PAYMENT: 30}
    with Ledger.open(trial.facts.ledger) as ledger:
        run = ledger.run(trial.run_id)
        assert run is not None
        assert run.report is not None
        assert len(run.report["items"]) == 40  # type: ignore[arg-type]
        assert run.report["totals"] == {"ordered": 30, "gross": "915.00", "currency": "EUR"}
        assert not ledger.claims("http://127.0.0.1:8000")


@pytest.mark.timeout(PATIENCE_S + 60)
def test_workers_that_are_killed_order_nothing_twice(postgresql: Server, tmp_path: Path) -> None:
    """DUP-2, DUP-7: of four workers two are killed every few seconds; each due renewal gets exactly one order.

    What was killed between its intent and its click is ordered later, when the portal's list proves that it was not.
    """
    trial = Trial.of(postgresql, tmp_path, ACCOUNTS, seconds=0.02)
    for number in range(4):
        trial.start(number)
    trial.be_cruel(Random(1), 4, EVERY, PATIENCE_S)  # noqa: S311 - whom it takes is no secret
    trial.end()
    orders = trial.orders()
    assert set(orders.values()) <= {1}, "never twice"
    lost = {f"m{number}@pec.it" for number in range(ACCOUNTS)} - orders.keys()
    with Ledger.open(trial.facts.ledger) as ledger:
        told = {one.address: one.state for one in ledger.renewals()}
    assert {told.get(one) for one in lost} <= {RenewalState.UNKNOWN, RenewalState.FAILED}, "not ordered, and told so"
    assert {one for one, state in told.items() if state is RenewalState.AWAITING_PAYMENT} <= orders.keys()
    assert trial.killed >= 2
    trial.sweep_again({one.partition("@")[0].replace("m", "a") for one in lost})
    assert trial.orders() == {f"m{number}@pec.it": 1 for number in range(ACCOUNTS)}
