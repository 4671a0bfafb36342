"""What flow tests have in common: a clerk who signs in, looks and orders, and knows what is wanted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

from pec_autorenew.config import Account
from pec_autorenew.config.values import SecretReference
from pec_autorenew.mock_portal.scenarios import AZIENDA, MANY, SINGLE, STUDIO
from pec_autorenew.model import Mandate, PaymentMethod, WantedMailbox, WantedOrder
from tests.signed_in import signed_in_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from pec_autorenew.flows.portal import BrowserPortal
    from pec_autorenew.mock_portal import Account as Customer
    from pec_autorenew.mock_portal import MockPortal, Truth
    from pec_autorenew.model import Survey

PASSWORD_VARIABLE: Final = "PEC_FLOW_PASSWORD"
MANDATE: Final = Mandate(
    "Prova", date(2026, 11, 1), frozenset({"condizioni-generali", "clausole-vessatorie", "informativa-privacy"})
)
STUDIO_DUE: Final = "studio.ginepro@pec.it"
AZIENDA_DUE: Final = "officine.prugnolo@pec.it"

__all__ = ["AZIENDA", "AZIENDA_DUE", "MANDATE", "MANY", "SINGLE", "STUDIO", "STUDIO_DUE", "Clerk"]


@dataclass
class Clerk:
    """Somebody who works on the portal with the client's flows."""

    portal: MockPortal
    open_portal: Callable[[Account], BrowserPortal]
    remember: Callable[[str], None]
    #: How often a password was about to be typed.
    passwords: int = 0
    visits: list[BrowserPortal] = field(default_factory=list)

    @property
    def truth(self) -> Truth:
        """What the portal knows."""
        return self.portal.truth

    def at_the_door(self, username: str, password: str) -> BrowserPortal:
        """Open a visit with these credentials."""
        self.remember(password)
        account = Account(name="clerk", username=username, password=SecretReference(env=PASSWORD_VARIABLE))
        self.visits.append(self.open_portal(account))
        return self.visits[-1]

    def signed_in(self, customer: Customer = STUDIO) -> BrowserPortal:
        """Open a visit and sign in."""
        visit = self.at_the_door(customer.username, customer.password)
        visit.sign_in(self.about_to_type)
        return visit

    def inside(self, customer: Customer = STUDIO) -> BrowserPortal:
        """Open a visit that takes up a session, and stand where a sign-in leads."""
        visit = self.at_the_door(customer.username, customer.password)
        visit._pages = visit.open_pages(signed_in_state(self.portal, customer))
        visit.sign_in(self.about_to_type)
        return visit

    def about_to_type(self) -> None:
        """Count a password."""
        self.passwords += 1

    def leave(self) -> None:
        """End all visits."""
        for visit in self.visits:
            visit.close()


def wanted(survey: Survey, *addresses: str, **changes: object) -> WantedOrder:
    """Return the order for these mailboxes, a year by transfer unless told otherwise."""
    boxes = []
    for address in addresses:
        box = survey.mailbox(address)
        assert box is not None
        boxes.append(WantedMailbox(box.address, box.expiry, box.type, box.tab))
    facts = {
        "years": 1,
        "method": PaymentMethod.BONIFICO,
        "mandate": MANDATE,
        "all_addresses": frozenset(one.address for one in survey.mailboxes),
        **changes,
    }
    return WantedOrder(survey.account, tuple(boxes), **facts)  # type: ignore[arg-type]
