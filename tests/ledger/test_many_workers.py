"""Workers at the same instant, on each database: one first order, one beginning and one end of a sweep.

Claims, budgets and the same mailbox at once are in `test_claims`, `test_budget` and `test_submitting`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Final, TypeVar

import pytest

from pec_autorenew.errors import PolicyStop
from pec_autorenew.ledger import PROVED, Ledger

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pec_autorenew.ledger import Budget, Submission

T = TypeVar("T")

WORKERS: Final = 8
_CANARY: Final = "canary/test"


def at_once(where: str, act: Callable[[Ledger, int], T], *expected: type[Exception]) -> list[T]:
    """Let workers, each with a ledger of its own, act at the same instant; return what those did that were let."""
    together = Barrier(WORKERS, timeout=60)

    def one(number: int) -> list[T]:
        with Ledger.open(where) as ledger:
            ledger.runs(1)  # connected
            together.wait()
            try:
                return [act(ledger, number)]
            except expected:
                return []

    with ThreadPoolExecutor(WORKERS) as pool:
        return [done for found in pool.map(one, range(WORKERS)) for done in found]


@pytest.fixture
def sweep(ledger: Ledger, portal: str, now: datetime) -> str:
    """Begin a sweep over one account."""
    assert ledger.begin_sweep("sweep-1", "renew", "live", portal, now, config={}, visits={"studio": {}}, flag="held-1")
    return "sweep-1"


@pytest.fixture(params=["wanted", PROVED])
def canary(request: pytest.FixtureRequest, ledger: Ledger, now: datetime) -> str:
    """Say whether an order of ours was ever seen in the list."""
    word: str = request.param
    ledger.set_flag(_CANARY, word, now)
    return word


@pytest.fixture
def submitting(
    portal: str, now: datetime, ample: Budget, order: Callable[..., Submission]
) -> Callable[[Ledger, int], object]:
    """Return what each worker does: order for an account of its own."""

    def submit(ledger: Ledger, number: int) -> object:
        mine = order(f"m{number}@pec.it", account=f"a{number}")
        return ledger.submit(portal, mine, ample, now, "run-1", canary=_CANARY)

    return submit


def test_canary_goes_alone(where: str, canary: str, submitting: Callable[[Ledger, int], object]) -> None:
    """BLK-3: of eight workers one sends the first order; once an order was seen in the list, all may."""
    assert len(at_once(where, submitting, PolicyStop)) == (WORKERS if canary == PROVED else 1)


def test_sweep_begins_and_ends_once(ledger: Ledger, where: str, portal: str, now: datetime, sweep: str) -> None:
    """NOT-1: one worker begins it, one says what came of an account, one ends it and tells people."""

    def begin(opened: Ledger, _: int) -> bool:
        return opened.begin_sweep(
            "sweep-2", "renew", "live", portal, now, config={}, visits={"studio": {}}, flag="held-2"
        )

    assert sorted(at_once(where, begin)) == [False] * (WORKERS - 1) + [True]
    assert not ledger.finish_sweep(sweep, now, [0], {}), "not while an account is open"
    done = at_once(where, lambda opened, n: opened.visit_done(sweep, "studio", now, {"items": [n]}))
    assert sum(done) == 1
    assert sum(at_once(where, lambda opened, _: opened.finish_sweep(sweep, now, [0], {}))) == 1
    assert ledger.sweeps_under_way(portal) == ("sweep-2",)
