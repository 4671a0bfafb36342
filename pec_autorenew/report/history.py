"""Runs and renewals as the ledger holds them, for people and for the accountant."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Any

from pec_autorenew.italian import format_date, format_money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from pec_autorenew.ledger import Renewal, Run


def renewal_line(renewal: Renewal) -> dict[str, Any]:
    """Return one renewal as JSON."""
    return {
        "id": renewal.name,
        "account": renewal.account,
        "client": renewal.client,
        "mailbox": renewal.address,
        "expiry_before": renewal.expiry.isoformat(),
        "expiry_after": renewal.expiry_after.isoformat() if renewal.expiry_after else None,
        "state": renewal.state.value,
        "reason": renewal.reason,
        "order_number": renewal.order_number,
        "years": renewal.years,
        "payment_method": renewal.method.value if renewal.method else None,
        "gross": None if renewal.gross is None else f"{renewal.gross:.2f}",
        "order_gross": None if renewal.order_gross is None else f"{renewal.order_gross:.2f}",
        "run_id": renewal.run_id,
        "updated_at": renewal.updated_at.isoformat(),
    }


def history_document(runs: Sequence[Run], renewals: Sequence[Renewal]) -> dict[str, Any]:
    """Return the history as one JSON document."""
    return {
        "schema": "pec-autorenew/history/1",
        "runs": [
            {
                "run_id": run.id,
                "command": run.command,
                "mode": run.mode,
                "started_at": run.started_at.isoformat(),
                "finished_at": run.finished_at.isoformat() if run.finished_at else None,
                "exit_code": run.exit_code,
            }
            for run in runs
        ],
        "renewals": [renewal_line(one) for one in renewals],
    }


def write_renewals_csv(renewals: Sequence[Renewal]) -> None:
    """Write the renewals to stdout as comma-separated values."""
    lines = [renewal_line(one) for one in renewals]
    writer = csv.DictWriter(sys.stdout, fieldnames=list(lines[0]) if lines else ["id"])
    writer.writeheader()
    writer.writerows(lines)


def print_history(console: Console, runs: Sequence[Run], renewals: Sequence[Renewal]) -> None:
    """Print runs and renewals: tables on a terminal, lines elsewhere."""
    for run in runs:
        ended = "unfinished" if run.exit_code is None else f"exit {run.exit_code}"
        console.out(f"{run.started_at:%Y-%m-%d %H:%M} {run.command} ({run.mode}) {ended}  {run.id}", highlight=False)
    for one in reversed(renewals):
        until = f" until {format_date(one.expiry_after)}" if one.expiry_after else ""
        gross = f", {format_money(one.gross)}" if one.gross is not None else ""
        console.out(f"{one.name}: {one.state.value}{until}, order {one.order_number or '–'}{gross}", highlight=False)
