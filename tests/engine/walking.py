"""The portal's double with pages to be looked at: what stands on each is said by the test."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pec_autorenew.checks import PAGES, Control, Looks, PageLook, SeenElement
from pec_autorenew.errors import Candidate
from pec_autorenew.names import DOCUMENTED
from tests.engine.double import PortalDouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pec_autorenew.config import Account
    from pec_autorenew.errors import PecAutorenewError
    from pec_autorenew.model import WantedOrder
    from tests.engine.double import Truth

#: One element for each page; a page without any is not on the way.
ELEMENTS: Final = {
    "login": "login.submit",
    "home": "home.manage",
    "caselle": "caselle.renew",
    "ordini": "ordini.heading",
    "gestione_caselle": "gestione_caselle.proceed",
    "dati_intestatario": "dati_intestatario.proceed",
    "modulo_ordine": "modulo_ordine.confirm",
}


@dataclass
class Screens:
    """What the portal shows to each account."""

    #: What stands in the place of an element that is called otherwise now.
    renamed: dict[str, str] = field(default_factory=dict)
    #: Elements that are not there today, and need not be.
    absent: set[str] = field(default_factory=set)
    #: By page: buttons that no guide knows.
    buttons: dict[str, set[str]] = field(default_factory=dict)
    #: The same, in rows.
    row_buttons: dict[str, set[str]] = field(default_factory=dict)
    #: Pages that the portal does not show.
    left_out: set[str] = field(default_factory=set)
    #: Raised before a page is looked at; by page.
    stops: dict[str, PecAutorenewError] = field(default_factory=dict)
    #: By account, where one sees something else.
    of: dict[str, Screens] = field(default_factory=dict)

    def look(self, page: str) -> PageLook:
        """Return what stands on a page."""
        controls = {Control("button", name) for name in self.buttons.get(page, ())}
        rows = {Control("button", name) for name in self.row_buttons.get(page, ())}
        return PageLook(page, self.elements(page), frozenset(controls | {Control("link", "aiuto")}), frozenset(rows))

    def elements(self, page: str, *, there: bool = True) -> tuple[SeenElement, ...]:
        """Return the elements of a page, as they are seen or, before anybody was there, not."""
        key = ELEMENTS.get(page)
        if key is None:
            return ()
        now = self.renamed.get(key)
        found = Control("button", DOCUMENTED[key][0])
        if key in self.absent:
            return (SeenElement(key, "press", DOCUMENTED[key], optional=True, each_row=False, count=0),)
        if now is None and there:
            return (SeenElement(key, "press", DOCUMENTED[key], optional=False, each_row=False, count=1, found=found),)
        near = (Candidate(key, "button", now, 0.7, f'"{key}" = ["{now}"]'),) if now and there else ()
        return (SeenElement(key, "press", DOCUMENTED[key], optional=False, each_row=False, count=0, candidates=near),)


@dataclass
class WalkDouble:
    """A walk over these screens."""

    screens: Screens
    looks: Looks = field(default_factory=Looks)

    def door(self) -> None:
        """Look at the sign-in form."""
        self._look("login")

    def lists(self) -> None:
        """Look at home, list and orders."""
        for page in ("home", "caselle", "ordini"):
            self._look(page)

    def order(self, wanted: WantedOrder | None, why_not: str = "") -> None:
        """Look at the pages of an order."""
        if wanted is None:
            self.looks.reason = why_not
            return
        for page in ("gestione_caselle", "dati_intestatario", "modulo_ordine"):
            self._look(page)

    def leave(self) -> None:
        """Leave nothing behind."""

    def unseen(self) -> dict[str, tuple[SeenElement, ...]]:
        """Return the documented elements of every page."""
        return {page: self.screens.elements(page, there=False) for page in PAGES}

    def _look(self, page: str) -> None:
        if page in self.screens.stops:
            raise self.screens.stops[page]
        if page not in self.screens.left_out:
            self.looks.add(self.screens.look(page))


@dataclass
class WalkedDouble(PortalDouble):
    """A portal whose pages can be checked."""

    screens: Screens = field(default_factory=Screens)

    def walk(self, *, pictures: bool = False, record: bool = False) -> WalkDouble:
        """Return the walk, which has not begun."""
        assert not pictures
        assert not record
        return WalkDouble(self.screens.of.get(self.account.name, self.screens))


def walked_portals(truth: Truth, screens: Screens) -> Callable[[str], object]:
    """Return what the runner starts in the place of a browser."""

    @contextmanager
    def portals(run_id: str) -> Iterator[Callable[[Account], WalkedDouble]]:
        def open_portal(account: Account) -> WalkedDouble:
            return WalkedDouble(truth, account, run_id=run_id, screens=screens)

        yield open_portal

    return portals
