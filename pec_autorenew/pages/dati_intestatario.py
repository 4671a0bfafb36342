"""«Dati Intestatario»: the holder's data, confirmed as they stand and never edited (PRC-9)."""

from __future__ import annotations

from typing import ClassVar, Final

from pec_autorenew.pages.base import PortalPage
from pec_autorenew.pages.elements import Element, Landmark

_PROCEED: Final = Element("press", "dati_intestatario.proceed")


class DatiIntestatarioPage(PortalPage):
    """The holder's page (PF-HOLDER); a changed name or tax code would be a change of ownership (PF-HOLDER-CHANGE)."""

    name: ClassVar[str] = "Dati Intestatario"
    landmarks: ClassVar[tuple[Landmark, ...]] = (
        Landmark(
            heading="dati_intestatario.heading", all=(_PROCEED,), none=(Element("press", "modulo_ordine.confirm"),)
        ),
    )
    elements: ClassVar[tuple[Element, ...]] = (Element("heading", "dati_intestatario.heading"), _PROCEED)

    def proceed(self) -> None:
        """Press «PROSEGUI e completa l'ordine»."""
        self.screen.press(_PROCEED)
