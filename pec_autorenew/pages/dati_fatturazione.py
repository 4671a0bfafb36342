"""«DATI FATTURAZIONE», inside the holder's page or after it: where the electronic invoice goes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from pec_autorenew.model import IdentifierKind, InvoiceIdentifier
from pec_autorenew.names import core
from pec_autorenew.pages.base import PortalPage
from pec_autorenew.pages.elements import Element, Landmark

if TYPE_CHECKING:
    from pec_autorenew.pages.reading import Entry

_PROCEED: Final = Element("press", "dati_fatturazione.proceed")
_IDENTIFIER: Final = Element("select", "dati_fatturazione.identifier")
_KINDS: Final = {
    IdentifierKind.CODICE_DESTINATARIO: "dati_fatturazione.codice_destinatario",
    IdentifierKind.CASELLA_PEC: "dati_fatturazione.casella_pec",
    IdentifierKind.NESSUNO: "dati_fatturazione.nessuno",
}


class DatiFatturazionePage(PortalPage):
    """The billing block or page (PF-BILLING-LAYOUTS, PF-IDENTIFIER)."""

    name: ClassVar[str] = "Dati fatturazione"
    landmarks: ClassVar[tuple[Landmark, ...]] = (
        Landmark(
            heading="dati_fatturazione.heading",
            all=(_PROCEED,),
            none=(Element("heading", "dati_intestatario.heading"), Element("press", "modulo_ordine.confirm")),
        ),
    )
    elements: ClassVar[tuple[Element, ...]] = (
        Element("heading", "dati_fatturazione.heading", optional=True),
        replace(_IDENTIFIER, optional=True),
        _PROCEED,
    )

    def asks(self) -> bool:
        """Whether the identifier is asked for here."""
        return self.screen.has(_IDENTIFIER)

    def is_shown(self) -> bool:
        """Whether invoice data are spoken of here at all."""
        return any(self.screen.sees(Element("text", "dati_fatturazione.heading"), _IDENTIFIER))

    def read_identifier(self) -> InvoiceIdentifier | None:
        """Return the identifier that stands in the form, or None where none is chosen."""
        select, value = self._controls()
        for kind, key in _KINDS.items():
            if core(select.value) in self.names(key):
                if kind is IdentifierKind.NESSUNO:
                    return InvoiceIdentifier(kind)
                return InvoiceIdentifier(kind, value.value.strip()) if value and value.value.strip() else None
        return None

    def fill(self, identifier: InvoiceIdentifier) -> None:
        """Choose the kind of identifier and type its value."""
        key = _KINDS[identifier.kind]
        select, _ = self._controls()
        if not self.screen.pick(_IDENTIFIER, select, lambda text: core(text) in self.names(key)):
            raise self.screen.missing(Element("select", key))
        _, value = self._controls()  # the field may appear, or change its name, with the choice
        if identifier.value:
            if value is None:
                raise self.unexpected("there is no field for the identifier's value")
            field = self.screen.named("field", [value.name])
            self.screen.act(key, field, lambda found: found.fill(identifier.value))

    def proceed(self) -> None:
        """Press «Prosegui e completa l'ordine»."""
        self.screen.press(_PROCEED)

    def _controls(self) -> tuple[Entry, Entry | None]:
        """Return the drop-down and the field of its value: the one that follows it, whatever it is called."""
        outline = self.screen.outline()
        variants = self.names("dati_fatturazione.identifier")
        at = next((i for i, one in enumerate(outline) if one.kind == "select" and one.is_named(variants)), None)
        if at is None:
            raise self.screen.missing(_IDENTIFIER)
        return outline[at], next((one for one in outline[at + 1 :] if one.kind == "field"), None)
