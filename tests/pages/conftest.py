"""Pages in pytest-playwright's browser: a screen for snippets of markup, and a visitor on every layout of the mock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from pec_autorenew.browser import Session
from pec_autorenew.mock_portal import LAYOUTS, MockPortal
from pec_autorenew.mock_portal.scenarios import STUDIO
from pec_autorenew.names import Names
from pec_autorenew.pages.finding import Screen
from pec_autorenew.pages.portal_pages import PortalPages
from tests.signed_in import signed_in_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from pec_autorenew.mock_portal import Account, Options
    from pec_autorenew.pages.base import PortalPage
    from pec_autorenew.pages.login import LoginPage

#: Milliseconds; nothing on a loopback portal takes as long, and what is missing is missed soon.
PATIENCE = 1_500


class Show(Protocol):
    """Draws markup and returns the screen on which it stands."""

    def __call__(self, markup: str, names: Names | None = None) -> Screen:
        """Draw."""


class Visit:
    """Somebody in front of the mock portal who walks it with the pages' own verbs."""

    def __init__(self, page: Page, portal: MockPortal) -> None:
        self.portal = portal
        self.session = Session(page.context, page, 5_000)
        self.pages = PortalPages(self.session, Names(), portal.url)

    def sign_in(self, customer: Account = STUDIO) -> PortalPages:
        """Sign in, and stand where the portal leads."""
        self.at_the_door()
        self.send(customer.username, customer.password)
        self.pages.arrive(self.pages.home, self.pages.caselle)
        return self.pages

    def inside(self, customer: Account = STUDIO) -> PortalPages:
        """Stand where a sign-in leads, without having signed in: what a test is about begins later."""
        self.session.context.add_cookies(signed_in_state(self.portal, customer)["cookies"])
        self.pages.open()
        self.pages.arrive(self.pages.home, self.pages.caselle)
        return self.pages

    def send(self, username: str, password: str) -> None:
        """Give the credentials, on one page or on two."""
        pages = self.pages
        if pages.here is pages.login_username:
            pages.login_username.enter_username(username)
            pages.login_username.proceed()
            pages.arrive(pages.login_password)
            form: LoginPage = pages.login_password
        else:
            form = pages.login
            form.enter_username(username)
        form.enter_password(password)
        form.submit()

    def at_the_door(self) -> PortalPages:
        """Stand in front of the sign-in form."""
        self.pages.open()
        self.pages.arrive(self.pages.login, self.pages.login_username)
        return self.pages

    def list(self, customer: Account = STUDIO) -> PortalPages:
        """Stand in front of the list of mailboxes."""
        pages = self.inside(customer)
        pages.home.open_list()
        pages.arrive(pages.caselle)
        return pages

    def cart(self, address: str, customer: Account = STUDIO) -> PortalPages:
        """Stand in «Gestione caselle PEC», by «Rinnova» on the mailbox's row."""
        pages = self.list(customer)
        pages.caselle.renew(address)
        pages.arrive(pages.gestione_caselle)
        return pages

    def form(self, address: str, customer: Account = STUDIO) -> PortalPages:
        """Stand on «Modulo Ordine»: nothing was offered that was not refused."""
        pages = self.cart(address, customer)
        pages.gestione_caselle.proceed()
        steps: tuple[PortalPage, ...] = (
            *(pages.kit_firma, pages.dati_intestatario, pages.dati_fatturazione),
            pages.modulo_ordine,
        )
        while (here := pages.arrive(*steps)) is not pages.modulo_ordine:
            if here is pages.kit_firma:
                pages.kit_firma.refuse()
                pages.kit_firma.proceed()
            elif here is pages.dati_intestatario:
                pages.dati_intestatario.proceed()
            else:
                pages.dati_fatturazione.proceed()
            steps = steps[steps.index(here) + 1 :]
        return pages

    def settle(self) -> None:
        """Wait until the page has answered a change."""
        self.session.settle(after_change=True)

    @property
    def options(self) -> Options:
        """The mock's knobs."""
        return self.portal.truth.options


@pytest.fixture
def show(_engine: None, page: Page) -> Show:
    """Give what draws a snippet of markup on an empty page."""

    def draw(markup: str, names: Names | None = None) -> Screen:
        screen = Screen(page, names or Names(), PATIENCE)
        page.set_content(markup)
        return screen

    return draw


@pytest.fixture(scope="session")
def _running_portal() -> Iterator[MockPortal]:
    """Serve for the whole session: starting takes longer than a test."""
    with MockPortal(scenario="demo") as portal:
        yield portal


@pytest.fixture(params=LAYOUTS)
def visit(request: pytest.FixtureRequest, _running_portal: MockPortal, _engine: None, page: Page) -> Visit:
    """Put a visitor in front of the «demo» portal, in each layout; markup by other hands is for the flows' chaos."""
    _running_portal.reset(layout=request.param)
    return Visit(page, _running_portal)
