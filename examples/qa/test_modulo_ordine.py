"""«Modulo Ordine»: what it shows, what can be set on it, and that looking at it orders nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.qa import EVERY_CONSENT, PaymentMethod, expect_no_question, expect_page

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import MockPortal
    from pec_autorenew.pages.modulo_ordine import ModuloOrdinePage
    from pec_autorenew.qa import Riepilogo, Visitor

#: Ways to pay that do not switch the portal's own automatic renewal on come first.
METHODS = [PaymentMethod.BONIFICO, PaymentMethod.BOLLETTINO, PaymentMethod.CARTA, PaymentMethod.PAYPAL]


def test_form_has_the_documented_elements(modulo_ordine: ModuloOrdinePage) -> None:
    """Consents, «Frequenza di Rinnovo», «CONFERMA e completa l'ordine», and all four ways to pay."""
    if modulo_ordine.offers_more_methods():
        modulo_ordine.open_more_methods()
    expect_page(modulo_ordine, also=[f"modulo_ordine.{method.value}" for method in METHODS])


def test_form_asks_for_nothing_new(modulo_ordine: ModuloOrdinePage) -> None:
    """No field of the form has to be filled."""
    expect_no_question(modulo_ordine)


def test_total_is_net_and_vat(riepilogo: Riepilogo) -> None:
    """What is to be paid is the sum of what the form shows."""
    shown = riepilogo.read()
    assert shown.net is not None
    assert shown.vat is not None
    assert shown.net + shown.vat == shown.gross > 0


def test_order_has_the_mailbox_and_nothing_else(riepilogo: Riepilogo, visitor: Visitor) -> None:
    """One line for the mailbox, and nothing that the portal sells along."""
    extras = riepilogo.extras()
    assert not extras, f"«Modulo Ordine»: riepilogo has a line that nobody chose: {'; '.join(extras)}"
    assert visitor.wanted is not None
    assert {line.address for line in riepilogo.read().lines} == visitor.wanted.addresses


@pytest.mark.parametrize("years", [2, 3])
def test_total_follows_the_years(modulo_ordine: ModuloOrdinePage, riepilogo: Riepilogo, years: int) -> None:
    """So many years cost so many times as much."""
    one = riepilogo.read().gross
    assert modulo_ordine.choose_years(years)
    assert riepilogo.read().gross == years * one


@pytest.mark.parametrize("method", METHODS)
def test_method_can_be_chosen(modulo_ordine: ModuloOrdinePage, visitor: Visitor, method: PaymentMethod) -> None:
    """Each documented way to pay can be chosen, and is then seen to be."""
    modulo_ordine.choose_method(method)
    assert visitor.wanted is not None
    assert modulo_ordine.read_form(visitor.wanted.all_addresses).method is method


def test_documented_consents_are_all_that_must_be_given(modulo_ordine: ModuloOrdinePage) -> None:
    """Three consents are given and seen to be; whatever is optional stays as nobody wants it: not given."""
    given = modulo_ordine.give_consents(EVERY_CONSENT)
    assert sum(one.ticked for one in given) == 3


def test_form_can_be_confirmed(modulo_ordine: ModuloOrdinePage) -> None:
    """«CONFERMA e completa l'ordine» can be pressed once the form is filled in, and this test does not."""
    modulo_ordine.choose_method(PaymentMethod.BONIFICO)
    modulo_ordine.give_consents(EVERY_CONSENT)
    assert modulo_ordine.can_confirm()


def test_setting_the_form_orders_nothing(modulo_ordine: ModuloOrdinePage, pec_mock: MockPortal) -> None:
    """Method, years and consents bind nobody."""
    modulo_ordine.choose_method(PaymentMethod.BONIFICO)
    modulo_ordine.choose_years(2)
    modulo_ordine.give_consents(EVERY_CONSENT)
    assert pec_mock.truth.confirm_posts == 0
    assert not pec_mock.truth.orders
