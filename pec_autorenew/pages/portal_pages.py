"""All pages of the portal on one browser page, and the arrival at one of several."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from pec_autorenew.errors import (
    ApprovalDenied,
    ApprovalExpired,
    Maintenance,
    PersonNeeded,
    PortalBroken,
    PortalTimeout,
    SessionEnded,
    TooManyRequests,
)
from pec_autorenew.model import fold_address
from pec_autorenew.pages.asking import is_on_its_way
from pec_autorenew.pages.caselle import CasellePage
from pec_autorenew.pages.conferma import ConfermaPage
from pec_autorenew.pages.dati_fatturazione import DatiFatturazionePage
from pec_autorenew.pages.dati_intestatario import DatiIntestatarioPage
from pec_autorenew.pages.elements import Element
from pec_autorenew.pages.finding import Screen
from pec_autorenew.pages.gestione_caselle import GestioneCasellePage
from pec_autorenew.pages.home import HomePage
from pec_autorenew.pages.kit_firma import KitFirmaPage
from pec_autorenew.pages.login import (
    LoginPage,
    LoginPasswordPage,
    LoginUsernamePage,
    RefusedLogin,
    RefusedUsername,
)
from pec_autorenew.pages.lost import lost
from pec_autorenew.pages.modulo_ordine import ModuloOrdinePage
from pec_autorenew.pages.notices import Notices, asks_for_code, holds_captcha, shows_captcha
from pec_autorenew.pages.ordini import OrdiniSection
from pec_autorenew.pages.reading import addresses_in, says

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pec_autorenew.browser import Session
    from pec_autorenew.names import Names
    from pec_autorenew.pages.base import PortalPage

#: After so long without an expected page, ask whether the portal says something else.
_PATIENCE_MS: Final = 2_000
_GLANCE_MS: Final = 250
_SERVER_ERROR: Final = 500
_UNAVAILABLE: Final = 503
_TOO_MANY: Final = 429

#: What the portal's words ask a person for; the first that fits counts.
_PERSON: Final = {
    "notices.locked": "account-locked",
    "notices.captcha": "captcha",
    "notices.push": "two-step-approval",
    "notices.code": "code",
    "notices.terms": "terms",
    "notices.password_change": "password-change",
}
_PASSWORD_EXPIRES: Final = Element("text", "notices.password_notice", phrase=True)
_LATER: Final = Element("press", "notices.later")
_NEW_PASSWORD: Final = Element("password", "login.password")
_SESSION_ENDED: Final = Element("text", "notices.session_ended", phrase=True)
_SAID: Final = tuple(Element("text", key, phrase=True) for key in _PERSON)


class PortalPages:
    """The pages of one signed-in (or not yet signed-in) browser page."""

    def __init__(self, session: Session, names: Names, base_url: str) -> None:
        self.session = session
        self.base_url = base_url
        self.screen = Screen(session.page, names, session.timeout, self._rest, session.windows, session.take_turn)
        self.notices = Notices(self.screen, session.interruptions.append)
        self.notices.watch()
        self.login = LoginPage(self.screen)
        self.login_username = LoginUsernamePage(self.screen)
        self.login_password = LoginPasswordPage(self.screen)
        self.refused_username = RefusedUsername(self.screen)
        self.refused_login = RefusedLogin(self.screen)
        self.home = HomePage(self.screen)
        self.caselle = CasellePage(self.screen)
        self.ordini = OrdiniSection(self.screen)
        self.gestione_caselle = GestioneCasellePage(self.screen)
        self.kit_firma = KitFirmaPage(self.screen)
        self.dati_intestatario = DatiIntestatarioPage(self.screen)
        self.dati_fatturazione = DatiFatturazionePage(self.screen)
        self.modulo_ordine = ModuloOrdinePage(self.screen)
        self.conferma = ConfermaPage(self.screen)
        #: The page on which the last arrival ended; None before the first, and after a fresh load.
        self.here: PortalPage | None = None

    def open(self) -> None:
        """Load the customer area afresh."""
        self.here = None
        self.session.go(self.base_url)
        self.screen.page = self.session.page
        self.screen.frame = self.session.page.main_frame

    def _rest(self) -> None:
        self.session.settle(after_change=True)

    def arrive(self, *expected: PortalPage) -> PortalPage:
        """Wait for one of the `expected` pages and return it, read to be read.

        Raises the error that names what stands there instead; UnexpectedPage when nothing does.
        """
        deadline = time.monotonic() + self.screen.timeout / 1000
        self.here = None
        while True:
            left = (deadline - time.monotonic()) * 1000
            page = self.look_for(*expected, timeout=min(max(left, 1), _PATIENCE_MS))
            if page is None:
                self.require_known(*expected)
            elif not self.session.settle() or self.look_for(*expected, timeout=_GLANCE_MS) is page:
                self.screen.standing = page.name
                self.here = page  # and it is not being left, or drawn anew
                return page
            if left <= 0 and self.session.awaits():
                raise PortalTimeout("the page's scripts still wait for the portal", page=expected[0].name)
            if left <= 0 and is_on_its_way(self.session.page.main_frame):
                raise PortalTimeout("the page has not come whole", page=expected[0].name)
            if left <= 0 and self._is_unknown(expected):
                raise SessionEnded("the portal answers its own page as to a stranger (401)", page=expected[0].name)
            if left <= 0:
                raise lost(self.screen, expected)

    def _is_unknown(self, expected: Sequence[PortalPage]) -> bool:
        """Whether, inside the area, a page of scripts was told that nobody is signed in any more (SES-2)."""
        doors = {self.home, self.login, self.login_username, self.login_password}
        return self.session.unknown and not doors & set(expected)

    def _put_off_new_password(self) -> None:
        """Pass a page that only says that the password expires soon; the report says that it does (SES-3)."""
        self.screen.press(_LATER)
        self.session.interruptions.append("notice: the password expires soon; change it at the portal")

    def _is_coming(self, *expected: PortalPage) -> bool:
        """Whether one of the `expected` pages stands there by now, or a page of which there is only a part."""
        return is_on_its_way(self.session.page.main_frame) or self.look_for(*expected, timeout=_GLANCE_MS) is not None

    def look_for(self, *expected: PortalPage, timeout: float) -> PortalPage | None:
        """Return the one of the `expected` pages that stands there within `timeout` milliseconds, or None."""
        found = self.screen.recognise({page.name: page.landmarks for page in expected}, timeout=timeout)
        if self.screen.page is not self.session.page:  # the portal went on in another window (DRF-6)
            self.session.page = self.screen.page
            self.notices.watch()
        return next((page for page in expected if page.name == found), None)

    def require_no_captcha(self) -> None:
        """Raise PersonNeeded where a sign-in form wants to know whether one is a person (HUM-1)."""
        words = Element("text", "notices.captcha", phrase=True)
        if shows_captcha(self.session.page) or self.screen.shows_anywhere(words):
            raise self._person_needed("captcha", self.login.name)

    def require_judged(self) -> None:
        """Raise what else may be the reason why a sign-in form stands there again: it is no refusal of the password."""
        self.require_at_work(self.login)
        if self.screen.has(Element("text", "notices.locked", phrase=True)):
            raise self._person_needed("account-locked", self.login.name)
        self.require_no_captcha()
        if holds_captcha(self.session.page):
            raise self._person_needed("captcha", self.login.name)

    def require_pending(self) -> None:
        """Raise what became of a sign-in that waits for an answer on a device, if the portal says that it is over."""
        page, address = self.login.name, self.session.page.url
        if self.screen.has(Element("text", "notices.push_denied", phrase=True)):
            raise ApprovalDenied("the sign-in was refused on the device", page=page, address=address)
        if self.screen.has(Element("text", "notices.push_expired", phrase=True)):
            raise ApprovalExpired("nobody approved the sign-in in time", page=page, address=address)
        if self.look_for(self.login, self.login_username, timeout=_GLANCE_MS) is not None:
            raise ApprovalExpired("the portal asks to sign in again", page=page, address=address)

    def shows_any(self, words: Sequence[str]) -> bool:
        """Whether one of these stands on the page: an address exactly, other words as words of their own (SES-1)."""
        texts = [one.text or one.name for one in self.screen.outline()]
        addresses = {fold_address(one) for one in words if "@" in one}
        phrases = [one for one in words if one and "@" not in one]
        return any(addresses & addresses_in(text) or says(text, phrases) for text in texts)

    def _person_needed(self, reason: str, page: str) -> PersonNeeded:
        message = f"the portal asks for a person ({reason})"
        return PersonNeeded(message, reason=reason, page=page, address=self.session.page.url)

    def require_at_work(self, page: PortalPage) -> None:
        """Raise what the newest answers say of a portal that is out of order (SES-3)."""
        name, address = page.name, self.session.page.url
        self.session.require_own_host()
        if self.session.late:
            seconds = self.screen.timeout / 1000
            raise PortalTimeout(
                f"{self.session.late} did not answer within {seconds:.0f} s", page=name, address=address
            )
        status = max(self.session.status, self.session.scripts_status)
        if status == _TOO_MANY:
            self.session.turns.tell()
            asked = TooManyRequests("the portal asks for fewer requests", page=name, address=address)
            asked.passes = self.session.turns.pace is not None
            raise asked
        closed = self.screen.has(Element("text", "notices.maintenance", phrase=True))
        if closed and (status == _UNAVAILABLE or status < _SERVER_ERROR):
            self.session.turns.forgive()
            raise Maintenance("the portal says that it is under maintenance", page=name, address=address)
        if status >= _SERVER_ERROR:
            self.session.turns.tell()
            raise PortalBroken(f"the portal answers with an error page ({status})", page=name, address=address)

    def require_known(self, *expected: PortalPage) -> None:
        """Raise what the portal says instead of what was expected, if it says something known (SES-3)."""
        self.require_at_work(expected[0])
        address, page = self.session.page.url, expected[0].name
        # In one look: between two, the portal may go on to a page on which the same words mean less.
        expires, later, asked, ended, *said = self.screen.sees(
            _PASSWORD_EXPIRES, _LATER, _NEW_PASSWORD, _SESSION_ENDED, *_SAID
        )
        if expires and later and not asked:
            self._put_off_new_password()
            return
        if shows_captcha(self.session.page):
            raise self._person_needed("captcha", page)
        reason = next((reason for reason, is_said in zip(_PERSON.values(), said, strict=True) if is_said), None)
        if reason is not None:
            if self._is_coming(*expected):
                return
            raise self._person_needed(reason, page)
        if asks_for_code(self.session.page):
            raise self._person_needed("code", page)
        doors = (self.login, self.login_username)
        if ended and not set(doors) & set(expected) and not self._is_coming(*expected):
            raise SessionEnded("the portal says that the session has ended", page=page, address=address)
        if not set(doors) & set(expected) and self.look_for(*doors, timeout=_GLANCE_MS) is not None:
            raise SessionEnded("the portal asks to sign in again", page=page, address=address)
