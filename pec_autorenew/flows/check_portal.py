"""Check the portal: walk up to, and never past, the binding click, and look at every page on the way (DRF-5).

Nothing is ordered, no consent is given, no setting is changed, the holder's data stay as they are.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from pec_autorenew.checks import PAGES, Looks, SeenElement
from pec_autorenew.errors import (
    Interrupted,
    PecAutorenewError,
    PersonNeeded,
    PolicyStop,
    PortalTimeout,
    RefusedByPortal,
    SessionEnded,
    SignInRejected,
    UnexpectedPage,
)
from pec_autorenew.flows.renew import fill_cart, open_cart, pass_offers_and_data
from pec_autorenew.flows.survey import go_to_list, show_tab
from pec_autorenew.pages.freezing import drawn
from pec_autorenew.pages.looking import likeness, look_at, unseen
from pec_autorenew.pages.observing import personal_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pec_autorenew.interlock import Interlock
    from pec_autorenew.model import WantedOrder
    from pec_autorenew.pages.base import PortalPage
    from pec_autorenew.pages.portal_pages import PortalPages


class Guide(Protocol):
    """Whoever goes along: hears what comes next and may end the walk, and does what only a person can."""

    def next(self, step: str, /) -> bool:
        """Hear what is about to be done; False ends the walk there."""

    def wait(self, why: str, /) -> bool:
        """Let a person do something in the window; False when they give up, or where nobody is there."""


class Alone:
    """Nobody goes along."""

    def next(self, _: str, /) -> bool:
        """Go on."""
        return True

    def wait(self, _: str, /) -> bool:
        """There is nobody to wait for."""
        return False


@dataclass(slots=True)
class Walk:
    """One account's walk: `door`, then a sign-in by whoever owns the password, `lists`, `order`, `leave`."""

    pages: PortalPages
    guide: Guide
    pictures: bool = False
    #: Whether each page is kept as it stands drawn.
    record: bool = False
    looks: Looks = field(default_factory=Looks)

    def door(self) -> None:
        """Look at the sign-in form, with nothing typed into it."""
        self._next("open the customer area and look at the sign-in form")
        self.pages.open()
        pages = self.pages
        with self._on_the_way_to("login"):
            here = pages.arrive(pages.login, pages.login_username, pages.home, pages.caselle)
        if here in {pages.login, pages.login_username}:
            self._look("login" if here is pages.login else "login_username")

    def password(self) -> None:
        """Look at the page that asks for the password alone, with none typed yet."""
        if self.pages.here is self.pages.login_password:
            self._look("login_password")

    def lists(self) -> None:
        """Look at home, at each tab of the list, and at the order list."""
        pages = self.pages
        with self._on_the_way_to("home", "caselle"):
            here = pages.here or pages.arrive(pages.home, pages.caselle)
        if here is pages.home:
            self._look("home")
            self._next("press «Gestisci» in «Posta certificata»")
        with self._on_the_way_to("caselle"):
            go_to_list(pages)
        for index, tab in enumerate(pages.caselle.tabs() or ("",)):
            if tab and not pages.caselle.shows_tab(tab):
                self._next(f"open the tab «{pages.screen.names.of(tab)[0]}»")
                with self._on_the_way_to("caselle"):
                    show_tab(pages, tab, may_be_open=index == 0)
            self._look("caselle")
            self._look("ordini")

    def order(self, wanted: WantedOrder | None, why_not: str = "") -> None:
        """Look at the pages of an order for the one `wanted` mailbox, as far as «Modulo Ordine»; then at the other way.

        What stands against going on there is no failure: the rest is told as not reached.
        """
        if wanted is None:
            self.looks.reason = why_not
            return
        try:
            self._fill_in(wanted)
        except (PolicyStop, PersonNeeded, RefusedByPortal) as stop:
            self.looks.reason = stop.message
        self._by_rinnova_caselle()

    def leave(self) -> None:
        """Leave what was half filled in, and keep what the portal said in windows of its own."""
        if self.looks.seen.keys() & {"gestione_caselle", "gestione_caselle_several"}:
            self.pages.open()
        self.looks.notes += dict.fromkeys(self.pages.session.interruptions)

    def unseen(self) -> dict[str, tuple[SeenElement, ...]]:
        """Return the documented elements of every page, as they are while nobody has been there."""
        return {key: unseen(self.pages.screen, self._page(key)) for key in PAGES}

    def _fill_in(self, wanted: WantedOrder) -> None:
        pages = self.pages
        self._next("go back to the list and press «Rinnova» in the row of one mailbox")
        with self._on_the_way_to("gestione_caselle"):
            open_cart(pages, wanted)
        self._look("gestione_caselle")
        fill_cart(pages, wanted)
        self._next("press «Prosegui e completa l'ordine», with one mailbox and nothing else in the cart")
        pages.gestione_caselle.proceed()
        with self._on_the_way_to("kit_firma", "dati_intestatario", "dati_fatturazione", "modulo_ordine"):
            self.looks.notes += pass_offers_and_data(pages, wanted, self._seen)
        self._next("look at «Modulo Ordine» once more; «CONFERMA e completa l'ordine» stays unpressed")

    def _seen(self, page: PortalPage) -> None:
        """Look at a page of the order, and say what comes next on it."""
        pages = self.pages
        if page is pages.modulo_ordine:
            lock = pages.session.lock()
            lock.close()  # from here on nothing that could bind leaves the browser
            self._look_at_form(lock)
        elif page is pages.kit_firma:
            self._look("kit_firma")
            self._next("refuse the kit and go on")
        elif page is pages.dati_intestatario:
            self._look("dati_intestatario")
            if pages.dati_fatturazione.is_shown():
                self._look("dati_fatturazione")
            self._next("leave the holder's data as they stand and go on")
        else:
            self._look("dati_fatturazione")
            self._next("leave the invoice data as they stand and go on")

    def _look_at_form(self, lock: Interlock) -> None:
        form = self.pages.modulo_ordine
        if form.hides_consents():
            self._next("fold out what has boxes to tick, with the network locked against everything that could bind")
            form.unfold_consents()
        self._look("modulo_ordine")
        if form.offers_more_methods():
            self._next("open «Altre modalità», with the network locked against everything that could bind")
            form.open_more_methods()
            self.pages.session.settle(after_change=True)
            self._look("modulo_ordine")
        if lock.held:
            self.looks.notes.append(f"«Modulo Ordine» wanted to send something by itself: {'; '.join(lock.held)}")

    def _by_rinnova_caselle(self) -> None:
        """Look at the cart to which «Rinnova caselle» leads, where home offers it."""
        pages = self.pages
        pages.open()
        if pages.arrive(pages.home, pages.caselle) is pages.home and pages.home.offers_renewal_of_several():
            self._next("press «Rinnova caselle»")
            pages.home.renew_mailboxes()
            with self._on_the_way_to("gestione_caselle_several"):
                pages.arrive(pages.gestione_caselle)
            self._look("gestione_caselle_several")

    def _look(self, key: str) -> None:
        screen = self.pages.screen
        screen.wait_until_loaded()  # the page's scripts may add a control or two
        self.looks.personal |= personal_words(screen, key) if not key.startswith("login") else set()
        covering = self.looks.personal if self.pictures else None
        look = look_at(screen, key, self._page(key), picture=covering)
        self.looks.add(look)
        if self.record:
            self.looks.keys |= _values_in(self.pages.session.state())
            self.looks.draw(look, *drawn(screen, self.pages.session.allows), screen.frame.url)

    def _page(self, key: str) -> PortalPage:
        page: PortalPage = getattr(self.pages, key.removesuffix("_several"))
        return page

    def _next(self, step: str) -> None:
        if not self.guide.next(step):
            raise Interrupted("whoever attends ended the walk here")

    @contextmanager
    def _on_the_way_to(self, *keys: str) -> Iterator[None]:
        """Where none of these pages stands, look at what does as the one that it is most like; the error goes on."""
        try:
            yield
        except UnexpectedPage:
            if self.pages.here is None:  # it is an arrival that failed, not a reading
                left = [key for key in keys if key not in self.looks.seen]
                looks = [look_at(self.pages.screen, key, self._page(key), recognised=False) for key in left]
                self.looks.add(max(looks, key=likeness))
            raise


def with_a_person(pages: PortalPages, guide: Guide, error: PecAutorenewError) -> None:
    """Wait until a person has done what the portal asks for and the area is open; ask as often as it takes.

    Raises what stood in the way when they give up.
    """
    while guide.wait(error.message):
        try:
            pages.arrive(pages.home, pages.caselle)
        except (PersonNeeded, UnexpectedPage, SessionEnded, PortalTimeout, SignInRejected) as still:
            error = still
        else:
            return
    raise error


def _values_in(state: Mapping[str, Any]) -> set[str]:
    """Return what cookies and local storage hold: no recording may."""
    stored = (one for origin in state.get("origins", ()) for one in origin.get("localStorage", ()))
    return {str(one["value"]) for one in (*state.get("cookies", ()), *stored)}
