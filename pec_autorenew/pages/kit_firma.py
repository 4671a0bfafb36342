"""«Aggiungi al tuo ordine un kit di Firma Digitale»: an offer that is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from pec_autorenew.errors import PolicyStop
from pec_autorenew.names import core
from pec_autorenew.pages.base import PortalPage
from pec_autorenew.pages.elements import Element, Kind, Landmark

if TYPE_CHECKING:
    from pec_autorenew.pages.reading import Entry

_HEADING: Final = Element("heading", "kit_firma.heading")
_PROCEED: Final = Element("press", "kit_firma.proceed")
#: What leads on without the kit, where nothing else does (PF-KIT-REFUSAL).
_REFUSE: Final = Element("press", "kit_firma.refuse")
#: How a choice says no; the portal's own words for it are not documented (PF-KIT-REFUSAL).
_NO: Final = re.compile(r"^(no\b|non\b|nessun|senza\b|rifiut|prosegui senza)")
_CHOICES: Final = frozenset({"check", "radio", "option"})
_YES: Final = re.compile(r"^(s[iì]\b|aggiungi|acquista)")


class KitFirmaPage(PortalPage):
    """The upsell of generations G1 and G2 (PF-KIT)."""

    name: ClassVar[str] = "Aggiungi al tuo ordine un kit di Firma Digitale"
    landmarks: ClassVar[tuple[Landmark, ...]] = (
        Landmark(heading="kit_firma.heading", all=(_PROCEED,)),
        Landmark(heading="kit_firma.heading", all=(_REFUSE,)),
    )
    elements: ClassVar[tuple[Element, ...]] = (_HEADING, _PROCEED, replace(_REFUSE, optional=True))

    def is_shown(self) -> bool:
        """Whether the offer stands there."""
        return self.screen.has(_HEADING)

    def refuse(self) -> None:
        """Choose the refusal, untick what is chosen, and see that nothing is chosen that is not a refusal (PRC-6).

        A refusal may lead on by itself. Raises PolicyStop(upsell-not-refusable).
        """
        for choice in self.read_choices():
            refusal = _is_refusal(choice)
            if choice.kind == "check" and choice.checked and not refusal:
                self._set(choice, on=False)
            elif refusal and not choice.checked:
                self._set(choice, on=True)
        if not self.screen.until(lambda: not self.is_shown() or not self._not_refused()):
            left = "», «".join(self._not_refused())
            raise PolicyStop(f"the kit page keeps «{left}» chosen", page=self.name, reason="upsell-not-refusable")

    def _not_refused(self) -> list[str]:
        """Return what is chosen, or may be, and is no refusal; beside a refusal that is chosen, nothing may be."""
        choices = self.read_choices()
        refused = any(one.checked and _is_refusal(one) for one in choices)
        offers = [one for one in choices if not _is_refusal(one)]
        return [one.name for one in offers if one.checked or (one.checked is None and not refused)]

    def proceed(self) -> None:
        """Press «Prosegui e completa l'ordine»."""
        self.screen.press(_PROCEED)

    def read_choices(self) -> list[Entry]:
        """Return what can be chosen here: boxes, radio buttons, tiles that say yes or no."""
        outline = self.screen.outline()
        told = [one for one in outline if one.kind == "press" and (_is_refusal(one) or _YES.match(core(one.name)))]
        # A pair of yes and no is one to choose from, even where nothing shows yet which of them is.
        pair = any(map(_is_refusal, told)) and not all(map(_is_refusal, told))
        tiles = [one for one in told if pair or one.checked is not None]
        return [one for one in outline if one in tiles or (one.kind in _CHOICES and one.names)]

    def _set(self, choice: Entry, *, on: bool) -> None:
        kinds: dict[str, Kind] = {"check": "check", "press": "choice"}
        kind = kinds.get(choice.kind, "radio")
        self.screen.turn(choice, self.screen.named(kind, [choice.name]), on=on)


def _is_refusal(entry: Entry) -> bool:
    return bool(_NO.match(core(entry.name)))
