"""The confirmation screen: thanks, and a number. By itself it proves nothing (VER-1)."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from pec_autorenew.pages.base import PortalPage
from pec_autorenew.pages.elements import Element, Landmark, Mark
from pec_autorenew.pages.reading import Row

_NUMBER: Final = re.compile(r"(?<![\w.,/-])(?:MO[\s-]?)?\d{4,}(?![\w,/]|\.\d)", re.IGNORECASE)


class ConfermaPage(PortalPage):
    """Whatever stands there once the form is gone; its words are not documented (PF-CONFIRMATION)."""

    name: ClassVar[str] = "Conferma"
    landmarks: ClassVar[tuple[Landmark, ...]] = (
        Landmark(
            all=(Element("text", "conferma.sign", phrase=True),),
            none=(Element("press", "modulo_ordine.confirm"), Mark("empty-password")),
            dressed=False,  # nothing is pressed here, and what it says proves nothing
        ),
    )

    def read(self) -> tuple[str | None, str]:
        """Return the order number, or None where none can be told with certainty, and all that the screen says."""
        row = Row("", self.screen.outline())
        numbers = {
            found[0].upper() for text in row.values(self.names("conferma.number")) if (found := _NUMBER.findall(text))
        }
        return (numbers.pop() if len(numbers) == 1 else None), row.text
