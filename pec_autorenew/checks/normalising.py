"""What changes by itself, or is somebody's own, is taken out before looks are kept and compared."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pec_autorenew.checks.looks import Control, PageLook, SeenElement
from pec_autorenew.italian import DATE_IN_TEXT, MONEY_IN_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Whole, or as a page's own masks leave it: «s…@pec.it», «s…@….example».
_ADDRESS: Final = re.compile(r"(?:[\w.%+-]+…?|…)@(?:(?:…|[\w-]+)\.)+[\w-]+")
_NUMBER: Final = re.compile(r"(?<!\[level=)\d+(?:[.,/]\d+)*")
_ATTRIBUTE: Final = re.compile(r" \[(?:ref|cursor|active)(?:=[^\]]*)?\]")


def normalised(text: str, personal: Iterable[str] = ()) -> str:
    """Return `text` without what changes by itself, and without the `personal` words."""
    for word in sorted(filter(None, personal), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "‹personal›", text, flags=re.IGNORECASE)
    text = _ADDRESS.sub("‹address›", text)
    text = MONEY_IN_TEXT.sub("‹amount›", text.replace("\u00a0", " "))
    return _NUMBER.sub("#", DATE_IN_TEXT.sub("‹date›", text))


def normalised_snapshot(text: str, personal: Iterable[str] = ()) -> str:
    """Return an accessibility snapshot in which nothing differs that changes by itself."""
    return "\n".join(_ATTRIBUTE.sub("", line).rstrip() for line in normalised(text, personal).splitlines())


def normalised_address(scheme_and_host: str, path: str, parameters: Iterable[str]) -> str:
    """Return an address without what may identify anybody: steps with figures or an «@» and all values are left out."""
    steps = ["…" if re.search(r"\d{2}|@|%40", step) or len(step) > 40 else step for step in path.split("/")]  # noqa: PLR2004 - an id is long
    asked = f"?{'&'.join(f'{name}=…' for name in parameters)}" if parameters else ""
    return f"{scheme_and_host}{'/'.join(steps)}{asked}"


def redacted(look: PageLook, personal: Iterable[str]) -> PageLook:
    """Return the look without the `personal` words, which are known only when the walk is over."""
    words = tuple(personal)

    def control(one: Control) -> Control:
        return Control(one.role, normalised(one.name, words))

    def element(one: SeenElement) -> SeenElement:
        candidates = tuple(
            replace(c, name=normalised(c.name, words), line=without(c.line, words)) for c in one.candidates
        )
        return replace(one, found=control(one.found) if one.found else None, candidates=candidates)

    return replace(
        look,
        elements=tuple(map(element, look.elements)),
        controls=frozenset(map(control, look.controls)),
        row_controls=frozenset(map(control, look.row_controls)),
        snapshot=normalised_snapshot(look.snapshot, words),
        observations=tuple(replace(one, seen=without(one.seen, words)) for one in look.observations),
    )


def without(text: str, personal: Iterable[str]) -> str:
    """Return `text` without addresses and without the `personal` words; its numbers are facts."""
    for word in sorted(filter(None, personal), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "‹personal›", text, flags=re.IGNORECASE)
    return _ADDRESS.sub("‹address›", text)
