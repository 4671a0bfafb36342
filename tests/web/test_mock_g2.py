"""The layout of spring 2020, walked with plain HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.mock_portal import MockPortal, OrderState, Subject

if TYPE_CHECKING:
    import httpx

    from pec_autorenew.mock_portal import Mailbox

ACCOUNT = {"username": "200001@aruba.it", "password": "single-password"}
ADDRESS = "bianca.sorbo@pec.it"
CART = {"casella": ADDRESS, f"tipo:{ADDRESS}": "STANDARD", f"spazio:{ADDRESS}": "0"}
HOLDER = {
    "nome": "Bianca",
    "cognome": "Sorbo",
    "codice_fiscale": "XXXXXX00A00X000X",
    "indirizzo": "Via dell'Esempio 1, 00000 Paese Inventato (XX)",
    "email": "bianca.sorbo@posta.example",
}
FORM = {"modalita": "bonifico", "frequenza": "2", "consenso": ["0", "1", "2"], "sconto": ""}


@pytest.fixture
def single(portal: MockPortal, web: httpx.Client) -> httpx.Client:
    """Sign a customer with one mailbox in."""
    portal.reset(scenario="single")
    web.post("/login", data=ACCOUNT)
    return web


def _walk_to_the_order_form(web: httpx.Client) -> httpx.Response:
    web.get("/gestione-caselle")
    assert "Aggiungi al tuo ordine un kit di Firma Digitale" in web.post("/gestione-caselle", data=CART).text
    assert "Dati Intestatario" in web.post("/kit", data={"kit": "no"}).text
    return web.post("/dati-intestatario", data=HOLDER)


def test_g2_login_with_wrong_password_shows_the_page_again(portal: MockPortal, web: httpx.Client) -> None:
    """The portal says in red that the data are wrong, and the truth remembers the attempt."""
    answer = web.post("/login", data={"username": "100001@aruba.it", "password": "no"})
    assert "I dati inseriti non sono corretti" in answer.text
    assert [attempt.ok for attempt in portal.truth.sign_ins] == [False]


def test_g2_login_on_the_first_visit_speaks_of_no_session(web: httpx.Client) -> None:
    """Only who was signed in is told that the session is over."""
    assert "sessione" not in web.get("/").text


def test_g2_walk_to_the_end_places_one_order(single: httpx.Client, portal: MockPortal) -> None:
    """The documented flow ends on the confirmation page, with one order waiting for payment."""
    form = _walk_to_the_order_form(single)
    assert "Modulo Ordine" in form.text
    assert portal.truth.confirm_posts == 0
    confirmation = single.post("/modulo-ordine", data=FORM)
    (order,) = portal.truth.orders.values()
    assert confirmation.url.path == f"/conferma/{order.number}"
    assert "€ 12,20" in confirmation.text
    assert (order.years, order.gross_cents, order.state) == (2, 1220, OrderState.AWAITING_PAYMENT)
    assert len(order.consents) == 3
    assert order.marketing_consents == ()
    assert portal.truth.confirm_posts == 1
    assert portal.truth.holder_edits == []
    assert "Rinnova<" not in single.get("/caselle").text


def test_g2_confirm_without_consents_orders_nothing(single: httpx.Client, portal: MockPortal) -> None:
    """The form comes back with a message; the attempt is counted."""
    _walk_to_the_order_form(single)
    answer = single.post("/modulo-ordine", data={**FORM, "consenso": ["0", "1"]})
    assert "condizioni obbligatorie" in answer.text
    assert portal.truth.orders == {}
    assert portal.truth.confirm_posts == 1


def test_g2_confirm_twice_places_one_order(single: httpx.Client, portal: MockPortal) -> None:
    """The cart is empty after the first confirmation."""
    _walk_to_the_order_form(single)
    single.post("/modulo-ordine", data=FORM)
    single.post("/modulo-ordine", data=FORM)
    assert len(portal.truth.orders) == 1
    assert portal.truth.confirm_posts == 2


def test_g2_recalculate_keeps_what_was_ticked(single: httpx.Client) -> None:
    """Another «Frequenza di Rinnovo» reloads the form with the new total."""
    _walk_to_the_order_form(single)
    answer = single.post("/modulo-ordine/ricalcola", data={**FORM, "frequenza": "5"})
    assert "€ 30,50" in answer.text
    assert answer.text.count(" checked") == 4


def test_g2_cart_with_one_mailbox_has_no_flag(single: httpx.Client) -> None:
    """With one mailbox there is nothing to choose."""
    assert 'type="checkbox"' not in single.get("/gestione-caselle").text


def test_g2_cart_without_a_flag_asks_for_one(portal: MockPortal, web: httpx.Client) -> None:
    """Nothing flagged, nothing to renew."""
    portal.reset(scenario="many")
    web.post("/login", data={"username": "300001@aruba.it", "password": "many-password"})
    assert "Seleziona almeno una casella" in web.post("/gestione-caselle", data={}).text


@pytest.mark.parametrize(("flags", "count"), [("none", 0), ("clicked", 1), ("all", 15)])
def test_g2_cart_preselects_as_the_option_says(
    portal: MockPortal,
    web: httpx.Client,
    flags: str,
    count: int,
) -> None:
    """Which flags are set at first is a knob, for the guides do not say."""
    portal.reset(scenario="many")
    portal.truth.set_options(preselected_flags=flags)
    web.post("/login", data={"username": "300001@aruba.it", "password": "many-password"})
    page = web.get("/gestione-caselle", params={"casella": "socio03.corniolo@pec.it"}).text
    assert page.count(" checked") == count


def test_g2_kit_page_without_an_answer_comes_back(single: httpx.Client) -> None:
    """The kit must be refused or bought, not ignored."""
    single.get("/gestione-caselle")
    single.post("/gestione-caselle", data=CART)
    assert "Indica se vuoi acquistare" in single.post("/kit", data={}).text


def test_g2_kit_absent_skips_its_page(single: httpx.Client, portal: MockPortal) -> None:
    """Newer guides have no kit page."""
    portal.truth.set_options(kit="absent")
    single.get("/gestione-caselle")
    assert single.post("/gestione-caselle", data=CART).url.path == "/dati-intestatario"


def test_g2_billing_of_a_company_is_mandatory(single: httpx.Client, portal: MockPortal) -> None:
    """Legal persons must answer «Identificativo per l'invio della fattura elettronica»."""
    portal.truth.change_account(ACCOUNT["username"], subject=Subject.AZIENDA)
    refused = _walk_to_the_order_form(single)
    assert "DATI FATTURAZIONE" in refused.text
    assert "Seleziona l&#39;identificativo" in refused.text
    wrong = {"identificativo": "codice-destinatario", "valore_identificativo": "ABC"}
    assert "7 caratteri" in single.post("/dati-intestatario", data=wrong).text
    right = {"identificativo": "codice-destinatario", "valore_identificativo": "ABC0000"}
    assert "Modulo Ordine" in single.post("/dati-intestatario", data=right).text


def test_g2_holder_edit_is_remembered(single: httpx.Client, portal: MockPortal) -> None:
    """Changing a name counts as a change of ownership: the truth keeps it as evidence."""
    single.get("/gestione-caselle")
    single.post("/gestione-caselle", data=CART)
    single.post("/dati-intestatario", data={**HOLDER, "cognome": "Altra"})
    assert [edit.field for edit in portal.truth.holder_edits] == ["cognome"]


def test_g2_home_without_renewable_mailboxes_has_no_button(portal: MockPortal, web: httpx.Client) -> None:
    """«Rinnova caselle» shows only if there is something to renew."""
    portal.reset(scenario="single")
    assert "Rinnova caselle" in web.post("/login", data=ACCOUNT).text
    portal.truth.change_mailbox(ADDRESS, auto_renewal=True)
    assert "Rinnova caselle" not in web.get("/home").text


def test_g2_mailbox_login_lands_on_its_own_row(portal: MockPortal, web: httpx.Client) -> None:
    """A mailbox sees neither home nor other mailboxes."""
    credentials = {"username": "studio.ginepro@pec.it", "password": "password-della-casella"}
    answer = web.post("/login", data=credentials)
    assert answer.url.path == "/caselle"
    assert web.get("/home").url.path == "/caselle"
    assert all((box.address in answer.text) == (box.address == credentials["username"]) for box in _boxes(portal))


def test_g2_order_can_be_cancelled_and_paid(single: httpx.Client, portal: MockPortal) -> None:
    """«Annulla» asks once more; «Paga» leads to the bank."""
    first = portal.truth.place_order_for(ADDRESS)
    assert "Attesa pagamento" in single.get("/caselle").text
    assert "Vuoi annullare" in single.get(f"/ordini/{first.number}/annulla").text
    assert "Annullato" in single.post(f"/ordini/{first.number}/annulla").text
    second = portal.truth.place_order_for(ADDRESS)
    assert "portale Banca Sella" in single.get(f"/ordini/{second.number}/paga").text
    single.post(f"/ordini/{second.number}/paga", data={"modalita": "carta"})
    assert "Pagato" in single.get("/caselle").text
    assert portal.truth.mailbox(ADDRESS).auto_renewal


def _boxes(portal: MockPortal) -> list[Mailbox]:
    return list(portal.truth.mailboxes.values())
