"""The JSON documents of the interface, made from what the ledger holds of a run."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.model import Outcome
from pec_autorenew.planning import days_left
from pec_autorenew.results import item_as_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from pec_autorenew.ledger import Renewal, Run, StoredSurvey

RUN: Final = "pec-autorenew/run/1"
LIST: Final = "pec-autorenew/list/1"
PLAN: Final = "pec-autorenew/plan/1"
CHECK_PORTAL: Final = "pec-autorenew/check-portal/1"
#: The columns of `list --csv`, in their order.
LIST_COLUMNS: Final = (
    *("id", "account", "mailbox", "type", "state", "expiry", "days_left", "portal_autorenewal", "open_order"),
    *("ledger_state", "seen_at", "client"),
)
_NOTHING_ORDERED: Final = MappingProxyType({"ordered": 0, "gross": "0.00", "currency": "EUR"})
_SCHEMAS: Final = {"list": LIST, "plan": PLAN, "check-portal": CHECK_PORTAL}


def schema_of(command: str) -> str:
    """Return the schema of the document that a command prints."""
    return _SCHEMAS.get(command, RUN)


def run_line(run: Run) -> dict[str, Any]:
    """Return what a run was and how it ended, without its items."""
    return {
        "run_id": run.id,
        "command": run.command,
        "mode": run.mode,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "exit_code": run.exit_code,
    }


def run_document(run: Run) -> dict[str, Any]:
    """Return the document of a run as the ledger holds it."""
    report = run.report or {}
    return {
        "schema": schema_of(run.command),
        **run_line(run),
        "exit_codes": list(run.exit_codes),
        "totals": report.get("totals", dict(_NOTHING_ORDERED)),
        "items": report.get("items", []),
        **({"drift": report["drift"]} if report.get("drift") else {}),
    }


def list_items(
    surveys: Sequence[StoredSurvey], renewals: Sequence[Renewal], today: date, clients: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the inventory: a line for each mailbox, the earliest expiry first; `clients` has each account's label."""
    newest = {(one.address, one.expiry): one for one in renewals}
    lines: dict[str, dict[str, Any]] = {}
    for stored in surveys:
        for box in stored.survey.mailboxes:
            orders = [
                one for one in stored.survey.orders if box.address in one.mailboxes and one.state == "awaiting-payment"
            ]
            renewal = newest.get((box.address, box.expiry))
            line = {
                "id": f"{box.address}/{box.expiry}",
                "account": stored.survey.account,
                "mailbox": box.address,
                "type": box.type.value if box.type else None,
                "state": box.state.value,
                "expiry": box.expiry.isoformat(),
                "days_left": days_left(box.expiry, today),
                "portal_autorenewal": box.autorenewal.value,
                "open_order": orders[0].number if orders else None,
                "ledger_state": renewal.state.value if renewal else None,
                "seen_at": stored.survey.taken_at.isoformat(),
                "client": clients.get(stored.survey.account, ""),
            }
            lines.setdefault(box.address, line)
    return sorted(lines.values(), key=lambda line: (line["expiry"], line["mailbox"]))


def error_document(command: str, mode: str, code: int, message: str, next_step: str) -> dict[str, Any]:
    """Return the document of a run that could not begin."""
    document = document_without_run(command, mode, [])
    codes = {"exit_code": code, "exit_codes": [code]}
    return document | codes | {"error": {"message": message, "next_step": next_step}}


def document_without_run(command: str, mode: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the document of a command that went without a run of its own."""
    return {
        "schema": schema_of(command),
        "run_id": None,
        "command": command,
        "mode": mode,
        "started_at": None,
        "finished_at": None,
        "exit_code": 0,
        "exit_codes": [0],
        "totals": dict(_NOTHING_ORDERED),
        "items": items,
    }


def closed_document(closed: Renewal) -> dict[str, Any]:
    """Return the document of a renewal that a person has closed."""
    item = closed.item(Outcome.FAILED, closed.reason, closed.message)
    return document_without_run("reconcile", "live", [item_as_json(item)])
