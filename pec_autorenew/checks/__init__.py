"""What `check-portal` saw of the portal's pages, and how two looks differ: pure, from values to values.

A look holds what stood on one page; a baseline is an earlier look, kept as text; one judged by the other is a check.
Two checks compared say what has changed between them.
"""

from pec_autorenew.checks.as_json import account_as_json, account_from_json, since_as_json
from pec_autorenew.checks.changing import PartChange, PartChangeKind, changes_between, lines_between
from pec_autorenew.checks.comparing import Change, ChangeKind, Earlier, PageChanges, Since, changes_since, compared
from pec_autorenew.checks.judging import (
    Baseline,
    baseline_from,
    baseline_of,
    baseline_text,
    changes,
    judged,
    not_reached,
)
from pec_autorenew.checks.looks import (
    PAGES,
    AccountCheck,
    BaselineState,
    Control,
    Drawn,
    ElementCheck,
    ElementState,
    Looks,
    Observation,
    PageCheck,
    PageLook,
    SeenElement,
)
from pec_autorenew.checks.normalising import normalised, normalised_address, normalised_snapshot, redacted, without
from pec_autorenew.checks.outline import Part, kept_snapshot, parts_of

__all__ = [
    "PAGES",
    "AccountCheck",
    "Baseline",
    "BaselineState",
    "Change",
    "ChangeKind",
    "Control",
    "Drawn",
    "Earlier",
    "ElementCheck",
    "ElementState",
    "Looks",
    "Observation",
    "PageChanges",
    "PageCheck",
    "PageLook",
    "Part",
    "PartChange",
    "PartChangeKind",
    "SeenElement",
    "Since",
    "account_as_json",
    "account_from_json",
    "baseline_from",
    "baseline_of",
    "baseline_text",
    "changes",
    "changes_between",
    "changes_since",
    "compared",
    "judged",
    "kept_snapshot",
    "lines_between",
    "normalised",
    "normalised_address",
    "normalised_snapshot",
    "not_reached",
    "parts_of",
    "redacted",
    "since_as_json",
    "without",
]
