"""What is spent, or may be: every order of ours that the portal has not proved away (PRC-4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, func, select

from pec_autorenew.ledger import schema
from pec_autorenew.ledger.records import BudgetExceeded, cents, euros
from pec_autorenew.ledger.verbs import Verbs
from pec_autorenew.states import SPENDING

if TYPE_CHECKING:
    from decimal import Decimal

    from pec_autorenew.ledger.records import Budget

_ROW = schema.renewal.c


class BudgetVerbs(Verbs):
    """The sums that the limits are compared with."""

    def spent(self, run_id: str) -> Decimal:
        """Return what this run's orders take from its budget."""
        with self._database.reading() as connection:
            return euros(_spent(connection, _ROW.run_id == run_id))

    def spent_in_month(self, month: str) -> Decimal:
        """Return what all orders reserved in this month («2026-12») take from its budget, at all portals."""
        with self._database.reading() as connection:
            return euros(_spent(connection, _ROW.reserved_month == month))


def require_budget(connection: Connection, gross: Decimal, budget: Budget, *, run_id: str, month: str) -> None:
    """Refuse an order that the run's or the month's budget does not cover; the caller holds the writers' lock."""
    for name, limit, spent in (
        ("max_per_run", budget.max_per_run, _spent(connection, _ROW.run_id == run_id)),
        ("max_per_month", budget.max_per_month, _spent(connection, _ROW.reserved_month == month)),
    ):
        if spent + cents(gross) > cents(limit):
            raise BudgetExceeded(f"{euros(spent)} EUR of {name} = {limit} EUR are spent; {gross} EUR more do not fit.")


def _spent(connection: Connection, which: ColumnElement[bool]) -> int:
    """Sum up orders, not renewals: one order counts once, and whole, while any of its renewals may cost money."""
    orders = (
        select(func.max(_ROW.order_gross_cents).label("cents"))
        .where(_ROW.counts, _ROW.state.in_([state.value for state in SPENDING]), which)
        .group_by(_ROW.order_group)
        .subquery()
    )
    return int(connection.scalar(select(func.coalesce(func.sum(orders.c.cents), 0))) or 0)
