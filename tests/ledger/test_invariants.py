"""The invariant as a property: whatever is asked, in whatever order, no renewal is open twice and no limit exceeded."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pec_autorenew.errors import AlreadyOpen, IllegalTransition
from pec_autorenew.ledger import Budget, BudgetExceeded, Ledger, Submission, SubmittedMailbox
from pec_autorenew.model import OrderState, PaymentMethod, PortalOrder
from pec_autorenew.states import LIVE, SPENDING, UNSETTLED, RenewalState, may_follow

PORTAL = "https://areaclienti.pec.it"
NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
BUDGET = Budget(Decimal(70), Decimal(100))
ACCOUNTS = {"a@pec.it": "one", "b@pec.it": "one", "c@pec.it": "two"}
EXPIRIES = (date(2026, 12, 10), date(2027, 12, 10))

boxes = st.lists(
    st.tuples(st.sampled_from(sorted(ACCOUNTS)), st.sampled_from(EXPIRIES)),
    min_size=1,
    max_size=2,
    unique_by=lambda box: box[0],
)


@cache
def _template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        with Ledger.open(path) as ledger:
            for run_id in ("run-1", "run-2"):
                ledger.start_run(run_id, "renew", "live", PORTAL, NOW)
        return path.read_bytes()


class LedgerMachine(RuleBasedStateMachine):
    """The ledger beside a model of a few lines: for each row its identity, account, order, price, run and state."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="pec-ledger-"))
        path = self.folder / "ledger.db"
        path.write_bytes(_template())
        self.ledger = Ledger.open(path)
        self.rows: dict[int, tuple[tuple[str, date], str, str, int, str]] = {}
        self.states: dict[int, RenewalState] = {}

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.ledger.close()
        shutil.rmtree(self.folder)

    def _spent(self, run_id: str | None = None) -> int:
        orders = {
            group: price
            for key, (_, _, group, price, run) in self.rows.items()
            if price and self.states[key] in SPENDING and run_id in {None, run}
        }
        return sum(orders.values())

    def _has(self, wanted: list[tuple[str, date]], states: frozenset[RenewalState]) -> bool:
        return any(self.rows[key][0] in wanted for key, state in self.states.items() if state in states)

    @rule(wanted=boxes, gross=st.integers(1, 60), run_id=st.sampled_from(["run-1", "run-2"]))
    def submit(self, wanted: list[tuple[str, date]], gross: int, run_id: str) -> None:
        """Submit: accepted exactly when nothing is open or done, the account is proven, and the budgets cover it."""
        account, group = ACCOUNTS[wanted[0][0]], f"click-{len(self.rows)}"
        unproven = any(
            state in UNSETTLED and (self.rows[key][1] == account or self.rows[key][0][0] in {box for box, _ in wanted})
            for key, state in self.states.items()
        )
        taken = unproven or self._has(wanted, LIVE | {RenewalState.RENEWED})
        fits = self._spent(run_id) + gross <= BUDGET.max_per_run and self._spent() + gross <= BUDGET.max_per_month
        order = Submission(
            account,
            tuple(SubmittedMailbox(address, expiry) for address, expiry in wanted),
            1,
            PaymentMethod.BONIFICO,
            Decimal(gross),
            (),
            group,
        )
        try:
            renewals = self.ledger.submit(PORTAL, order, BUDGET, NOW, run_id)
        except AlreadyOpen:
            assert taken
            return
        except BudgetExceeded:
            assert not taken
            assert not fits
            return
        assert not taken
        assert fits
        for renewal in renewals:
            self.rows[renewal.id] = ((renewal.address, renewal.expiry), account, group, gross, run_id)
            self.states[renewal.id] = RenewalState.SUBMITTING

    @rule(address=st.sampled_from(sorted(ACCOUNTS)), expiry=st.sampled_from(EXPIRIES))
    def adopt(self, address: str, expiry: date) -> None:
        """Adopt: accepted exactly when nothing is open."""
        order = PortalOrder("9", None, OrderState.AWAITING_PAYMENT, Decimal(500), frozenset(), "")
        try:
            renewal = self.ledger.adopt(PORTAL, ACCOUNTS[address], address, expiry, order, NOW, "run-1")
        except AlreadyOpen:
            assert self._has([(address, expiry)], LIVE)
            return
        assert not self._has([(address, expiry)], LIVE)
        self.rows[renewal.id] = ((address, expiry), ACCOUNTS[address], renewal.order_group, 0, "run-1")
        self.states[renewal.id] = RenewalState.AWAITING_PAYMENT

    @precondition(lambda self: self.rows)
    @rule(which=st.integers(0, 20), to=st.sampled_from(sorted(RenewalState)))
    def settle(self, which: int, to: RenewalState) -> None:
        """Settle: accepted exactly when the step is legal."""
        key = sorted(self.rows)[which % len(self.rows)]
        try:
            self.ledger.settle(key, to, NOW, reason="test", expiry_after=date(2030, 1, 1))
        except IllegalTransition:
            assert not may_follow(self.states[key], to)
            return
        assert may_follow(self.states[key], to)
        self.states[key] = to

    @invariant()
    def agrees_with_the_model(self) -> None:
        """One live row per identity, the same states, the same money, and a past that leads to the present."""
        found = self.ledger.renewals()
        assert {renewal.id: renewal.state for renewal in found} == self.states
        live = [self.rows[key][0] for key, state in self.states.items() if state in LIVE]
        assert len(live) == len(set(live))
        assert self.ledger.spent_in_month("2026-12") == self._spent() <= BUDGET.max_per_month
        for run_id in ("run-1", "run-2"):
            assert self.ledger.spent(run_id) == self._spent(run_id) <= BUDGET.max_per_run
        for key, state in self.states.items():
            path = [event.to_state for event in self.ledger.events(renewal_id=key)]
            assert path[-1] is state


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(
    database=None,
    deadline=None,
    max_examples=30,
    stateful_step_count=20,
    suppress_health_check=[HealthCheck.too_slow],
)
