"""«Ordini associati al servizio»: the orders at the bottom of the list of mailboxes."""

from __future__ import annotations

from typing import ClassVar, Final

from pec_autorenew.italian import DATE_IN_TEXT, MONEY_IN_TEXT, money_in
from pec_autorenew.model import OrderState, PortalOrder
from pec_autorenew.pages.base import PortalPage
from pec_autorenew.pages.elements import Element, Landmark
from pec_autorenew.pages.reading import ADDRESS, ORDER_NUMBER, Row, addresses_in, says
from pec_autorenew.pages.riepilogo import is_net

_STATES: Final = {
    "ordini.awaiting_payment": OrderState.AWAITING_PAYMENT,
    "ordini.paid": OrderState.PAID,
    "ordini.cancelled": OrderState.CANCELLED,
}

_HEAD: Final = Element("press", "ordini.heading")


class OrdiniSection(PortalPage):
    """The orders of the service, with their «Stato Ordine» (PF-ORDERS)."""

    name: ClassVar[str] = "Ordini associati al servizio"
    landmarks: ClassVar[tuple[Landmark, ...]] = (Landmark(heading="ordini.heading"),)
    elements: ClassVar[tuple[Element, ...]] = (
        Element("text", "ordini.heading", optional=True),
        Element("text", "ordini.state", optional=True),
        *(Element("text", key, phrase=True, optional=True, each_row=True) for key in _STATES),
    )

    def is_shown(self) -> bool:
        """Whether this login has an order list at all, and it is not folded in: that would look like an empty one."""
        return self.screen.has(Element("text", "ordini.heading")) and not self._is_folded()

    def unfold(self) -> bool:
        """Fold the list out by its heading, where it is folded in; return whether it was."""
        if not self._is_folded():
            return False
        self.screen.press(_HEAD)
        self.screen.until(lambda: not self._is_folded())
        return True

    def _is_folded(self) -> bool:
        return any(one.folded and one.is_named(self.names(_HEAD.key)) for one in self.screen.outline())

    def read_orders(self) -> tuple[PortalOrder, ...]:
        """Return the orders listed now, each with every address that its row names.

        Raises UnexpectedPage when an order shows no state or two.
        """
        return tuple(self._read(row) for row in self.screen.order_rows())

    def _read(self, row: Row) -> PortalOrder:
        states = {state for key, state in _STATES.items() if says(row.text, self.names(key))}
        if len(states) != 1:
            raise self.unexpected(f"an order shows {len(states)} states: {row.text!r}")
        amounts = set(money_in(row.text))
        days = row.dates()
        return PortalOrder(
            number=self._number(row),
            placed_on=min(days) if days else None,  # due dates and terms come after it
            state=states.pop(),
            gross=amounts.pop() if len(amounts) == 1 and not is_net(row.text) else None,
            mailboxes=addresses_in(row.text),
            text=row.text,
        )

    def _number(self, row: Row) -> str | None:
        labelled = {found[0] for text in row.values(self.names("ordini.number")) if (found := _numbers(text))}
        numbers = labelled or set(_numbers(row.text))
        return numbers.pop() if len(numbers) == 1 else None


def _numbers(text: str) -> list[str]:
    bare = ADDRESS.sub(" ", MONEY_IN_TEXT.sub(" ", DATE_IN_TEXT.sub(" ", text)))
    return [match[0].upper() for match in ORDER_NUMBER.finditer(bare)]
