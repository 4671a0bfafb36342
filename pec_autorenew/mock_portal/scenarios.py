"""Named starting truths. Every person, company and mailbox in here is invented."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pec_autorenew.mock_portal import changes, wire
from pec_autorenew.mock_portal.faults import fault_from
from pec_autorenew.mock_portal.values import Account, Identifier, IdentifierKind, Mailbox, MailboxType, Subject, Tab

if TYPE_CHECKING:
    from collections.abc import Callable

    from pec_autorenew.mock_portal.faults import Fault
    from pec_autorenew.mock_portal.options import Layout
    from pec_autorenew.mock_portal.truth import Truth

STUDIO = Account(
    username="100001@aruba.it",
    password="demo-password-studio",
    greeting="Studio Ginepro",
    subject=Subject.LIBERO_PROFESSIONISTA,
    identifier=Identifier(kind=IdentifierKind.CODICE_DESTINATARIO, value="AAAAAA0"),
    contact_email="segreteria@studio-ginepro.example",
)
AZIENDA = Account(
    username="100002@aruba.it",
    password="demo-password-azienda",
    greeting="Officine Prugnolo S.r.l.",
    subject=Subject.AZIENDA,
    contact_email="ufficio@officine-prugnolo.example",
    tax_code="00000000000",
)
SINGLE = Account(
    username="200001@aruba.it",
    password="single-password",
    greeting="Bianca Sorbo",
    contact_email="bianca.sorbo@posta.example",
)
MANY = Account(
    username="300001@aruba.it",
    password="many-password",
    greeting="Consorzio Corniolo",
    contact_email="consorzio@corniolo.example",
)


CROWD = 300
DUE = 10
#: Customers of a reseller, and the password of all of them.
CUSTOMERS = 500
CUSTOMERS_PASSWORD = "customer-password"


def _mailbox(truth: Truth, address: str, owner: Account, due_in: int, **fields: object) -> None:
    expiry = truth.clock.today() + timedelta(days=due_in)
    base = Mailbox(address=address, account=owner.username, expiry=expiry, holder=owner.greeting)
    truth.add_mailbox(wire.change(base, fields))


def empty(_truth: Truth) -> None:
    """Nothing at all: a test arranges its own."""


def single(truth: Truth) -> None:
    """One person, one mailbox, due in ten days."""
    truth.add_account(SINGLE)
    _mailbox(truth, "bianca.sorbo@pec.it", SINGLE, 10)


def nothing_due(truth: Truth) -> None:
    """One person whose mailboxes expire far from now."""
    truth.add_account(SINGLE)
    _mailbox(truth, "bianca.sorbo@pec.it", SINGLE, 300)
    _mailbox(truth, "sorbo.archivio@arubapec.it", SINGLE, 200, type=MailboxType.PRO)


def many(truth: Truth) -> None:
    """One account, ten mailboxes due within a month, five that are not."""
    truth.add_account(MANY)
    for number in range(10):
        _mailbox(truth, f"socio{number + 1:02}.corniolo@pec.it", MANY, 3 + 2 * number)
    for number in range(5):
        _mailbox(truth, f"sede{number + 1:02}.corniolo@arubapec.it", MANY, 150 + 20 * number, type=MailboxType.PRO)


def crowd(truth: Truth) -> None:
    """One account, three hundred mailboxes in no order of expiry; ten are due within a month."""
    truth.add_account(MANY)
    for number in range(CROWD):
        due = number % (CROWD // DUE) == DUE
        days = 2 + number // DUE % 28 if due else 31 + number * 7 % CROWD
        _mailbox(truth, f"socio{number + 1:03}.corniolo@pec.it", MANY, days)


def demo(truth: Truth) -> None:
    """Two customers with a bit of everything; `make demo` renews what is due."""
    truth.add_account(STUDIO)
    truth.add_account(AZIENDA)
    _mailbox(truth, "studio.ginepro@pec.it", STUDIO, 9, type=MailboxType.PRO)
    _mailbox(truth, "mirto.ginepro@arubapec.it", STUDIO, 24, tab=Tab.OTHERS, holder="Mirto Ginepro")
    _mailbox(truth, "archivio.ginepro@pec.it", STUDIO, 260, type=MailboxType.PREMIUM, extra_gb=1)
    _mailbox(truth, "fatture.ginepro@gigapec.it", STUDIO, 15, auto_renewal=True)
    _mailbox(truth, "vecchia.ginepro@casellapec.com", STUDIO, -10)
    _mailbox(truth, "officine.prugnolo@pec.it", AZIENDA, 18)
    _mailbox(truth, "gare.prugnolo@mypec.eu", AZIENDA, 190, type=MailboxType.PRO)


def reseller(truth: Truth) -> None:
    """Five hundred customers, 400001@aruba.it and on, each with one mailbox that is due within a month."""
    for number in range(1, CUSTOMERS + 1):
        customer = Account(
            username=f"{400000 + number}@aruba.it",
            password=CUSTOMERS_PASSWORD,
            greeting=f"Cliente Biancospino {number}",
            contact_email=f"cliente{number}@biancospino.example",
        )
        truth.add_account(customer)
        _mailbox(truth, f"cliente{number:03}.biancospino@pec.it", customer, 2 + number % 28)


SCENARIOS: dict[str, Callable[[Truth], None]] = {
    "empty": empty,
    "demo": demo,
    "single": single,
    "many": many,
    "crowd": crowd,
    "nothing-due": nothing_due,
    "reseller": reseller,
}


def understood(scenario: str) -> tuple[Callable[[Truth], None], tuple[Fault, ...]]:
    """Read `TRUTH+CHANGE+FAULT@STEP+…`: the truth to start from, and what goes wrong then. Raises BadValueError."""
    name, *more = scenario.split("+")
    _, faults = changes.apart(more)
    if name not in SCENARIOS:
        raise wire.BadValueError(f"no scenario {name!r}; there are {', '.join(SCENARIOS)}")
    return SCENARIOS[name], tuple(fault_from(fault) for fault in faults)


def arrange(truth: Truth, *, layout: Layout, scenario: str) -> tuple[Fault, ...]:
    """Forget everything and start from a named truth; return what is to go wrong then."""
    start, faults = understood(scenario)
    truth.wipe(layout=layout, scenario=scenario)
    start(truth)
    changes.apply(truth, changes.changes_of(scenario))
    return faults
