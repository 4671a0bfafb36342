"""«DATI FATTURAZIONE», inside the holder's page or after it: where the electronic invoice goes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import TYPE_CHECKING, ClassVar, Final

from pec_autorenew.errors import PolicyStop
from pec_autorenew.model import IdentifierKind, InvoiceIdentifier
from pec_autorenew.names import core
from pec_autorenew.pages.base import PortalPage
from pec_autorenew.pages.elements import Element, Landmark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pec_autorenew.pages.reading import Entry

_PROCEED: Final = Element("press", "dati_fatturazione.proceed")
_IDENTIFIER: Final = Element("select", "dati_fatturazione.identifier")
_KINDS: Final = {
    IdentifierKind.CODICE_DESTINATARIO: "dati_fatturazione.codice_destinatario",
    IdentifierKind.CASELLA_PEC: "dati_fatturazione.casella_pec",
    IdentifierKind.NESSUNO: "dati_fatturazione.nessuno",
}
_CODE: Final = IdentifierKind.CODICE_DESTINATARIO


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
        return self._form() is not None

    def is_shown(self) -> bool:
        """Whether invoice data are spoken of here at all."""
        return any(self.screen.sees(Element("text", "dati_fatturazione.heading"), _IDENTIFIER))

    def read_identifier(self) -> InvoiceIdentifier | None:
        """Return the identifier that stands in the form, or None where none is chosen."""
        form = self._shown()
        typed = form.value.value.strip() if form.value else ""
        if form.chosen is IdentifierKind.NESSUNO:
            return InvoiceIdentifier(form.chosen)
        return InvoiceIdentifier(form.chosen, typed) if form.chosen and typed else None

    def fill(self, identifier: InvoiceIdentifier) -> None:
        """Choose the kind of identifier and type its value."""
        kind, key, form = identifier.kind, _KINDS[identifier.kind], self._shown()
        if form.select is not None:
            if not self.screen.pick(_IDENTIFIER, form.select, lambda text: core(text) in self.names(key)):
                raise self.screen.missing(Element("select", key))
        elif kind in form.choices:
            choice = form.choices[kind]
            self.screen.turn(choice, self.screen.named("radio", [choice.name]), on=True)
        elif kind is not form.chosen:
            raise self.screen.missing(Element("radio", key))
        self.screen.settle()  # the portal may be asked what the choice brings along
        if not identifier.value:
            return
        value = self.screen.until(self._value)  # the field may appear, or change its name, with the choice
        if value is None:
            raise self.unexpected("there is no field for the identifier's value")
        brought = value.value.strip() if form.value is None or form.value.value != value.value else ""
        if brought and brought.upper() != identifier.value.upper():
            raise PolicyStop(
                f"with {kind} the form has another value in «{value.name}» than the configuration",
                page=self.name,
                reason="identifier-mismatch",
            )
        self.screen.act(key, self.screen.named("field", [value.name]), lambda found: found.fill(identifier.value))

    def _value(self) -> Entry | None:
        form = self._form()
        return form.value if form else None

    def proceed(self) -> None:
        """Press «Prosegui e completa l'ordine»."""
        self.screen.press(_PROCEED)

    def _shown(self) -> _Form:
        form = self._form()
        if form is None:
            raise self.screen.missing(_IDENTIFIER)
        return form

    def _form(self) -> _Form | None:
        """Return the form's controls: a drop-down, or radio buttons, or the one field that a public body sees."""
        outline = self.screen.outline()
        kinds = {kind: self.names(key) for kind, key in _KINDS.items()}
        asked = self.names("dati_fatturazione.identifier")
        found = [i for i, one in enumerate(outline) if one.kind == "select" and self.is_element(one, _IDENTIFIER.key)]
        if len(found) > 1:
            raise self.screen.ambiguous(_IDENTIFIER)
        if found:
            (at,) = found
            chosen = next((kind for kind, names in kinds.items() if core(outline[at].value) in names), None)
            return _Form(chosen, _field_after(outline, at), select=outline[at])
        radios = [(i, kind) for kind, names in kinds.items() for i, one in enumerate(outline) if _is_choice(one, names)]
        if len(radios) > 1:
            chosen = next((kind for i, kind in radios if outline[i].checked), None)
            last = max(i for i, _ in radios)
            return _Form(chosen, _field_after(outline, last), choices={kind: outline[i] for i, kind in radios})
        heads = [*asked, *self.names("dati_fatturazione.heading")]
        code = [one for one in outline if one.kind == "field" and one.is_named(kinds[_CODE])]
        if len(code) == 1 and any(one.kind == "text" and core(one.text) in heads for one in outline):
            return _Form(_CODE, code[0])
        return None


@dataclass(frozen=True, slots=True)
class _Form:
    """The identifier's controls as they stand."""

    chosen: IdentifierKind | None
    #: The field of its value, whatever it is called.
    value: Entry | None
    select: Entry | None = None
    choices: Mapping[IdentifierKind, Entry] = field(default_factory=dict)


def _field_after(outline: Sequence[Entry], at: int) -> Entry | None:
    """Return the next field, up to the next heading: what stands below that is the holder's."""
    block = takewhile(lambda one: not one.heading, outline[at + 1 :])
    return next((one for one in block if one.kind == "field"), None)


def _is_choice(entry: Entry, names: Sequence[str]) -> bool:
    return entry.kind in {"radio", "option"} and entry.is_named(names)
