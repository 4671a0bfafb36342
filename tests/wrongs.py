"""What must never be, by the words of the summaries: `make torture` counts none of each."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias


class Wrong(StrEnum):
    """A kind of wrong, judged on the portal's truth."""

    DUPLICATE = "duplicates"
    OVER_LIMIT = "over-limit"
    WRONG_MAILBOX = "wrong mailbox"
    FALSE_REPORT = "false reports"
    UNTRUE_LEDGER = "untrue ledger"


#: What was found, and in which words it is told.
Finding: TypeAlias = tuple[Wrong, str]
