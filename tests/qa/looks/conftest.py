"""What tests of the QA kit share with those of the pages: a visitor in front of the mock portal, in each layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pages.conftest import Visit, _running_portal, show, visit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pec_autorenew.pages.base import PortalPage
    from pec_autorenew.pages.dati_fatturazione import DatiFatturazionePage
    from pec_autorenew.pages.dati_intestatario import DatiIntestatarioPage
    from pec_autorenew.pages.kit_firma import KitFirmaPage

__all__ = ["Visit", "_running_portal", "show", "visit", "walk"]


def walk(visit: Visit) -> Iterator[PortalPage]:
    """Walk the documented flow up to the binding click, and give each page as it comes.

    The mailbox is the one that the kit's own visitor takes: the baselines are those of the examples.
    """
    pages = visit.at_the_door()
    assert pages.here is not None
    yield pages.here
    if pages.here is pages.login_username:
        pages.login_username.enter_username("nobody@pec.it")
        pages.login_username.proceed()
        yield pages.arrive(pages.login_password)
    yield visit.sign_in().home
    pages.home.open_list()
    yield pages.arrive(pages.caselle)
    pages.caselle.renew(min((one.expiry, one.address) for one in pages.caselle.read_mailboxes() if one.renewable)[1])
    yield pages.arrive(pages.gestione_caselle)
    pages.gestione_caselle.proceed()
    left: list[KitFirmaPage | DatiIntestatarioPage | DatiFatturazionePage]
    left = [pages.kit_firma, pages.dati_intestatario, pages.dati_fatturazione]
    while (here := pages.arrive(*left, pages.modulo_ordine)) is not pages.modulo_ordine:
        yield here
        page = next(one for one in left if one is here)
        left = left[left.index(page) + 1 :]
        if page is pages.kit_firma:
            pages.kit_firma.refuse()
        page.proceed()
    yield here
