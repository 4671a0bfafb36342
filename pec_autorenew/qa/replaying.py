"""Somebody in front of a recording: every page fixture stands on the recorded page, and reads what stood there.

The way to a page is not walked, it is shown. What needs a portal that answers is skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from pec_autorenew.errors import UnexpectedPage
from pec_autorenew.pages.kit_firma import KitFirmaPage
from pec_autorenew.qa.expecting import key_of
from pec_autorenew.qa.guarded import GuardedModuloOrdine, GuardedPages
from pec_autorenew.qa.recording import Replay, serve
from pec_autorenew.qa.walking import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from pec_autorenew.browser import Session
    from pec_autorenew.model import Consent, Mandate, PaymentMethod, Placed, Survey, WantedOrder
    from pec_autorenew.names import Names
    from pec_autorenew.pages.base import PortalPage
    from pec_autorenew.pages.portal_pages import PortalPages
    from pec_autorenew.qa.guard import Guard, OrderLock
    from pec_autorenew.qa.recording import Recording
    from pec_autorenew.qa.target import Credentials, Target

_NO_PORTAL: Final = "the test needs a portal that answers, and this is a recording"
#: The pages of an order, as they come.
_ORDER: Final = ("gestione_caselle", "kit_firma", "dati_intestatario", "dati_fatturazione", "modulo_ordine")


class RecordedForm(GuardedModuloOrdine):
    """«Modulo Ordine» of a recording: it can be read; to set it, the page's own scripts would have to answer."""

    def choose_years(self, years: int) -> bool:  # noqa: ARG002 - as the page has it
        """Skip."""
        pytest.skip(_NO_PORTAL)

    def choose_method(self, method: PaymentMethod) -> None:  # noqa: ARG002 - likewise
        """Skip."""
        pytest.skip(_NO_PORTAL)

    def give_consents(self, mandate: Mandate) -> set[Consent]:  # noqa: ARG002 - likewise
        """Skip."""
        pytest.skip(_NO_PORTAL)


class RecordedKit(KitFirmaPage):
    """The kit's page of a recording: it can be read; whether a choice is drawn as it was made is up to its scripts."""

    def refuse(self) -> None:
        """Skip."""
        pytest.skip(_NO_PORTAL)


class RecordedPages(GuardedPages):
    """The pages of a recording, each shown afresh; what a test presses there leads nowhere, and the test is skipped."""

    def __init__(self, session: Session, names: Names, base_url: str, lock: OrderLock) -> None:
        super().__init__(session, names, base_url, lock)
        self.modulo_ordine = RecordedForm(self, lock)
        self.kit_firma = RecordedKit(self.screen)
        self._shown = False

    def open(self) -> None:
        """Load the recorded page."""
        super().open()
        self._shown = True

    def arrive(self, *expected: PortalPage) -> PortalPage:
        """Wait for one of the `expected` pages, which only a page that was just shown can be."""
        shown, self._shown = self._shown, False
        try:
            return super().arrive(*expected)
        except UnexpectedPage:
            if shown:
                raise
            pytest.skip(_NO_PORTAL)


class RecordedVisitor(Visitor):
    """Stands where a test wants, without a way there; nothing that is pressed leads anywhere."""

    pages_type = RecordedPages

    def __init__(self, page: Page, target: Target, guard: Guard, recording: Recording) -> None:
        super().__init__(page, target, guard, recording.names)
        guard.watch(page.context).install()  # first: what is routed later is asked before it
        serve(page.context, recording)
        self.replay = Replay(recording, self.pages).listening()

    @property
    def recording(self) -> Recording:
        """What is played."""
        return self.replay.recording

    def at_the_door(self) -> PortalPage:
        """Return the sign-in form: the whole one, or the user name's."""
        return self._show("login" if "login" in self.recording.pages else "login_username")

    def sign_in(self, credentials: Credentials | None = None) -> PortalPages:  # noqa: ARG002 - nobody is asked
        """Stand in the area: a recording asks nobody who they are."""
        return self.home()

    def home(self) -> PortalPages:
        """Stand at home, or in front of the list where the area opened with that."""
        self._show("home" if "home" in self.recording.pages else "caselle")
        return self.pages

    def list(self) -> PortalPages:
        """Stand in front of the list of mailboxes."""
        self._show("caselle")
        return self.pages

    def cart(self, address: str = "") -> PortalPages:
        """Stand in «Gestione caselle PEC» as it was recorded."""
        self.want(address)
        self._show("gestione_caselle")
        self.trail = [self.pages.gestione_caselle.name]
        return self.pages

    def reach(self, goal: PortalPage, address: str = "") -> bool:
        """Stand on a page of the order; False, and on the form, where it was not recorded."""
        self.cart(address)
        came = [step for step in self.recording.steps if step.pages[0] in _ORDER[1:]]
        key = key_of(goal)
        for step in came:
            name = getattr(self.pages, step.pages[0]).name
            self.trail += [name] if self.trail[-1] != name else []
            if key in step.pages:
                break
        self._show(key if key in self.recording.pages else "modulo_ordine")
        return key in self.recording.pages

    def survey(self) -> Survey:
        """Skip: tabs and further pages of the list would have to answer."""
        pytest.skip(_NO_PORTAL)

    def order(self, wanted: WantedOrder | None = None) -> Placed:  # noqa: ARG002 - likewise
        """Skip: nothing is ordered on a recording."""
        pytest.skip(_NO_PORTAL)

    def _show(self, key: str) -> PortalPage:
        if key not in self.recording.pages:
            pytest.skip(f"the recording has no page {key!r}")
        return self.replay.show(key)
