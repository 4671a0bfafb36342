"""What the false portal knows about: frozen values, amounts in integer cents of a euro."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Subject(StrEnum):
    """Who owns an account, which decides whether «DATI FATTURAZIONE» is asked."""

    PERSONA_FISICA = "persona-fisica"
    AZIENDA = "azienda"
    LIBERO_PROFESSIONISTA = "libero-professionista"
    DITTA_INDIVIDUALE = "ditta-individuale"
    PUBBLICA_AMMINISTRAZIONE = "pubblica-amministrazione"


class MailboxType(StrEnum):
    """The tariff plans."""

    STANDARD = "STANDARD"
    PRO = "PRO"
    PREMIUM = "PREMIUM"


class Tab(StrEnum):
    """Under which tab of the newer layout a mailbox is listed."""

    OWN = "own"
    OTHERS = "others"


class MailboxState(StrEnum):
    """What the list says of a mailbox."""

    ACTIVE = "Attiva"
    EXPIRED = "Scaduta"
    ACTIVATING = "In Attivazione"
    CANCELLED = "Cancellata"


class Method(StrEnum):
    """The ways to pay."""

    BONIFICO = "bonifico"
    BOLLETTINO = "bollettino"
    CARTA = "carta"
    PAYPAL = "paypal"

    @property
    def automatic(self) -> bool:
        """Paying this way after signing in switches the automatic renewal on."""
        return self in {Method.CARTA, Method.PAYPAL}


class OrderState(StrEnum):
    """What became of an order."""

    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    CANCELLED = "cancelled"


class IdentifierKind(StrEnum):
    """The answers to «Identificativo per l'invio della fattura elettronica»."""

    CODICE_DESTINATARIO = "codice-destinatario"
    CASELLA_PEC = "casella-pec"
    NESSUNO = "nessuno"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """Where the electronic invoice goes."""

    kind: IdentifierKind
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One customer of the portal."""

    username: str
    password: str
    greeting: str
    #: The right password is refused too.
    locked: bool = False
    subject: Subject = Subject.PERSONA_FISICA
    identifier: Identifier | None = None
    tax_code: str = "XXXXXX00A00X000X"
    street: str = "Via dell'Esempio 1, 00000 Paese Inventato (XX)"
    contact_email: str = "amministrazione@posta.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One PEC mailbox, which its `password` opens by itself."""

    address: str
    account: str
    expiry: date
    password: str = "password-della-casella"
    #: Who signs in as the mailbox itself: the right password is refused too.
    locked: bool = False
    tab: Tab = Tab.OWN
    holder: str = "Titolare Inventato"
    type: MailboxType = MailboxType.STANDARD
    extra_gb: int = 0
    auto_renewal: bool = False
    cancelled: bool = False
    on_domain: bool = False
    activating: bool = False
    yearly_net_cents: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One row of the cart: which mailbox, with which plan and how many gigabytes more."""

    address: str
    type: MailboxType
    extra_gb: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One mailbox in an order; `extra_gb` counts only what this order adds."""

    address: str
    type: MailboxType
    extra_gb: int
    years: int
    net_cents: int
    vat_cents: int
    gross_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraLine:
    """Anything in an order that is not a mailbox."""

    text: str
    net_cents: int
    vat_cents: int
    gross_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a cart costs."""

    lines: tuple[OrderLine, ...]
    extras: tuple[ExtraLine, ...]
    years: int
    net_cents: int
    vat_cents: int
    gross_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """What the customer asks for when pressing «CONFERMA e completa l'ordine»."""

    signed_in_as: str
    choices: tuple[Choice, ...]
    years: int
    method: Method | None
    kit: bool = False
    consents: tuple[str, ...] = ()
    identifier: Identifier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order, as the portal remembers it; `consents` are the exact texts that were ticked."""

    number: str
    placed_at: datetime
    account: str
    signed_in_as: str
    lines: tuple[OrderLine, ...]
    extras: tuple[ExtraLine, ...]
    method: Method
    years: int
    net_cents: int
    vat_cents: int
    gross_cents: int
    state: OrderState = OrderState.AWAITING_PAYMENT
    consents: tuple[str, ...] = ()
    marketing_consents: tuple[str, ...] = ()
    identifier: Identifier | None = None
    paid_at: datetime | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """The mailboxes it renews."""
        return tuple(line.address for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One request that reached the portal."""

    at: datetime
    method: str
    path: str
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """One attempt to sign in."""

    username: str
    ok: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who signed in: an account, or, when `mailbox` is set, a mailbox that sees only itself."""

    username: str
    account: str
    mailbox: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phished:
    """What somebody typed where no customer of the portal should."""

    at: datetime
    host: str
    path: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderEdit:
    """Somebody changed the holder's data, which the law takes for a change of ownership."""

    at: datetime
    field: str
