"""A page compared with what is documented of it: all elements at once, each deviation named by page, change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pec_autorenew.checks import ElementState, judged
from pec_autorenew.pages.caselle import CasellePage
from pec_autorenew.pages.dati_fatturazione import DatiFatturazionePage
from pec_autorenew.pages.dati_intestatario import DatiIntestatarioPage
from pec_autorenew.pages.gestione_caselle import GestioneCasellePage
from pec_autorenew.pages.home import HomePage
from pec_autorenew.pages.kit_firma import KitFirmaPage
from pec_autorenew.pages.login import LoginPage, LoginPasswordPage, LoginUsernamePage
from pec_autorenew.pages.looking import look_at
from pec_autorenew.pages.modulo_ordine import ModuloOrdinePage
from pec_autorenew.pages.ordini import OrdiniSection

if TYPE_CHECKING:
    from collections.abc import Collection

    from pec_autorenew.checks import ElementCheck
    from pec_autorenew.pages.base import PortalPage

#: The pages in the documented order, each by the key under which its elements are named.
DOCUMENTED_PAGES: Final[dict[str, type[PortalPage]]] = {
    "login": LoginPage,
    "login_username": LoginUsernamePage,
    "login_password": LoginPasswordPage,
    "home": HomePage,
    "caselle": CasellePage,
    "ordini": OrdiniSection,
    "gestione_caselle": GestioneCasellePage,
    "kit_firma": KitFirmaPage,
    "dati_intestatario": DatiIntestatarioPage,
    "dati_fatturazione": DatiFatturazionePage,
    "modulo_ordine": ModuloOrdinePage,
}


def key_of(page: PortalPage) -> str:
    """Return the key of a page: `modulo_ordine`. Raises KeyError for one that has no documented elements."""
    return {kind.name: key for key, kind in DOCUMENTED_PAGES.items()}[page.name]


def deviations(page: PortalPage, also: Collection[str] = ()) -> tuple[str, ...]:
    """Return how a page, which stands there, differs from what is documented: a line each, with page and element.

    `also` are keys of elements that a page may do without, and this one may not: `modulo_ordine.bonifico`.
    """
    page.screen.wait_until_loaded()
    check = judged(look_at(page.screen, key_of(page), page), None)
    wanted = [one for one in check.elements if one.state.is_drift or (one.key in also and not one.count)]
    unknown = set(also) - {one.key for one in check.elements}
    if unknown:
        raise KeyError(f"no documented elements of «{page.name}»: {', '.join(sorted(unknown))}")
    return tuple(f"«{page.name}»: {_told(one)}" for one in wanted)


def _told(one: ElementCheck) -> str:
    names = " / ".join(f"«{name}»" for name in one.documented) or "a check box in each row"
    if one.state is ElementState.AMBIGUOUS:
        return f"{one.key} ({names}) is there {one.count} times"
    nearest = "; ".join(f"{each.role} «{each.name}» ({each.similarity:.0%})" for each in one.candidates[:2])
    return f"{one.key} ({names}) is missing; nearest: {nearest or 'nothing like it'}"


def expect_page(page: PortalPage, also: Collection[str] = ()) -> None:
    """Compare all documented elements of a page, which stands there; fail softly for each one that differs."""
    from pytest_check import check

    for line in deviations(page, also):
        check.fail(line)


def expect_no_question(page: PortalPage) -> None:
    """Look for fields that must be filled and are empty: nothing on the documented way asks for more than it shows.

    Fail softly for each of them.
    """
    from pytest_check import check

    for one in page.screen.outline():
        must = one.required or "*" in one.name
        if one.kind in {"field", "select", "spin"} and must and not one.value.strip():
            check.fail(f"«{page.name}»: the field «{one.name}» must be filled, and is not documented")


def expect_order_of(trail: Collection[str]) -> None:
    """Compare in which order the pages of an order came with the documented one; fail softly where it differs."""
    from pytest_check import check

    documented = [kind.name for kind in DOCUMENTED_PAGES.values()]
    before = ""
    for name in trail:
        if before and documented.index(name) < documented.index(before):
            check.fail(f"«{name}»: the page comes after «{before}»; documented is before it")
        before = name
