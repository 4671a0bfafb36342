"""What a run came to: its items as the interface's JSON, and its exit codes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from pec_autorenew import errors
from pec_autorenew.model import GRACE_DAYS, Item, Outcome, PaymentMethod, PortalAutorenewal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

T = TypeVar("T")

#: Nothing was due, or all that was due is ordered and verified.
OK: Final = 0
#: A renewal failed; its state is known.
FAILED: Final = 1
#: The command was used in a wrong way; nothing was done.
USAGE: Final = 2
#: A person is needed.
PERSON: Final = 3
#: Stopped by policy: price, order form, budget, portal auto-renewal, approval.
POLICY: Final = 4
#: The outcome is unknown: an order may exist.
UNKNOWN: Final = 5
#: The portal was not recognised, or the list of mailboxes shrank.
DRIFT: Final = 6
#: A mailbox is below its critical days and not renewed, whatever the reason.
CRITICAL: Final = 7
#: The work is fine; a message or a report could not be delivered.
NOT_DELIVERED: Final = 8
#: Temporary: another run is active, the portal is under maintenance, there is no network.
TEMPORARY: Final = 75
#: The configuration or the environment is not fit: nothing is ordered any more.
NOT_FIT: Final = 78

#: Several at once: the first of these that occurs is the exit code.
WORST_FIRST: Final = (UNKNOWN, NOT_FIT, CRITICAL, DRIFT, POLICY, PERSON, FAILED, TEMPORARY, NOT_DELIVERED)

_CODES: Final[Mapping[Outcome, int]] = MappingProxyType(
    {
        Outcome.RENEWED: OK,
        Outcome.AWAITING_PAYMENT: OK,
        Outcome.WOULD_ORDER: OK,
        Outcome.SKIPPED: OK,
        Outcome.FAILED: FAILED,
        Outcome.NEEDS_PERSON: PERSON,
        Outcome.STOPPED: POLICY,
        Outcome.UNKNOWN: UNKNOWN,
        Outcome.DRIFT: DRIFT,
    }
)
_TEMPORARY_REASONS: Final = frozenset({"maintenance", "unreachable", "too-many-requests"})


def exit_code_of(item: Item) -> int:
    """Return the exit code that one item alone would give."""
    if item.outcome is Outcome.FAILED and item.reason in _TEMPORARY_REASONS:
        return TEMPORARY
    if item.outcome is Outcome.AWAITING_PAYMENT and item.reason == "bank-authentication":
        return PERSON
    return _CODES[item.outcome]


def is_critical(item: Item, today: date, critical_days: int) -> bool:
    """Whether the mailbox is below its critical days and not renewed, whatever the reason (SIL-3).

    Once it is deleted there is nothing left to save, even where an order for it still waits for its payment.
    """
    if (
        item.expiry_before is None
        or item.outcome is Outcome.RENEWED
        or item.reason in {"excluded", "cancelled", "already-renewed"}
    ):
        return False
    return -GRACE_DAYS <= (item.expiry_before - today).days < critical_days


def exit_codes(items: Iterable[Item], today: date, critical_days: int) -> tuple[int, ...]:
    """Return all exit codes that the items give, the worst first; `(0,)` when there is nothing to complain of."""
    items = list(items)
    codes = {exit_code_of(item) for item in items}
    if any(is_critical(item, today, critical_days) for item in items):
        codes.add(CRITICAL)
    return worst_first(codes)


def worst_first(codes: Collection[int]) -> tuple[int, ...]:
    """Return the exit codes that say something, the worst first; `(0,)` where none does."""
    return tuple(code for code in WORST_FIRST if code in codes) or (OK,)


def exit_code_of_error(error: errors.PecAutorenewError) -> int:
    """Return the exit code of an error that ended a whole command; what may have cost money is worse than any."""
    if error.order_may_exist:
        return UNKNOWN
    match error:
        case errors.AnotherRun() | errors.PortalUnreachable() | errors.TooManyRequests() | errors.Maintenance():
            return TEMPORARY
        case errors.ConfigError() | errors.LedgerError():
            return NOT_FIT
        case errors.Drift():
            return DRIFT
        case errors.PersonNeeded():
            return PERSON
        case errors.PolicyStop() | errors.ForeignOrigin() | errors.SignInLimit() | errors.HookFailed():
            return POLICY
        case _:
            return FAILED


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def item_as_json(item: Item, client: str = "") -> dict[str, object]:
    """Return the item as `renew --json` prints it, with the label of its account."""
    return {
        "id": item.id,
        "account": item.account,
        "mailbox": item.mailbox,
        "outcome": item.outcome.value,
        "reason": item.reason,
        "message": item.message,
        "years": item.years,
        "payment_method": item.method.value if item.method else None,
        "gross": _money(item.gross),
        "order_gross": _money(item.order_gross),
        "order_number": item.order_number,
        "expiry_before": item.expiry_before.isoformat() if item.expiry_before else None,
        "expiry_after": item.expiry_after.isoformat() if item.expiry_after else None,
        "portal_autorenewal": item.autorenewal.value if item.autorenewal else None,
        "evidence": list(item.evidence),
        "pay_by": item.pay_by.isoformat() if item.pay_by else None,
        "reminder": item.reminder,
        "payment_instructions": item.instructions or None,
        "client": client,
    }


def item_from_json(facts: Mapping[str, Any]) -> Item:
    """Return the item that `item_as_json` wrote down."""

    def read(key: str, kind: Callable[[Any], T]) -> T | None:
        return None if facts[key] is None else kind(facts[key])

    return Item(
        facts["account"],
        facts["mailbox"],
        Outcome(facts["outcome"]),
        facts["reason"],
        facts["message"],
        expiry_before=read("expiry_before", date.fromisoformat),
        expiry_after=read("expiry_after", date.fromisoformat),
        years=facts["years"],
        method=read("payment_method", PaymentMethod),
        gross=read("gross", Decimal),
        order_gross=read("order_gross", Decimal),
        order_number=facts["order_number"],
        autorenewal=read("portal_autorenewal", PortalAutorenewal),
        evidence=tuple(facts["evidence"]),
        pay_by=read("pay_by", date.fromisoformat),
        reminder=facts["reminder"],
        instructions=facts["payment_instructions"] or "",
    )


class PlacedOrder(NamedTuple):
    """What a renewal's order was clicked for."""

    click: str
    gross: Decimal
    client: str


def totals(items: Iterable[Item], placed: Mapping[str, PlacedOrder]) -> dict[str, object]:
    """Return the totals of the orders that this run placed and the portal shows, each order counted once.

    `placed` holds, by its id, each renewal whose order this run placed. No click comes to more than was clicked for,
    whether the portal made one order of it or several, with numbers or without.
    """
    ordered = [
        item
        for item in items
        if (item.id or "") in placed and item.outcome in {Outcome.AWAITING_PAYMENT, Outcome.RENEWED}
    ]
    clicks: dict[str, dict[str | None, Decimal]] = {}
    for item in ordered:
        shown = clicks.setdefault(placed[item.id or ""].click, {})
        shown[item.order_number or item.id] = item.order_gross or Decimal(0)
    most = {one.click: one.gross for one in placed.values()}
    gross = sum((min(sum(shown.values(), Decimal(0)), most[click]) for click, shown in clicks.items()), Decimal(0))
    return {"ordered": len(ordered), "gross": f"{gross:.2f}", "currency": "EUR"}


def totals_of_clients(items: Collection[Item], placed: Mapping[str, PlacedOrder]) -> dict[str, object]:
    """Return the same for each client label, as a key to be added; nothing where no order has a label."""
    labels = {one.client for one in placed.values()}
    if not any(labels):
        return {}
    told = []
    for client in sorted(labels):
        own = {name: one for name, one in placed.items() if one.client == client}
        told.append({"client": client, **totals(items, own)})
    return {"clients": told}
