"""What a report says beyond its items: what is below its critical days, what comes next, what the budget leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pec_autorenew.advice import MAIL_GOES_TO, PORTAL_SAYS, TO_PAY
from pec_autorenew.italian import format_date, format_money
from pec_autorenew.ledger import month_of
from pec_autorenew.model import MailboxState, PortalAutorenewal
from pec_autorenew.paying import mail_sent_to
from pec_autorenew.planning import days_left, today_in_rome
from pec_autorenew.results import is_critical

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from pec_autorenew.config import Config
    from pec_autorenew.ledger import Ledger
    from pec_autorenew.model import Item


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The mailbox that becomes due next, and when."""

    mailbox: str
    expiry: date
    due_from: date


@dataclass(frozen=True, slots=True)
class BudgetLeft:
    """What may be spent now, and what would remain after the plan; prices are those of the last orders."""

    now: Decimal
    afterwards: Decimal
    #: Due mailboxes whose price nobody knows before «Modulo Ordine» shows it.
    unpriced: int
    #: The client whose own limit it is; "" for the limits of all.
    client: str = ""

    def facts(self) -> dict[str, Any]:
        """Return it as the JSON document has it."""
        return {
            "left": f"{self.now:.2f}",
            "left_afterwards": f"{self.afterwards:.2f}",
            "unpriced": self.unpriced,
            "currency": "EUR",
        }

    def line(self) -> str:
        """Return the sentence for people."""
        whose = f" for client {self.client}" if self.client else ""
        line = f"Budget: {format_money(self.now)} left in this run and month{whose}"
        if self.afterwards != self.now:
            line += f", {format_money(self.afterwards)} after it at the last orders' prices"
        if self.unpriced:
            line += f"; the price of {self.unpriced} shows only on the order form (`renew --dry-run`)"
        return f"{line}."


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes on one run."""

    today: date
    critical_days: int
    critical: tuple[Item, ...]
    upcoming: Upcoming | None
    budget: BudgetLeft
    #: The same for each client with limits of its own for which something is due.
    budgets: tuple[BudgetLeft, ...] = ()
    items: tuple[Item, ...] = ()

    def facts(self, command: str) -> dict[str, Any]:
        """Return what the JSON document says beyond its items."""
        facts: dict[str, Any] = {}
        if command in {"renew", "plan"}:
            one = self.upcoming
            facts["next_due"] = one and {
                "mailbox": one.mailbox,
                "expiry": one.expiry.isoformat(),
                "due_from": one.due_from.isoformat(),
            }
        if command == "plan":
            clients = [{"client": one.client, **one.facts()} for one in self.budgets]
            facts["budget"] = self.budget.facts() | ({"clients": clients} if clients else {})
        return facts

    def lines(self, document: Mapping[str, Any]) -> list[str]:
        """Return the sentences that stand under the items, for people."""
        command, items = document["command"], document["items"]
        lines = []
        if self.critical:
            boxes = ", ".join(f"{item.mailbox} ({self._when(item)})" for item in self.critical)
            lines.append(f"Below {self.critical_days} days and not renewed: {boxes}.")
        if document["mode"] == "live":
            lines += payment_lines(items)
        if command == "plan":
            lines += [one.line() for one in (self.budget, *self.budgets)]
        if command in {"renew", "plan"}:
            lines.append(self._next_line())
        return lines

    def _when(self, item: Item) -> str:
        assert item.expiry_before is not None  # noqa: S101 - it would not be critical
        left = days_left(item.expiry_before, self.today)
        if left < 0:
            return f"expired {days(-left)} ago"
        return f"{days(left)} left" if left else "expires today"

    def _next_line(self) -> str:
        one = self.upcoming
        if one is None:
            return "Next: no other mailbox is known to become due."
        wait = days((one.due_from - self.today).days)
        return (
            f"Next: {one.mailbox} expires {format_date(one.expiry)} and is due from "
            f"{format_date(one.due_from)}, in {wait}."
        )


def days(number: int) -> str:
    """Return the number with its noun."""
    return f"{number} day{'' if number == 1 else 's'}"


def payment_lines(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what holds for every order that is still to be paid, said once (PAY-4, PAY-5)."""
    unpaid = [item for item in items if item["pay_by"]]
    if not unpaid:
        return []
    said = [item["payment_instructions"] for item in unpaid if item["payment_instructions"]]
    lines = list(TO_PAY)
    if mail := sorted({address for text in said if (address := mail_sent_to(text))}):
        lines.append(MAIL_GOES_TO.format(", ".join(mail)))
    if said:
        lines.append(PORTAL_SAYS)
    return lines


def notes_on(config: Config, ledger: Ledger, items: Sequence[Item], now: datetime) -> Notes:
    """Return the notes on a run with these items, from the ledger."""
    today, critical_days = today_in_rome(now), config.renewal.critical_days
    return Notes(
        today,
        critical_days,
        tuple(item for item in items if is_critical(item, today, critical_days)),
        next_due(config, ledger, today),
        *_budgets_left(config, ledger, items, now),
        tuple(items),
    )


def next_due(config: Config, ledger: Ledger, today: date) -> Upcoming | None:
    """Return what becomes due next over all accounts, by their last surveys; None where nothing is known to."""
    portal, found = config.portal.base_url, []
    taken_care_of = {(one.address, one.expiry) for one in ledger.open_renewals(portal)}
    for stored in ledger.last_surveys(portal, complete_only=True):
        account = config.account(stored.survey.account)
        for box in stored.survey.mailboxes if account else ():
            if (
                account is None
                or not account.covers(box.address)
                or (box.address, box.expiry) in taken_care_of
                or box.autorenewal is PortalAutorenewal.ON
                or box.state in {MailboxState.CANCELLED, MailboxState.ON_DOMAIN}
            ):
                continue
            due_from = box.expiry - timedelta(days=config.policy_for(account, box.address).window_days)
            if due_from > today:
                found.append(Upcoming(box.address, box.expiry, due_from))
    return min(found, key=lambda one: (one.due_from, one.mailbox), default=None)


def _budgets_left(
    config: Config, ledger: Ledger, items: Iterable[Item], now: datetime
) -> tuple[BudgetLeft, tuple[BudgetLeft, ...]]:
    """Return what the limits of all leave, and what those of each client leave for which something is due."""
    limits, month = config.limits, month_of(now)
    of_month = (limits.max_per_month or Decimal(0)) - ledger.spent_in_month(month)
    left = max(min(of_month, limits.max_per_run or Decimal(0)), Decimal(0))
    prices: dict[str, list[Decimal | None]] = {}
    for item in items:
        if item.reason == "due":
            account = config.account(item.account)
            prices.setdefault(account.client if account else "", []).append(_last_price(config, ledger, item))
    own = []
    for client in sorted(prices):
        table = config.client(client)
        if table is not None:
            limit = [] if table.max_per_run is None else [table.max_per_run]
            if table.max_per_month is not None:
                limit.append(table.max_per_month - ledger.spent_in_month(month, client=client))
            own.append(_after(max(min(limit), Decimal(0)), prices[client], client))
    return _after(left, [price for each in prices.values() for price in each]), tuple(own)


def _after(left: Decimal, prices: Sequence[Decimal | None], client: str = "") -> BudgetLeft:
    known = [price for price in prices if price is not None]
    return BudgetLeft(left, left - sum(known, Decimal(0)), len(prices) - len(known), client)


def _last_price(config: Config, ledger: Ledger, item: Item) -> Decimal | None:
    """Return what the mailbox would cost at the price per year of its last order, or None."""
    if item.mailbox is None or item.years is None:
        return None
    last = ledger.last_price(config.portal.base_url, item.mailbox)
    if last is None:
        return None
    gross, years = last
    return (gross * item.years / years).quantize(Decimal("0.01"))
