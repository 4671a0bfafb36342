"""What there is to tell of a run: pure, from items to matters. Knows no language, no channel and no memory.

What stops a whole account is one matter, however many mailboxes it has; everything else is one for each mailbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from pec_autorenew.config import Severity
from pec_autorenew.errors import LedgerError, NotRecorded, SecretUnavailable
from pec_autorenew.model import Item, Outcome
from pec_autorenew.paying import DAILY_FROM, mail_sent_to
from pec_autorenew.planning import days_left
from pec_autorenew.results import is_critical

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from decimal import Decimal

    from pec_autorenew.checks import Change
    from pec_autorenew.config import Config
    from pec_autorenew.errors import PecAutorenewError
    from pec_autorenew.model import InvoiceIdentifier, PaymentMethod

#: The outcome of a matter that was told and is no longer so.
RESOLVED: Final = "resolved"
#: The outcome of a matter that tells how a page of the portal has changed.
CHANGED: Final = "changed"
#: The key of what ended a whole run.
OF_THE_RUN: Final = "run"
#: A person pays it at their bank (PAY-6).
BANK: Final = "bank-authentication"
#: These stop an account, and are told of it once.
_OF_THE_ACCOUNT: Final = frozenset(
    {
        *("two-step-approval", "captcha", "code", "password-change", "account-locked", "terms", "notice"),
        *("sign-in-rejected", "sign-in-limit", "foreign-origin", "maintenance", "unreachable", "too-many-requests"),
        *("timeout", "portal-error", "internal-error", "interrupted"),
        *("unexpected-page", "element-missing", "element-ambiguous", "inventory-shrank"),
    }
)
#: Told at once (NOT-1): what cannot wait for the end of the run.
_AT_ONCE: Final = frozenset({Outcome.UNKNOWN, Outcome.DRIFT, Outcome.NEEDS_PERSON, Outcome.STOPPED})
_RANKS: Final = tuple(Severity)
#: So many accounts are named where many see the same.
_MOST_ACCOUNTS: Final = 3


class Stage(IntEnum):
    """How far a mailbox that is not renewed has come (SIL-3)."""

    CALM = 0
    CRITICAL = 1
    EXPIRED = 2
    DELETION = 3


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that somebody is told."""

    #: What it is about: a mailbox, an account's trouble, the run.
    key: str
    severity: Severity
    outcome: str
    reason: str
    account: str = ""
    #: Most urgent first.
    mailboxes: tuple[str, ...] = ()
    #: The first expiry of these mailboxes, as far as it is known.
    expiry: date | None = None
    stage: Stage = Stage.CALM
    #: In English, as the report has it.
    message: str = ""
    expiry_after: date | None = None
    order_number: str | None = None
    gross: Decimal | None = None
    order_gross: Decimal | None = None
    method: PaymentMethod | None = None
    pay_by: date | None = None
    payer: InvoiceIdentifier | None = None
    #: Whether the portal has said how to pay, and to which (masked) address it has written.
    instructed: bool = False
    mail: str = ""
    #: Until when the run waits for a person.
    until: datetime | None = None
    #: Whether it was told before and nothing has changed but the date.
    again: bool = False
    #: The page of the portal that has changed, and how.
    page: str = ""
    changes: tuple[Change, ...] = ()

    @property
    def rank(self) -> int:
        """How much it matters, as a number."""
        return rank(self.severity)

    @property
    def signature(self) -> str:
        """What is told again when it changes; that an order made yesterday is waiting today is no change."""
        asked = self.outcome in {Outcome.NEEDS_PERSON, Outcome.STOPPED}
        waits = self.outcome == Outcome.AWAITING_PAYMENT
        reason = ("to-pay" if self.pay_by else "paid") if waits else self.reason
        price = self.gross if asked else None
        return "|".join(map(str, (self.outcome, reason, self.order_number or "", price or "", int(self.stage))))

    @property
    def is_unpaid(self) -> bool:
        """Whether it is an order that somebody has to pay, in their own time."""
        return self.outcome == Outcome.AWAITING_PAYMENT and self.pay_by is not None and self.reason != BANK


def rank(severity: Severity) -> int:
    """Return how much it is, as a number."""
    return _RANKS.index(severity)


def is_urgent(config: Config, item: Item, today: date) -> bool:
    """Whether the item is one of those that are told in the middle of a run (NOT-1)."""
    return _severity(item, _stage(config, item, today), today) is Severity.ALARM


def matters_of(config: Config, items: Iterable[Item], today: date) -> list[Matter]:
    """Return what the items have to tell, the most urgent first; what is as it should be tells nothing."""
    together: dict[str, list[Item]] = {}
    for item in items:
        if _severity(item, _stage(config, item, today), today) is not None:
            together.setdefault(key_of(item), []).append(item)
    return most_urgent_first(_matter(config, key, group, today) for key, group in together.items())


def most_urgent_first(matters: Iterable[Matter]) -> list[Matter]:
    """Return them by severity, then by expiry."""
    return sorted(matters, key=lambda one: (-one.rank, one.expiry or date.max, one.key))


def key_of(item: Item) -> str:
    """Return what the item is about."""
    if item.mailbox is None or item.reason in _OF_THE_ACCOUNT:
        return account_key(item.account, item.outcome.value, item.reason)
    return item.mailbox


def account_key(account: str, outcome: str, reason: str) -> str:
    """Return the key of what stops an account."""
    return f"account {account}/{outcome}/{reason}"


def broken(error: PecAutorenewError, expiry: date | None) -> Matter:
    """Return what is told of an error that ended a run; `expiry` is the first one that is known."""
    match error:
        case NotRecorded():
            reason = "not-recorded"
        case LedgerError():
            reason = "ledger"
        case SecretUnavailable():
            reason = "secret-unavailable"
        case _:
            reason = "not-fit" if type(error).reason == error.reason == "portal-error" else error.reason
    problems: tuple[str, ...] = getattr(error, "problems", ())
    message = "; ".join((error.message, *problems))
    return Matter(OF_THE_RUN, Severity.ALARM, Outcome.FAILED.value, reason, expiry=expiry, message=message)


def portal_changed(key: str, page: str, changes: tuple[Change, ...], accounts: Sequence[str]) -> Matter:
    """Return what is told of a page that has changed, for the accounts that see it so; that it is as before is news."""
    more = f" +{len(accounts) - _MOST_ACCOUNTS}" if len(accounts) > _MOST_ACCOUNTS else ""
    return Matter(
        key,
        Severity.INFO if all(one.ends for one in changes) else Severity.WARNING,
        CHANGED,
        "portal-changed",
        account=", ".join(accounts[:_MOST_ACCOUNTS]) + more,
        page=page,
        changes=changes,
    )


def request(
    account: str,
    reason: str,
    message: str,
    *,
    until: datetime | None,
    mailbox: str | None,
    expiry: date | None,
    stage: Stage,
) -> Matter:
    """Return what a person is asked while a run waits; its key is that of the items that tell of it afterwards."""
    outcome = Outcome.NEEDS_PERSON.value
    return Matter(
        account_key(account, outcome, reason),
        Severity.ALARM,
        outcome,
        reason,
        account=account,
        mailboxes=(mailbox,) if mailbox else (),
        expiry=expiry,
        stage=stage,
        message=message,
        until=until,
    )


def stage_of(expiry: date | None, today: date, critical_days: int) -> Stage:
    """Return how far a mailbox with this expiry has come, if nobody renews it."""
    left = None if expiry is None else days_left(expiry, today)
    if left is None or left >= critical_days:
        return Stage.CALM
    if left >= 0:
        return Stage.CRITICAL
    return Stage.DELETION if -left >= DAILY_FROM else Stage.EXPIRED


def _stage(config: Config, item: Item, today: date) -> Stage:
    critical_days = config.renewal.critical_days
    if not is_critical(item, today, critical_days):
        return Stage.CALM
    return stage_of(item.expiry_before, today, critical_days)


def _severity(item: Item, stage: Stage, today: date) -> Severity | None:
    """Return how much an item matters by itself; None where there is nothing to tell."""
    if stage or (item.outcome in _AT_ONCE and item.reason != "paused") or item.reason in {BANK, "timeout"}:
        return Severity.ALARM
    match item.outcome:
        case Outcome.SKIPPED:
            return None
        case Outcome.RENEWED | Outcome.WOULD_ORDER:
            return Severity.INFO
        case Outcome.AWAITING_PAYMENT:
            late = item.pay_by is not None and item.pay_by < today
            return Severity.WARNING if late else Severity.INFO
        case _:
            return Severity.WARNING


def _matter(config: Config, key: str, items: list[Item], today: date) -> Matter:
    items = sorted(items, key=lambda one: (one.expiry_before or date.max, one.mailbox or ""))
    first = items[0]
    stages = [_stage(config, item, today) for item in items]
    severities = [_severity(item, stage, today) or Severity.INFO for item, stage in zip(items, stages, strict=True)]
    method, payer = first.method, None
    account = config.account(first.account) if first.pay_by else None
    if account is not None and first.mailbox is not None:
        policy = config.policy_for(account, first.mailbox)
        method, payer = method or policy.method, policy.identifier
    return Matter(
        key,
        max(severities, key=rank),
        first.outcome.value,
        first.reason,
        account=first.account,
        mailboxes=tuple(dict.fromkeys(item.mailbox for item in items if item.mailbox)),
        expiry=first.expiry_before,
        stage=max(stages),
        message=first.message,
        expiry_after=first.expiry_after,
        order_number=first.order_number,
        gross=first.gross,
        order_gross=first.order_gross,
        method=method,
        pay_by=first.pay_by,
        payer=payer,
        instructed=bool(first.instructions),
        mail=mail_sent_to(first.instructions),
    )
