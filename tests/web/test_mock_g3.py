"""The layout of about 2022, walked with plain HTTP."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.mock_portal import Identifier, IdentifierKind, OrderState, Subject
from tests.web.visitors import send, sign_in_at_the_site

if TYPE_CHECKING:
    import httpx

    from pec_autorenew.mock_portal import MockPortal

USERNAME = "200001@aruba.it"
PASSWORD = "single-password"
ADDRESS = "bianca.sorbo@pec.it"
CART = {"casella": ADDRESS, f"tipo:{ADDRESS}": "STANDARD", f"spazio:{ADDRESS}": "0"}
FORM = {"modalita": "bonifico", "frequenza": "2", "consenso": ["0", "1", "2"], "sconto": ""}
FRAME = "/modulo-ordine/riquadro"


@pytest.fixture
def door(portal: MockPortal, web: httpx.Client) -> httpx.Client:
    """Stand in front of the portal of a customer with one mailbox."""
    portal.reset(scenario="single", layout="g3")
    return web


@pytest.fixture
def single(door: httpx.Client) -> httpx.Client:
    """Sign a customer with one mailbox in."""
    sign_in_at_the_site(door, USERNAME, PASSWORD)
    return door


def _walk_to_the_order_form(web: httpx.Client) -> dict[str, object]:
    """Go to the form in the frame, and return what it would send."""
    web.get("/gestione-caselle")
    assert "Dati intestatario" in web.post("/gestione-caselle", data=CART).text
    assert f'src="{FRAME}"' in web.post("/dati-intestatario").text
    token = re.search(r'name="modulo" value="([^"]+)"', web.get(FRAME).text)
    assert token is not None
    return {**FORM, "modulo": token[1]}


def test_g3_sign_in_is_on_another_origin_in_two_steps(door: httpx.Client, portal: MockPortal) -> None:
    """The portal sends a stranger away; the user name is asked first, the password on the next page."""
    first = door.get("/")
    assert str(first.url).startswith(portal.login_url)
    assert "username o casella PEC" in first.text
    assert 'type="password"' not in first.text
    second = send(door, first, username=USERNAME)
    assert str(second.url).startswith(portal.login_url)
    assert 'type="password"' in second.text
    assert USERNAME in second.text
    home = send(door, second, password=PASSWORD)
    assert str(home.url) == f"{portal.url}home"
    assert [(attempt.username, attempt.ok) for attempt in portal.truth.sign_ins] == [(USERNAME, True)]


def test_g3_wrong_password_is_said_on_the_second_page(door: httpx.Client, portal: MockPortal) -> None:
    """Any user name passes the first page; the second one says that the data are wrong, and not which."""
    answer = sign_in_at_the_site(door, "nobody@aruba.it", "no")
    assert str(answer.url).startswith(portal.login_url)
    assert re.search(r"<div class=\"mk-errorWeb\">I dati inseriti non sono corretti</div>", answer.text)
    assert "nobody@aruba.it" in answer.text
    assert [attempt.ok for attempt in portal.truth.sign_ins] == [False]
    assert send(door, answer, password=PASSWORD).url.path.endswith("/password")


def test_g3_first_visit_speaks_of_no_session(door: httpx.Client) -> None:
    """Only who was signed in is told that the session is over."""
    assert "sessione" not in door.get("/").text


def test_g3_code_is_good_once_and_in_one_browser(door: httpx.Client, portal: MockPortal) -> None:
    """A code opens nothing twice, nor without the state that went out with it."""
    home = sign_in_at_the_site(door, USERNAME, PASSWORD)
    back = next(answer.url for answer in home.history if answer.url.path == "/accesso/ritorno")
    door.get("/esci")
    assert str(door.get(back).url).startswith(portal.login_url)
    second = send(door, door.get("/"), username=USERNAME)
    door.cookies.clear()
    assert str(send(door, second, password=PASSWORD).url).startswith(portal.login_url)


def test_g3_sign_in_site_forgets_who_does_not_come_from_the_portal(portal: MockPortal, door: httpx.Client) -> None:
    """An address of the sign-in site that nobody was sent to leads nowhere."""
    assert door.get(f"{portal.login_url}auth/none-such/password").status_code == 410


def test_g3_hits_of_the_sign_in_site_are_logged_with_the_portal_s(single: httpx.Client, portal: MockPortal) -> None:
    """One log for both origins, and one clock."""
    pages = [hit.page for hit in portal.truth.hits]
    assert pages == ["ingresso", "rinvio", "login", "utente", "password", "accesso", "ritorno", "ingresso", "home"]
    assert single.get(f"{portal.login_url}recupero").headers["date"].startswith("Tue, 01 Dec 2026")


def test_g3_home_offers_the_renewal_while_something_can_be_renewed(single: httpx.Client, portal: MockPortal) -> None:
    """«Rinnova caselle» shows only if there is something to renew."""
    assert "Rinnova caselle" in single.get("/home").text
    portal.truth.change_mailbox(ADDRESS, auto_renewal=True)
    assert "Rinnova caselle" not in single.get("/home").text


def test_g3_mailbox_login_lands_on_its_own_row(portal: MockPortal, web: httpx.Client) -> None:
    """A mailbox sees neither home, nor tabs, nor other mailboxes."""
    portal.reset(layout="g3")
    answer = sign_in_at_the_site(web, "mirto.ginepro@arubapec.it", "password-della-casella")
    assert answer.url.path == "/caselle"
    assert {web.get(path).url.path for path in ("/home", "/caselle/altri-titolari")} == {"/caselle"}
    assert "Le mie caselle PEC" not in answer.text
    assert [box in answer.text for box in portal.truth.mailboxes].count(True) == 1


def test_g3_tabs_are_pages(portal: MockPortal, web: httpx.Client) -> None:
    """The mailboxes of other holders stand at another address; the orders stand below both lists."""
    portal.reset(layout="g3")
    order = portal.truth.place_order_for("mirto.ginepro@arubapec.it")
    sign_in_at_the_site(web, "100001@aruba.it", "demo-password-studio")
    own, others = (web.get(path).text for path in ("/caselle", "/caselle/altri-titolari"))
    assert own.count('class="mk-address"') == 4
    assert others.count('class="mk-address"') == 1
    assert "25 dicembre 2026" in others
    assert order.number in own
    assert order.number in others


def test_g3_list_writes_days_and_states_in_words(single: httpx.Client, portal: MockPortal) -> None:
    """The first of a month is «1°»; a mailbox of a domain is renewed elsewhere; a cancelled one can be bought again."""
    portal.truth.change_mailbox(ADDRESS, expiry=date(2027, 1, 1))
    assert "1° gennaio 2027" in single.get("/caselle").text
    portal.truth.change_mailbox(ADDRESS, on_domain=True)
    page = single.get("/caselle").text
    assert "PEC su dominio" in page
    assert ">Rinnova<" not in page
    portal.truth.change_mailbox(ADDRESS, cancelled=True)
    assert "Acquista di nuovo" in single.get("/caselle").text


def test_g3_walk_to_the_end_answers_the_post_with_the_confirmation(single: httpx.Client, portal: MockPortal) -> None:
    """No kit, no billing for a person; one order, and no redirect after it."""
    form = _walk_to_the_order_form(single)
    assert portal.truth.confirm_posts == 0
    confirmation = single.post(FRAME, data=form)
    (order,) = portal.truth.orders.values()
    assert (confirmation.status_code, confirmation.history) == (200, [])
    assert order.number in confirmation.text
    assert "€ 12,20" in confirmation.text
    assert (order.years, order.gross_cents, order.state) == (2, 1220, OrderState.AWAITING_PAYMENT)
    assert (len(order.consents), order.marketing_consents) == (3, ())
    assert (portal.truth.confirm_posts, portal.truth.holder_edits) == (1, [])
    listed = single.get("/caselle").text
    assert "In attesa Pagamento" in listed
    assert ">Rinnova<" not in listed


def test_g3_confirming_again_orders_again(single: httpx.Client, portal: MockPortal) -> None:
    """The trap: the form stays good, and the second request makes a second order of the same."""
    form = _walk_to_the_order_form(single)
    single.post(FRAME, data=form)
    single.post(FRAME, data=form)
    first, second = portal.truth.orders.values()
    assert (first.addresses, first.gross_cents) == (second.addresses, second.gross_cents)
    assert first.number != second.number
    assert portal.truth.confirm_posts == 2
    assert single.get(FRAME).url.path == "/caselle"


def test_g3_form_of_an_older_cart_orders_nothing(single: httpx.Client, portal: MockPortal) -> None:
    """A new cart makes the forms of the one before it worthless."""
    form = _walk_to_the_order_form(single)
    single.get("/gestione-caselle")
    assert "non è più valido" in single.post(FRAME, data=form).text
    assert portal.truth.orders == {}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"consenso": ["0", "1"]}, "condizioni obbligatorie"),
        ({"modalita": ""}, "modalità di pagamento"),
        ({"sconto": "PROVA"}, "codice Sconto inserito non è valido"),
    ],
)
def test_g3_refused_form_comes_back_with_words(
    single: httpx.Client, portal: MockPortal, change: dict[str, object], words: str
) -> None:
    """What the portal refuses it refuses in the frame, and nothing is ordered."""
    form = _walk_to_the_order_form(single)
    answer = single.post(FRAME, data={**form, **change})
    assert words in answer.text
    assert "Modulo d&#39;ordine" in answer.text or "Modulo d'ordine" in answer.text
    assert portal.truth.orders == {}


def test_g3_recalculate_keeps_what_was_ticked(single: httpx.Client) -> None:
    """Another «Frequenza di rinnovo» brings the form again, in the frame, with the new total."""
    form = _walk_to_the_order_form(single)
    answer = single.post(f"{FRAME}/ricalcola", data={**form, "frequenza": "5"})
    assert answer.url.path == FRAME
    assert "€ 30,50" in answer.text
    assert len(re.findall(r" checked", answer.text)) == 5


def test_g3_cart_shows_prices_without_tax(single: httpx.Client) -> None:
    """With one mailbox there is no flag; the plan is a set of radio buttons, priced «+ IVA»."""
    page = single.get("/gestione-caselle").text
    assert "€ 25,00 + IVA" in page
    assert page.count('type="radio"') == 3
    assert 'type="checkbox"' not in page


def test_g3_kit_is_offered_if_the_option_says_so(single: httpx.Client, portal: MockPortal) -> None:
    """By default this layout has no kit; with the option it wants an answer, and «No» leads on."""
    portal.truth.set_options(kit="offered")
    single.get("/gestione-caselle")
    assert "kit di Firma Digitale" in single.post("/gestione-caselle", data=CART).text
    assert "Indica se vuoi acquistare" in single.post("/kit", data={}).text
    assert single.post("/kit", data={"kit": "no"}).url.path == "/dati-intestatario"


def test_g3_billing_of_a_company_has_a_page_of_its_own(single: httpx.Client, portal: MockPortal) -> None:
    """The page says whose data the invoice has, and wants the identifier."""
    portal.truth.change_account(USERNAME, subject=Subject.AZIENDA)
    single.get("/gestione-caselle")
    single.post("/gestione-caselle", data=CART)
    page = single.post("/dati-intestatario")
    assert page.url.path == "/dati-fatturazione"
    assert "dati anagrafici dell&#39;account" in page.text or "dati anagrafici dell'account" in page.text
    assert "Seleziona l&#39;identificativo" in single.post("/dati-fatturazione", data={}).text
    wrong = {"identificativo": "codice-destinatario", "valore_identificativo": "ABC"}
    assert "7 caratteri" in single.post("/dati-fatturazione", data=wrong).text
    assert single.post("/dati-fatturazione", data={"identificativo": "nessuno"}).url.path == "/modulo-ordine"


def test_g3_billing_of_a_public_body_asks_for_its_code_only(single: httpx.Client, portal: MockPortal) -> None:
    """No drop-down: one field, six characters; what the account has stands there already."""
    code = Identifier(kind=IdentifierKind.CODICE_DESTINATARIO, value="UFAAA0")
    portal.truth.change_account(USERNAME, subject=Subject.PUBBLICA_AMMINISTRAZIONE, identifier=code)
    single.get("/gestione-caselle")
    single.post("/gestione-caselle", data=CART)
    page = single.post("/dati-intestatario")
    assert "<select" not in page.text
    assert 'value="UFAAA0"' in page.text
    answer = {"identificativo": "codice-destinatario", "valore_identificativo": "UFAAA0"}
    assert single.post("/dati-fatturazione", data=answer).url.path == "/modulo-ordine"


def test_g3_holder_is_edited_on_another_page_only(single: httpx.Client, portal: MockPortal) -> None:
    """«Modifica» leads to fields; what is changed there is remembered as evidence."""
    single.get("/gestione-caselle")
    assert "<input" not in single.post("/gestione-caselle", data=CART).text
    fields = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', single.get("/dati-intestatario/modifica").text))
    fields = {name: value.replace("&#39;", "'") for name, value in fields.items()}
    single.post("/dati-intestatario/modifica", data=fields)
    assert portal.truth.holder_edits == []
    single.post("/dati-intestatario/modifica", data={**fields, "cognome": "Altra"})
    assert [edit.field for edit in portal.truth.holder_edits] == ["cognome"]


def test_g3_order_can_be_cancelled_and_paid(single: httpx.Client, portal: MockPortal) -> None:
    """«Annulla» asks once more; «Paga» pays."""
    first = portal.truth.place_order_for(ADDRESS)
    assert "Vuoi annullare" in single.get(f"/ordini/{first.number}/annulla").text
    assert "Annullato" in single.post(f"/ordini/{first.number}/annulla").text
    second = portal.truth.place_order_for(ADDRESS)
    assert second.number in single.get(f"/ordini/{second.number}/paga").text
    single.post(f"/ordini/{second.number}/paga", data={"modalita": "carta"})
    assert "Pagato" in single.get("/caselle").text


def test_g3_session_over_inside_the_frame_leads_to_the_sign_in_site(single: httpx.Client, portal: MockPortal) -> None:
    """Nothing is ordered without a session; the sign-in site says why it asks again."""
    form = _walk_to_the_order_form(single)
    portal.end_sessions()
    answer = single.post(FRAME, data=form)
    assert str(answer.url).startswith(portal.login_url)
    assert "La sessione è scaduta" in answer.text
    assert portal.truth.orders == {}
