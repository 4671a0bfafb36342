"""What the portal's mails tell of orders: pure. They prove nothing; they keep things from being concluded (VER-1).

«Conferma ordine» and «Conferma pagamento» come from the portal itself, past its order list, which may be late or wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pec_autorenew.confirmations import Confirmation, Kind
from pec_autorenew.engine.clocks import CLOCKS_DIFFER
from pec_autorenew.engine.closing import CLOSED
from pec_autorenew.italian import format_date
from pec_autorenew.model import OrderState
from pec_autorenew.planning import today_in_rome
from pec_autorenew.states import UNSETTLED, RenewalState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from pec_autorenew.ledger import Renewal
    from pec_autorenew.model import Survey


#: «No order» was concluded, or is about to be: a mail may know better.
_DENIED: Final = UNSETTLED | {RenewalState.FAILED}


@dataclass(frozen=True, slots=True)
class Witness:
    """The mails about an account's orders, and whose order numbers the ledger knows."""

    mails: tuple[Confirmation, ...] = ()
    #: number -> the renewals that it belongs to.
    owners: Mapping[str, frozenset[int]] = field(default_factory=lambda: MappingProxyType({}))

    def of_an_order(self, renewals: Iterable[Renewal], survey: Survey) -> Confirmation | None:
        """Return a mail that tells of an order of this click, where neither list nor ledger say whose else it is.

        It names one of the mailboxes, or it has a number that was not listed before the click and is not listed now.
        """
        clicked = [one for one in renewals if one.state in _DENIED and one.submitted_at is not None]
        return next((mail for one in clicked for mail in self._since(one) if self._tells(mail, clicked, survey)), None)

    def numbers_of(self, renewal: Renewal, wanted: Collection[str]) -> set[str | None]:
        """Return the order numbers of the mails since the click that name exactly one, and all wanted mailboxes."""
        mails = [one for one in self._since(renewal) if wanted and one.addresses >= set(wanted)]
        return {number for mail in mails if len(mail.numbers) == 1 for number in mail.numbers}

    def of_payment(self, renewal: Renewal) -> Confirmation | None:
        """Return the newest mail that confirms the payment of the renewal's order."""
        paid = [one for one in self.mails if one.kind is Kind.PAYMENT and renewal.order_number in one.numbers]
        return paid[-1] if paid else None

    def about(self, renewal: Renewal, survey: Survey) -> Iterator[Confirmation]:
        """Yield each mail that says something about the renewal."""
        for mail in self.mails:
            numbered = renewal.order_number is not None and renewal.order_number in mail.numbers
            if numbered or (mail in self._since(renewal) and self._tells(mail, [renewal], survey)):
                yield mail

    def _since(self, renewal: Renewal) -> list[Confirmation]:
        """Return the mails about orders that may have come from the renewal's click."""
        if renewal.submitted_at is None or renewal.state not in _DENIED:
            return []
        since = renewal.submitted_at - CLOCKS_DIFFER
        if renewal.reason == CLOSED and renewal.settled_at is not None:  # by somebody who had looked at what was there
            since = renewal.settled_at
        return [one for one in self.mails if one.kind is Kind.ORDER and one.at >= since]

    def _tells(self, mail: Confirmation, clicked: Collection[Renewal], survey: Survey) -> bool:
        """Whether the mail speaks of an order for what was clicked, or of one of which nobody else knows."""
        addresses = {one.address for one in clicked}
        before = {number for one in clicked for number in one.order_numbers_before}
        ours = {one.id for one in clicked}
        owned = {number for number, ids in self.owners.items() if not ids & ours}
        orders = {order.number: order for order in survey.orders if order.number}
        new = mail.numbers - before - owned
        if not addresses & mail.addresses:
            return bool(new - orders.keys())
        # The list says of a number that it is another mailbox's, or that its order is gone.
        elsewhere = {
            number
            for number, order in orders.items()
            if order.state is OrderState.CANCELLED or (order.mailboxes and not order.mailboxes & addresses)
        }
        return not mail.numbers or bool(new - elsewhere)


#: Where there is no mail.
NOBODY: Final = Witness()


def told(mail: Confirmation, address: str) -> str:
    """Return what the mail tells, for the report."""
    names = "this mailbox" if address in mail.addresses else ""
    number = f"order {', '.join(sorted(mail.numbers))}" if mail.numbers else ""
    what = " and ".join(filter(None, (names, number))) or "an order of the same click"
    return f"a mail {mail.kind.subject} of {format_date(today_in_rome(mail.at))} names {what}"
