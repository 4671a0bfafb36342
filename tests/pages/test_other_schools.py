"""What portals of other schools do on the list and on the order's pages, as snippets (DRF-2)."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from unittest.mock import create_autospec

import pytest

from pec_autorenew.browser import Session
from pec_autorenew.errors import PersonNeeded, PolicyStop, PortalTimeout, UnexpectedPage
from pec_autorenew.flows.renew import set_form, why_not_sent
from pec_autorenew.flows.survey import turned_pages
from pec_autorenew.model import IdentifierKind, InvoiceIdentifier, Mandate, PaymentMethod, WantedMailbox, WantedOrder
from pec_autorenew.names import Names
from pec_autorenew.pages.caselle import CasellePage
from pec_autorenew.pages.dati_fatturazione import DatiFatturazionePage
from pec_autorenew.pages.dati_intestatario import DatiIntestatarioPage
from pec_autorenew.pages.elements import Element
from pec_autorenew.pages.gestione_caselle import GestioneCasellePage
from pec_autorenew.pages.kit_firma import KitFirmaPage
from pec_autorenew.pages.modulo_ordine import ModuloOrdinePage
from pec_autorenew.pages.ordini import OrdiniSection
from pec_autorenew.pages.portal_pages import PortalPages
from pec_autorenew.qa.guard import OrderLock
from pec_autorenew.qa.guarded import GuardedPages

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from pec_autorenew.model import OrderForm
    from tests.pages.conftest import Show

OWN, OTHERS = "caselle.tab_own", "caselle.tab_others"
ONE_ROW = "<tr><td>a@pec.it</td><td>Scadenza: 31/12/2026</td><td><a href='#'>Rinnova</a></td></tr>"
TWO_ROWS = """
<tr><td colspan=2>{0}</td><td rowspan=2><a href='#' onclick='document.title = "{0}"'>Rinnova</a></td></tr>
<tr><td>Tipo: STANDARD</td><td>Scadenza: {1}</td></tr>
"""
ORDERS = (
    "<h2>Ordini associati al servizio</h2><table><tr><td>12345678</td><td>01/12/2026</td><td>Pagato</td></tr></table>"
)
PAGER = (
    "<p>Pagina {0} di 3 <a href='#' onclick='document.title = this.textContent'>&gt;</a> <a href='#'>&gt;&gt;</a></p>"
)
NEXT = "<p><a href='#'>Successiva »</a></p>"
NOBODY = Mandate("nobody", date.min, frozenset())


# -- the list ----------------------------------------------------------------------------------------------------------


def test_open_tab_in_bare_words_is_a_tab(show: Show) -> None:
    """SIL-1: beside a tab that can be pressed, the one that cannot is the open one: its list is not passed over."""
    tabs = "<td><b>Le mie caselle PEC</b></td><td><a href='#'>PEC di altri titolari</a></td>"
    page = CasellePage(show(f"<table><tr>{tabs}</tr></table><table>{ONE_ROW}</table>"))
    assert page.tabs() == (OWN, OTHERS)
    assert page.shows_tab(OWN)
    assert not page.shows_tab(OTHERS)


def test_heading_that_is_named_like_a_tab_is_none(show: Show) -> None:
    """Where no tab can be pressed there are no tabs."""
    page = CasellePage(show(f"<h2>Le mie caselle PEC</h2><table>{ONE_ROW}</table>"))
    assert page.tabs() == ()
    assert not page.shows_tab(OWN)


@pytest.mark.parametrize(
    "words", ["Nessuna casella PEC associata.", "Non hai caselle PEC in scadenza", "NON RISULTANO CASELLE"]
)
def test_tab_without_mailboxes_says_so_in_its_own_words(show: Show, words: str) -> None:
    """SIL-1: an account whose second tab is empty is no drift."""
    tabs = "<a href='#'>Le mie caselle PEC</a> <a href='#'>PEC di altri titolari</a>"
    screen = show(f"{tabs}<p>{words}</p>")
    assert screen.recognise({"list": CasellePage.landmarks}) == "list"
    assert CasellePage(screen).shows_empty_state()


def test_list_that_says_which_page_it_is_goes_on_by_its_sign(show: Show, page: Page) -> None:
    """SIL-2: «Pagina 1 di 3 > >>»: it goes on, to the next page and not to the last."""
    caselle = CasellePage(show(f"<table>{ONE_ROW}</table>{PAGER.format(1)}"))
    assert caselle.offers_page(2)
    caselle.turn_page(2)
    assert page.title() == ">"
    assert not CasellePage(show(f"<table>{ONE_ROW}</table>{PAGER.format(3)}")).offers_page(4)


@pytest.mark.parametrize(
    ("pager", "pressed"),
    [
        ("<a href='#'>1</a> <b>2</b> <a href='#'>3</a>", "1"),
        ("<a href='#'>Precedente</a> 2/3 <a href='#'>Successiva</a>", "Precedente"),
        ("Pagina 2 di 3 <a href='#'>&lt;&lt;</a> <a href='#'>&lt;</a> <a href='#'>&gt;</a>", "<<"),
        ("<a href='#' aria-current='page'>1</a> <a href='#'>2</a>", None),
        ("<b>1</b> <a href='#'>2</a>", None),
        ("<button disabled>Precedente</button> <button>Successiva</button>", None),
        ("Pagina 1 di 3 <a href='#'>&lt;</a> <a href='#'>&gt;</a>", None),
    ],
)
def test_list_that_is_not_at_its_beginning_is_turned_back(
    show: Show, page: Page, pager: str, pressed: str | None
) -> None:
    """SIL-2: a list that opens at a later page is turned back before it is read; one at its first page is not."""
    caselle = CasellePage(show(f"<table>{ONE_ROW}</table><p>{pager}</p>{ORDERS}"))
    page.evaluate("addEventListener('click', (event) => { document.title = event.target.textContent; })")
    assert caselle.turn_back() is (pressed is not None)
    assert page.title() == (pressed or "")


def numbers(first: int, last: int, at: int, *, before: bool, behind: bool, tag: str) -> str:
    """Return a row of page numbers with room for some, and «...» where there are others."""
    row = [f"<b>{one}</b>" if one == at else f"<a href='#'>{one}</a>" for one in range(first, last + 1)]
    row = [*["<a href='#' id='back'>...</a>"] * before, *row, *["<a href='#' id='on'>…</a>"] * behind]
    return "".join(f"<{tag}>{one}</{tag}> " for one in row)


@pytest.mark.parametrize("tag", ["td", "span"])
@pytest.mark.parametrize(
    ("first", "last", "at", "before", "behind", "onward", "back"),
    [
        (1, 10, 10, False, True, "on", "1"),
        (1, 10, 9, False, True, "10", "1"),
        (1, 10, 1, False, True, "2", None),
        (11, 20, 20, True, True, "on", "back"),
        (11, 12, 11, True, False, "12", "back"),
        (11, 12, 12, True, False, None, "back"),
        (11, 11, 11, True, False, None, "back"),
    ],
)
def test_row_of_page_numbers_goes_on_behind_its_dots(  # noqa: PLR0913 - a table's columns
    show: Show, page: Page, tag: str, first: int, last: int, at: int, *, before: bool, behind: bool,
    onward: str | None, back: str | None,
) -> None:  # fmt: skip
    """SIL-2: a grid shows ten numbers and «...»: the mailboxes of the eleventh page are not passed over."""
    row = numbers(first, last, at, before=before, behind=behind, tag=tag)
    row = f"<table><tr>{row}</tr></table>" if tag == "td" else f"<p>{row}</p>"
    caselle = CasellePage(show(f"<table>{ONE_ROW}</table>{row}{ORDERS}"))
    page.evaluate("addEventListener('click', ({target: at}) => { document.title = at.id || at.textContent; })")
    assert caselle.offers_page(at + 1) is (onward is not None)
    if onward:
        caselle.turn_page(at + 1)
        assert page.title() == onward
    assert caselle.turn_back() is (back is not None)
    if back:
        assert page.title() == back


SIGN = "<tr><td colspan=3><table><tr>{}<td><a href='#'>&gt;</a></td></tr></table></td></tr>"


@pytest.mark.parametrize(
    ("markup", "goes_on"),
    [
        (ONE_ROW + SIGN.format(""), True),
        (ONE_ROW + SIGN.format("<td><a href='#'>&lt;</a></td>"), True),
        (ONE_ROW + SIGN.format("<td><a href='#'>&lt;</a></td>").replace("&gt;", ""), False),
        (SIGN.format("") + ONE_ROW, False),
        (ONE_ROW.replace("Rinnova", "&gt;"), False),
        (ONE_ROW + "<tr><td>Le offerte del mese</td></tr>" + SIGN.format(""), False),
        (ONE_ROW + SIGN.format("<td><a href='#'>1</a></td><td>2</td>"), False),
    ],
    ids=["first page", "middle", "last page", "above", "in the row", "of something else", "numbers"],
)
def test_sign_directly_behind_the_list_leads_on(show: Show, page: Page, markup: str, *, goes_on: bool) -> None:
    """SIL-2: «>» by itself, below the last row, is how some grids go on; an arrow elsewhere is not theirs."""
    caselle = CasellePage(show(f"<table><tr><td>123@aruba.it</td></tr></table><table>{markup}</table>{ORDERS}"))
    page.evaluate("addEventListener('click', (event) => { document.title = event.target.textContent; })")
    assert caselle.offers_page(2) is caselle.goes_on_by_sign() is goes_on
    if goes_on:
        caselle.turn_page(2)
        assert page.title() == ">"
        assert caselle.turn_back() is ("&lt;" in markup)
        assert page.title() == ("<" if "&lt;" in markup else ">")


@pytest.mark.parametrize(
    ("markup", "goes_on"),
    [
        (f"<table>{ONE_ROW}</table>{ORDERS}{NEXT}", False),
        (f"<table>{ONE_ROW}</table>{ORDERS}{PAGER.format(1)}", False),
        (f"<table>{ONE_ROW}</table>{NEXT}{ORDERS}{NEXT}", True),
        (f"{ORDERS}<h2>Caselle</h2><table>{ONE_ROW}</table>{NEXT}", True),
    ],
    ids=["the orders'", "the orders' in words", "both", "orders first"],
)
def test_pages_of_the_order_list_are_not_the_list_s(show: Show, markup: str, *, goes_on: bool) -> None:
    """SIL-1: what turns the pages of the order list below turns none of the mailboxes."""
    assert CasellePage(show(markup)).offers_page(2) is goes_on


@pytest.mark.usefixtures("_engine")
@pytest.mark.parametrize(
    ("words", "more"),
    [
        ("Visualizzate 1 caselle di 25", True),
        ("1 – 1 di 23", True),
        ("1-1 di 1", False),
        (f"1-1 di 2</p><table>{ONE_ROW.replace('a@pec.it', 'b@pec.it')}</table><p>", False),
        (f"Spazio 1 di 2 GB</p>{ORDERS}<p>1-1 di 9", False),
    ],
    ids=["words", "range", "whole", "all of them all the same", "orders"],
)
def test_list_that_says_that_it_has_more_is_not_the_whole(page: Page, words: str, *, more: bool) -> None:
    """SIL-2: mailboxes that nothing led to are not passed over in silence."""
    pages = PortalPages(Session(page.context, page, 5_000), Names(), "http://127.0.0.1/")
    page.set_content(f"<table>{ONE_ROW}</table><p>{words}</p>")
    with pytest.raises(UnexpectedPage, match="shows 1 of 2") if more else nullcontext():
        assert list(turned_pages(pages)) == [1]


def test_mailbox_may_take_two_rows(show: Show, page: Page) -> None:
    """PRC-11: each address has the date of its own second row, and the control of its own first."""
    rows = TWO_ROWS.format("a@pec.it", "31-12-2026") + TWO_ROWS.format("aa@pec.it", "30-11-2027")
    screen = show(f"<p>Utente: 100001@aruba.it</p><table>{rows}</table>{ORDERS}")
    read = {box.address: (box.expiry, box.renewable) for box in CasellePage(screen).read_mailboxes()}
    assert read == {"a@pec.it": (date(2026, 12, 31), True), "aa@pec.it": (date(2027, 11, 30), True)}
    CasellePage(screen).renew("aa@pec.it")
    assert page.title() == "aa@pec.it"


@pytest.mark.parametrize(
    "below",
    [
        f"<tr><td>Ultimo accesso 12/11/2026 <a href='#'>Esci</a></td></tr>{ONE_ROW}",
        f"<tr><td><table>{ONE_ROW}</table></td></tr>",
        "<tr><td>Ordini associati al servizio</td></tr><tr><td>Rinnovo, scadenza 12/11/2026</td></tr>",
    ],
    ids=["another matter", "the list itself", "orders"],
)
def test_row_below_an_address_is_not_always_its_own(show: Show, below: str) -> None:
    """PRC-11: the user's name in a table that lays out the page takes no date from what stands below it."""
    screen = show(f"<table><tr><td>Utente: 100001@aruba.it</td></tr>{below}</table>")
    assert "100001@aruba.it" not in {box.address for box in CasellePage(screen).read_mailboxes()}


@pytest.mark.parametrize(
    ("amount", "gross"),
    [
        ("€ 20,00 + IVA", None),
        ("€ 20,00 (IVA esclusa)", None),
        ("€ 24,40 (I.V.A. inclusa)", "24.40"),
        ("€ 24,40", "24.40"),
    ],
)
def test_amount_without_vat_is_no_gross_of_an_order(show: Show, amount: str, gross: str | None) -> None:
    """LOC-2, VER-2: an order of ours that the list shows net is no other order than the one that was confirmed."""
    row = f"<td>12345678</td><td>01/12/2026</td><td>Rinnovo magnetto@pec.it</td><td>{amount}</td><td>Pagato</td>"
    (order,) = OrdiniSection(show(ORDERS[: ORDERS.index("<tr>")] + f"<tr>{row}</tr></table>")).read_orders()
    assert order.gross == (Decimal(gross) if gross else None)


# -- the order's pages -------------------------------------------------------------------------------------------------


IDENTIFIER = """
<fieldset><legend>DATI FATTURAZIONE</legend>
<table><tr><td>Identificativo per l'invio della fattura elettronica</td><td><select onchange="
setTimeout(() => row.innerHTML = '<td>Codice Destinatario</td><td><input id=code value={0}></td>', 60)">
<option>-- selezionare --</option><option>Codice Destinatario</option></select></td></tr><tr id="row"></tr></table>
</fieldset><fieldset><legend>Dati Titolare</legend>
Telefono: <input id="phone"> Ragione sociale: <input value="Prova S.r.l."></fieldset>
"""
ABC1234 = InvoiceIdentifier(IdentifierKind.CODICE_DESTINATARIO, "ABC1234")


def test_identifier_s_field_may_come_after_its_kind(show: Show, page: Page) -> None:
    """PRC-9: the value waits for the field that the choice brings, and goes into none of the holder's."""
    DatiFatturazionePage(show(IDENTIFIER.format(""))).fill(ABC1234)
    assert page.evaluate("[code.value, phone.value]") == ["ABC1234", ""]


def test_identifier_that_comes_with_its_kind_is_not_overwritten(show: Show, page: Page) -> None:
    """PRC-9: another value than the configured one that the choice brings along stays, and stops the order."""
    with pytest.raises(PolicyStop) as stop:
        DatiFatturazionePage(show(IDENTIFIER.format("XYZ9876"))).fill(ABC1234)
    assert stop.value.reason == "identifier-mismatch"
    assert page.evaluate("code.value") == "XYZ9876"


KIT = "<h1>Aggiungi al tuo ordine un kit di Firma Digitale</h1>{0}<button>Prosegui</button>"
TILE = "<div style='cursor: pointer' onclick='{1}'>{0} <span></span></div>"
TICK = (
    'document.querySelectorAll("span").forEach((one) => { one.textContent = "" }); '
    'this.querySelector("span").textContent = "✓"'
)


def kit(show: Show, *tiles: tuple[str, str]) -> KitFirmaPage:
    """Show the offer with these tiles: what each says, and what it does."""
    return KitFirmaPage(show(KIT.format("".join(TILE.format(*one) for one in tiles))))


def test_kit_of_which_nothing_is_chosen_yet_is_refused(show: Show) -> None:
    """PRC-6: of two tiles without role and mark, the one that says no is pressed, and is seen to be chosen."""
    page = kit(show, ("Sì, aggiungi un Dispositivo", TICK), ("No, non aggiungere il Dispositivo", TICK))
    page.refuse()
    assert {one.name[:2]: bool(one.checked) for one in page.read_choices()} == {"Sì": False, "No": True}


def test_kit_whose_refusal_leads_on_is_left(show: Show) -> None:
    """PRC-6: a «No» that is a button leads to the next page by itself."""
    page = kit(show, ("Sì, aggiungi", ""), ("No, grazie", "document.body.innerHTML = `<h1>Dati Intestatario</h1>`"))
    page.refuse()
    assert not page.is_shown()


def test_kit_without_a_way_on_but_its_refusal_is_recognised(show: Show) -> None:
    """PRC-6: whether «Prosegui e completa l'ordine» stands there too is not documented; «No, grazie» leads on."""
    markup = "<h2>Aggiungi al tuo ordine un kit di Firma Digitale</h2><a href='#'>Aggiungi il kit</a> <a href='#'{}</a>"
    landmarks = {"kit": KitFirmaPage.landmarks}
    assert show(markup.format(">No, grazie")).recognise(landmarks, timeout=500) == "kit"
    assert show(markup.format(">Maggiori informazioni")).recognise(landmarks, timeout=500) is None


def test_kit_whose_refusal_shows_nowhere_stops(show: Show) -> None:
    """PRC-6: a refusal that cannot be verified stops the order."""
    with pytest.raises(PolicyStop) as caught:
        kit(show, ("Sì, aggiungi un Dispositivo", ""), ("No, non aggiungere il Dispositivo", "")).refuse()
    assert caught.value.reason == "upsell-not-refusable"


RADIOS = "<p>Consenso alle comunicazioni: {0}</p>"
YES_NO = (
    "<label><input type=radio name=m> presto il consenso</label> "
    "<label><input type=radio name=m{0}> non presto il consenso</label>"
)


@pytest.mark.parametrize(
    ("markup", "asks"),
    [
        (YES_NO.format(""), True),
        (YES_NO.format(" checked"), False),
        ("<label><input type=radio name=y>1 anno</label> <label><input type=radio name=y>2 anni</label>", False),
        ("<label><input type=radio name=p>Bonifico</label> <label><input type=radio name=p>Satispay</label>", False),
    ],
    ids=["unanswered", "answered", "years", "methods"],
)
def test_question_of_the_form_that_is_open_needs_a_person(show: Show, markup: str, *, asks: bool) -> None:
    """PRC-10: yes or no, and neither is chosen: nobody has allowed an answer."""
    page = ModuloOrdinePage(show(RADIOS.format(markup)))
    if not asks:
        assert page.give_consents(NOBODY) == set()
        return
    with pytest.raises(PersonNeeded, match="«presto il consenso» / «non presto il consenso»") as caught:
        page.give_consents(NOBODY)
    assert caught.value.reason == "unknown-consent"


# -- components --------------------------------------------------------------------------------------------------------

GROWING = """
<style>p {{ height: 200px }}</style><div id=list style='{0}'>{1}</div>
<script>
  const last = '<p>z@pec.it Scadenza 31/12/2026 <button>Rinnova</button></p>';
  const grow = () => document.querySelector('#list').insertAdjacentHTML('beforeend', last);
  document.addEventListener('scroll', grow, {{ capture: true, once: true }});
</script>"""


def cards(*addresses: str) -> str:
    """Return mailboxes, each in a block of its own."""
    return "".join(f"<p>{one} Scadenza 31/12/2026 <button>Rinnova</button></p>" for one in addresses)


@pytest.mark.parametrize("style", ["", "height: 300px; overflow: auto"], ids=["page", "box"])
def test_list_that_grows_when_one_scrolls_is_scrolled(show: Show, style: str) -> None:
    """SIL-2, PF-LIST-PAGING: what comes at the end of the list is seen, and what went out of sight stays seen."""
    four = [f"{letter}@pec.it" for letter in "abcd"]
    page = CasellePage(show(GROWING.format(style, cards(*four))))
    assert page.addresses() == {*four}
    assert page.scroll_to_end()
    assert page.screen.until(lambda: page.addresses() == {*four, "z@pec.it"})


def test_list_that_is_in_sight_is_not_scrolled(show: Show) -> None:
    """Nobody scrolls where there is nothing more to see."""
    assert not CasellePage(show(cards("a@pec.it"))).scroll_to_end()


DRAWN = """
<div id=box role=combobox aria-label='Frequenza di rinnovo' tabindex=0><span>1 anno</span><p>▾</p></div>
<div id=list hidden><div role=option>1 anno</div><div role=option>2 anni</div></div>
<script>
  const box = document.querySelector('#box'), list = document.querySelector('#list');
  box.onclick = () => setTimeout(() => { list.hidden = false; }, 300);
  list.onclick = (event) => { box.firstChild.textContent = event.target.textContent; list.hidden = true; };
</script>"""


DEAF = """
<p>Modalità di pagamento</p><button>Altre modalità</button>
<div id=more hidden><label><input type=radio name=p> Bonifico</label></div>
<script>
  const more = document.querySelector('#more'), open = () => { more.hidden = !more.hidden; };
  setTimeout(() => { document.querySelector('button').onclick = open; }, 900);
</script>"""


BARRED = """<label><input type=checkbox onclick="unfair.disabled = {0}">Condizioni generali di contratto</label><br>
<label><input type=checkbox id="unfair" disabled>clausole vessatorie</label>"""
TERMS = Mandate("Prova", date.min, frozenset({"condizioni-generali", "clausole-vessatorie"}))


def test_consent_that_the_one_before_it_frees_is_given(show: Show) -> None:
    """PRC-10: what is barred when the form is looked at may be free when its turn comes."""
    assert all(one.ticked for one in ModuloOrdinePage(show(BARRED.format("false"))).give_consents(TERMS))


def test_consent_that_stays_barred_needs_a_person(show: Show) -> None:
    """HUM-1, PRC-10: conditions that have to be opened first are for a person, and the portal is not called slow."""
    with pytest.raises(PersonNeeded, match="«clausole vessatorie» cannot be ticked") as caught:
        ModuloOrdinePage(show(BARRED.format("true"))).give_consents(TERMS)
    assert caught.value.reason == "unknown-consent"


def test_more_methods_are_asked_for_again_where_nobody_listened(show: Show) -> None:
    """PAY-3: a press that came before the page's scripts listened has opened nothing."""
    page = ModuloOrdinePage(show(DEAF))
    page.choose_method(PaymentMethod.BONIFICO)
    assert page.screen.sees(Element("choice", "modulo_ordine.bonifico")) == [True]


def test_years_are_set_in_a_list_that_folds_out_late(show: Show) -> None:
    """PRC-5: a drop-down of components, which holds an arrow besides its value."""
    page = ModuloOrdinePage(show(DRAWN))
    assert page.choose_years(2)
    assert not page.choose_years(2)


GHOST = "aria-hidden=true tabindex=-1 style='position: absolute; opacity: 0; pointer-events: none; width: {0}'"
DOUBLED = f"""
<p><button role=checkbox aria-checked=false id=c value=on> </button><input type=checkbox {GHOST.format("20px")}>
<label for=c>Accetto le Condizioni generali di contratto</label></p>
<p><label id=y>Frequenza di rinnovo</label>
<span role=combobox aria-haspopup=listbox aria-labelledby='y v' tabindex=0><span id=v>2 anni</span></span>
<input value=2 {GHOST.format("9em")}></p>
<script>
  const [box, double] = [document.querySelector('button'), document.querySelector('input')];
  box.onclick = () => {{
    double.checked = !double.checked;
    box.setAttribute('aria-checked', double.checked);
    box.textContent = double.checked ? '✓' : ' ';
  }};
</script>"""


def test_value_that_a_drawn_control_keeps_for_its_form_is_no_second_one(show: Show) -> None:
    """DRF-2: beside a drawn box or drop-down many a library keeps an input that nobody can see, hear of or press.

    What they draw in the box is no name of it, nor is the value that a drop-down shows.
    """
    page = ModuloOrdinePage(show(DOUBLED))
    mandate = Mandate("nobody", date.min, frozenset({"condizioni-generali"}))
    assert [one.ticked for one in page.give_consents(mandate)] == [True]
    boxes = [one for one in page.screen.outline() if one.kind == "check"]
    assert [(one.name, one.checked) for one in boxes] == [("Accetto le Condizioni generali di contratto", True)]
    assert not page.choose_years(2)


FOLDED = """
<button aria-expanded=false aria-controls=c onclick='
  const box = document.querySelector("#c"); box.hidden = !box.hidden; this.setAttribute("aria-expanded", !box.hidden)
'>Condizioni e consensi</button>
<div id=c hidden><label><input type=checkbox> Condizioni generali di contratto</label>
<details><summary>Altro</summary><label><input type=checkbox checked> Marketing</label></details></div>
<details><summary>Come si paga</summary>Con bonifico.</details>"""


def test_consents_that_are_folded_in_are_folded_out(show: Show, page: Page) -> None:
    """PRC-10: what is to be agreed to is seen first, and what was agreed to in a fold is taken back."""
    form = ModuloOrdinePage(show(FOLDED))
    assert form.hides_consents()
    form.give_consents(Mandate("nobody", date.min, frozenset({"condizioni-generali"})))
    assert not form.hides_consents()
    assert [one.checked for one in form.screen.outline() if one.kind == "check"] == [True, False]
    assert page.locator("details[open]").count() == 1


UNFOLDING = """
<button aria-expanded=false aria-controls=q onclick='document.title = 1'>CONFERMA e completa l'ordine</button>
<p id=q hidden><input type=checkbox> Sono sicuro</p>"""


def test_binding_click_is_never_pressed_to_fold_something_out(show: Show, page: Page) -> None:
    """DUP-3: it has one line that presses it, whatever its markup says that it opens."""
    form = ModuloOrdinePage(show(UNFOLDING))
    form.give_consents(NOBODY)
    assert not form.hides_consents()
    assert page.title() == ""


@pytest.mark.parametrize("opens", [True, False], ids=["opens", "stays"])
def test_orders_that_are_folded_in_are_folded_out(show: Show, *, opens: bool) -> None:
    """DUP-4, DUP-6: a list of orders that nobody can see is no empty one."""
    orders = "<table><tr><td>12345678</td><td>01/12/2026</td><td>Attesa pagamento</td></tr></table>"
    script = "" if opens else "<script>document.querySelector('summary').onclick = () => false;</script>"
    page = OrdiniSection(show(f"<details><summary>Ordini associati al servizio</summary>{orders}</details>{script}"))
    assert not page.is_shown()
    assert page.unfold()
    assert page.is_shown() is opens
    assert len(page.read_orders()) == opens


THINKING = """
<p>Modalità di pagamento</p><label><input type=radio name=p> Bonifico</label>
<p><label>Frequenza di rinnovo <select><option>1 anno</option></select></label></p>
<p>Rinnovo a@pec.it</p><p id=total>Calcolo in corso</p><button>CONFERMA e completa l'ordine</button>
<script>setTimeout(() => {{ document.querySelector('#total').innerHTML = '{0}'; }}, 800);</script>"""


def thinking(page: Page, words: str) -> OrderForm:
    """Set a form that shows these words for a total only some time after it stands there; return it."""
    pages = PortalPages(Session(page.context, page, 5_000), Names(), "http://127.0.0.1/")
    box = WantedMailbox("a@pec.it", date(2026, 12, 8), None)
    order = WantedOrder("a", (box,), 1, PaymentMethod.BONIFICO, NOBODY, all_addresses=frozenset({"a@pec.it"}))
    page.set_content(THINKING.format(words))
    return set_form(pages, order, pages.session.lock())


@pytest.mark.usefixtures("_engine")
def test_form_that_still_calculates_its_total_is_waited_for(page: Page) -> None:
    """PRC-3: no total yet is no reason to stop."""
    assert thinking(page, "Totale ordine: 24,40 €").gross == Decimal("24.40")


@pytest.mark.usefixtures("_engine")
def test_form_has_asked_for_its_price_before_the_kit_locks_the_network(page: Page) -> None:
    """DRY-1: behind the lock a form that asks for its price in its own time would never show one."""
    lock = create_autospec(OrderLock)
    pages = GuardedPages(Session(page.context, page, 5_000), Names(), "http://127.0.0.1/", lock)
    lock.stand.side_effect = lambda **_: page.evaluate("document.title = document.querySelector('#total').innerText")
    page.set_content(THINKING.format("Totale ordine: 24,40 €") + FOLDED)
    pages.arrive(pages.modulo_ordine)
    assert page.get_by_text("Condizioni generali di contratto").is_visible()
    assert page.title() == "Totale ordine: 24,40 €"


@pytest.mark.usefixtures("_engine")
def test_form_with_two_totals_is_not_waited_for(page: Page) -> None:
    """PRC-3: a total that cannot be told stops the order, and waiting would not mend it."""
    with pytest.raises(PolicyStop, match="cannot be told with certainty"):
        thinking(page, "Totale: 24,40 €</p><p>Totale: 26,00 €")


def test_button_that_waits_for_a_field_says_for_which(show: Show) -> None:
    """PRC-9: the holder's data are not edited, so a person has to be told what is missing."""
    fields = (
        "<label>CAP * <input></label><label>Email * <input value=a@studio.example></label><label>Note <input></label>"
    )
    page = DatiIntestatarioPage(show(f"{fields}<button disabled>Prosegui e completa l'ordine</button>"))
    page.screen.timeout = 300
    with pytest.raises(PortalTimeout, match=r"it is disabled, and «CAP \*» must be filled in"):
        page.proceed()


ASKING = """
<button onclick='document.querySelector("div").hidden = false'>CONFERMA e completa l'ordine</button>
<div hidden role=dialog style='position: fixed; inset: 0; background: white'>
<p>Vuoi inviarlo?</p><button>Sì</button></div>
"""


@pytest.mark.usefixtures("_engine")
def test_window_of_the_page_s_own_that_asks_after_the_click_is_told(page: Page) -> None:
    """DRF-6: the form sent nothing, because it wants to know once more; the message says what."""
    pages = PortalPages(Session(page.context, page, 5_000), Names(), "http://127.0.0.1/")
    page.set_content(ASKING)
    page.locator("button").first.click()
    assert why_not_sent(pages) == ": something lies over it: «Vuoi inviarlo? Sì»"


def test_cart_is_read_with_what_nobody_knew_of(show: Show) -> None:
    """PRC-5: a mailbox that is flagged and in no list is in the cart all the same."""
    row = "<tr><td><input type=checkbox {1}></td><td>{0}</td><td>Scadenza 31/12/2026</td></tr>"
    page = GestioneCasellePage(show(f"<table>{row.format('a@pec.it', '')}{row.format('b@pec.it', 'checked')}</table>"))
    read = {one.address: one.flagged for one in page.read_rows(frozenset({"a@pec.it"}))}
    assert read == {"a@pec.it": False, "b@pec.it": True}
    assert page.shows_flag("b@pec.it", on=True)
    assert not page.shows_flag("a@pec.it", on=True)
