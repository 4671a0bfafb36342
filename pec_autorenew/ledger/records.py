"""The ledger's words: frozen values that go in and come out. Knows no SQL, so that everybody may import it cheaply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pec_autorenew.errors import LedgerError, PolicyStop
from pec_autorenew.model import Item, Outcome
from pec_autorenew.states import RenewalState

if TYPE_CHECKING:
    from pec_autorenew.model import PaymentMethod, PortalAutorenewal, Survey
    from pec_autorenew.states import HandoverState, RequestState

#: What is stored as JSON: facts for people and for later readings, never for decisions about money.
Facts: TypeAlias = "Mapping[str, object]"

#: The portal's days and months.
ROME: Final = ZoneInfo("Europe/Rome")

#: The flag that stops new orders everywhere; `submit` itself looks at it.
PAUSE: Final = "pause"
#: What a canary's flag says once the portal's list has shown an order of ours (BLK-3).
PROVED: Final = "proved"

#: What the screen after the binding click said, among the facts of a renewal's form.
CONFIRMATION: Final = "confirmation"

#: The portal has shown the order of such a renewal, or what it led to.
_ORDERED: Final = frozenset({RenewalState.AWAITING_PAYMENT, RenewalState.RENEWED})
_CENT: Final = Decimal("0.01")
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}


class BudgetExceeded(PolicyStop):
    """The portal's price does not fit into what is left of the run's or the month's budget; nothing was pressed."""

    reason = "budget"


# -- how values are brought into the one form that the ledger compares ------------------------------------------------


def origin(portal: str) -> str:
    """Return the origin of the portal's address: two spellings must never make two identities (DUP-9)."""
    try:
        parts = urlsplit(portal.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = None, None, None
    if parts is None or parts.scheme not in _DEFAULT_PORTS or not host:
        raise LedgerError(f"{portal!r} is no web address: a renewal needs the portal that it belongs to.")
    host = f"[{host}]" if ":" in host else host
    if port is None or port == _DEFAULT_PORTS[parts.scheme]:
        return f"{parts.scheme}://{host}"
    return f"{parts.scheme}://{host}:{port}"


def aware(now: datetime) -> datetime:
    """Return the instant in UTC; a naive one is refused, since nobody can say which instant it is."""
    if now.utcoffset() is None:
        raise LedgerError(f"{now!r} is a naive datetime: the ledger keeps instants, aware and in UTC.")
    return now.astimezone(UTC)


def month_of(now: datetime) -> str:
    """Return the calendar month in Europe/Rome, as the month's budget counts it (PRC-4): «2026-12»."""
    return aware(now).astimezone(ROME).strftime("%Y-%m")


def bounds_of(day: date) -> tuple[datetime, datetime]:
    """Return the first instant of a day in Europe/Rome and the first after it."""
    return (
        datetime.combine(day, time(), ROME).astimezone(UTC),
        datetime.combine(day + timedelta(days=1), time(), ROME).astimezone(UTC),
    )


def cents(amount: Decimal) -> int:
    """Return whole cents; what is negative, endless or finer than a cent is refused, never rounded."""
    if not amount.is_finite() or amount < 0 or amount != amount.quantize(_CENT):
        raise LedgerError(f"{amount} is no amount in euro and cents.")
    return int(amount.scaleb(2))


def euros(amount: int) -> Decimal:
    """Return the amount in euro."""
    return Decimal(amount).scaleb(-2).quantize(_CENT)


# -- what goes in -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SubmittedMailbox:
    """One mailbox of an order that is about to be placed, with the expiry that was read right before."""

    address: str
    expiry: date
    #: This mailbox's part, VAT included; None where the form shows no amount per mailbox.
    gross: Decimal | None = None
    #: The portal's «Rinnovo automatico» as it was before.
    autorenewal: PortalAutorenewal | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """One order that is about to be placed: what must be in the ledger before the binding click (DUP-1)."""

    account: str
    mailboxes: tuple[SubmittedMailbox, ...]
    years: int
    method: PaymentMethod
    #: What the whole order costs, VAT included, as read on the page of the binding click.
    order_gross: Decimal
    #: The order numbers that the portal listed before the click.
    order_numbers_before: tuple[str, ...]
    #: Names the click: the renewals of one order share it. Never used twice.
    group: str
    client: str = ""
    #: The requests whose answers this order uses up.
    approvals: tuple[int, ...] = ()
    #: The form as it was read: lines, accepted texts, whatever a person may ask for later.
    form: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClientBudget:
    """What may be spent for the accounts with one client label; None where only the limits of all hold."""

    client: str
    max_per_run: Decimal | None
    max_per_month: Decimal | None


@dataclass(frozen=True, slots=True)
class Budget:
    """The limits that hold for this run and for its calendar month, gross; 0 means zero (PRC-2)."""

    max_per_run: Decimal
    max_per_month: Decimal
    #: What holds besides, for the client that the order is for.
    client: ClientBudget | None = None


# -- what comes out ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Renewal:
    """One renewal as it stands now."""

    id: int
    portal: str
    account: str
    #: Folded.
    address: str
    #: The expiry that the renewal shall move.
    expiry: date
    state: RenewalState
    reason: str
    message: str
    #: None for an adopted order, of which the ledger knows what the order list shows.
    years: int | None
    method: PaymentMethod | None
    #: This mailbox's part.
    gross: Decimal | None
    order_gross: Decimal | None
    order_number: str | None
    order_numbers_before: tuple[str, ...]
    #: The calendar month whose budget it was reserved in; None for an adopted order.
    reserved_month: str | None
    #: The instant before the binding click; None for an adopted order.
    submitted_at: datetime | None
    #: When the portal last proved how it stands; None while nobody has looked.
    settled_at: datetime | None
    expiry_after: date | None
    autorenewal: PortalAutorenewal | None
    client: str
    form: Facts
    #: The run that placed or adopted it.
    run_id: str | None
    order_group: str
    #: Whether it counts against the budgets: only orders that the tool placed do (PRC-4).
    counts: bool
    created_at: datetime
    updated_at: datetime

    @property
    def name(self) -> str:
        """The name that people use, and the report's items: «address/expiry»."""
        return f"{self.address}/{self.expiry}"

    @property
    def payment_instructions(self) -> str:
        """What the portal said of this very order, when it confirmed it; "" where it may have spoken of another.

        That is proven by the number: the one on the confirmation, and the one under which the order was found (PAY-5).
        """
        said = self.form.get(CONFIRMATION)
        if self.state not in _ORDERED or not isinstance(said, Mapping) or self.order_number is None:
            return ""
        return str(said["text"]) if said["number"] == self.order_number else ""

    def item(self, outcome: Outcome, reason: str, message: str) -> Item:
        """Return the report's line for the renewal as it stands."""
        return Item(
            self.account,
            self.address,
            outcome,
            reason,
            message,
            expiry_before=self.expiry,
            years=self.years,
            method=self.method,
            gross=self.gross,
            order_gross=self.order_gross,
            order_number=self.order_number,
            autorenewal=self.autorenewal,
            instructions=self.payment_instructions if outcome is Outcome.AWAITING_PAYMENT else "",
        )


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; written once, never changed."""

    id: int
    at: datetime
    run_id: str | None
    renewal_id: int | None
    account: str | None
    kind: str
    from_state: RenewalState | None
    to_state: RenewalState | None
    facts: Facts


@dataclass(frozen=True, slots=True)
class StoredSurvey:
    """One look at an account's list, as it was kept."""

    id: int
    portal: str
    survey: Survey
    #: `live` or `dry-run`.
    mode: str
    #: Whether everything was read: only such a survey proves that nothing is due (SIL-6).
    complete: bool
    run_id: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command."""

    id: str
    command: str
    #: `live` or `dry-run`.
    mode: str
    portal: str
    started_at: datetime
    #: None while it goes on, or where it died.
    finished_at: datetime | None
    exit_code: int | None
    exit_codes: tuple[int, ...]
    #: Masked: no secret ever gets here.
    config: Facts
    report: Facts | None


@dataclass(frozen=True, slots=True)
class SweepVisit:
    """One account of a run that many workers share."""

    run_id: str
    account: str
    #: Where it stands among the others: the most urgent come first.
    place: int
    #: address -> the account that looks after it, for the mailboxes that this account shows and does not look after.
    owners: dict[str, str]
    #: How often a worker has begun it.
    tries: int
    #: None while it is open.
    done_at: datetime | None
    #: What came of it, as JSON: `items` and `drift`.
    report: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Claim:
    """Who works on an account, and until when unless a heartbeat comes."""

    portal: str
    account: str
    holder: str
    acquired_at: datetime
    heartbeat_at: datetime
    lease: timedelta

    @property
    def until(self) -> datetime:
        """The instant at which somebody else may take over."""
        return self.heartbeat_at + self.lease


@dataclass(frozen=True, slots=True)
class SignIn:
    """One attempt to sign in."""

    at: datetime
    ok: bool
    reason: str
    #: Tells one secret from another without being one.
    secret_mark: str | None


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """What a person's word holds for: exactly this, and nothing near it."""

    account: str
    address: str
    expiry: date
    years: int
    method: PaymentMethod
    #: This mailbox's price, VAT included.
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Request:
    """A question to a person, with the facts that were shown."""

    id: int
    portal: str
    facts: ApprovalFacts
    #: Why it is asked.
    question: str
    state: RequestState
    asked_at: datetime
    #: When a run last found the same facts at the portal.
    seen_at: datetime
    answered_at: datetime | None
    #: Until when it may be answered; once it is, until when the answer holds.
    valid_until: datetime
    run_id: str | None
    #: The renewal for which the answer was used.
    renewal_id: int | None

    @property
    def name(self) -> str:
        """The name that people use, and the report's items: «address/expiry»."""
        return f"{self.facts.address}/{self.facts.expiry}"


@dataclass(frozen=True, slots=True)
class Handover:
    """Something that only a person can do at the portal."""

    id: int
    portal: str
    account: str
    #: What it is, in a word of the interface: captcha, code, two-step-approval, bank-authentication, …
    reason: str
    #: What it is about, where an account may have several: an order's name; "" for the sign-in.
    subject: str
    #: What is asked and how to go on, in sentences; never a secret (HUM-4).
    message: str
    state: HandoverState
    asked_at: datetime
    #: Until when the run waits for it.
    wait_until: datetime
    settled_at: datetime | None
    run_id: str | None


@dataclass(frozen=True, slots=True)
class Flag:
    """A small fact that all workers share, such as the brake."""

    key: str
    value: str
    at: datetime
