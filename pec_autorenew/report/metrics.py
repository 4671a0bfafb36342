"""Figures for Prometheus's text-file collector: the facts that `check` judges, without the name of any mailbox."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pec_autorenew import __version__
from pec_autorenew.report.standing import State

if TYPE_CHECKING:
    from decimal import Decimal

    from prometheus_client import CollectorRegistry

    from pec_autorenew.report.standing import Standing

#: Name (after the prefix), labels, and what it says.
METRICS: Final = (
    ("mailboxes", ("state",), "Mailboxes by how they stand."),
    ("mailboxes_critical", (), "Mailboxes below renewal.critical_days and not renewed."),
    ("days_to_expiry_min", (), "Days left of the mailbox that expires first; negative after its expiry."),
    ("orders_awaiting_payment", (), "Renewals whose order waits for its payment."),
    ("orders_unknown", (), "Renewals of which nobody knows whether an order exists."),
    ("handovers_open", (), "What waits for a person: handovers and approvals."),
    ("paused", (), "1 while new orders are paused."),
    ("last_run_timestamp_seconds", (), "When the last live renew or reconcile ended, or began where it never ended."),
    ("last_run_exit_code", (), "Exit code of the last live renew or reconcile; -1 where it never ended."),
    ("last_survey_timestamp_seconds", ("account",), "When an account was last looked at completely; 0 for never."),
    ("budget_month_spent_euro", (), "What orders of this calendar month take from its budget."),
    ("budget_month_limit_euro", (), "limits.max_per_month."),
    ("info", ("version",), "1, for the version that wrote this."),
)
PREFIX: Final = "pec_autorenew_"
_READABLE: Final = 0o644


def registry_of(standing: Standing, critical_days: int, limit: Decimal | None) -> CollectorRegistry:
    """Return the figures; what is not known is left out."""
    from prometheus_client import CollectorRegistry, Gauge

    registry = CollectorRegistry(auto_describe=False)
    gauges = {name: Gauge(PREFIX + name, says, labels, registry=registry) for name, labels, says in METRICS}
    for state in State:
        gauges["mailboxes"].labels(state.value).set(sum(one.state is state for one in standing.boxes))
    for account, at in standing.seen.items():
        gauges["last_survey_timestamp_seconds"].labels(account).set(at.timestamp() if at else 0)
    gauges["info"].labels(__version__).set(1)
    run, boxes = standing.last_run, standing.cared_for
    ended = None if run is None else run.finished_at or run.started_at
    figures: dict[str, float | None] = {
        "mailboxes_critical": len(standing.below(critical_days)),
        "days_to_expiry_min": boxes[0].left if boxes else None,
        "orders_awaiting_payment": len(standing.unpaid),
        "orders_unknown": len(standing.unsettled),
        "handovers_open": len(standing.handovers) + len(standing.questions),
        "paused": int(standing.paused is not None),
        "last_run_timestamp_seconds": ended.timestamp() if ended else None,
        "last_run_exit_code": None if run is None else -1 if run.exit_code is None else run.exit_code,
        "budget_month_spent_euro": float(standing.spent),
        "budget_month_limit_euro": None if limit is None else float(limit),
    }
    for name, figure in figures.items():
        if figure is None:
            registry.unregister(gauges[name])
        else:
            gauges[name].set(figure)
    return registry


def write_metrics(path: Path, registry: CollectorRegistry) -> None:
    """Write the figures in one step, for everybody to read: the collector is another user. Raises OSError."""
    from prometheus_client import generate_latest

    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(generate_latest(registry))
            os.fchmod(stream.fileno(), _READABLE)
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise
