"""Windows nobody asked for: cookie banners and notices, closed with the word that agrees to least (SES-3)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from playwright.sync_api import Error as PlaywrightError

from pec_autorenew.names import FOREIGN_TO_CONSENT, UPSELLS

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from pec_autorenew.pages.finding import Screen

#: A window that speaks of these is no notice: closing it could agree to something, so a person has to look at it.
_NO_NOTICE: Final = (*FOREIGN_TO_CONSENT, *UPSELLS, "condizioni", "contratto", "accett", "consen", "ordin", "password")
#: So often may windows get in the way of one visit.
_MOST: Final = 20
_PRESS_MS: Final = 3_000


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
