"""The pages for tests: under the guard's lock, which is closed wherever they arrive on «Modulo Ordine»."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from pec_autorenew.flows.renew import settle_on_form
from pec_autorenew.pages.modulo_ordine import ModuloOrdinePage
from pec_autorenew.pages.portal_pages import PortalPages

if TYPE_CHECKING:
    from pec_autorenew.browser import Session
    from pec_autorenew.model import Consent, Mandate, PaymentMethod
    from pec_autorenew.names import Names
    from pec_autorenew.pages.base import PortalPage
    from pec_autorenew.qa.guard import OrderLock

#: A form may wait for the last change before it calculates anew.
_THINKING_S: Final = 0.6


class GuardedPages(PortalPages):
    """All pages of the portal on one browser page."""

    def __init__(self, session: Session, names: Names, base_url: str, lock: OrderLock) -> None:
        super().__init__(session, names, base_url)
        self._lock = lock
        self.modulo_ordine = GuardedModuloOrdine(self, lock)

    def arrive(self, *expected: PortalPage) -> PortalPage:
        """Wait for one of the `expected` pages and return it; on «Modulo Ordine» the network is locked then."""
        page = super().arrive(*expected)
        on_form = page is self.modulo_ordine
        if on_form:  # it may ask for its price some moments later: locked, it would never have one
            self.screen.until(partial(self.modulo_ordine.shows_total, frozenset()))
        self._lock.stand(on_form=on_form)
        if on_form:
            self.modulo_ordine.unfold_consents()
        return page


class GuardedModuloOrdine(ModuloOrdinePage):
    """«Modulo Ordine»: its binding click asks the guard; each verb that sets the form waits for the portal's answer."""

    def __init__(self, pages: PortalPages, lock: OrderLock) -> None:
        super().__init__(pages.screen)
        self._pages, self._lock = pages, lock

    def confirm(self) -> None:
        """Press «CONFERMA e completa l'ordine», once. Raises OrderRefused, nothing pressed, without permission."""
        self._lock.guard.require(self.screen.page.url)
        super().confirm()

    def choose_years(self, years: int) -> bool:
        """Set the years, and let the portal calculate; return whether anything had to be changed."""
        with self._lock.setting():
            changed = super().choose_years(years)
            if changed:
                settle_on_form(self._pages, quiet=_THINKING_S)
        return changed

    def choose_method(self, method: PaymentMethod) -> None:
        """Choose `method`, opening «Altre modalità» where it hides there."""
        with self._lock.setting():
            super().choose_method(method)
            settle_on_form(self._pages)

    def give_consents(self, mandate: Mandate) -> set[Consent]:
        """Tick what the mandate names and nothing else; return how they are to stand."""
        with self._lock.setting():
            given = super().give_consents(mandate)
            settle_on_form(self._pages)
        return given
