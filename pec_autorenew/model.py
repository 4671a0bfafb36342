"""Frozen values: what the portal shows, what is wanted, what came of it. No behaviour beyond reading oneself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime  # noqa: TC003 - pydantic reads the annotations of `Mandate`
from decimal import Decimal  # noqa: TC003 - likewise
from enum import StrEnum
from typing import Final

#: Days after the expiry in which a mailbox can still be renewed; then it is deleted (PF-EXPIRY-90).
GRACE_DAYS: Final = 90


class PaymentMethod(StrEnum):
    """How an order is paid; the portal's words are in `names.py`."""

    BONIFICO = "bonifico"
    BOLLETTINO = "bollettino"
    CARTA = "carta"
    PAYPAL = "paypal"

    @property
    def switches_autorenewal_on(self) -> bool:
        """Whether paying this way switches the portal's «Rinnovo automatico» on (PAY-1)."""
        return self in {PaymentMethod.CARTA, PaymentMethod.PAYPAL}


class MailboxType(StrEnum):
    """The plan of a mailbox."""

    STANDARD = "STANDARD"
    PRO = "PRO"
    PREMIUM = "PREMIUM"


class MailboxState(StrEnum):
    """The state that the portal prints for a mailbox."""

    ACTIVE = "attiva"
    EXPIRED = "scaduta"
    ACTIVATING = "in-attivazione"
    CANCELLED = "cancellata"
    ON_DOMAIN = "pec-su-dominio"
    NOT_SHOWN = "not-shown"


class PortalAutorenewal(StrEnum):
    """The portal's own «Rinnovo automatico»."""

    ON = "on"
    OFF = "off"
    NOT_SHOWN = "not-shown"


class OrderState(StrEnum):
    """The state of an order in «Ordini associati al servizio»."""

    AWAITING_PAYMENT = "awaiting-payment"
    PAID = "paid"
    CANCELLED = "cancelled"
    OTHER = "other"


def fold_address(address: str) -> str:
    """Return the form in which two spellings of one mailbox are equal: no blanks around, lower case (DUP-9)."""
    return address.strip().lower()


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mailbox as the list shows it."""

    #: Folded.
    address: str
    #: Last day of the term, Europe/Rome.
    expiry: date
    state: MailboxState
    #: None where the list does not show it.
    type: MailboxType | None
    autorenewal: PortalAutorenewal
    #: Whether «Rinnova» is offered on the row.
    renewable: bool
    #: «Le mie caselle PEC», «PEC di altri titolari», or "" where there are no tabs.
    tab: str = ""


@dataclass(frozen=True, slots=True)
class PortalOrder:
    """One order as the portal's order list shows it; None where the list does not show the fact."""

    number: str | None
    placed_on: date | None
    state: OrderState
    gross: Decimal | None
    #: Folded addresses named in the order's row; empty where none is named.
    mailboxes: frozenset[str]
    #: The row's text, for people.
    text: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What one fresh look at an account's list showed."""

    account: str
    #: Aware, UTC.
    taken_at: datetime
    mailboxes: tuple[Mailbox, ...]
    orders: tuple[PortalOrder, ...]
    #: False where this login has no order list at all.
    orders_visible: bool
    #: Whether «Rinnova caselle» leads to flags for several mailboxes.
    offers_flags: bool = False

    def mailbox(self, address: str) -> Mailbox | None:
        """Return the mailbox with exactly this address, or None (PRC-11)."""
        return next((box for box in self.mailboxes if box.address == fold_address(address)), None)

    def order_numbers(self) -> tuple[str, ...]:
        """Return the numbers listed now, sorted."""
        return tuple(sorted(order.number for order in self.orders if order.number))


#: Characters in a public office's code.
OFFICE_CODE: Final = 6


class IdentifierKind(StrEnum):
    """«Identificativo per l'invio della fattura elettronica»."""

    CODICE_DESTINATARIO = "codice-destinatario"
    CASELLA_PEC = "casella-pec"
    NESSUNO = "nessuno"


@dataclass(frozen=True, slots=True)
class InvoiceIdentifier:
    """Where the electronic invoice goes; `value` is "" for «Nessun identificativo»."""

    kind: IdentifierKind
    value: str = ""

    @property
    def is_public_office(self) -> bool:
        """Whether it is the code of a public office, which is one character shorter (PF-IDENTIFIER-CODE)."""
        return self.kind is IdentifierKind.CODICE_DESTINATARIO and len(self.value) == OFFICE_CODE


@dataclass(frozen=True, slots=True)
class Mandate:
    """Who allowed the tool to accept what: keys of documented consents, and texts quoted word by word."""

    given_by: str
    given_on: date
    accept: frozenset[str]
    texts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WantedMailbox:
    """One mailbox that shall be renewed, as the list showed it a moment ago."""

    address: str
    expiry: date
    type: MailboxType | None
    tab: str = ""
    #: Why a person is asked before it is ordered; "" where nobody has to be.
    question: str = ""


@dataclass(frozen=True, slots=True)
class WantedOrder:
    """One order that shall be placed: these mailboxes, for so many years, paid so, and nothing else."""

    account: str
    mailboxes: tuple[WantedMailbox, ...]
    years: int
    method: PaymentMethod
    mandate: Mandate
    identifier: InvoiceIdentifier | None = None
    #: Every mailbox of the account, so that a foreign one on a form is recognised as such.
    all_addresses: frozenset[str] = frozenset()

    @property
    def addresses(self) -> frozenset[str]:
        """The folded addresses of the wanted mailboxes."""
        return frozenset(box.address for box in self.mailboxes)


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent on the order form, with its words."""

    text: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class FormLine:
    """One line of the order: a mailbox, or something that is not one (`address` is "")."""

    address: str
    text: str
    type: MailboxType | None = None
    years: int | None = None
    #: In euro, as printed on the line; None where the line shows none.
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OrderForm:
    """«Modulo Ordine» as it reads at one moment, with what the page before it showed of the chosen mailboxes."""

    lines: tuple[FormLine, ...]
    years: int
    method: PaymentMethod
    #: What is to be paid, VAT included, in euro.
    gross: Decimal
    net: Decimal | None
    vat: Decimal | None
    consents: tuple[Consent, ...]

    @property
    def addresses(self) -> frozenset[str]:
        """The mailboxes that the form would renew."""
        return frozenset(line.address for line in self.lines if line.address)

    @property
    def amounts_per_mailbox(self) -> dict[str, Decimal]:
        """The printed amount of each mailbox's line, where each has one; else empty."""
        amounts = {line.address: line.amount for line in self.lines if line.address and line.amount is not None}
        return amounts if amounts.keys() == self.addresses else {}


@dataclass(frozen=True, slots=True)
class Placed:
    """The portal's answer to the binding click, which proves nothing by itself (VER-1)."""

    order_number: str | None
    text: str
    #: What it says against there being an order, as part of a sentence; "" for nothing.
    why: str = ""


class Outcome(StrEnum):
    """The words of the report, as in the interface."""

    RENEWED = "renewed"
    AWAITING_PAYMENT = "awaiting-payment"
    WOULD_ORDER = "would-order"
    SKIPPED = "skipped"
    FAILED = "failed"
    NEEDS_PERSON = "needs-person"
    STOPPED = "stopped"
    UNKNOWN = "unknown"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one mailbox in one run: a line of the report."""

    account: str
    #: None for an account that could not be looked at and whose mailboxes nobody knows.
    mailbox: str | None
    outcome: Outcome
    reason: str
    message: str
    expiry_before: date | None = None
    expiry_after: date | None = None
    years: int | None = None
    method: PaymentMethod | None = None
    gross: Decimal | None = None
    order_gross: Decimal | None = None
    order_number: str | None = None
    autorenewal: PortalAutorenewal | None = None
    evidence: tuple[str, ...] = ()
    #: The last day to pay the order; None where nothing is to be paid.
    pay_by: date | None = None
    #: Whether a person is to be told now that it is to be paid.
    reminder: bool = False
    #: What the portal said of the order when it confirmed it (PAY-5); "" where that is not known.
    instructions: str = ""

    @property
    def id(self) -> str | None:
        """The identity of the renewal: «address/expiry»."""
        return f"{self.mailbox}/{self.expiry_before}" if self.mailbox and self.expiry_before else self.mailbox
