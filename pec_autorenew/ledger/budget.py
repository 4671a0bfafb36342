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

    def spent(self, run_id: str, *, client: str | None = None) -> Decimal:
        """Return what this run's orders, all or those for one client, take from its budget."""
        with self._database.reading() as connection:
            return euros(_spent(connection, _ROW.run_id == run_id, *_for(client)))

    def spent_in_month(self, month: str, *, client: str | None = None) -> Decimal:
        """Return what all orders reserved in this month («2026-12»), or a client's, take from it, at all portals."""
        with self._database.reading() as connection:
            return euros(_spent(connection, _ROW.reserved_month == month, *_for(client)))


def require_budget(connection: Connection, gross: Decimal, budget: Budget, *, run_id: str, month: str) -> None:
    """Refuse an order that a budget of run or month does not cover; the caller holds the writers' lock."""
    one = budget.client
    for client, of_run, of_month in (
        (None, budget.max_per_run, budget.max_per_month),
        *([(one.client, one.max_per_run, one.max_per_month)] if one else []),
    ):
        for name, limit, which in (
            ("max_per_run", of_run, _ROW.run_id == run_id),
            ("max_per_month", of_month, _ROW.reserved_month == month),
        ):
            if limit is None:
                continue
            spent = _spent(connection, which, *_for(client))
            if spent + cents(gross) > cents(limit):
                whose = f" of client {client}" if client else ""
                raise BudgetExceeded(
                    f"{euros(spent)} EUR of {name}{whose} = {limit} EUR are spent; {gross} EUR more do not fit."
                )


def _for(client: str | None) -> tuple[ColumnElement[bool], ...]:
    """Return what picks a client's orders out, by the label under which they were placed; all where none is named."""
    return () if client is None else (_ROW.client == client,)


def _spent(connection: Connection, *which: ColumnElement[bool]) -> int:
    """Sum up orders, not renewals: one order counts once, and whole, while any of its renewals may cost money."""
    orders = (
        select(func.max(_ROW.order_gross_cents).label("cents"))
        .where(_ROW.counts, _ROW.state.in_([state.value for state in SPENDING]), *which)
        .group_by(_ROW.order_group)
        .subquery()
    )
    return int(connection.scalar(select(func.coalesce(func.sum(orders.c.cents), 0))) or 0)
