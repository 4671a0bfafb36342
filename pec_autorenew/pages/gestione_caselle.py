"""«Gestione caselle PEC»: which mailboxes to renew, their type, extra space."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Final

from pec_autorenew.pages.base import PortalPage
from pec_autorenew.pages.elements import Element, Landmark, Mark
from pec_autorenew.pages.reading import Entry, Row, says, types_in
from pec_autorenew.pages.riepilogo import told_total

if TYPE_CHECKING:
    from decimal import Decimal

    from pec_autorenew.model import MailboxType

_PROCEED: Final = Element("press", "gestione_caselle.proceed")
_FLAG: Final = Element("check", "")


@dataclass(frozen=True, slots=True)
class CartRow:
    """One mailbox of the cart: None for a flag or a type that the page does not show."""

    address: str
    flag: Entry | None
    type: MailboxType | None
    #: Extra space chosen for it, as written; "" for none.
    extra: str

    @property
    def flagged(self) -> bool | None:
        """Whether the flag is set."""
        return self.flag.checked if self.flag else None


class GestioneCasellePage(PortalPage):
    """The cart of a renewal (PF-CART). Its heading is documented for some generations only (PF-CART-HEADING)."""

    name: ClassVar[str] = "Gestione caselle PEC"
    landmarks: ClassVar[tuple[Landmark, ...]] = (
        Landmark(heading="gestione_caselle.heading", all=(_PROCEED, Mark("address"))),
        Landmark(
            all=(_PROCEED, Mark("address")),
            none=(
                Element("heading", "kit_firma.heading"),
                Element("heading", "dati_intestatario.heading"),
                Element("heading", "dati_fatturazione.heading"),
                Element("heading", "modulo_ordine.heading"),
                Element("press", "modulo_ordine.confirm"),
            ),
        ),
    )
    elements: ClassVar[tuple[Element, ...]] = (
        Element("heading", "gestione_caselle.heading", optional=True),
        Element("check", "", optional=True, each_row=True),
        _PROCEED,
    )

    def read_rows(self, known: frozenset[str]) -> tuple[CartRow, ...]:
        """Return what the cart shows of each of the `known` mailboxes, and of any other that has a date or a flag."""
        rows = self.screen.mailbox_rows()
        return tuple(self._read(row) for row in rows if row.key in known or row.listed or _has_flag(row))

    def shows_flag(self, address: str, *, on: bool) -> bool:
        """Whether the flag of exactly this mailbox is seen to be set, or not."""
        return any(row.address == address and row.flagged is on for row in self.read_rows(frozenset({address})))

    def set_flag(self, row: CartRow, *, on: bool) -> None:
        """Set the flag of exactly this mailbox."""
        if row.flag is not None:
            self.screen.turn(row.flag, self.screen.locate(_FLAG, row=row.address), on=on)

    def read_total(self) -> Decimal | None:
        """Return what the cart says that it costs, VAT included, once it lets one go on; None where it says nothing."""
        self.screen.until(lambda: self.screen.can_press(_PROCEED))  # many a cart calculates before that
        return told_total(self.screen.outline())

    def proceed(self) -> None:
        """Press «Prosegui e completa l'ordine»."""
        self.screen.press(_PROCEED)

    def _read(self, row: Row) -> CartRow:
        flags = [entry for entry in row.entries if entry.kind == "check" and entry.checked is not None]
        if len(flags) > 1:
            raise self.unexpected(f"{row.key} has {len(flags)} check boxes where one flag is documented")
        return CartRow(row.key, flags[0] if flags else None, self._type(row), self._extra(row))

    def _type(self, row: Row) -> MailboxType | None:
        """Read the type: the chosen option or tile, else the only type that the row names."""
        selects = [
            types_in([one.value])
            for one in row.entries
            if one.kind == "select" and types_in(text for text, _ in one.options)
        ]
        tiles = [types_in([one.names[0].split("\n")[0]]) for one in row.entries if _is_tile(one) and one.checked]
        texts = types_in(entry.text for entry in row.entries if entry.plain)
        for types in (*selects, *[tile for tile in tiles if tile], texts):
            if len(types) == 1:
                return next(iter(types))
        return None

    def _extra(self, row: Row) -> str:
        space = self.names("gestione_caselle.extra_space")
        for entry in row.entries:
            about = (
                says(entry.name, space)
                or says(entry.value, space)
                or any(says(text, space) for text, _ in entry.options)
            )
            if (
                entry.kind in {"select", "spin", "field"}
                and about
                and int((re.findall(r"\d+", entry.value) or ["0"])[0])
            ):
                return entry.value
        return self._stepped(row)

    def _stepped(self, row: Row) -> str:
        """Return what a stepper shows that is no field: the number behind its words, with «-» and «+» around it."""
        words = [name for name in self.names("gestione_caselle.extra_space") if name != "gb"]  # a plan has GB too
        texts = [entry.text for entry in row.entries if entry.plain]
        for label, number in pairwise(texts):
            if says(label, words) and number.isdigit() and int(number):
                return f"{label} {number}"
        return ""


def _has_flag(row: Row) -> bool:
    return any(entry.kind == "check" and entry.checked is not None for entry in row.entries)


def _is_tile(entry: Entry) -> bool:
    return entry.kind in {"radio", "option", "press", "check"} and bool(entry.names)
