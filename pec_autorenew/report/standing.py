"""How everything stands by the ledger: the facts that `check` judges and that the metrics count, computed once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pec_autorenew.ledger import PAUSE, month_of
from pec_autorenew.model import MailboxState, PortalAutorenewal
from pec_autorenew.paying import GRACE_DAYS, Term
from pec_autorenew.planning import days_left, today_in_rome
from pec_autorenew.states import UNSETTLED, RenewalState, RequestState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date
    from decimal import Decimal

    from pec_autorenew.config import Account, Config
    from pec_autorenew.ledger import Flag, Handover, Ledger, Renewal, Request, Run, StoredSurvey
    from pec_autorenew.model import Mailbox

#: The commands that a timer runs: how the last of them ended matters.
SCHEDULED: Final = ("renew", "reconcile")
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class State(StrEnum):
    """How a mailbox stands; one word for each."""

    NOT_DUE = "not-due"
    DUE = "due"
    AWAITING_PAYMENT = "awaiting-payment"
    UNKNOWN = "unknown"
    AUTORENEWAL = "portal-autorenewal"
    NOT_RENEWABLE_HERE = "not-renewable-here"
    EXPIRED = "expired"
    EXCLUDED = "excluded"
    CANCELLED = "cancelled"


#: Nobody is to look after these (SIL-3).
APART: Final = frozenset({State.EXCLUDED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Watched:
    """One mailbox by the newest survey that shows it."""

    account: str
    address: str
    expiry: date
    left: int
    state: State


@dataclass(frozen=True, slots=True)
class Unpaid:
    """An order that waits for its payment, and the last day on which that is registered in time."""

    renewal: Renewal
    pay_by: date


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger holds that matters now, of all accounts."""

    surveys: tuple[StoredSurvey, ...]
    open: tuple[Renewal, ...]
    handovers: tuple[Handover, ...]
    questions: tuple[Request, ...]
    #: The newest live run of a scheduled command.
    last_run: Run | None
    paused: Flag | None
    spent: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """The facts of one moment, for the accounts that are asked about."""

    now: datetime
    today: date
    boxes: tuple[Watched, ...]
    #: When each account was last looked at completely; None for never.
    seen: Mapping[str, datetime | None]
    #: Account and address of each mailbox that the configuration names and the last survey does not show (SIL-2).
    not_shown: tuple[tuple[str, str], ...]
    unsettled: tuple[Renewal, ...]
    unpaid: tuple[Unpaid, ...]
    handovers: tuple[Handover, ...]
    questions: tuple[Request, ...]
    last_run: Run | None
    paused: Flag | None
    spent: Decimal

    @property
    def cared_for(self) -> tuple[Watched, ...]:
        """The mailboxes that are neither excluded nor cancelled, the earliest expiry first."""
        return tuple(one for one in self.boxes if one.state not in APART)

    def below(self, days: int) -> tuple[Watched, ...]:
        """Return those of them with fewer days left: whatever is ordered, none of them is renewed (SIL-3)."""
        return tuple(one for one in self.cared_for if one.left < days)


def read_known(ledger: Ledger, portal: str, now: datetime) -> Known:
    """Read what the ledger holds of a portal."""
    return Known(
        ledger.last_surveys(portal, complete_only=True),
        ledger.open_renewals(portal),
        ledger.handovers(portal),
        ledger.requests(portal),
        ledger.last_run(portal, SCHEDULED),
        ledger.flag(PAUSE),
        ledger.spent_in_month(month_of(now)),
    )


def standing(
    config: Config,
    known: Known,
    now: datetime,
    *,
    accounts: Collection[str] = (),
    mailboxes: Collection[str] = (),
) -> Standing:
    """Return how the accounts and mailboxes that are asked about stand; all of them where none is named."""
    today = today_in_rome(now)
    chosen = {one.name: one for one in config.accounts_named(accounts)}
    surveys = {one.survey.account: one for one in known.surveys if one.survey.account in chosen}

    def asked(account: str, address: str) -> bool:
        return account in chosen and (not mailboxes or address in mailboxes)

    # An order of an account that is no longer configured may exist all the same.
    opened = [
        one
        for one in known.open
        if (not accounts or one.account in accounts) and (not mailboxes or one.address in mailboxes)
    ]
    boxes = _watched(config, chosen.values(), surveys, known.open, today)
    not_shown = [
        (account.name, address)
        for account in chosen.values()
        if account.name in surveys
        for address in sorted(account.named_mailboxes)
        if surveys[account.name].survey.mailbox(address) is None and asked(account.name, address)
    ]
    waiting = {RequestState.ASKED}
    return Standing(
        now,
        today,
        tuple(one for one in boxes if asked(one.account, one.address)),
        {name: surveys[name].survey.taken_at if name in surveys else None for name in chosen},
        tuple(not_shown),
        tuple(one for one in opened if one.state in UNSETTLED),
        tuple(Unpaid(one, _pay_by(config, one, today)) for one in opened if one.state is RenewalState.AWAITING_PAYMENT),
        tuple(one for one in known.handovers if one.account in chosen),
        tuple(
            one
            for one in known.questions
            if one.state in waiting and one.valid_until > now and asked(one.facts.account, one.facts.address)
        ),
        known.last_run,
        known.paused,
        known.spent,
    )


def _watched(
    config: Config,
    accounts: Iterable[Account],
    surveys: Mapping[str, StoredSurvey],
    opened: Iterable[Renewal],
    today: date,
) -> list[Watched]:
    """Return each mailbox once, though several accounts may show it (DUP-9): by whoever looks after it, seen last."""
    orders = {(one.address, one.expiry): one.state for one in opened}
    best: dict[str, tuple[tuple[bool, datetime], Watched]] = {}
    for account in accounts:
        stored = surveys.get(account.name)
        for box in stored.survey.mailboxes if stored else ():
            one = Watched(
                account.name,
                box.address,
                box.expiry,
                days_left(box.expiry, today),
                _state(config, account, box, orders.get((box.address, box.expiry)), today),
            )
            rank = (one.state is not State.EXCLUDED, stored.survey.taken_at if stored else _NEVER)
            if box.address not in best or rank > best[box.address][0]:
                best[box.address] = (rank, one)
    return sorted((one for _, one in best.values()), key=lambda one: (one.expiry, one.address))


def _state(config: Config, account: Account, box: Mailbox, order: RenewalState | None, today: date) -> State:
    left = days_left(box.expiry, today)
    if not account.covers(box.address):
        return State.EXCLUDED
    if box.state is MailboxState.CANCELLED or left < -GRACE_DAYS:
        return State.CANCELLED
    if order in UNSETTLED:
        return State.UNKNOWN
    if order is RenewalState.AWAITING_PAYMENT:
        return State.AWAITING_PAYMENT
    if left < 0:
        return State.EXPIRED
    if box.state is MailboxState.ON_DOMAIN:
        return State.NOT_RENEWABLE_HERE
    if box.autorenewal is PortalAutorenewal.ON:
        return State.AUTORENEWAL
    due = left <= config.policy_for(account, box.address).window_days
    return State.DUE if due else State.NOT_DUE


def _pay_by(config: Config, renewal: Renewal, today: date) -> date:
    """Return the last day to pay; of somebody else's order the method is not known, and this account's counts."""
    method = renewal.method
    if method is None:
        account = config.account(renewal.account)
        method = config.policy_for(account, renewal.address).method if account else config.renewal.payment_method
    return Term(renewal.expiry, method, today).pay_by
