"""Checks of the portal in a line of the history."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.checks import ElementState

if TYPE_CHECKING:
    from pec_autorenew.ledger import Run

#: What a line of the history says of figures that are not zero.
_SAID: Final = MappingProxyType(
    {"drift": "not as documented", "new": "new", "gone": "gone", "changes": "changed since the check before"}
)


def figures_of(run: Run) -> dict[str, int | None] | None:
    """Return how much a check found; None for a run that was none, or looked at nothing.

    `changes` are those since the check before it; None where there was none.
    """
    report: dict[str, Any] = dict(run.report or {})
    pages = [page for check in report.get("checks", ()) for page in check["pages"]]
    if not pages:
        return None
    states = [ElementState(one["state"]) for page in pages for one in page["elements"]]
    since = report.get("since")
    return {
        "pages": sum(page["reached"] for page in pages),
        "elements": states.count(ElementState.PRESENT),
        "drift": sum(state.is_drift for state in states),
        "new": sum(len(page["new"]) for page in pages),
        "gone": sum(len(page["gone"]) for page in pages),
        "changes": len(since["changes"]) if since else None,
    }


def outcome_of(run: Run) -> str:
    """Return what came of a check, for the end of a line; "" for any other run."""
    figures = figures_of(run)
    if figures is None:
        return ""
    counted = [
        *(
            f"{figures[name]} {name.removesuffix('s') if figures[name] == 1 else name}"
            for name in ("pages", "elements")
        ),
        *(f"{figures[name]} {said}" for name, said in _SAID.items() if figures[name]),
    ]
    return ", ".join(counted)
