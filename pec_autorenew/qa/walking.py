"""Somebody in front of the portal who walks the documented flow with the pages' own verbs, as far as a test wants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar, Final

from pec_autorenew.browser import Session
from pec_autorenew.config import Clock
from pec_autorenew.errors import UnexpectedPage
from pec_autorenew.flows.renew import fill_cart, open_cart, pass_page, place_order, prepare_renewal
from pec_autorenew.flows.sign_in import sign_in
from pec_autorenew.flows.survey import go_to_list, survey
from pec_autorenew.model import Mandate, PaymentMethod, WantedMailbox, WantedOrder, fold_address
from pec_autorenew.names import CONSENTS, Names, fold
from pec_autorenew.pages.riepilogo import Unreadable, read_summary
from pec_autorenew.qa.guarded import GuardedPages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playwright.sync_api import Page

    from pec_autorenew.model import Mailbox, Placed, Survey
    from pec_autorenew.pages.base import PortalPage
    from pec_autorenew.pages.portal_pages import PortalPages
    from pec_autorenew.pages.riepilogo import Summary
    from pec_autorenew.qa.guard import Guard
    from pec_autorenew.qa.target import Credentials, Target

#: All documented consents, and no other.
EVERY_CONSENT: Final = Mandate("the test", date.min, frozenset(CONSENTS))


class Visitor:
    """Walks the portal; where it stands is `pages.here`, and the way there is `trail`."""

    pages_type: ClassVar[type[GuardedPages]] = GuardedPages

    def __init__(self, page: Page, target: Target, guard: Guard, names: Names | None = None) -> None:
        lock = guard.watch(page.context)
        self.target = target
        self.guard = guard
        self.session = Session(page.context, page, target.timeout, own_lock=lock)
        self.pages = self.pages_type(self.session, names or Names(), target.base_url, lock)
        #: Names of the pages of the order, as they came.
        self.trail: list[str] = []
        #: What the cart is about; None before there is one.
        self.wanted: WantedOrder | None = None

    # -- as far as the list ----------------------------------------------------------------------------------------

    def at_the_door(self) -> PortalPage:
        """Load the portal afresh and return the sign-in form: the whole one, or the user name's."""
        self.pages.open()
        return self.pages.arrive(self.pages.login, self.pages.login_username)

    def sign_in(self, credentials: Credentials | None = None) -> PortalPages:
        """Load the portal afresh, sign in unless somebody is, and stand where the portal leads."""
        who = credentials or self.target.credentials()
        sign_in(self.pages, who.username, who.password, self.target.login_origins)
        return self.pages

    def home(self) -> PortalPages:
        """Stand in the signed-in area: at home, or at the list where the area opens with that."""
        if self.pages.here not in {self.pages.home, self.pages.caselle}:
            self.sign_in()
        return self.pages

    def list(self) -> PortalPages:
        """Stand in front of the list of mailboxes, once no «Rinnova» is still to be enabled."""
        go_to_list(self.home())
        self.pages.screen.until(self.pages.caselle.is_at_rest)
        return self.pages

    def survey(self) -> Survey:
        """Load the list afresh and return all that it shows, every tab and page of it."""
        if self.pages.here is None:
            self.home()
        return survey(self.pages, "qa", self.target.credentials().username, Clock()())

    # -- the order -------------------------------------------------------------------------------------------------

    def want(
        self,
        address: str = "",
        *,
        years: int = 1,
        method: PaymentMethod = PaymentMethod.BONIFICO,
        mandate: Mandate = EVERY_CONSENT,
    ) -> WantedOrder:
        """Return what is to be ordered: this mailbox, or the one of the list that can be renewed and expires first.

        What stands in sight is preferred to further pages and tabs, which are looked through only where it must be.
        """
        wanted = fold_address(address or self.target.mailbox)
        boxes = self.list().caselle.read_mailboxes()
        box = _first_due(boxes, wanted)
        if box is None:
            boxes = self.survey().mailboxes
            box = _first_due(boxes, wanted)
        if box is None:
            asked = f"for {wanted}" if wanted else "in any row"
            raise UnexpectedPage(f"«Rinnova» (caselle.renew) is not offered {asked}", page=self.pages.caselle.name)
        mailbox = WantedMailbox(box.address, box.expiry, box.type, box.tab)
        known = frozenset(one.address for one in boxes)
        self.wanted = WantedOrder("qa", (mailbox,), years, method, mandate, all_addresses=known)
        return self.wanted

    def cart(self, address: str = "") -> PortalPages:
        """Stand in «Gestione caselle PEC», by «Rinnova» on the mailbox's row."""
        open_cart(self.pages, self.want(address))
        self.trail = [self.pages.gestione_caselle.name]
        return self.pages

    def reach(self, goal: PortalPage, address: str = "") -> bool:
        """Walk from the list to the order's page `goal`; False where the form comes and that page does not.

        Whatever comes in another order than is documented is passed all the same: `trail` tells.
        """
        pages = self.cart(address)
        assert self.wanted is not None  # noqa: S101 - there is a cart
        fill_cart(pages, self.wanted)
        pages.gestione_caselle.proceed()
        left: list[PortalPage] = list(self._order_pages())
        while True:
            here = pages.arrive(*left)
            self.trail.append(here.name)
            is_there = here is goal or self._holds(here, goal)
            if is_there or here is pages.modulo_ordine:
                return is_there
            pass_page(pages, here, self.wanted)
            left.remove(here)

    def _holds(self, here: PortalPage, goal: PortalPage) -> bool:
        """Whether the page is the holder's and the invoice's in one, and the `goal` is the other of the two."""
        pages = self.pages
        if goal is pages.dati_fatturazione:
            return here is pages.dati_intestatario and pages.dati_fatturazione.is_shown()
        is_other = goal is pages.dati_intestatario and here is pages.dati_fatturazione
        return is_other and pages.look_for(goal, timeout=1) is goal

    def _order_pages(self) -> tuple[PortalPage, ...]:
        pages = self.pages
        return pages.kit_firma, pages.dati_intestatario, pages.dati_fatturazione, pages.modulo_ordine

    def form(self, address: str = "") -> PortalPages:
        """Stand on «Modulo Ordine»: nothing was offered that was not refused."""
        self.reach(self.pages.modulo_ordine, address)
        return self.pages

    def riepilogo(self) -> Riepilogo:
        """Return what reads the order's lines and sums where the form stands."""
        assert self.wanted is not None  # noqa: S101 - there is a cart
        return Riepilogo(self.pages, self.wanted.all_addresses)

    def order(self, wanted: WantedOrder | None = None) -> Placed:
        """Place an order, as the client does it: read back, compared, pressed once. Raises OrderRefused."""
        self.guard.require(self.target.base_url)
        prepared = prepare_renewal(self.pages, wanted or self.want())
        return place_order(prepared, lambda: self.guard.require(self.session.page.url))

    def settle(self) -> None:
        """Wait until the page has answered a change."""
        self.session.settle(after_change=True)


def _first_due(boxes: Iterable[Mailbox], wanted: str) -> Mailbox | None:
    fit = (one for one in boxes if one.renewable and wanted in {"", one.address})
    return min(fit, key=lambda one: (one.expiry, one.address), default=None)


@dataclass(frozen=True, slots=True)
class Riepilogo:
    """The order's lines and sums on «Modulo Ordine»."""

    pages: PortalPages
    known: frozenset[str]

    def read(self) -> Summary:
        """Return lines, net, VAT and gross as they stand. Raises UnexpectedPage where one cannot tell for certain."""
        outline = self.pages.screen.outline()
        try:
            return read_summary(outline, self.known)
        except Unreadable as error:
            texts = [one.text for one in outline if one.kind == "text" and one.text.strip()]
            at = next((i for i, text in enumerate(texts) if fold(text).startswith("totale")), len(texts))
            shown = f"; shown is «{' '.join(texts[at : at + 2])}»" if texts[at:] else ""
            raise self.pages.modulo_ordine.unexpected(f"riepilogo: {error}{shown}") from error

    def extras(self) -> tuple[str, ...]:
        """Return the lines of the order that are no mailbox: whatever the portal sells along."""
        return tuple(one.text for one in self.read().lines if not one.address)
