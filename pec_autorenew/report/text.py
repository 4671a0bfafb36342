"""What a person reads: a table on a terminal, a line for each mailbox elsewhere."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.advice import ADVICE
from pec_autorenew.guidance import PAPER, help_lines, told_once
from pec_autorenew.italian import format_date, format_money

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    Line = Mapping[str, Any]

_COLOURS: Final = {
    "renewed": "green", "awaiting-payment": "yellow", "would-order": "cyan", "skipped": "dim", "failed": "red",
    "needs-person": "magenta", "stopped": "red", "unknown": "bold red", "drift": "bold red",
}  # fmt: skip

#: The meanings of the exit codes, in the words of the interface.
EXIT_CODES: Final = {
    1: "a renewal failed, and its state is known",
    3: "a person is needed",
    4: "stopped by policy",
    5: "an outcome is unknown: an order may exist",
    6: "the portal was not recognised",
    7: "a mailbox is below its critical days and not renewed",
    8: "a report could not be delivered",
    75: "try again later",
    78: "configuration or environment not fit",
}

#: How the parts of the help look on a terminal with colours.
_ROLES: Final = {"title": "bold red", "element": "bold", "candidate": "cyan", "toml": "green", "plain": None}

#: From so many columns on, what an item means has a column of its own.
_WIDE: Final = 118
#: The inventory has nine columns: with fewer than this, addresses would be broken.
_WIDE_LIST: Final = 140
_SOON, _VERY_SOON = 30, 7
#: So many mailboxes that are not due are listed one by one.
_MOST_CALM: Final = 40
#: So many clients stand in one line; of more, `--json` and the page have the sums.
_MOST_CLIENTS: Final = 12


def worth_saying(item: Line) -> bool:
    """Whether a quiet run says it: something is wrong or has changed, or an order is to be paid (PAY-4)."""
    waits = (item["outcome"], item["reason"]) == ("awaiting-payment", "waiting")
    return bool(item["reminder"]) if waits else item["outcome"] != "skipped"


def meaning_of(item: Line) -> str:
    """Return the item's message, and what to do about it."""
    advice = ADVICE.get(item["reason"], "") if item["outcome"] != "skipped" else ""
    message = item["message"]
    if message and message[-1] not in ".:!?":
        message = f"{message}."
    return f"{message} {advice}".strip()


def item_line(item: Line) -> str:
    """Return the one line that says what became of a mailbox."""
    expires = f" (expires {_day(item['expiry_before'])})" if item["expiry_before"] else ""
    order = f", order {item['order_number']}" if item["order_number"] else ""
    gross = f", {_money(item['gross'])}" if item["gross"] else ""
    return f"{_who(item)}{expires}: {item['outcome']}, {item['reason']}{order}{gross}. {meaning_of(item)}"


def summary_line(document: Line) -> str:
    """Return the line that says what came of it all."""
    items: Sequence[Line] = document["items"]
    totals = document["totals"]
    match document["command"]:
        case "plan":
            due = sum(item["reason"] == "due" for item in items)
            return f"{due} due." if due else "Nothing is due."
        case "list":
            return "A look only: `pec-autorenew plan` says what is due."
        case "login":
            return "Nothing was ordered."
        case "reconcile":
            renewed = sum(item["outcome"] == "renewed" for item in items)
            waiting = sum(item["outcome"] == "awaiting-payment" for item in items)
            return f"{renewed} renewed, {waiting} awaiting payment." if items else "Nothing is open."
    would = [Decimal(item["gross"] or 0) for item in items if item["outcome"] == "would-order"]
    if would:
        return f"Dry run: {len(would)} would be ordered, {format_money(sum(would, Decimal(0)))}; nothing was."
    if totals["ordered"] or any(item["outcome"] != "skipped" for item in items):
        return f"{totals['ordered']} ordered, {_money(totals['gross'])}."
    return "Nothing is due."


def _client_line(document: Line) -> list[str]:
    """Return a line with what was ordered for each client; none where there is one, or so many that it is a table."""
    clients = document["totals"].get("clients", ())
    if not 1 < len(clients) <= _MOST_CLIENTS:
        return []
    told = (f"{one['client'] or 'without a label'} {one['ordered']}, {_money(one['gross'])}" for one in clients)
    return [f"By client: {'; '.join(told)}."]


def exit_lines(document: Line) -> list[str]:
    """Return a line that says what the exit codes mean, the worst first; none when all is well."""
    codes = [code for code in document["exit_codes"] if code in EXIT_CODES]
    meanings = "; ".join(f"{code}: {EXIT_CODES[code]}" for code in codes)
    return [f"Exit code {meanings}."] if codes else []


def print_run(console: Console, document: Line, notes: Sequence[str] = (), *, whole: bool = False) -> None:
    """Print the result of a run: its items, the earliest expiry first, what came of it all, and the notes.

    Many that are not due are only counted, unless the `whole` is wanted.
    """
    items = sorted(document["items"], key=lambda item: (item["expiry_before"] or "", _who(item)))
    calm = 0 if whole else sum(map(_is_calm, items))
    if calm > _MOST_CALM:
        items = [item for item in items if not _is_calm(item)]
    if console.is_terminal:
        if items:
            console.print(run_table(items, console.width))
    else:
        for item in items:
            console.out(item_line(item), highlight=False)
    if calm > _MOST_CALM:
        console.print(f"{calm} mailboxes are not due: -v lists them.", highlight=False, markup=False)
    shown = dict.fromkeys(path for item in items for path in item["evidence"])
    drifts = told_once(document.get("drift", ()))
    kept = {path for one in drifts for path in one["evidence"]}
    evidence = [f"Evidence: {path}" for path in shown if path not in kept]
    console.print(summary_line(document), highlight=False, markup=False, style="bold")
    for line in (*_client_line(document), *exit_lines(document), *notes, *evidence):
        console.print(line, highlight=False, markup=False, soft_wrap=not console.is_terminal)
    for drift in drifts:
        _print_help(console, drift)
    if document["run_id"]:
        console.out(f"Run {document['run_id']} ({document['mode']}).", style="dim", highlight=False)


def _is_calm(item: Line) -> bool:
    return (item["outcome"], item["reason"]) == ("skipped", "not-due")


def _print_help(console: Console, drift: Line) -> None:
    """Print what was not recognised, what stands in its place, and what to write into the configuration."""
    console.print()
    for line, role in help_lines(drift, console.width if console.is_terminal else PAPER):
        console.out(line, style=_ROLES[role], highlight=False)


def run_table(items: Sequence[Line], width: int) -> Table:
    """Return the table of a run's items for a terminal of this width."""
    wide = width >= _WIDE
    table = _table("Mailbox", "Expires", "Outcome", *(("Order", "Amount>", "What it means") if wide else ("Amount>",)))
    for item in items:
        outcome = _stacked((item["outcome"], _COLOURS.get(item["outcome"], "")), (item["reason"], "dim"))
        name, meaning = (_who(item), "bold"), (meaning_of(item), "dim")
        money, day = _money(item["gross"]), _day(item["expiry_before"])
        if wide:
            table.add_row(_stacked(name), day, outcome, item["order_number"] or "–", money, _stacked(meaning))
        else:
            table.add_row(_stacked(name, meaning), day, outcome, money)
    return table


def print_list(console: Console, items: Sequence[Line]) -> None:
    """Print the inventory."""
    if console.is_terminal:
        console.print(list_table(items, console.width) if items else "No mailbox is known.")
        return
    for item in items:
        order = f", open order {item['open_order']}" if item["open_order"] else ""
        ledger = f", ledger {item['ledger_state']}" if item["ledger_state"] else ""
        client = f", client {item['client']}" if item["client"] else ""
        console.out(
            f"{item['mailbox']} ({item['account']}{client}, {item['type'] or 'type not shown'}, {item['state']}): "
            f"expires {_day(item['expiry'])}, {item['days_left']} days left, "
            f"portal auto-renewal {item['portal_autorenewal']}{order}{ledger}",
            highlight=False,
        )


def list_table(items: Sequence[Line], width: int) -> Table:
    """Return the inventory's table for a terminal of this width."""
    wide = width >= _WIDE_LIST
    if wide:
        table = _table(
            *("Mailbox", "Account", "Type", "State", "Expires", "Days left>", "Auto-renewal", "Open order", "Ledger")
        )
    else:
        table = _table("Mailbox", "Type", "Expires", "Days>", "Auto", "Open order")
    for item in items:
        left = item["days_left"]
        colour = "red" if left < _VERY_SOON else "yellow" if left <= _SOON else "green"
        days = _stacked((str(left), colour))
        order, ledger = item["open_order"] or "–", item["ledger_state"] or ""
        kind, day = item["type"] or "?", _day(item["expiry"])
        if wide:
            table.add_row(
                _stacked((item["mailbox"], "bold")), _stacked((item["account"], ""), (item["client"], "dim")), kind,
                item["state"], day, days,
                item["portal_autorenewal"], order, ledger or "–",
            )  # fmt: skip
        else:
            about = ", ".join(filter(None, (item["account"], item["client"], item["state"], ledger)))
            auto = item["portal_autorenewal"].replace("not-shown", "?")
            table.add_row(_stacked((item["mailbox"], "bold"), (about, "dim")), kind, day, days, auto, order)
    return table


def _table(*columns: str) -> Table:
    """Return an empty table; a column that ends in «>» is set to the right."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in columns:
        folds = name in {"Mailbox", "What it means", "Account"}
        justify = "right" if name.endswith(">") else "left"
        table.add_column(name.rstrip(">"), justify=justify, no_wrap=not folds, overflow="fold")  # type: ignore[arg-type]
    return table


def _stacked(*lines: tuple[str, str]) -> Text:
    """Return lines of text, each with its style; nothing in them is markup."""
    from rich.text import Text

    return Text("\n").join(Text(text, style) for text, style in lines if text)


def _who(item: Line) -> str:
    return str(item["mailbox"] or f"account {item['account']}")


def _day(iso: str | None) -> str:
    return format_date(date.fromisoformat(iso)) if iso else "–"


def _money(text: str | None) -> str:
    return format_money(Decimal(text)) if text else "–"
