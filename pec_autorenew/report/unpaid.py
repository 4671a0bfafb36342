"""The orders that wait for their payment, by the run's items and by the ledger (PAY-4, PAY-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pec_autorenew.model import PaymentMethod
from pec_autorenew.paying import Term
from pec_autorenew.states import RenewalState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pec_autorenew.config import Config
    from pec_autorenew.ledger import Renewal


@dataclass(frozen=True, slots=True)
class Unpaid:
    """One order that waits for its payment."""

    #: "" where the portal shows none.
    number: str
    gross: Decimal | None
    method: str
    #: The last day to pay: the earliest of its mailboxes'.
    pay_by: date
    #: Each with the expiry that it has until then.
    mailboxes: tuple[tuple[str, date], ...]
    account: str
    #: What the portal said when it confirmed this very order, word by word; "" where that is not known.
    instructions: str


def term_of(config: Config, renewal: Renewal, today: date) -> Term:
    """Return by when a renewal's order is to be paid; somebody else's by the method by which its account pays."""
    account = config.account(renewal.account)
    usual = config.policy_for(account, renewal.address).method if account else PaymentMethod.BONIFICO
    return Term(renewal.expiry, renewal.method or usual, today)


def unpaid_orders(
    config: Config, items: Sequence[Mapping[str, Any]], renewals: Iterable[Renewal], today: date
) -> list[Unpaid]:
    """Return what waits, the most urgent first: what the run saw, and of the rest what the ledger holds."""
    seen = {item["id"] for item in items if item["pay_by"]}
    parts = [_of_item(item) for item in items if item["pay_by"]]
    parts += [
        _of_renewal(one, term_of(config, one, today))
        for one in renewals
        if one.state is RenewalState.AWAITING_PAYMENT and one.name not in seen
    ]
    orders: dict[str, list[Unpaid]] = {}
    for part in parts:
        orders.setdefault(part.number or str(part.mailboxes), []).append(part)
    return sorted((_one(of_order) for of_order in orders.values()), key=lambda one: (one.pay_by, one.number))


def _one(parts: Sequence[Unpaid]) -> Unpaid:
    """Return the order that these are parts of."""
    first = parts[0]
    boxes = sorted((box for part in parts for box in part.mailboxes), key=lambda box: (box[1], box[0]))
    said = next((part.instructions for part in parts if part.instructions), "")
    pay_by = min(part.pay_by for part in parts)
    return Unpaid(first.number, first.gross, first.method, pay_by, tuple(boxes), first.account, said)


def _of_item(item: Mapping[str, Any]) -> Unpaid:
    gross = item["order_gross"] or item["gross"]
    return Unpaid(
        item["order_number"] or "",
        Decimal(gross) if gross else None,
        item["payment_method"] or "",
        date.fromisoformat(item["pay_by"]),
        ((item["mailbox"], date.fromisoformat(item["expiry_before"])),),
        item["account"],
        item["payment_instructions"] or "",
    )


def _of_renewal(renewal: Renewal, term: Term) -> Unpaid:
    return Unpaid(
        renewal.order_number or "",
        renewal.order_gross or renewal.gross,
        renewal.method.value if renewal.method else "",
        term.pay_by,
        ((renewal.address, renewal.expiry),),
        renewal.account,
        renewal.payment_instructions,
    )
