"""What a walk came to, as `check-portal --json` prints it and the ledger keeps it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pec_autorenew.checks.looks import AccountCheck, ElementCheck, PageCheck


def account_as_json(check: AccountCheck) -> dict[str, object]:
    """Return the walk of an account as `check-portal --json` prints it."""
    return {"account": check.account, "notes": list(check.notes), "pages": [_page_as_json(one) for one in check.pages]}


def _page_as_json(page: PageCheck) -> dict[str, object]:
    return {
        "page": page.page,
        "title": page.title,
        "reached": page.reached,
        "baseline": page.baseline.value,
        "reason": page.reason,
        "elements": [_element_as_json(one) for one in page.elements],
        "new": [asdict(one) for one in page.new],
        "gone": [asdict(one) for one in page.gone],
        "changes": list(page.changes),
    }


def _element_as_json(one: ElementCheck) -> dict[str, object]:
    return {
        "element": one.key,
        "kind": one.kind,
        "state": one.state.value,
        "count": one.count,
        "found": asdict(one.found) if one.found else None,
        "candidates": [asdict(candidate) for candidate in one.candidates],
    }
