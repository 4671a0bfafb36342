"""«Accedi»: the page that asks for user name and password."""

from __future__ import annotations

from typing import ClassVar, Final

from pec_autorenew.pages.base import PortalPage
from pec_autorenew.pages.elements import Element, Landmark, Mark

_USERNAME: Final = Element("field", "login.username")
_PASSWORD: Final = Element("password", "login.password")
_SUBMIT: Final = Element("press", "login.submit")


class LoginPage(PortalPage):
    """The sign-in form: «username o casella PEC», «password», «Accedi» (PF-LOGIN-FORM)."""

    name: ClassVar[str] = "Accedi"
    landmarks: ClassVar[tuple[Landmark, ...]] = (Landmark(all=(_USERNAME, _PASSWORD, _SUBMIT)),)
    elements: ClassVar[tuple[Element, ...]] = (_USERNAME, _PASSWORD, _SUBMIT)

    def enter(self, username: str, password: str) -> None:
        """Type the credentials, exactly as given: the portal counts blanks and case."""
        self.screen.fill(_USERNAME, username)
        self.screen.fill(_PASSWORD, password)

    def submit(self) -> None:
        """Press «Accedi»."""
        self.screen.press(_SUBMIT)

    def read_origins(self) -> frozenset[str]:
        """Return the origins in play when a password is typed: the frame's own, and the one that its form posts to."""
        return self.screen.password_origins(_PASSWORD)


class RefusedLogin(PortalPage):
    """The sign-in form as it stands after wrong data: emptied, or with words that say so (PF-LOGIN-REFUSED)."""

    name: ClassVar[str] = "Accedi, dati non corretti"
    landmarks: ClassVar[tuple[Landmark, ...]] = (
        Landmark(all=(_SUBMIT, Mark("empty-password"))),
        Landmark(all=(_SUBMIT, _PASSWORD, Mark("alert"))),
        Landmark(all=(_SUBMIT, _PASSWORD, Element("text", "login.rejected", phrase=True))),
    )
