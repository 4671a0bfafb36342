"""What a run came to for each client, where the accounts have labels of more than one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pec_autorenew.italian import format_money
from pec_autorenew.ledger import month_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from pec_autorenew.config import Config
    from pec_autorenew.ledger import Ledger
    from pec_autorenew.report.unpaid import Unpaid


@dataclass(frozen=True, slots=True)
class OfClient:
    """One client's part of a run."""

    #: The label; "" for the accounts without one.
    name: str
    mailboxes: int
    #: Orders that this run placed.
    ordered: int
    gross: str
    unpaid: int
    to_pay: str
    wrong: int
    #: What the month's orders take from the client's own limit, and that limit; "" where it has none.
    month: str

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to tell of the client."""
        return not (self.ordered or self.unpaid or self.wrong)


def clients_of(
    config: Config,
    ledger: Ledger,
    document: Mapping[str, Any],
    unpaid: Iterable[Unpaid],
    is_wrong: Callable[[Mapping[str, Any]], bool],
    now: datetime,
) -> list[OfClient]:
    """Return a line for each client of the run's items; none where they all have one label, or no label."""
    items: dict[str, list[Mapping[str, Any]]] = {}
    for item in document["items"]:
        items.setdefault(item.get("client", ""), []).append(item)
    if len(items) < 2:  # noqa: PLR2004 - one is no table
        return []
    totals = {one["client"]: one for one in document["totals"].get("clients", ())}
    waiting: dict[str, list[Unpaid]] = {}
    for one in unpaid:
        account = config.account(one.account)
        waiting.setdefault(account.client if account else "", []).append(one)
    return [
        OfClient(
            name,
            len({item["mailbox"] for item in of if item["mailbox"]}),
            totals.get(name, {}).get("ordered", 0),
            format_money(Decimal(totals.get(name, {}).get("gross", 0))),
            len(waiting.get(name, ())),
            format_money(_sum(waiting.get(name, ()))),
            sum(map(is_wrong, of)),
            _month(config, ledger, name, now),
        )
        for name, of in sorted(items.items(), key=lambda one: (not one[0], one[0].casefold()))
    ]


def _sum(orders: Sequence[Unpaid]) -> Decimal:
    return sum((one.gross for one in orders if one.gross is not None), Decimal(0))


def _month(config: Config, ledger: Ledger, name: str, now: datetime) -> str:
    own = config.client(name)
    if own is None or own.max_per_month is None:
        return ""
    spent = ledger.spent_in_month(month_of(now), client=name)
    return f"{format_money(spent)} of {format_money(own.max_per_month)}"
