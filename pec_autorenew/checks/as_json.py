"""What a walk came to, as `check-portal --json` prints it and the ledger keeps it, and back again."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pec_autorenew.checks.looks import (
    PAGES,
    AccountCheck,
    BaselineState,
    Control,
    ElementCheck,
    ElementState,
    PageCheck,
)
from pec_autorenew.errors import Candidate
from pec_autorenew.names import DOCUMENTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pec_autorenew.checks.comparing import Since


def account_as_json(check: AccountCheck) -> dict[str, object]:
    """Return the walk of an account as `check-portal --json` prints it."""
    return {"account": check.account, "notes": list(check.notes), "pages": [_page_as_json(one) for one in check.pages]}


def account_from_json(said: Mapping[str, Any]) -> AccountCheck:
    """Return the walk as it was; snapshots and pictures are not kept, and pages that nobody knows now are left out.

    Raises KeyError, TypeError, ValueError for what no version wrote.
    """
    pages = tuple(_page_from_json(one) for one in said["pages"] if one["page"] in PAGES)
    return AccountCheck(said["account"], pages, tuple(said["notes"]))


def since_as_json(since: Since | None) -> dict[str, object] | None:
    """Return what has changed since, a line for each change; None where nobody had looked before."""
    if since is None:
        return None
    changes = [
        {
            "account": page.account,
            "page": page.page,
            "title": page.title,
            "since": page.since.run_id if page.since else None,
            "kind": one.kind.value,
            "subject": one.subject,
            "was": one.was,
            "now": one.now,
            "text": one.text,
        }
        for page in since.changes
        for one in page.changes
    ]
    return {"run_id": since.run_id, "started_at": since.at.isoformat(), "changes": changes}


def _page_as_json(page: PageCheck) -> dict[str, object]:
    return {
        "page": page.page,
        "title": page.title,
        "reached": page.reached,
        "passed": page.passed,
        "baseline": page.baseline.value,
        "reason": page.reason,
        "elements": [_element_as_json(one) for one in page.elements],
        "new": [asdict(one) for one in page.new],
        "gone": [asdict(one) for one in page.gone],
        "changes": list(page.changes),
        "controls": [asdict(one) for one in page.controls],
        "row_controls": [asdict(one) for one in page.row_controls],
    }


def _page_from_json(said: Mapping[str, Any]) -> PageCheck:
    return PageCheck(
        said["page"],
        tuple(_element_from_json(one) for one in said["elements"]),
        controls=_controls(said.get("controls", ())),
        new=_controls(said["new"]),
        gone=_controls(said["gone"]),
        baseline=BaselineState(said["baseline"]),
        changes=tuple(said["changes"]),
        reason=said["reason"],
        row_controls=_controls(said.get("row_controls", ())),
        passed=said.get("passed", False),
    )


def _controls(said: Iterable[Mapping[str, Any]]) -> tuple[Control, ...]:
    return tuple(Control(**one) for one in said)


def _element_as_json(one: ElementCheck) -> dict[str, object]:
    return {
        "element": one.key,
        "kind": one.kind,
        "documented": list(one.documented),
        "state": one.state.value,
        "count": one.count,
        "found": asdict(one.found) if one.found else None,
        "candidates": [asdict(candidate) for candidate in one.candidates],
    }


def _element_from_json(said: Mapping[str, Any]) -> ElementCheck:
    return ElementCheck(
        said["element"],
        said["kind"],
        tuple(said.get("documented", DOCUMENTED.get(said["element"], ()))),
        ElementState(said["state"]),
        said["count"],
        Control(**said["found"]) if said["found"] else None,
        tuple(Candidate(**one) for one in said["candidates"]),
    )
