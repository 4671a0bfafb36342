"""What `check-portal` saw of the portal's pages, and how two looks differ: pure, from values to values.

A look holds what stood on one page; a baseline is an earlier look, kept as text; one judged by the other is a check.
"""

from pec_autorenew.checks.as_json import account_as_json
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

__all__ = [
    "PAGES",
    "AccountCheck",
    "Baseline",
    "BaselineState",
    "Control",
    "Drawn",
    "ElementCheck",
    "ElementState",
    "Looks",
    "Observation",
    "PageCheck",
    "PageLook",
    "SeenElement",
    "account_as_json",
    "baseline_from",
    "baseline_of",
    "baseline_text",
    "changes",
    "judged",
    "normalised",
    "normalised_address",
    "normalised_snapshot",
    "not_reached",
    "redacted",
    "without",
]
