"""Ledgers to test on: SQLite and, where it is installed, a real PostgreSQL."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.ledger import Budget, Ledger, Submission, SubmittedMailbox
from pec_autorenew.model import PaymentMethod
from pec_autorenew.states import RenewalState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pec_autorenew.ledger import Renewal
    from tests.postgres import Server

PORTAL = "https://areaclienti.pec.it"


@pytest.fixture
def portal() -> str:
    """Return the origin that most tests are about."""
    return PORTAL


@pytest.fixture
def now() -> datetime:
    """Return an instant in the middle of a day and of a month."""
    return datetime(2026, 12, 1, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a migrated and empty ledger, to be copied."""
    path = tmp_path_factory.mktemp("template") / "ledger.db"
    Ledger.open(path).close()
    return path


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    """Copy a ledger's file."""
    return Path(shutil.copy(template, tmp_path / "ledger.db"))


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, path: Path) -> str:
    """Return a ledger's address, on each database there is."""
    if request.param == "sqlite":
        return str(path)
    server: Server = request.getfixturevalue("postgresql")
    return server.ledger()


@pytest.fixture
def ledger(where: str, now: datetime) -> Iterator[Ledger]:
    """Open a ledger with two runs."""
    with Ledger.open(where) as opened:
        for run_id in ("run-1", "run-2"):
            opened.start_run(run_id, "renew", "live", PORTAL, now)
        yield opened


@pytest.fixture
def ample() -> Budget:
    """Return a budget that is not what the test is about."""
    return Budget(max_per_run=Decimal(10_000), max_per_month=Decimal(10_000))


@pytest.fixture
def order() -> Callable[..., Submission]:
    """Build an order for one mailbox, each with a click of its own; what is given differs."""
    clicks = count(1)

    def build(address: str = "studio@pec.it", expiry: date = date(2026, 12, 10), **changes: object) -> Submission:
        plain = Submission(
            account="studio",
            mailboxes=(SubmittedMailbox(address, expiry, Decimal("30.50")),),
            years=1,
            method=PaymentMethod.BONIFICO,
            order_gross=Decimal("30.50"),
            order_numbers_before=("100", "101"),
            group=f"click-{next(clicks)}",
            client="Rossi",
            form={"lines": ["Casella PEC STANDARD"], "consents": ["Condizioni generali"]},
        )
        return replace(plain, **changes)  # type: ignore[arg-type]

    return build


@pytest.fixture
def submitted(
    ledger: Ledger, portal: str, now: datetime, ample: Budget, order: Callable[..., Submission]
) -> Callable[..., Renewal]:
    """Submit an order for one mailbox and return its renewal."""

    def submit(*args: object, **changes: object) -> Renewal:
        return ledger.submit(portal, order(*args, **changes), ample, now, "run-1")[0]

    return submit


@pytest.fixture
def brought_to(ledger: Ledger, now: datetime, submitted: Callable[..., Renewal]) -> Callable[[RenewalState], Renewal]:
    """Bring a new renewal to a state by legal steps; `planned` has no verb and is written past the verbs."""
    state = RenewalState
    ways: dict[RenewalState, tuple[RenewalState, ...]] = {
        state.PLANNED: (),
        state.SUBMITTING: (),
        state.UNKNOWN: (state.UNKNOWN,),
        state.AWAITING_PAYMENT: (state.AWAITING_PAYMENT,),
        state.RENEWED: (state.RENEWED,),
        state.FAILED: (state.FAILED,),
        state.CANCELLED: (state.AWAITING_PAYMENT, state.CANCELLED),
    }

    def bring(to: RenewalState) -> Renewal:
        renewal = submitted()
        for step in ways[to]:
            renewal = ledger.settle(renewal.id, step, now, reason="test", expiry_after=date(2027, 12, 10))
        if to is state.PLANNED:
            with ledger._database.writing() as connection:
                connection.exec_driver_sql("UPDATE renewal SET state = 'planned'")
        return ledger.renewal(renewal.id)

    return bring
