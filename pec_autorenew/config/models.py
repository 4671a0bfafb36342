"""The configuration as frozen values: every key, its default, and what it must be.

Annotations are evaluated at run time here, by pydantic.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import time, timedelta
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import PurePath
from re import fullmatch
from types import UnionType
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from pec_autorenew.config.values import (
    Approval,
    Days,
    Duration,
    Flag,
    Money,
    PathText,
    SecretReference,
    Section,
    SomeDuration,
    Whole,
    Years,
    is_loopback,
    read_approval,
    read_day,
)
from pec_autorenew.model import IdentifierKind, InvoiceIdentifier, Mandate, PaymentMethod, fold_address
from pec_autorenew.names import CONSENTS

#: Before the exact words of a consent that the portal's guides do not name.
QUOTED: Final = "text:"


class Grouping(StrEnum):
    """Whether due mailboxes may share one order."""

    TOGETHER = "together"
    SINGLE = "single"


class Browser(Section):
    """How the browser is found, and how long things may take."""

    executable: PathText = ""
    headless: Flag = True
    action_timeout: SomeDuration = timedelta(seconds=30)
    visit_deadline: SomeDuration = timedelta(minutes=10)
    run_deadline: SomeDuration = timedelta(minutes=60)
    workers: Annotated[Whole, Field(ge=1, le=32)] = 2


def _read_time(value: object) -> object:
    """Read «07:30», a time of the day in Rome."""
    if isinstance(value, str) and fullmatch(r"\d{2}:\d{2}", value):
        return value
    raise ValueError('write a time as "07:30"')


class Worker(Section):
    """How `worker` shares the accounts with its like on other machines."""

    times: Annotated[tuple[Annotated[time, BeforeValidator(_read_time)], ...], Field(min_length=1)] = (time(7, 30),)
    lease: Annotated[SomeDuration, Field(ge=timedelta(seconds=2))] = timedelta(minutes=2)


def _read_ledger_url(value: str) -> str:
    if not value or value.startswith(("sqlite:////", "postgresql+psycopg://")):
        return value
    raise ValueError('write "postgresql+psycopg://host/database", "sqlite:////absolute/path", or leave it empty')


class Ledger(Section):
    """Where history is kept."""

    url: Annotated[str, AfterValidator(_read_ledger_url)] = ""
    state_dir: PathText = ""
    survey_max_age: Duration = timedelta(days=7)
    keep_evidence: Duration = timedelta(days=400)
    max_evidence_mb: Annotated[Whole, Field(ge=0, le=1_000_000)] = 2000


class SignIn(Section):
    """How often and how patiently to sign in (HUM-2, HUM-3)."""

    max_per_day: Annotated[Whole, Field(ge=0, le=100)] = 6
    max_pushes_per_day: Annotated[Whole, Field(ge=0, le=100)] = 2
    wait_human: Duration = timedelta(minutes=5)
    session_key: SecretReference | None = None


class Billing(Section):
    """«Identificativo per l'invio della fattura elettronica»."""

    identifier: IdentifierKind
    value: str = ""

    @model_validator(mode="after")
    def _value_fits_identifier(self) -> Self:
        match self.identifier:
            case IdentifierKind.CODICE_DESTINATARIO:
                fits = self.value.isascii() and self.value.isalnum() and len(self.value) in {6, 7}
                wanted = "6 or 7 letters and figures"
            case IdentifierKind.CASELLA_PEC:
                fits = _is_address(self.value)
                wanted = "the address of a PEC mailbox"
            case IdentifierKind.NESSUNO:
                fits, wanted = not self.value, "nothing"
        if not fits:
            raise ValueError(f"value: {wanted} is wanted for {self.identifier}")
        return self

    def as_identifier(self) -> InvoiceIdentifier:
        """Return it as the value that flows and planning know."""
        return InvoiceIdentifier(self.identifier, self.value)


class Renewal(Section):
    """What is renewed when, and how; the first lines are defaults for accounts and mailboxes."""

    window_days: Days = 30
    critical_days: Days = 7
    years: Years = 1
    payment_method: PaymentMethod = PaymentMethod.BONIFICO
    billing: Billing | None = None
    allow_portal_autorenewal: Flag = False
    grouping: Grouping = Grouping.TOGETHER
    approval: Annotated[Approval, BeforeValidator(read_approval)] = Approval()
    approval_valid: SomeDuration = timedelta(days=3)
    settle: Duration = timedelta(minutes=15)
    jitter: Duration = timedelta(minutes=30)


class Limits(Section):
    """What may be spent; without the first three nothing is ordered, and 0 means zero (PRC-2)."""

    max_per_mailbox: Money | None = None
    max_per_run: Money | None = None
    max_per_month: Money | None = None
    min_per_mailbox: Money = Decimal("1.00")
    max_increase_percent: Annotated[Whole, Field(ge=0, le=1000)] = 25


class Client(Section):
    """What may be spent for the accounts with one client label, besides `[limits]`: both hold (PRC-4)."""

    name: Annotated[str, Field(min_length=1)]
    max_per_run: Money | None = None
    max_per_month: Money | None = None

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.max_per_run is None and self.max_per_month is None:
            raise ValueError("max_per_run, max_per_month or both are wanted")
        return self


def read_mandate(value: object) -> object:
    """Return the table as `Mandate` wants it: documented consents by their keys, the others quoted word by word."""
    if not isinstance(value, Mapping):
        return value
    mandate = dict(value)
    unknown = sorted(mandate.keys() - {"given_by", "given_on", "accept"})
    if unknown:
        raise ValueError(f"unknown key {', '.join(unknown)}: only given_by, given_on and accept are known")
    if "given_on" in mandate:
        mandate["given_on"] = read_day(mandate["given_on"])
    accept = mandate.get("accept")
    if not isinstance(accept, list | tuple) or not all(isinstance(entry, str) for entry in accept):
        raise ValueError(f"accept: a list of {', '.join(CONSENTS)} and of quoted texts is wanted")
    quoted = [entry.removeprefix(QUOTED).strip() for entry in accept if entry.startswith(QUOTED)]
    named = [entry for entry in accept if not entry.startswith(QUOTED)]
    if strange := [entry for entry in named if entry not in CONSENTS]:
        raise ValueError(
            f"accept: unknown entry {', '.join(map(repr, strange))}: known are {', '.join(CONSENTS)}, "
            f'and "{QUOTED} …" with the portal\'s exact words'
        )
    if not all(quoted):
        raise ValueError(f'accept: after "{QUOTED}" the portal\'s exact words are wanted')
    if isinstance(mandate.get("given_by"), str) and not mandate["given_by"].strip():
        raise ValueError("given_by: a name is wanted: somebody must answer for what is accepted")
    return mandate | {"accept": frozenset(named), "texts": frozenset(quoted)}


def _is_address(value: str) -> bool:
    local, at, domain = value.partition("@")
    return bool(local and at and "." in domain and "@" not in domain and not any(c.isspace() for c in value))


def _read_address(value: str) -> str:
    if not _is_address(value):
        raise ValueError("the address of a mailbox is wanted")
    return fold_address(value)


def _read_account_name(value: str) -> str:
    if not value.isprintable() or value.startswith(".") or set(value) & set('/\\"'):
        raise ValueError("an account's name must not begin with a point or hold slashes, quotes or control characters")
    return value


Address = Annotated[str, AfterValidator(_read_address)]
Glob = Annotated[str, Field(min_length=1), AfterValidator(fold_address)]


class Overrides(Section):
    """What an account or a mailbox may have otherwise; None where it goes with the level above."""

    years: Years | None = None
    payment_method: PaymentMethod | None = None
    window_days: Days | None = None
    billing: Billing | None = None


class MailboxSettings(Overrides):
    """What differs for one mailbox."""

    address: Address


def _name_each_once(boxes: tuple[MailboxSettings, ...]) -> tuple[MailboxSettings, ...]:
    """Refuse two settings for one mailbox, in whatever spelling (DUP-9)."""
    counts = Counter(box.address for box in boxes)
    if twice := [address for address, count in counts.items() if count > 1]:
        raise ValueError(f"{', '.join(twice)} is there more than once")
    return boxes


class Encryption(StrEnum):
    """How the connection to a mail server is kept private; `none` is for loopback only."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class Mail(Section):
    """The ordinary mailbox that gets an account's «Conferma ordine» and «Conferma pagamento», read by IMAP."""

    host: Annotated[str, Field(min_length=1)]
    port: Annotated[Whole, Field(ge=1, le=65535)] = 993
    encryption: Encryption = Encryption.TLS
    username: Annotated[str, Field(min_length=1)]
    password: SecretReference
    folder: Annotated[str, Field(min_length=1)] = "INBOX"
    #: The name under which the receiving server writes its own Authentication-Results (RFC 8601).
    authserv_id: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _private(self) -> Self:
        if self.encryption is Encryption.NONE and not is_loopback(self.host):
            raise ValueError("encryption: none is accepted on loopback only: write tls or starttls")
        return self


class Account(Overrides):
    """One login and the mailboxes it is to renew."""

    name: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_read_account_name)]
    username: Annotated[str, Field(min_length=1)]
    password: SecretReference
    include: tuple[Glob, ...] = ("*",)
    exclude: tuple[Glob, ...] = ()
    client: str = ""
    shown_as: str = ""
    mailboxes: Annotated[tuple[MailboxSettings, ...], AfterValidator(_name_each_once)] = ()
    mail: Mail | None = None

    def covers(self, address: str) -> bool:
        """Whether this account is to look after the mailbox: included, and not excluded."""
        folded = fold_address(address)
        return any(fnmatchcase(folded, glob) for glob in self.include) and not self.excludes(folded)

    def excludes(self, address: str) -> bool:
        """Whether the mailbox is excluded in so many words."""
        return any(fnmatchcase(fold_address(address), glob) for glob in self.exclude)

    @property
    def named_mailboxes(self) -> frozenset[str]:
        """The mailboxes that the configuration names, which the portal therefore must show (SIL-2)."""
        literal = {glob for glob in self.include if not set(glob) & set("*?[")}
        return frozenset(a for a in literal | {box.address for box in self.mailboxes} if self.covers(a))

    def mailbox(self, address: str) -> MailboxSettings | None:
        """Return what differs for exactly this mailbox (PRC-11)."""
        return next((box for box in self.mailboxes if box.address == fold_address(address)), None)


class Severity(StrEnum):
    """How much a message matters, the least first."""

    INFO = "info"
    WARNING = "warning"
    ALARM = "alarm"


class Channel(Section):
    """One address for messages, and what it is told; None where it goes with the table around it."""

    url: SecretReference
    severity: Severity = Severity.INFO
    reveal_mailboxes: Flag | None = None


class Notify(Section):
    """Who is told; an address for messages is a secret, for it holds a token."""

    urls: tuple[SecretReference, ...] = ()
    channels: tuple[Channel, ...] = ()
    timeout: SomeDuration = timedelta(seconds=20)
    ping_url: SecretReference | None = None
    reveal_mailboxes: Flag = False
    language: Literal["it", "en"] = "it"
    ladder: tuple[Annotated[Whole, Field(ge=0, le=366)], ...] = (30, 15, 7, 3, 1)


def _read_program(argv: tuple[str, ...]) -> tuple[str, ...]:
    if argv and not argv[0]:
        raise ValueError("a program is wanted, and then its arguments")
    if argv and "/" in argv[0] and not PurePath(argv[0]).is_absolute():
        raise ValueError("write an absolute path, or a name to be found in PATH, for the program")
    return argv


#: A program and its arguments, without a shell; none where it is empty.
Program = Annotated[tuple[str, ...], AfterValidator(_read_program)]


class Hooks(Section):
    """Programs of the user's that run before and after."""

    before_run: Program = ()
    after_run: Program = ()
    before_renewal: Program = ()
    after_renewal: Program = ()
    timeout: SomeDuration = timedelta(minutes=1)


class Monitoring(Section):
    """What a monitoring system reads."""

    #: Prometheus's text-file collector reads it; "" for none.
    textfile: PathText = ""


def read_mandate_or_nothing(value: Any) -> Any:  # noqa: ANN401 - whatever somebody wrote
    """Let the absent mandate pass: `list` and `plan` need none."""
    return value if value is None or isinstance(value, Mandate) else read_mandate(value)


OptionalMandate = Annotated[Mandate | None, BeforeValidator(read_mandate_or_nothing)]


def model_within(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - an annotation can be anything
    """Return the model that a field holds, by itself, optionally, or in a tuple."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    is_nest = isinstance(annotation, UnionType) or getattr(annotation, "__origin__", None) is tuple
    return next((found for inner in get_args(annotation) if (found := model_within(inner))), None) if is_nest else None
