"""What must hold whatever went wrong: judged on the portal's truth, and counted in kinds that may never occur."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.mock_portal import OrderState
from pec_autorenew.mock_portal.options import DEFAULT_CONSENTS
from pec_autorenew.states import RenewalState
from tests.wrongs import Finding, Wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pec_autorenew.ledger import Ledger
    from pec_autorenew.mock_portal import Mailbox, Truth
    from pec_autorenew.mock_portal import Order as PortalOrder

REQUIRED: Final = tuple(consent.text for consent in DEFAULT_CONSENTS if consent.required)
#: Limits of the configuration under test, in cents, VAT included.
MOST_PER_MAILBOX: Final = 4_000
MOST_PER_RUN: Final = 20_000
#: The report says of these that the mailbox has no order, or that none of its orders is alive.
_NOTHING_ORDERED: Final = frozenset({"failed", "stopped", "would-order", "drift"})

#: What a run may end with that complains of nothing: the portal renews it, or somebody has.
_TAKEN_CARE_OF: Final = frozenset({"awaiting-payment", "renewed", "skipped", "would-order"})


@dataclass
class Promises:
    """What was due when everything began, and what was found to be wrong since."""

    truth: Truth
    due: frozenset[str]
    began: Mapping[str, Mailbox]
    years: int = 1
    wrongs: list[Finding] = field(default_factory=list)

    @classmethod
    def of(cls, truth: Truth, due: Iterable[str], years: int = 1) -> Promises:
        """Remember how things stand."""
        return cls(truth, frozenset(due), dict(truth.mailboxes), years)

    def keep(self, report: Mapping[str, Any] | None = None) -> None:
        """Judge the portal's orders and, if there is one, the report that a run has just made."""
        self._judge_orders()
        for item in report["items"] if report else ():
            self._judge_item(item)
        if report and report["exit_code"] == 0:
            told = {item["mailbox"] for item in report["items"] if item["outcome"] in _TAKEN_CARE_OF}
            self._require(self.due <= told, Wrong.FALSE_REPORT, f"exit 0, and of {self.due - told} nothing is told")

    def keep_in(self, ledger: Ledger) -> None:
        """Judge what the ledger says in the end."""
        for one in ledger.renewals():
            live = [order for order in self._orders_for(one.address) if order.state is not OrderState.CANCELLED]
            moved = self.truth.mailbox(one.address).expiry > one.expiry
            true = {
                RenewalState.RENEWED: moved,
                RenewalState.AWAITING_PAYMENT: bool(live),
                RenewalState.FAILED: not live or any(other.counts for other in ledger.renewals(address=one.address)),
                RenewalState.CANCELLED: not live,
            }.get(one.state, False)  # an end in `submitting` or `unknown` tells nothing
            self._require(true, Wrong.UNTRUE_LEDGER, f"the ledger has {one.name} as {one.state}; orders: {live}")

    def hold(self) -> None:
        """Fail if anything was found to be wrong."""
        assert not self.wrongs, "\n".join(f"{kind}: {words}" for kind, words in self.wrongs)

    def orders(self) -> tuple[PortalOrder, ...]:
        """Return every order that the portal has."""
        return tuple(self.truth.orders.values())

    def _orders_for(self, address: str) -> list[PortalOrder]:
        return [order for order in self.orders() if address in order.addresses]

    def _judge_orders(self) -> None:
        times = Counter(address for order in self.orders() for address in order.addresses)
        for address, number in times.items():
            self._require(number == 1, Wrong.DUPLICATE, f"{address} has {number} orders")
        for order in self.orders():
            most = MOST_PER_MAILBOX * len(order.addresses)
            self._require(order.gross_cents <= most, Wrong.OVER_LIMIT, f"{order.number}: {order.gross_cents} cents")
            for line in order.lines:
                before = self.began.get(line.address)
                as_was = before is not None and line.type is before.type and line.extra_gb == 0
                right = line.address in self.due and as_was and order.years == self.years and not order.extras
                self._require(right, Wrong.WRONG_MAILBOX, f"{order.number}: {line}, {order.extras}")
            given = order.consents == REQUIRED and not order.marketing_consents
            self._require(given, Wrong.WRONG_MAILBOX, f"{order.number}: consents {order.consents}")
        total = sum(order.gross_cents for order in self.orders())
        self._require(total <= MOST_PER_RUN, Wrong.OVER_LIMIT, f"all orders: {total} cents")

    @staticmethod
    def _tells_of(item: Mapping[str, Any], live: list[PortalOrder]) -> bool:
        """Whether an item of a mailbox that nobody looked at tells of the order that was seen before."""
        return item["order_number"] in {one.number for one in live} and "last seen" in item["message"]

    def _judge_item(self, item: Mapping[str, Any]) -> None:
        address, outcome = item["mailbox"], item["outcome"]
        if address is None or address not in self.truth.mailboxes:
            return
        live = [one for one in self._orders_for(address) if one.state is not OrderState.CANCELLED]
        box = self.truth.mailbox(address)
        moved = item["expiry_before"] is not None and box.expiry > date.fromisoformat(item["expiry_before"])
        true: Mapping[str, Callable[[], bool]] = {
            "renewed": lambda: moved,
            "awaiting-payment": lambda: bool(live),
            **dict.fromkeys(_NOTHING_ORDERED, lambda: not live or moved or self._tells_of(item, live)),
        }
        self._require(true.get(outcome, lambda: True)(), Wrong.FALSE_REPORT, f"{item} and the portal has {live}, {box}")

    def _require(self, fact: bool, kind: Wrong, words: str) -> None:  # noqa: FBT001 - a sentence: require that …
        if not fact:
            self.wrongs.append((kind, words))
