"""Runs and renewals as the ledger holds them, for people and for the accountant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.italian import format_date, format_money
from pec_autorenew.planning import ROME
from pec_autorenew.report.document import run_document, run_line
from pec_autorenew.report.orders import client_lines, net_and_vat, order_day
from pec_autorenew.report.past_checks import figures_of, outcome_of
from pec_autorenew.report.text import print_run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from rich.console import Console

    from pec_autorenew.ledger import Event, Renewal, Run

#: The columns of `history --csv`, in their order: those of the first version, then what was added.
RENEWAL_COLUMNS: Final = (
    *("id", "account", "client", "mailbox", "expiry_before", "expiry_after", "state", "reason", "order_number"),
    *("years", "payment_method", "gross", "order_gross", "run_id", "updated_at"),
    *("order_date", "order_net", "order_vat", "currency"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """The accounts, clients and mailboxes that are asked for; what is empty leaves nothing out."""

    accounts: frozenset[str] = frozenset()
    clients: frozenset[str] = frozenset()
    mailboxes: frozenset[str] = frozenset()

    def takes(self, account: str | None, client: str, mailbox: str | None) -> bool:
        """Whether something with these names is asked for."""
        return (
            (not self.accounts or account in self.accounts)
            and (not self.clients or client in self.clients)
            and (not self.mailboxes or mailbox in self.mailboxes)
        )

    def of(self, record: RunRecord) -> RunRecord:
        """Return what the record says of them; totals and exit code stay those of the run."""
        if not (self.accounts or self.clients or self.mailboxes):
            return record
        report: dict[str, Any] = dict(record.run.report or {})
        items = report.get("items", [])
        labels = {item["account"]: item.get("client", "") for item in items}
        report["items"] = [
            item for item in items if self.takes(item["account"], labels[item["account"]], item["mailbox"])
        ]
        drifts = report.get("drift") or []
        accounts = {item["account"] for item in report["items"]}
        report["drift"] = [one for one in drifts if one["account"] in accounts]
        renewals = [one for one in record.all_renewals if self.takes(one.account, one.client, one.address)]
        known = {one.id for one in renewals}
        events = [
            one
            for one in record.events
            if (one.renewal_id in known if one.renewal_id else one.account in accounts and not self.mailboxes)
        ]
        return RunRecord(replace(record.run, report=report), tuple(events), tuple(renewals))


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run with what it did to which renewals."""

    run: Run
    events: tuple[Event, ...]
    #: All renewals of the portal; those that the run touched are picked out.
    all_renewals: tuple[Renewal, ...]

    @property
    def renewals(self) -> tuple[Renewal, ...]:
        """The renewals that this run placed, adopted or moved, as they stand now."""
        touched = {event.renewal_id for event in self.events}
        return tuple(one for one in self.all_renewals if one.id in touched or one.run_id == self.run.id)


def renewal_line(renewal: Renewal) -> dict[str, Any]:
    """Return one renewal as JSON. Of an order of several mailboxes, `order_…` says the same in the line of each."""
    net, vat = net_and_vat(renewal)
    day = order_day(renewal)
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
        "order_date": day.isoformat() if day else None,
        "order_net": net,
        "order_vat": vat,
        "currency": "EUR",
    }


def event_line(event: Event, renewals: Sequence[Renewal]) -> dict[str, Any]:
    """Return one event as JSON."""
    names = {one.id: one.name for one in renewals}
    return {
        "at": event.at.isoformat(),
        "kind": event.kind,
        "account": event.account,
        "renewal": names.get(event.renewal_id or 0),
        "from": event.from_state.value if event.from_state else None,
        "to": event.to_state.value if event.to_state else None,
        "facts": dict(event.facts),
    }


def history_document(
    runs: Sequence[Run], renewals: Sequence[Renewal], orders: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the history as one JSON document; a check of the portal has its figures."""
    return {
        "schema": "pec-autorenew/history/1",
        "runs": [run_line(run) | ({"check": found} if (found := figures_of(run)) else {}) for run in runs],
        "renewals": [renewal_line(one) for one in renewals],
        "orders": list(orders),
        "clients": client_lines(orders),
    }


def record_document(record: RunRecord) -> dict[str, Any]:
    """Return the run's document with its renewals and its events."""
    return run_document(record.run) | {
        "renewals": [
            renewal_line(one) | {"payment_instructions": one.payment_instructions or None} for one in record.renewals
        ],
        "events": [event_line(one, record.all_renewals) for one in record.events],
    }


def print_runs(console: Console, runs: Sequence[Run]) -> None:
    """Print runs, a line for each; of a check of the portal, what came of it too."""
    width = max((len(f"{run.command} ({run.mode})") for run in runs), default=0)
    console.out("Runs" if runs else "No such run yet.", style="bold")
    for run in runs:
        line = f"{_at(run.started_at)}  {f'{run.command} ({run.mode})':<{width}}  {_ended(run):<10}  {run.id}"
        _say(console, f"{line}  {outcome_of(run)}".rstrip())


def print_history(console: Console, runs: Sequence[Run], renewals: Sequence[Renewal], limit: int, nothing: str) -> None:
    """Print the newest runs and renewals, a line for each; `nothing` where there is no renewal."""
    if not runs:
        console.out("No run yet: `pec-autorenew plan` and `pec-autorenew renew --dry-run` are safe to begin with.")
        return
    print_runs(console, runs)
    newest = list(reversed(renewals))[:limit]
    console.out("Renewals" if newest else nothing, style="bold")
    for one in newest:
        _say(console, _renewal_text(one))
    if len(renewals) > limit:
        _say(console, f"… and {len(renewals) - limit} older: --limit, --csv or --json shows them.")


def print_record(console: Console, record: RunRecord, *, whole: bool = False) -> None:
    """Print one run: when, what became of each mailbox, the renewals that it touched, and what happened."""
    run = record.run
    until = f" to {_at(run.finished_at)}" if run.finished_at else ""
    _say(console, f"{run.command} ({run.mode}), {_at(run.started_at)}{until}, {_ended(run)}")
    document = run_document(run)
    if run.command != "check-portal" or document["items"]:  # that nothing is due would be more than a check knows
        print_run(console, document, whole=whole)
    if record.renewals:
        console.out("\nRenewals, as they stand now", style="bold")
    for one in record.renewals:
        _say(console, _renewal_text(one))
    for number, said in _instructions(record.renewals).items():
        _say(console, f"Of order {number} the portal said: {said}")
    if record.events:
        console.out("\nWhat happened", style="bold")
    for event in record.events:
        line = event_line(event, record.all_renewals)
        who = line["renewal"] or (f"account {event.account}" if event.account else "")
        step = f"{line['from'] or 'new'} → {line['to']}" if line["to"] else event.kind
        words = " ".join(str(event.facts[key]) for key in ("reason", "message") if event.facts.get(key))
        _say(console, f"{_at(event.at, seconds=True)}  {who}  {step}  {words}".rstrip())


def _instructions(renewals: Sequence[Renewal]) -> dict[str | None, str]:
    """Return, by order, what the portal said when it confirmed it."""
    return {one.order_number: one.payment_instructions for one in renewals if one.payment_instructions}


def _renewal_text(one: Renewal) -> str:
    until = f" until {format_date(one.expiry_after)}" if one.expiry_after else ""
    gross = f", {format_money(one.gross)}" if one.gross is not None else ""
    order = f", order {one.order_number}" if one.order_number else ""
    return f"{one.name}: {one.state.value}{until}{order}{gross}"


def _ended(run: Run) -> str:
    return "unfinished" if run.exit_code is None else f"exit {run.exit_code}"


def _at(instant: datetime, *, seconds: bool = False) -> str:
    """Return an instant as the clock on an Italian wall shows it."""
    return f"{instant.astimezone(ROME):{'%d/%m/%Y %H:%M:%S' if seconds else '%d/%m/%Y %H:%M'}}"


def _say(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=not console.is_terminal)
