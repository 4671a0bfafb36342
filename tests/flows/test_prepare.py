"""Filling in the order as far as «Modulo Ordine»: right, or stopped with the reason; never anything ordered."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from pec_autorenew.errors import (
    PecAutorenewError,
    PersonNeeded,
    PolicyStop,
    PortalError,
    RefusedByPortal,
    UnexpectedPage,
)
from pec_autorenew.flows.renew import await_answer, refusal_told
from pec_autorenew.mock_portal import Consent, ExtraOffer, Identifier, MailboxType, Method, Subject
from pec_autorenew.mock_portal import IdentifierKind as MockKind
from pec_autorenew.mock_portal.options import DEFAULT_CONSENTS
from pec_autorenew.model import IdentifierKind, InvoiceIdentifier, PaymentMethod
from pec_autorenew.pages.gestione_caselle import GestioneCasellePage
from pec_autorenew.pages.reading import Entry
from tests.flows.clerk import AZIENDA, AZIENDA_DUE, MANDATE, MANY, SINGLE, STUDIO, STUDIO_DUE, wanted

if TYPE_CHECKING:
    from pec_autorenew.interlock import Interlock
    from pec_autorenew.mock_portal import Layout
    from pec_autorenew.pages.base import PortalPage
    from pec_autorenew.pages.portal_pages import PortalPages
    from tests.flows.clerk import Clerk

pytestmark = pytest.mark.one_layout

DUE = "bianca.sorbo@pec.it"


@pytest.fixture
def bianca(clerk: Clerk, layout: Layout) -> Clerk:
    """Put the clerk in front of one person with one mailbox."""
    clerk.portal.reset(scenario="single", layout=layout)
    return clerk


@pytest.mark.every_layout
@pytest.mark.parametrize("years", [1, 3])
@pytest.mark.parametrize("method", [PaymentMethod.BONIFICO, PaymentMethod.BOLLETTINO])
def test_form_is_set_and_read_back(bianca: Clerk, years: int, method: PaymentMethod) -> None:
    """PRC-1, PRC-5: mailbox, years, method and total are those of the portal; nothing is ordered."""
    visit = bianca.inside(SINGLE)
    survey = visit.survey()
    prepared = visit.prepare_renewal(wanted(survey, DUE, years=years, method=method))
    assert prepared.form.addresses == {DUE}
    assert (prepared.form.years, prepared.form.method) == (years, method)
    assert prepared.form.gross == Decimal("6.10") * years
    assert (bianca.truth.confirm_posts, bianca.truth.orders, bianca.truth.holder_edits) == (0, {}, [])


def test_preparing_may_be_repeated(bianca: Clerk) -> None:
    """HOUSE: it binds nothing, so it reads the same twice."""
    visit = bianca.inside(SINGLE)
    order = wanted(visit.survey(), DUE)
    assert visit.prepare_renewal(order).form == visit.prepare_renewal(order).form
    assert bianca.truth.orders == {}


def test_kit_that_is_preselected_is_refused(bianca: Clerk) -> None:
    """PRC-6: what the mailbox does not have today is refused, and seen to be refused."""
    bianca.truth.set_options(kit="preselected")
    visit = bianca.inside(SINGLE)
    prepared = visit.prepare_renewal(wanted(visit.survey(), DUE))
    assert prepared.form.gross == Decimal("6.10")
    visit.place_order(prepared)
    (order,) = bianca.truth.orders.values()
    assert order.extras == ()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"extra_line": ExtraOffer(text="Conservazione digitale", net_cents=1000)}, "form-mismatch"),
        ({"preselected_extra_gb": 1}, "upsell-not-refusable"),
        ({"preselected_type": MailboxType.PRO}, "type-changed"),
        ({"methods": (Method.CARTA, Method.PAYPAL)}, "method-not-offered"),
        ({"max_years": 2}, "years-not-offered"),
    ],
    ids=["extra line", "extra GB", "type", "method", "years"],
)
def test_form_that_is_not_what_is_wanted_stops(bianca: Clerk, options: dict[str, object], reason: str) -> None:
    """PRC-5, PRC-6, PRC-8, PAY-3: each difference has its reason, and nothing is ordered."""
    bianca.truth.set_options(**options)
    visit = bianca.inside(SINGLE)
    visit.pages.screen.timeout = 3_000  # what is not offered is waited for
    with pytest.raises(PolicyStop) as caught:
        visit.prepare_renewal(wanted(visit.survey(), DUE, years=3))
    assert caught.value.reason == reason
    assert (bianca.truth.confirm_posts, bianca.truth.orders) == (0, {})


def test_form_that_costs_more_than_the_cart_said_stops(bianca: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    """PRC-1: the price was another one earlier in the visit."""
    monkeypatch.setattr(GestioneCasellePage, "read_total", lambda _: Decimal("5.00"))
    visit = bianca.inside(SINGLE)
    with pytest.raises(PolicyStop, match="wants 6,10") as caught:
        visit.prepare_renewal(wanted(visit.survey(), DUE))
    assert caught.value.reason == "price-changed"


NEW_CONSENT = Consent(text="Accetto il nuovo regolamento del servizio.")


def test_unknown_mandatory_consent_needs_a_person(bianca: Clerk) -> None:
    """PRC-10: `unknown-consent`, and the message is the line to add."""
    bianca.truth.set_options(consents=(*DEFAULT_CONSENTS, NEW_CONSENT))
    visit = bianca.inside(SINGLE)
    with pytest.raises(PersonNeeded, match="text: Accetto il nuovo regolamento del servizio") as caught:
        visit.prepare_renewal(wanted(visit.survey(), DUE))
    assert caught.value.reason == "unknown-consent"
    assert bianca.truth.orders == {}


def test_consent_that_the_mandate_quotes_is_given(bianca: Clerk) -> None:
    """PRC-10: the portal's exact words in the mandate allow it."""
    bianca.truth.set_options(consents=(*DEFAULT_CONSENTS, NEW_CONSENT))
    visit = bianca.inside(SINGLE)
    mandate = replace(MANDATE, texts=frozenset({NEW_CONSENT.text}))
    visit.place_order(visit.prepare_renewal(wanted(visit.survey(), DUE, mandate=mandate)))
    (order,) = bianca.truth.orders.values()
    assert NEW_CONSENT.text in order.consents


def test_consent_that_the_mandate_does_not_name_is_not_given(bianca: Clerk) -> None:
    """PRC-10: a mandate without the unfair terms stops at them."""
    visit = bianca.inside(SINGLE)
    mandate = replace(MANDATE, accept=frozenset({"condizioni-generali", "informativa-privacy"}))
    with pytest.raises(PersonNeeded):
        visit.prepare_renewal(wanted(visit.survey(), DUE, mandate=mandate))


def test_wanted_type_is_that_of_the_list(bianca: Clerk) -> None:
    """PRC-8: a type other than the one the list showed stops the order."""
    visit = bianca.inside(SINGLE)
    order = wanted(visit.survey(), DUE)
    other = replace(order, mailboxes=(replace(order.mailboxes[0], type=None),))
    with pytest.raises(PecAutorenewError):
        visit.prepare_renewal(other)
    assert bianca.truth.orders == {}


# -- «DATI FATTURAZIONE», which the layout of 2024 does not ask for --------------------

CODE = InvoiceIdentifier(IdentifierKind.CODICE_DESTINATARIO, "AAAAAA0")
only_g2 = pytest.mark.parametrize("layout", ["g2"])


@only_g2
def test_identifier_that_is_asked_for_and_not_configured_stops(clerk: Clerk) -> None:
    """PRC-9: `identifier-missing`."""
    visit = clerk.inside(AZIENDA)
    with pytest.raises(PolicyStop) as caught:
        visit.prepare_renewal(wanted(visit.survey(), AZIENDA_DUE))
    assert caught.value.reason == "identifier-missing"


@only_g2
def test_identifier_from_the_configuration_is_filled_in(clerk: Clerk) -> None:
    """PRC-9: asked for and empty, it is filled; the holder's data stay as they are."""
    visit = clerk.inside(AZIENDA)
    visit.place_order(visit.prepare_renewal(wanted(visit.survey(), AZIENDA_DUE, identifier=CODE)))
    (order,) = clerk.truth.orders.values()
    assert order.identifier is not None
    assert (order.identifier.kind.value, order.identifier.value) == (CODE.kind.value, CODE.value)
    assert clerk.truth.holder_edits == []


@only_g2
def test_identifier_that_stands_there_otherwise_stops(clerk: Clerk) -> None:
    """PRC-9: `identifier-mismatch`, and nothing is typed over."""
    visit = clerk.inside()
    other = InvoiceIdentifier(IdentifierKind.CODICE_DESTINATARIO, "ZZZZZZ9")
    with pytest.raises(PolicyStop) as caught:
        visit.prepare_renewal(wanted(visit.survey(), STUDIO_DUE, identifier=other))
    assert caught.value.reason == "identifier-mismatch"


@only_g2
@pytest.mark.parametrize("configured", [None, CODE])
def test_identifier_that_stands_there_is_kept(clerk: Clerk, configured: InvoiceIdentifier | None) -> None:
    """PRC-9: kept; and told where the configuration says nothing."""
    visit = clerk.inside()
    prepared = visit.prepare_renewal(wanted(visit.survey(), STUDIO_DUE, identifier=configured))
    told = "The e-invoice identifier was kept as it stood: codice-destinatario AAAAAA0."
    assert prepared.notes == (() if configured else (told,))


@only_g2
def test_public_office_s_code_that_stands_there_is_told_with_the_next_step(clerk: Clerk) -> None:
    """PAY-8: six characters make it one, though the configuration knows nothing of it; the commitment is named."""
    code = Identifier(kind=MockKind.CODICE_DESTINATARIO, value="ABC123")
    clerk.truth.change_account(STUDIO.username, subject=Subject.PUBBLICA_AMMINISTRAZIONE, identifier=code)
    visit = clerk.inside()
    kept, office = visit.prepare_renewal(wanted(visit.survey(), STUDIO_DUE)).notes
    assert kept.endswith("codice-destinatario ABC123.")
    assert "signed payment commitment with order number, codice univoco ABC123, CIG, CUP" in office


@only_g2
def test_flag_of_a_mailbox_that_no_list_showed_is_taken_off(clerk: Clerk, layout: Layout) -> None:
    """PRC-5: what the cart had flagged beforehand is not bought, even if the survey knew nothing of it."""
    clerk.portal.reset(scenario="many", layout=layout)
    clerk.truth.set_options(preselected_flags="all")
    visit = clerk.inside(MANY)
    addresses = ["socio01.corniolo@pec.it", "socio02.corniolo@pec.it"]
    visit.place_order(visit.prepare_renewal(wanted(visit.survey(), *addresses, all_addresses=frozenset(addresses))))
    (order,) = clerk.truth.orders.values()
    assert set(order.addresses) == set(addresses)


@only_g2
def test_several_mailboxes_are_one_order(clerk: Clerk, layout: Layout) -> None:
    """PRC-5: exactly the wanted flags are set, whatever the portal had set; each line has its amount."""
    clerk.portal.reset(scenario="many", layout=layout)
    clerk.truth.set_options(preselected_flags="all")
    visit = clerk.inside(MANY)
    survey = visit.survey()
    addresses = [f"socio0{number}.corniolo@pec.it" for number in (1, 2, 3)]
    prepared = visit.prepare_renewal(wanted(survey, *addresses))
    assert prepared.form.amounts_per_mailbox == dict.fromkeys(addresses, Decimal("6.10"))
    visit.place_order(prepared)
    (order,) = clerk.truth.orders.values()
    assert set(order.addresses) == set(addresses)
    assert clerk.truth.confirm_posts == 1


@pytest.mark.parametrize(
    ("said", "stands", "error"),
    [
        (["Dati Intestatario", "Il campo Email è obbligatorio."], True, RefusedByPortal),
        (["Dati Intestatario"], True, UnexpectedPage),
        (["Dati Intestatario", "Tutt'altro."], False, UnexpectedPage),
    ],
    ids=["says why", "says nothing", "another page"],
)
def test_page_that_comes_again_tells_why(said: list[str], *, stands: bool, error: type[PortalError]) -> None:
    """DRF-4: a form that the portal sends back with its words is one order's matter, and stops no other's."""
    lines = [["Dati Intestatario"], said]
    left = SimpleNamespace(name="Dati Intestatario")
    screen = SimpleNamespace(outline=lambda: [Entry("text", text) for text in lines.pop(0)])
    pages = SimpleNamespace(screen=screen, look_for=lambda page, **_: page if stands else None)
    words = "obbligatorio" if error is RefusedByPortal else "none of them"
    with pytest.raises(error, match=words), refusal_told(cast("PortalPages", pages), cast("PortalPage", left)):
        raise UnexpectedPage("the portal shows none of them", page="Modulo Ordine")


def test_form_that_comes_again_after_the_click_says_why() -> None:
    """VER-1, SIL-4: it proves nothing, and what it says is told to whoever has to look."""
    form = SimpleNamespace(name="Modulo Ordine")
    lines = [Entry("text", "Totale € 6,10"), Entry("text", "Attenzione: il codice non risulta valido.")]
    pages = SimpleNamespace(
        conferma=SimpleNamespace(name="Conferma", read=lambda: (None, "Modulo Ordine")),
        modulo_ordine=form,
        screen=SimpleNamespace(timeout=1_000, outline=lambda: lines),
        session=SimpleNamespace(settle=lambda: False),
        look_for=lambda page, **_: page if page is form else None,
    )
    lock = SimpleNamespace(answers=[200])
    placed = await_answer(cast("PortalPages", pages), cast("Interlock", lock), ["Totale € 6,10"])
    assert placed.order_number is None
    assert placed.why == "the portal shows the form again and says: Attenzione: il codice non risulta valido"
