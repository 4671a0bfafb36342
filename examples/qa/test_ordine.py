"""The way to «Modulo Ordine»: the cart, the kit that nobody wants, the holder's data that nobody changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pec_autorenew.qa import expect_no_question, expect_order_of, expect_page

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import MockPortal
    from pec_autorenew.pages.dati_fatturazione import DatiFatturazionePage
    from pec_autorenew.pages.dati_intestatario import DatiIntestatarioPage
    from pec_autorenew.pages.gestione_caselle import GestioneCasellePage
    from pec_autorenew.pages.kit_firma import KitFirmaPage
    from pec_autorenew.qa import Visitor


def test_cart_has_the_documented_elements(gestione_caselle: GestioneCasellePage) -> None:
    """«Prosegui e completa l'ordine» leads on from the cart."""
    expect_page(gestione_caselle)


def test_cart_holds_the_mailbox_that_was_pressed(gestione_caselle: GestioneCasellePage, visitor: Visitor) -> None:
    """«Rinnova» on a row puts that mailbox into the cart, and no other."""
    assert visitor.wanted is not None
    rows = gestione_caselle.read_rows(visitor.wanted.all_addresses)
    assert {row.address for row in rows if row.flagged is not False} == visitor.wanted.addresses


def test_cart_keeps_type_and_space(gestione_caselle: GestioneCasellePage, visitor: Visitor) -> None:
    """Nothing dearer is chosen beforehand: the type is the list's, and no gigabyte is added."""
    assert visitor.wanted is not None
    (box,) = visitor.wanted.mailboxes
    row = next(row for row in gestione_caselle.read_rows(visitor.wanted.all_addresses) if row.address == box.address)
    assert row.type is not None
    assert box.type in {None, row.type}
    assert row.extra == ""


def test_pages_come_in_the_documented_order(visitor: Visitor) -> None:
    """Cart, kit, holder, invoice, form: whichever of them there are, in this order."""
    visitor.form()
    expect_order_of(visitor.trail)


def test_kit_has_the_documented_elements(kit_firma: KitFirmaPage) -> None:
    """The offer is headed as documented, and leads on."""
    expect_page(kit_firma)


def test_kit_can_be_refused(kit_firma: KitFirmaPage, visitor: Visitor) -> None:
    """Refused, the kit is not in the order."""
    kit_firma.refuse()
    assert kit_firma.is_shown()
    assert visitor.form().modulo_ordine.can_confirm()
    assert visitor.riepilogo().extras() == ()


def test_kit_that_is_chosen_beforehand_can_be_refused(visitor: Visitor, pec_mock: MockPortal) -> None:
    """A kit that the portal has chosen itself is refused too."""
    pec_mock.truth.set_options(kit="preselected")
    visitor.form()
    assert visitor.pages.kit_firma.name in visitor.trail
    assert visitor.riepilogo().extras() == ()


def test_holder_s_page_has_the_documented_elements(dati_intestatario: DatiIntestatarioPage) -> None:
    """«Dati Intestatario» leads on by «PROSEGUI e completa l'ordine»."""
    expect_page(dati_intestatario)


def test_holder_s_page_asks_for_nothing_new(dati_intestatario: DatiIntestatarioPage) -> None:
    """Whatever must be filled there is filled already."""
    expect_no_question(dati_intestatario)


def test_holder_s_data_stay_as_they_are(visitor: Visitor, pec_mock: MockPortal) -> None:
    """The way to the form changes nothing of the holder: that would be a change of ownership."""
    visitor.form()
    assert pec_mock.truth.holder_edits == []


def test_invoice_data_have_the_documented_elements(dati_fatturazione: DatiFatturazionePage) -> None:
    """Where invoice data are asked for, a page of their own leads on."""
    expect_page(dati_fatturazione)


def test_invoice_identifier_can_be_read(dati_fatturazione: DatiFatturazionePage) -> None:
    """What the account has chosen for its invoices stands there."""
    if dati_fatturazione.asks():
        assert dati_fatturazione.read_identifier() is not None
