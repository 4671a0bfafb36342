"""Orders for the accountant: one line for each, so that its money is summed up once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.planning import today_in_rome
from pec_autorenew.states import RenewalState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from pec_autorenew.ledger import Renewal

#: The columns of `history --csv --by order`, in their order.
ORDER_COLUMNS: Final = (
    *("order_number", "order_date", "net", "vat", "gross", "currency", "client", "account", "mailboxes", "years"),
    *("payment_method", "state", "expiry_before", "run_id", "updated_at"),
)
#: There is or may be an order; the one whose end is furthest comes first and speaks for all of an order's mailboxes.
_OPEN_FIRST: Final = (
    RenewalState.UNKNOWN,
    RenewalState.SUBMITTING,
    RenewalState.AWAITING_PAYMENT,
    RenewalState.CANCELLED,
    RenewalState.RENEWED,
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which of the renewals are asked for; what is empty leaves nothing out."""

    accounts: frozenset[str] = frozenset()
    clients: frozenset[str] = frozenset()
    mailboxes: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None

    def of(self, renewals: Iterable[Renewal]) -> list[Renewal]:
        """Return those that are asked for."""
        return [one for one in renewals if self._takes(one)]

    def orders_of(self, renewals: Sequence[Renewal]) -> list[Renewal]:
        """Return those that are asked for, and whatever shares an order with one: its money is not split."""
        groups = {one.order_group for one in self.of(renewals)}
        return [one for one in renewals if one.order_group in groups]

    def _takes(self, renewal: Renewal) -> bool:
        day = order_day(renewal) or today_in_rome(renewal.created_at)
        return (
            (not self.accounts or renewal.account in self.accounts)
            and (not self.clients or renewal.client in self.clients)
            and (not self.mailboxes or renewal.address in self.mailboxes)
            and (self.since is None or self.since <= day)
            and (self.until is None or day <= self.until)
        )


def order_day(renewal: Renewal) -> date | None:
    """Return the day of the binding click, in Rome; None for somebody else's order, which the ledger did not see."""
    return today_in_rome(renewal.submitted_at) if renewal.submitted_at else None


def net_and_vat(renewal: Renewal) -> tuple[str | None, str | None]:
    """Return the order's net and VAT as «Modulo Ordine» showed them; None where it did not."""
    net, vat = (renewal.form.get(name) for name in ("net", "vat"))
    return _plain(net), _plain(vat)


def _plain(amount: object) -> str | None:
    return None if amount is None else f"{Decimal(str(amount)):.2f}"


def order_lines(renewals: Iterable[Renewal]) -> list[dict[str, Any]]:
    """Return a line for each order that there is or may be, the oldest first."""
    return sorted(
        _lines(renewals),
        key=lambda line: (line["order_date"] or line["updated_at"][:10], line["run_id"] or "", line["mailboxes"]),
    )


def client_lines(orders: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return, by client label, how many orders there are and what they come to; those that were cancelled left out."""
    sums: dict[str, list[Decimal]] = {}
    for line in orders:
        if line["state"] != RenewalState.CANCELLED:
            sums.setdefault(line["client"], []).append(Decimal(line["gross"] or 0))
    return [
        {"client": client, "orders": len(of), "gross": f"{sum(of, Decimal(0)):.2f}", "currency": "EUR"}
        for client, of in sorted(sums.items())
    ]


def _lines(renewals: Iterable[Renewal]) -> Iterator[dict[str, Any]]:
    # By the click: one that the portal split into several orders is one line, for its money was read on one form.
    clicks: dict[str, list[Renewal]] = {}
    for one in renewals:
        if one.state in _OPEN_FIRST:
            clicks.setdefault(one.order_group, []).append(one)
    for group in clicks.values():
        first = min(group, key=lambda one: _OPEN_FIRST.index(one.state))
        net, vat = net_and_vat(first)
        day = order_day(first)
        yield {
            "order_number": _joined(one.order_number for one in group),
            "order_date": day.isoformat() if day else None,
            "net": net,
            "vat": vat,
            "gross": None if first.order_gross is None else f"{first.order_gross:.2f}",
            "currency": "EUR",
            "client": first.client,
            "account": first.account,
            "mailboxes": _joined(one.address for one in sorted(group, key=lambda one: (one.expiry, one.address))),
            "years": first.years,
            "payment_method": first.method.value if first.method else None,
            "state": first.state.value,
            "expiry_before": min(one.expiry for one in group).isoformat(),
            "run_id": first.run_id,
            "updated_at": max(one.updated_at for one in group).isoformat(),
        }


def _joined(words: Iterable[str | None]) -> str | None:
    return " ".join(dict.fromkeys(word for word in words if word)) or None
