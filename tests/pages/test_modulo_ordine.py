"""«Modulo Ordine» and the confirmation, on both layouts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import PersonNeeded, PolicyStop
from pec_autorenew.mock_portal.options import DEFAULT_CONSENTS, Consent, ExtraOffer
from pec_autorenew.mock_portal.values import Method
from pec_autorenew.model import Mandate, PaymentMethod

if TYPE_CHECKING:
    from pec_autorenew.pages.modulo_ordine import ModuloOrdinePage
    from tests.pages.conftest import Visit

pytestmark = pytest.mark.one_layout

DUE = "studio.ginepro@pec.it"
DOCUMENTED = frozenset({"condizioni-generali", "clausole-vessatorie", "informativa-privacy"})
MANDATE = Mandate("Prova", date(2026, 11, 1), DOCUMENTED)


def filled(visit: Visit, years: int = 1, method: PaymentMethod = PaymentMethod.BONIFICO) -> ModuloOrdinePage:
    """Fill the form as a flow does."""
    form = visit.form(DUE).modulo_ordine
    form.choose_years(years)
    visit.settle()
    form.choose_method(method)
    visit.settle()
    form.give_consents(MANDATE)
    visit.settle()
    return form


@pytest.mark.parametrize("years", [1, 2, 5])
def test_form_reads_back_as_it_was_set(visit: Visit, years: int) -> None:
    """PRC-1, PRC-5: mailbox, type, years, method and gross of the form are those of the portal's own price."""
    form = filled(visit, years).read_form(frozenset(visit.portal.truth.mailboxes))
    assert form.addresses == {DUE}
    assert (form.years, form.method) == (years, PaymentMethod.BONIFICO)
    assert form.gross == Decimal("30.50") * years
    assert [line.years for line in form.lines] in ([years], [None])


@pytest.mark.parametrize("method", list(PaymentMethod))
def test_every_documented_method_can_be_chosen(visit: Visit, method: PaymentMethod) -> None:
    """PAY-3: a method is found, behind «Altre modalità» too, and reads back as the one that is chosen."""
    form = filled(visit, method=method).read_form(frozenset(visit.portal.truth.mailboxes))
    assert form.method is method


def test_method_that_is_not_offered_stops_the_order(visit: Visit) -> None:
    """PAY-3: never another one in its place."""
    visit.portal.truth.set_options(methods=(Method.CARTA, Method.PAYPAL), methods_hidden=False)
    form = visit.form(DUE).modulo_ordine
    with pytest.raises(PolicyStop, match="«bonifico» is not offered; what can be chosen is «Carta di") as stop:
        form.choose_method(PaymentMethod.BONIFICO)
    assert stop.value.reason == "method-not-offered"


def test_years_that_are_not_offered_stop_the_order(visit: Visit) -> None:
    """PRC-5: a promotion of one or two years has no third, and no other number takes its place."""
    visit.portal.truth.set_options(max_years=2)
    form = visit.form(DUE).modulo_ordine
    with pytest.raises(PolicyStop) as stop:
        form.choose_years(3)
    assert stop.value.reason == "years-not-offered"


def test_only_mandated_consents_are_ticked(visit: Visit) -> None:
    """PRC-10: the three documented ones are ticked, marketing is unticked where the portal had ticked it."""
    marketing = Consent(text=DEFAULT_CONSENTS[-1].text, required=False, marketing=True, preticked=True)
    visit.portal.truth.set_options(consents=(*DEFAULT_CONSENTS[:-1], marketing))
    form = filled(visit)
    consents = form.read_form(frozenset(visit.portal.truth.mailboxes)).consents
    assert [one.ticked for one in consents] == [True, True, True, False]


@pytest.mark.one_layout
@pytest.mark.parametrize(
    "text",
    [
        "Accetto le Condizioni generali di contratto e attivo il Rinnovo automatico.",
        "Accetto le Condizioni generali di contratto della Firma Digitale.",
        "Accetto le Condizioni generali di contratto (€ 3,00 all'anno).",
        "Autorizzo la cessione dei dati a soggetti terzi.",
    ],
)
def test_mandatory_consent_to_something_else_needs_a_person(visit: Visit, text: str) -> None:
    """PRC-10: a documented phrase with an amount, a further service or marketing in it is another consent."""
    visit.portal.truth.set_options(consents=(*DEFAULT_CONSENTS, Consent(text=text)))
    form = visit.form(DUE).modulo_ordine
    with pytest.raises(PersonNeeded, match=r"mandate\.accept") as needed:
        form.give_consents(MANDATE)
    assert needed.value.reason == "unknown-consent"
    assert text.rstrip(".") in needed.value.message


def test_consent_quoted_word_by_word_is_ticked(visit: Visit) -> None:
    """PRC-10: the operator's own quotation allows a text that no guide names."""
    text = "Dichiaro di agire come professionista."
    visit.portal.truth.set_options(consents=(*DEFAULT_CONSENTS, Consent(text=text)))
    form = visit.form(DUE).modulo_ordine
    consents = form.give_consents(Mandate("Prova", date(2026, 11, 1), DOCUMENTED, frozenset({text})))
    assert [one.ticked for one in consents if one.text.startswith(text.rstrip("."))] == [True]


def test_extra_line_is_seen_on_the_form(visit: Visit) -> None:
    """PRC-5: what the portal adds to the order is a line without a mailbox."""
    visit.portal.truth.set_options(extra_line=ExtraOffer(text="Marca Temporale 50", net_cents=1000))
    form = filled(visit).read_form(frozenset(visit.portal.truth.mailboxes))
    assert any("Marca Temporale" in line.text for line in form.lines if not line.address)


def test_form_without_amounts_per_mailbox_still_has_its_gross(visit: Visit) -> None:
    """PRC-1: where the lines show no amount, the total is read and nothing is made up."""
    visit.portal.truth.set_options(show_line_amounts=False)
    form = filled(visit).read_form(frozenset(visit.portal.truth.mailboxes))
    assert (form.gross, form.amounts_per_mailbox) == (Decimal("30.50"), {})


def test_form_without_a_chosen_method_is_not_read(visit: Visit) -> None:
    """PRC-3: what cannot be told with certainty stops the order."""
    form = visit.form(DUE).modulo_ordine
    with pytest.raises(PolicyStop, match="payment method"):
        form.read_form(frozenset(visit.portal.truth.mailboxes))


def test_nothing_but_the_binding_click_orders(visit: Visit) -> None:
    """DUP-3, DRY-1: filling and reading the form creates no order; the one click creates one, with these consents."""
    form = filled(visit, years=2)
    form.read_form(frozenset(visit.portal.truth.mailboxes))
    assert form.can_confirm()
    assert (visit.portal.truth.confirm_posts, visit.portal.truth.orders) == (0, {})
    form.confirm()
    pages = visit.pages
    pages.arrive(pages.conferma)
    (order,) = visit.portal.truth.orders.values()
    assert (order.addresses, order.years, order.method) == ((DUE,), 2, Method.BONIFICO)
    assert (len(order.consents), order.marketing_consents) == (3, ())
    number, text = pages.conferma.read()
    assert number == order.number
    assert order.number in text
    assert visit.portal.truth.confirm_posts == 1
