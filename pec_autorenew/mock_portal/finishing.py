"""The last touch on a page of HTML: what covers it, and chaos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from pec_autorenew.mock_portal.chaos import stir

if TYPE_CHECKING:
    from pec_autorenew.mock_portal.truth import Truth

COVERS = Markup('<script src="/static/common/covers.js" data-cookies="{}" data-notice="{}"></script>\n')


class Finishing:
    """Adds to a page what every layout has alike."""

    def __init__(self, truth: Truth, chaos_seed: int | None) -> None:
        """Read the options of the moment, and know the seed."""
        self._truth = truth
        self._chaos_seed = chaos_seed

    def __call__(self, text: str) -> str:
        """Finish one page."""
        options = self._truth.options
        if options.cookie_banner or options.notice_window:
            head, end, rest = text.rpartition("</body>")
            covers = COVERS.format("1" if options.cookie_banner else "", options.notice_window)
            text = head + str(covers) + end + rest
        return text if self._chaos_seed is None else stir(text, self._chaos_seed)
