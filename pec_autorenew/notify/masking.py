"""Names of mailboxes as third parties may see them (NOT-3)."""

from __future__ import annotations

import re
from typing import Final

_ADDRESS: Final = re.compile(r"(?<!…)(?P<name>[^\s@,;:()<>«»\"'`/=…]+)@(?P<domain>[^\s@,;:()<>«»\"'`/…]+\.[^\W\d_]+)")


def hide(text: str) -> str:
    """Return the text with each address masked: «s…o@pec.it», the same for the same address."""
    return _ADDRESS.sub(_masked, text)


def _masked(match: re.Match[str]) -> str:
    name = match["name"]
    last = name[-1] if len(name) > len("ab") else ""
    return f"{name[0]}…{last}@{match['domain']}"
