"""«Accedi»: the page that asks for user name and password, or the two pages that ask for one after the other."""

from __future__ import annotations

from typing import ClassVar, Final

from pec_autorenew.pages.base import PortalPage
from pec_autorenew.pages.elements import Element, Landmark, Mark

_USERNAME: Final = Element("field", "login.username")
_NEXT: Final = Element("press", "login.next")
_PASSWORD: Final = Element("password", "login.password")
_SUBMIT: Final = Element("press", "login.submit")
_REJECTED: Final = Element("text", "login.rejected", phrase=True)


class LoginPage(PortalPage):
    """The sign-in form: «username o casella PEC», «password», «Accedi» (PF-LOGIN-FORM)."""

    name: ClassVar[str] = "Accedi"
    landmarks: ClassVar[tuple[Landmark, ...]] = (Landmark(all=(_USERNAME, _PASSWORD, _SUBMIT)),)
    elements: ClassVar[tuple[Element, ...]] = (_USERNAME, _PASSWORD, _SUBMIT)

    def enter_username(self, username: str) -> None:
        """Type the user name, exactly as given, unless it stands there already from the page before."""
        fields = [one for one in self.screen.outline() if one.kind == "field"]
        if not any(one.value == username for one in fields):
            self.screen.fill(_USERNAME, username)

    def enter_password(self, password: str) -> None:
        """Type the password, exactly as given: the portal counts blanks and case."""
        self.screen.fill(_PASSWORD, password)

    def submit(self) -> None:
        """Press «Accedi»."""
        self.screen.press(_SUBMIT)

    def read_origins(self) -> frozenset[str]:
        """Return the origins in play when a password is typed: the frame's own, and the one that its form posts to."""
        return self.screen.origins_of(_PASSWORD)


class LoginUsernamePage(PortalPage):
    """The first of two pages: the user name, and on to the password (PF-LOGIN-STEPS)."""

    name: ClassVar[str] = "Accedi, nome utente"
    landmarks: ClassVar[tuple[Landmark, ...]] = (Landmark(all=(_USERNAME, _NEXT), none=(_PASSWORD,)),)
    elements: ClassVar[tuple[Element, ...]] = (_USERNAME, _NEXT)

    def enter_username(self, username: str) -> None:
        """Type the user name, exactly as given."""
        self.screen.fill(_USERNAME, username)

    def proceed(self) -> None:
        """Press «Avanti»."""
        self.screen.press(_NEXT)

    def read_origins(self) -> frozenset[str]:
        """Return the origins in play when the user name is typed."""
        return self.screen.origins_of(_USERNAME)


class LoginPasswordPage(LoginPage):
    """The second of two pages: the password alone (PF-LOGIN-STEPS)."""

    name: ClassVar[str] = "Accedi, password"
    landmarks: ClassVar[tuple[Landmark, ...]] = (Landmark(all=(_PASSWORD, _SUBMIT), none=(_USERNAME,)),)
    elements: ClassVar[tuple[Element, ...]] = (_PASSWORD, _SUBMIT)


class RefusedUsername(PortalPage):
    """The first of two pages as it stands after a user name that the portal does not know."""

    name: ClassVar[str] = "Accedi, nome utente non corretto"
    landmarks: ClassVar[tuple[Landmark, ...]] = (
        Landmark(all=(_USERNAME, _NEXT, Mark("alert")), none=(_PASSWORD,)),
        Landmark(all=(_USERNAME, _NEXT, _REJECTED), none=(_PASSWORD,)),
    )


class RefusedLogin(PortalPage):
    """The sign-in form as it stands after wrong data: emptied, or with words that say so (PF-LOGIN-REFUSED)."""

    name: ClassVar[str] = "Accedi, dati non corretti"
    landmarks: ClassVar[tuple[Landmark, ...]] = (
        Landmark(all=(_SUBMIT, Mark("empty-password"))),
        Landmark(all=(_SUBMIT, _PASSWORD, Mark("alert"))),
        Landmark(all=(_SUBMIT, _PASSWORD, _REJECTED)),
        *LoginUsernamePage.landmarks,  # the first page again
    )
