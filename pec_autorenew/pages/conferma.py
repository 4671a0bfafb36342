"""The confirmation screen: thanks, and a number. By itself it proves nothing (VER-1)."""

from __future__ import annotations

from typing import ClassVar

from pec_autorenew.pages.base import PortalPage
from pec_autorenew.pages.elements import Element, Landmark, Mark
from pec_autorenew.pages.reading import ORDER_NUMBER, Row


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
        found = [ORDER_NUMBER.findall(text) for text in row.values(self.names("conferma.number"))]
        numbers = {matches[0].upper() for matches in found if matches}
        return (numbers.pop() if len(numbers) == 1 else None), row.text
