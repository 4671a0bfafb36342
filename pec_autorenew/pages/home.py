"""The home of the customer area: «Rinnova caselle», and «Gestisci» in «Posta certificata»."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Final

from pec_autorenew.pages.base import PortalPage
from pec_autorenew.pages.elements import Element, Landmark, Mark

_RENEW_MAILBOXES: Final = Element("press", "home.renew_mailboxes")
_MANAGE: Final = Element("press", "home.manage", near="home.pec_section")


class HomePage(PortalPage):
    """The services of an account, one block each (PF-HOME-SERVICES, PF-HOME-RINNOVA-CASELLE)."""

    name: ClassVar[str] = "Home"
    landmarks: ClassVar[tuple[Landmark, ...]] = (
        Landmark(all=(_MANAGE,), none=(Mark("mailbox"),)),
        Landmark(all=(_RENEW_MAILBOXES,), none=(Mark("mailbox"),)),
    )
    elements: ClassVar[tuple[Element, ...]] = (_MANAGE, replace(_RENEW_MAILBOXES, optional=True))

    def offers_list(self) -> bool:
        """Whether «Gestisci» stands beside «Posta certificata»."""
        return self.screen.has(_MANAGE)

    def offers_renewal_of_several(self) -> bool:
        """Whether «Rinnova caselle» is there: only while an automatic renewal is off."""
        return self.screen.has(_RENEW_MAILBOXES)

    def open_list(self) -> None:
        """Press «Gestisci» in «Posta certificata»."""
        self.screen.press(_MANAGE)

    def renew_mailboxes(self) -> None:
        """Press «Rinnova caselle»."""
        self.screen.press(_RENEW_MAILBOXES)
