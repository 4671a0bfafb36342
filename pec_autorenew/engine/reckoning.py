"""What a run came to, as the ledger keeps it for its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pec_autorenew.results import PlacedOrder, item_as_json, totals, totals_of_clients

if TYPE_CHECKING:
    from pec_autorenew.config import Config
    from pec_autorenew.engine.task import Result
    from pec_autorenew.ledger import Ledger


def report_of(config: Config, ledger: Ledger, result: Result) -> dict[str, object]:
    """Return items, totals and what was not recognised, as JSON."""
    placed = {
        one.name: PlacedOrder(one.order_group, one.order_gross, one.client)
        for one in ledger.renewals(run_id=result.run_id)
        if one.submitted_at and one.order_gross is not None
    }
    clients = {account.name: account.client for account in config.accounts}
    return {
        "items": [item_as_json(item, clients.get(item.account, "")) for item in result.items],
        "totals": totals(result.items, placed) | totals_of_clients(result.items, placed),
        "drift": result.drifts,
    }
