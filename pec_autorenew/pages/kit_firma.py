"""«Aggiungi al tuo ordine un kit di Firma Digitale»: an offer that is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

from pec_autorenew.errors import PolicyStop
from pec_autorenew.names import core
from pec_autorenew.pages.base import PortalPage
from pec_autorenew.pages.elements import Element, Kind, Landmark

if TYPE_CHECKING:
    from pec_autorenew.pages.reading import Entry

_PROCEED: Final = Element("press", "kit_firma.proceed")
#: How a choice says no; the portal's own words for it are not documented (PF-KIT-REFUSAL).
_NO: Final = re.compile(r"^(no\b|non\b|nessun|senza\b|rifiut|prosegui senza)")
_YES: Final = re.compile(r"^(s[iì]\b|aggiungi|acquista)")


class KitFirmaPage(PortalPage):
    """The upsell of generations G1 and G2 (PF-KIT)."""

    name: ClassVar[str] = "Aggiungi al tuo ordine un kit di Firma Digitale"
    landmarks: ClassVar[tuple[Landmark, ...]] = (Landmark(heading="kit_firma.heading", all=(_PROCEED,)),)
    elements: ClassVar[tuple[Element, ...]] = (Element("heading", "kit_firma.heading"), _PROCEED)

    def refuse(self) -> None:
        """Choose the refusal, untick what is chosen, and see that nothing is chosen that is not a refusal (PRC-6).

        Raises PolicyStop(upsell-not-refusable).
        """
        for choice in self.read_choices():
            refusal = _NO.match(core(choice.name))
            if choice.kind == "check" and choice.checked and not refusal:
                self._set(choice, on=False)
            elif refusal and not choice.checked:
                self._set(choice, on=True)
        left = [
            choice.name
            for choice in self.read_choices()
            if choice.checked is not False and not _NO.match(core(choice.name))
        ]
        if left:
            raise PolicyStop(
                f"the kit page keeps «{'», «'.join(left)}» chosen", page=self.name, reason="upsell-not-refusable"
            )

    def proceed(self) -> None:
        """Press «Prosegui e completa l'ordine»."""
        self.screen.press(_PROCEED)

    def read_choices(self) -> list[Entry]:
        """Return what can be chosen here: boxes, radio buttons, tiles that say yes or no."""
        return [entry for entry in self.screen.outline() if _is_choice(entry)]

    def _set(self, choice: Entry, *, on: bool) -> None:
        kinds: dict[str, Kind] = {"check": "check", "press": "choice"}
        kind = kinds.get(choice.kind, "radio")
        self.screen.turn(choice, self.screen.named(kind, [choice.name]), on=on)


def _is_choice(entry: Entry) -> bool:
    """Whether something can be chosen: a box, a radio button, or a tile that says yes or no and shows whether it is."""
    if entry.kind == "press":
        return entry.checked is not None and bool(_NO.match(core(entry.name)) or _YES.match(core(entry.name)))
    return entry.kind in {"check", "radio", "option"} and bool(entry.names)
