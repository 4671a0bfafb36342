"""What a person reads: a table on a terminal, a line for each mailbox elsewhere."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.italian import format_date, format_money

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

_COLOURS: Final = {
    "renewed": "green", "awaiting-payment": "yellow", "would-order": "cyan", "skipped": "dim", "failed": "red",
    "needs-person": "magenta", "stopped": "red", "unknown": "bold red", "drift": "bold red",
}  # fmt: skip


def _day(iso: str | None) -> str:
    return format_date(date.fromisoformat(iso)) if iso else "–"


def _money(text: str | None) -> str:
    return format_money(Decimal(text)) if text else "–"


def item_line(item: Mapping[str, Any]) -> str:
    """Return the one line that says what became of a mailbox."""
    who = item["mailbox"] or f"account {item['account']}"
    order = f", order {item['order_number']}" if item["order_number"] else ""
    gross = f", {_money(item['gross'])}" if item["gross"] else ""
    what = f"{item['outcome']}, {item['reason']}{order}{gross}"
    return f"{who} (expires {_day(item['expiry_before'])}): {what}. {item['message']}"


def summary_line(document: Mapping[str, Any]) -> str:
    """Return the last line: what was ordered, for how much, and how it ended."""
    totals = document["totals"]
    dry = " (dry run: nothing was ordered)" if document["mode"] == "dry-run" else ""
    ended = f"exit code {document['exit_code']}{dry}. Run {document['run_id']}."
    return f"{totals['ordered']} ordered, {_money(totals['gross'])}; {ended}"


def print_run(console: Console, document: Mapping[str, Any]) -> None:
    """Print the result of a run."""
    items: Sequence[Mapping[str, Any]] = document["items"]
    if not console.is_terminal:
        for item in items:
            console.out(item_line(item), highlight=False)
        console.out(summary_line(document), highlight=False)
        return
    from rich.table import Table

    table = Table(title=f"Run {document['run_id']} ({document['mode']})", title_justify="left", expand=False)
    for name in ("Mailbox", "Expires", "Outcome", "Order", "Amount", "What it means"):
        table.add_column(name, justify="right" if name == "Amount" else "left", overflow="fold")
    for item in items:
        colour = _COLOURS.get(item["outcome"], "")
        table.add_row(
            item["mailbox"] or f"account {item['account']}",
            _day(item["expiry_before"]),
            f"[{colour}]{item['outcome']}[/]\n[dim]{item['reason']}[/]",
            item["order_number"] or "–",
            _money(item["gross"]),
            item["message"],
        )
    console.print(table)
    console.print(summary_line(document), highlight=False)


def print_list(console: Console, items: Sequence[Mapping[str, Any]]) -> None:
    """Print the inventory."""
    if not console.is_terminal:
        for item in items:
            order = f", open order {item['open_order']}" if item["open_order"] else ""
            console.out(
                f"{item['mailbox']} ({item['type'] or '?'}, {item['state']}): expires {_day(item['expiry'])}, "
                f"{item['days_left']} days left, portal auto-renewal {item['portal_autorenewal']}{order}",
                highlight=False,
            )
        return
    from rich.table import Table

    table = Table(title="Mailboxes", title_justify="left")
    for name in ("Mailbox", "Account", "Type", "State", "Expires", "Days left", "Auto-renewal", "Open order", "Ledger"):
        table.add_column(name, justify="right" if name == "Days left" else "left", overflow="fold")
    for item in items:
        left = item["days_left"]
        colour = "red" if left < 8 else "yellow" if left <= 30 else "green"  # noqa: PLR2004 - colours for the eye only
        table.add_row(
            item["mailbox"], item["account"], item["type"] or "?", item["state"], _day(item["expiry"]),
            f"[{colour}]{left}[/]",
            item["portal_autorenewal"], item["open_order"] or "–", item["ledger_state"] or "–",
        )  # fmt: skip
    console.print(table)
