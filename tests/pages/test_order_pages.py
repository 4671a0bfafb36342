"""From «Gestione caselle PEC» to the holder's data, on both layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import PolicyStop
from pec_autorenew.mock_portal.scenarios import AZIENDA, STUDIO
from pec_autorenew.model import IdentifierKind, InvoiceIdentifier, MailboxType

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import Account
    from pec_autorenew.pages.portal_pages import PortalPages
    from tests.pages.conftest import Visit

pytestmark = pytest.mark.one_layout

DUE = "studio.ginepro@pec.it"
OLD = "vecchia.ginepro@casellapec.com"


def known(visit: Visit) -> frozenset[str]:
    """Return every address of the portal."""
    return frozenset(visit.portal.truth.mailboxes)


def at_kit(visit: Visit) -> PortalPages:
    """Stand on the page that offers the signature kit."""
    pages = visit.cart(DUE)
    pages.gestione_caselle.proceed()
    pages.arrive(pages.kit_firma)
    return pages


def at_billing(visit: Visit, address: str, customer: Account) -> PortalPages:
    """Stand where the e-invoice identifier is asked for: inside the holder's page, or on a page after it."""
    visit.portal.truth.set_options(kit="absent", billing="inline" if visit.portal.truth.layout == "g2" else "separate")
    pages = visit.cart(address, customer)
    pages.gestione_caselle.proceed()
    pages.arrive(pages.dati_intestatario)
    if visit.portal.truth.layout != "g2":
        pages.dati_intestatario.proceed()
        pages.arrive(pages.dati_fatturazione)
    return pages


def test_cart_shows_the_type_that_the_mailbox_has(visit: Visit) -> None:
    """PRC-8: the chosen type is read, whether it is a word, an option or a tile."""
    (row,) = [one for one in visit.cart(DUE).gestione_caselle.read_rows(known(visit)) if one.flagged is not False]
    assert (row.address, row.type, row.extra) == (DUE, MailboxType.PRO, "")


def test_cart_shows_a_type_that_somebody_else_chose(visit: Visit) -> None:
    """PRC-8: another pre-selected type is seen as what it is."""
    visit.portal.truth.set_options(preselected_type="STANDARD")
    (row,) = [one for one in visit.cart(DUE).gestione_caselle.read_rows(known(visit)) if one.flagged is not False]
    assert row.type is MailboxType.STANDARD


def test_cart_shows_extra_space_that_is_preselected(visit: Visit) -> None:
    """PRC-6: gigabytes that nobody asked for are seen, so that the order can stop."""
    visit.portal.truth.set_options(preselected_extra_gb=2)
    (row,) = [one for one in visit.cart(DUE).gestione_caselle.read_rows(known(visit)) if one.flagged is not False]
    assert "2" in row.extra


def test_flags_are_set_on_exactly_the_wanted_mailboxes(visit: Visit) -> None:
    """PRC-5: a flag is read and set by its address, whatever the portal had ticked."""
    if visit.portal.truth.layout == "g4":
        pytest.skip("the newest layout renews one mailbox at a time")
    visit.portal.truth.set_options(preselected_flags="all")
    pages = visit.sign_in()
    pages.home.renew_mailboxes()
    pages.arrive(pages.gestione_caselle)
    for row in pages.gestione_caselle.read_rows(known(visit)):
        assert row.flagged is True
        if row.address != OLD:
            pages.gestione_caselle.set_flag(row, on=False)
    flags = {row.address: row.flagged for row in pages.gestione_caselle.read_rows(known(visit))}
    assert [address for address, on in flags.items() if on] == [OLD]


@pytest.mark.parametrize("kit", ["offered", "preselected"])
def test_kit_is_refused_and_never_ordered(visit: Visit, kit: str) -> None:
    """PRC-6: the refusal is chosen explicitly, pre-selected or not, and no order holds a kit."""
    visit.portal.truth.set_options(kit=kit)
    pages = visit.form(DUE)
    assert [hit.page for hit in visit.portal.truth.hits if "kit" in hit.page] or visit.portal.truth.layout == "g4"
    assert not any("Dispositivo" in entry.text for entry in pages.screen.outline())


def test_kit_without_a_refusal_stops_the_order(visit: Visit) -> None:
    """PRC-6: where a chosen kit cannot be refused, nothing goes on."""
    visit.portal.truth.set_options(kit="preselected")
    pages = at_kit(visit)
    if visit.portal.truth.layout == "g4":
        pytest.skip("markup of the older layouts")
    visit.session.page.evaluate(
        "() => { for (const radio of document.querySelectorAll('input[type=radio]'))"
        " { radio.checked ? radio.addEventListener('click', (event) => event.preventDefault()) : radio.disabled = true;"
        " if (!radio.checked) radio.closest('tr, label, p, div').remove() } }"
    )
    with pytest.raises(PolicyStop) as stop:
        pages.kit_firma.refuse()
    assert stop.value.reason == "upsell-not-refusable"


def test_holder_s_data_are_passed_and_never_edited(visit: Visit) -> None:
    """PRC-9: from the cart to the form, no field of the holder is changed."""
    pages = visit.form(DUE)
    assert pages.here is pages.modulo_ordine
    assert visit.portal.truth.holder_edits == []


def test_identifier_that_stands_there_is_read_as_it_is(visit: Visit) -> None:
    """PRC-9: kind and value of a filled identifier are read."""
    pages = at_billing(visit, DUE, STUDIO)
    assert pages.dati_fatturazione.asks()
    assert STUDIO.identifier is not None
    assert pages.dati_fatturazione.read_identifier() == InvoiceIdentifier(
        IdentifierKind.CODICE_DESTINATARIO, STUDIO.identifier.value
    )


@pytest.mark.parametrize(
    "wanted",
    [
        InvoiceIdentifier(IdentifierKind.CODICE_DESTINATARIO, "ABC1234"),
        InvoiceIdentifier(IdentifierKind.CASELLA_PEC, "fatture@pec.it"),
        InvoiceIdentifier(IdentifierKind.NESSUNO),
    ],
)
def test_identifier_that_is_missing_is_filled_as_configured(visit: Visit, wanted: InvoiceIdentifier) -> None:
    """PRC-9: each documented answer can be given, and reads back as it was given."""
    pages = at_billing(visit, "officine.prugnolo@pec.it", AZIENDA)
    assert pages.dati_fatturazione.read_identifier() is None
    pages.dati_fatturazione.fill(wanted)
    assert pages.dati_fatturazione.read_identifier() == wanted
