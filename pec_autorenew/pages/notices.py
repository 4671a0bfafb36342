"""What nobody asked for: windows, closed with the word that agrees to least, and what only a person may pass (SES-3).

A CAPTCHA is recognised by its widget, so that no part of it is ever touched (HUM-1).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from playwright.sync_api import Error as PlaywrightError

from pec_autorenew.names import FOREIGN_TO_CONSENT, UPSELLS

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Frame, Locator, Page

    from pec_autorenew.pages.finding import Screen

#: A window that speaks of these is no notice: closing it could agree to something, so a person has to look at it.
_NO_NOTICE: Final = (*FOREIGN_TO_CONSENT, *UPSELLS, "condizioni", "contratto", "accett", "consen", "ordin", "password")
#: So often may windows get in the way of one visit.
_MOST: Final = 20
_PRESS_MS: Final = 3_000


#: What the widgets of CAPTCHAs carry, in whatever frame; their scripts need not have come.
_WIDGETS: Final = (
    "[data-sitekey], .g-recaptcha, .h-captcha, .cf-turnstile, iframe[title*=captcha i], iframe[src*=captcha i], "
    "iframe[src*='challenges.cloudflare'], iframe[title*='robot' i], altcha-widget, cap-widget, [challengeurl]"
)
#: What is called so, if it is seen.
_CALLED_SO: Final = "[class*=captcha i], [id*=captcha i]"
_INVISIBLE: Final = "[data-size=invisible], iframe[src*='size=invisible']"
_SCRIPTS: Final = "script[src*=captcha i], script[src*=turnstile i], input[name*=captcha i]"
_CODE: Final = "input[autocomplete='one-time-code']"
_DIGIT: Final = "input[maxlength='1']"
#: A code in so many fields, one for each figure.
_DIGITS: Final = 4


def shows_captcha(page: Page) -> bool:
    """Whether the page wants to know if it has a person before it; a widget that shows itself to nobody does not."""
    return any(
        _count(frame, f":is({_WIDGETS}):not({_INVISIBLE})")
        or _count(frame, f":is({_CALLED_SO}):not({_INVISIBLE})", visible=True)
        for frame in page.frames
    )


def holds_captcha(page: Page) -> bool:
    """Whether the page has anything of a CAPTCHA, one that shows itself to nobody too."""
    return any(_count(frame, f"{_WIDGETS}, {_SCRIPTS}") for frame in page.frames)


def asks_for_code(page: Page) -> bool:
    """Whether the page has a field for a code that came by message."""
    return any(
        _count(frame, _CODE, visible=True) or _count(frame, _DIGIT, visible=True) >= _DIGITS for frame in page.frames
    )


def _count(frame: Frame, selector: str, *, visible: bool | None = None) -> int:
    try:
        return frame.locator(selector).filter(visible=visible).count()
    except PlaywrightError:
        return 0  # the frame has gone, and whatever stood in it


class Notices:
    """Closes, whenever a window stands in the way of an action, the kinds that are known; others stay, as drift."""

    def __init__(self, screen: Screen, record: Callable[[str], None]) -> None:
        self.screen = screen
        self.record = record

    def watch(self) -> None:
        """From now on close such windows, each recorded with its words."""
        locator = self.screen.notice(_NO_NOTICE)
        self.screen.page.add_locator_handler(locator, self._close, no_wait_after=True, times=_MOST)

    def _close(self, locator: Locator) -> None:
        with suppress(PlaywrightError):  # it closed by itself; what was to be done goes on
            word = locator.first.inner_text(timeout=_PRESS_MS)
            locator.first.click(timeout=_PRESS_MS)
            self.record(f"notice: «{' '.join(word.split())}»")
