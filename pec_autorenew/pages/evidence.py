"""What is kept of a page for a person to look at: a picture and its accessibility snapshot, both masked (SEC-4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playwright.sync_api import Error as PlaywrightError

from pec_autorenew.pages.masking import masked_snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Frame, Locator, Page

_SIGNING_IN: Final = "input[type=password], input[autocomplete*=password]"
#: What somebody typed, or may have typed.
_TYPED: Final = "input:not([type=submit], [type=button], [type=image], [type=radio], [type=checkbox]), textarea, select"
_COVER: Final = "#98a2b3"
_TIMEOUT: Final = 5_000


def picture_of(page: Page, covers: Sequence[Locator] = ()) -> bytes:
    """Return a picture of the page with fields and `covers` hidden; nothing while a password field is shown."""
    try:
        if any(frame.locator(_SIGNING_IN).filter(visible=True).count() for frame in page.frames):
            return b""
        typed = [frame.locator(_TYPED) for frame in page.frames]
        return page.screenshot(full_page=True, mask=[*typed, *covers], mask_color=_COVER, timeout=_TIMEOUT)
    except PlaywrightError:
        return b""  # a page that cannot be pictured must not hide the error that it is evidence for


def snapshot_of(page: Page) -> str:
    """Return the masked accessibility snapshot of the page and its frames; nothing while a password stands there."""
    try:
        if any(_holds_password(frame) for frame in page.frames):
            return ""
        seen = [masked_snapshot(page.aria_snapshot(timeout=_TIMEOUT))]
        for number, frame in enumerate(page.frames[1:], 1):
            inner = masked_snapshot(frame.locator(":root").aria_snapshot(timeout=_TIMEOUT))
            seen += [f"- iframe {number}:", *(f"  {line}" for line in inner.splitlines())]
    except PlaywrightError:
        return ""  # likewise
    return "\n".join(seen) + "\n"


def _holds_password(frame: Frame) -> bool:
    return bool(frame.locator(_SIGNING_IN).evaluate_all("fields => fields.some((field) => field.value)"))
