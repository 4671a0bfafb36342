"""The confirmation screen: thanks, and a number. By itself it proves nothing (VER-1)."""

from __future__ import annotations

from typing import ClassVar

from pec_autorenew.pages.base import PortalPage
from pec_autorenew.pages.elements import Element, Landmark, Mark
from pec_autorenew.pages.masking import ungreeted
from pec_autorenew.pages.reading import ORDER_NUMBER, Row, says


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
        """Return the order number, or None where none can be told with certainty, and what the screen says.

        All of it, for the words that tell how to pay are not documented; but nothing that stands above its heading and
        its thanks, where every page says who is signed in, and not whom it greets (SEC-4).
        """
        row = Row("", self.screen.outline())
        found = [ORDER_NUMBER.findall(text) for text in row.values(self.names("conferma.number"))]
        numbers = {matches[0].upper() for matches in found if matches}
        return (numbers.pop() if len(numbers) == 1 else None), ungreeted(self._own_lines(row))

    def _own_lines(self, row: Row) -> list[str]:
        """Return the lines from the heading or the first words of thanks on; all of them where there is neither."""
        texts = [entry for entry in row.entries if entry.kind == "text" and not entry.header]
        sign = self.names("conferma.sign")
        begin = next((at for at, one in enumerate(texts) if one.heading or says(one.text, sign)), 0)
        return [one.text for one in texts[begin:]]
