"""What happened, for ever: the only truth about orders, and the only lock on an account.

The package is cheap to import: SQLAlchemy is loaded when `Ledger` is first asked for, so that `--help` and a
configuration error do not pay for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pec_autorenew.ledger.records import (
    CONFIRMATION,
    PAUSE,
    PROVED,
    ApprovalFacts,
    Budget,
    BudgetExceeded,
    Claim,
    ClientBudget,
    Event,
    Flag,
    Handover,
    Renewal,
    Request,
    Run,
    SignIn,
    StoredSurvey,
    Submission,
    SubmittedMailbox,
    SweepVisit,
    month_of,
    origin,
)

if TYPE_CHECKING:
    from pec_autorenew.ledger.database import conninfo
    from pec_autorenew.ledger.store import Ledger

__all__ = [
    "CONFIRMATION",
    "PAUSE",
    "PROVED",
    "ApprovalFacts",
    "Budget",
    "BudgetExceeded",
    "Claim",
    "ClientBudget",
    "Event",
    "Flag",
    "Handover",
    "Ledger",
    "Renewal",
    "Request",
    "Run",
    "SignIn",
    "StoredSurvey",
    "Submission",
    "SubmittedMailbox",
    "SweepVisit",
    "conninfo",
    "month_of",
    "origin",
]


def __getattr__(name: str) -> object:
    """Load the ledger itself, and SQLAlchemy with it, at its first use."""
    if name == "Ledger":
        from pec_autorenew.ledger.store import Ledger

        return Ledger
    if name == "conninfo":
        from pec_autorenew.ledger.database import conninfo

        return conninfo
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
