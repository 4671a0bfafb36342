"""Who takes part: six logins of invented people with forty mailboxes, and the rules by which they are renewed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.model import MailboxType

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What a year costs, VAT included, as the mock portal has it.
PRICES: Final = MappingProxyType(
    {
        MailboxType.STANDARD: Decimal("6.10"),
        MailboxType.PRO: Decimal("30.50"),
        MailboxType.PREMIUM: Decimal("42.70"),
    }
)
#: Working days until a payment is registered at the latest, by method.
REGISTERED_WITHIN: Final = MappingProxyType({"bonifico": 3, "bollettino": 7, "carta": 0})


class Trait(StrEnum):
    """What is special about a mailbox."""

    PLAIN = "plain"
    EXCLUDED = "excluded"
    #: The portal's own «Rinnovo automatico» is on.
    AUTOMATIC = "automatic"
    #: The same, and the portal's charge fails.
    NOT_CHARGED = "not charged"
    ON_DOMAIN = "on domain"
    #: Nobody ever pays its order.
    UNPAID = "unpaid"
    #: Whether it may be ordered is answered when it has expired.
    ANSWERED_LATE = "answered late"


#: Mailboxes that the client may order.
TO_ORDER: Final = frozenset({Trait.PLAIN, Trait.UNPAID, Trait.ANSWERED_LATE})


@dataclass(frozen=True, slots=True)
class Rules:
    """What the configuration says, and the judges go by."""

    window_days: int
    critical_days: int
    ladder: tuple[int, ...]
    approval_above: Decimal = Decimal("40.00")
    max_per_mailbox: Decimal = Decimal("70.00")
    max_per_run: Decimal = Decimal("200.00")
    max_per_month: Decimal = Decimal("500.00")
    max_increase_percent: int = 25


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are played, and the rules that hold in them."""

    start: date
    days: int
    rules: Rules
    #: Of a hundred mailboxes, so many expire within it or soon after; the others much later.
    near: int = 100

    def day(self, number: int) -> date:
        """Return the day with this number; 0 is the first."""
        return self.start + timedelta(days=number)


YEAR: Final = Span(date(2027, 7, 1), 366, Rules(30, 7, (30, 15, 7, 3, 1)))
MONTH: Final = Span(date(2026, 12, 1), 30, Rules(10, 4, (7, 3, 1)), near=20)


@dataclass(frozen=True, slots=True)
class Login:
    """One account of the configuration."""

    name: str
    username: str
    client: str
    method: str = "bonifico"
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def secret(self) -> str:
        """The environment's variable with the password."""
        return f"PEC_{self.name.upper()}"


@dataclass(frozen=True, slots=True)
class Box:
    """One mailbox as it is when everything begins."""

    address: str
    #: The logins that show it; the first one renews it.
    logins: tuple[str, ...]
    kind: MailboxType
    expiry: date
    trait: Trait = Trait.PLAIN
    years: int = 1


SHARED: Final = "mirto.ginepro@arubapec.it"
_FOR_LONGER: Final = "segreteria.prugnolo@arubapec.it"
LOGINS: Final = (
    Login("studio", "100011@aruba.it", "ginepro", facts={"exclude": ["archivio.ginepro@pec.it"]}),
    Login(
        "azienda",
        "100012@aruba.it",
        "prugnolo",
        facts={"mailboxes": [{"address": _FOR_LONGER, "years": 2}]},
    ),
    Login("consorzio", "100013@aruba.it", "prugnolo"),
    Login("comune", "100014@aruba.it", "prugnolo", "bollettino"),
    Login("mirto", SHARED, "ginepro"),
    Login("bianca", "bianca.sorbo@pec.it", "ginepro", "carta"),
)
_PEOPLE: Final = {
    "studio": ("ginepro", 14),
    "azienda": ("prugnolo", 10),
    "consorzio": ("corniolo", 9),
    "comune": ("sorbo", 5),
}
_DESKS: Final = (
    *("archivio", "segreteria", "fatture", "gare", "legale", "personale", "acquisti", "vendite", "qualita"),
    *("sicurezza", "protocollo", "cantiere", "magazzino", "direzione"),
)
_DOMAINS: Final = ("pec.it", "arubapec.it", "mypec.eu", "gigapec.it")
_TRAITS: Final = {
    "archivio.ginepro": Trait.EXCLUDED,
    "legale.prugnolo": Trait.AUTOMATIC,
    "fatture.prugnolo": Trait.NOT_CHARGED,
    "gare.corniolo": Trait.ON_DOMAIN,
    "acquisti.corniolo": Trait.UNPAID,
    "gare.prugnolo": Trait.ANSWERED_LATE,
}
_KINDS: Final = (MailboxType.STANDARD, MailboxType.PRO, MailboxType.STANDARD, MailboxType.PRO, MailboxType.PREMIUM)
#: Several that expire on one day, and those that renew themselves or never are, must do so within what is played.
_SAME_DAY: Final = ("segreteria.ginepro", "fatture.ginepro", "segreteria.corniolo")


def dice(*what: object) -> Random:
    """Return what is drawn with, always the same for the same words."""
    return Random(" ".join(map(str, what)))  # noqa: S311 - a story, not a secret


@dataclass(frozen=True, slots=True)
class Cast:
    """All of them."""

    span: Span
    boxes: Mapping[str, Box]
    logins: Mapping[str, Login] = field(default_factory=lambda: {one.name: one for one in LOGINS})

    @property
    def rules(self) -> Rules:
        """The rules that hold."""
        return self.span.rules

    def login_of(self, address: str) -> Login:
        """Return the login that renews a mailbox."""
        return self.logins[self.boxes[address].logins[0]]

    def boxes_of(self, login: str) -> list[Box]:
        """Return what a login shows."""
        return [box for box in self.boxes.values() if login in box.logins]

    def configuration(self, portal: Mapping[str, Any], **tables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the configuration as a tree; `tables` are added to it."""
        rules = self.rules
        return {
            "portal": dict(portal),
            "renewal": {
                "window_days": rules.window_days,
                "critical_days": rules.critical_days,
                "approval": f"above:{rules.approval_above}",
                "allow_portal_autorenewal": True,
                "settle": "1 h",
                "jitter": "0 s",
            },
            "limits": {
                "max_per_mailbox": str(rules.max_per_mailbox),
                "max_per_run": str(rules.max_per_run),
                "max_per_month": str(rules.max_per_month),
                "max_increase_percent": rules.max_increase_percent,
            },
            "mandate": {
                "given_by": "Prova Provetti",
                "given_on": date(2026, 11, 1),
                "accept": ["condizioni-generali", "clausole-vessatorie", "informativa-privacy"],
            },
            "notify": {"urls": [{"env": "PEC_LETTERS"}], "reveal_mailboxes": True, "ladder": list(rules.ladder)},
            "accounts": [
                {
                    "name": one.name,
                    "username": one.username,
                    "password": {"env": one.secret},
                    "client": one.client,
                    "payment_method": one.method,
                    **one.facts,
                }
                for one in self.logins.values()
            ],
            **{name: dict(table) for name, table in tables.items()},
        }


def cast(span: Span, seed: int) -> Cast:
    """Return the mailboxes with the expiries that a seed gives them."""
    random = dice("cast", seed)
    boxes = [_box(name, desk, span, random) for name, (_, number) in _PEOPLE.items() for desk in range(number)]
    boxes.append(Box(SHARED, ("studio", "mirto"), MailboxType.PRO, _some_day(span, random)))
    boxes.append(Box("bianca.sorbo@pec.it", ("bianca",), MailboxType.STANDARD, _some_day(span, random)))
    return Cast(span, {box.address: box for box in boxes})


def _box(login: str, desk: int, span: Span, random: Random) -> Box:
    name = f"{_DESKS[desk]}.{_PEOPLE[login][0]}"
    domain = _DOMAINS[desk % len(_DOMAINS)]
    trait = _TRAITS.get(name, Trait.PLAIN)
    kind = MailboxType.PREMIUM if trait is Trait.ANSWERED_LATE else _KINDS[desk % len(_KINDS)]
    expiry = _some_day(span, random)
    if name in _SAME_DAY:
        expiry = span.day(span.days * 2 // 3)
    elif trait is not Trait.PLAIN:
        expiry = span.day(random.randrange(span.days // 2, span.days * 4 // 5))
    address = f"{name}@{domain}"
    return Box(address, (login,), kind, expiry, trait, 2 if address == _FOR_LONGER else 1)


def _some_day(span: Span, random: Random) -> date:
    """Return a day within the span or soon after; ends of months, a 29 February and the first weeks more often."""
    last = span.days + span.rules.window_days
    if random.randrange(100) >= span.near:
        return span.day(random.randrange(last + 1, last + 300))
    match random.randrange(8):
        case 0:
            return span.day(random.randrange(3, max(span.days // 12, 6)))
        case 1:
            ends = [day for day in map(span.day, range(5, last)) if (day + timedelta(days=1)).day == 1]
            return random.choice(ends)
        case _:
            return span.day(random.randrange(4, last))
