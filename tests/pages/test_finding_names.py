"""The ways in which a label belongs to a control: each a small page, all one query (DRF-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import ElementAmbiguous, ElementMissing, PortalTimeout
from pec_autorenew.names import Names
from pec_autorenew.pages.elements import Element, Landmark

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.pages.conftest import Show

USERNAME = Element("field", "login.username")
SUBMIT = Element("press", "login.submit")
CONFIRM = Element("press", "modulo_ordine.confirm")
TERMS = Element("check", "modulo_ordine.terms", phrase=True)
BONIFICO = Element("choice", "modulo_ordine.bonifico")


@pytest.mark.parametrize(
    "markup",
    [
        "<label for=a>Username o casella PEC</label><input id=a>",
        "<label>Username o casella PEC <input></label>",
        "<table><tr><td>USERNAME O CASELLA PEC:</td><td><input></td></tr></table>",
        "<div><b>Username&nbsp; o casella PEC</b></div><div><input placeholder='Username o casella PEC'></div>",
        "<span id=n>Username o casella PEC</span><input aria-labelledby=n>",
        "<input aria-label='username o casella PEC'>",
        "<input title='Username o casella PEC'>",
        "<div><div style='text-transform: uppercase'>Username o casella PEC *</div><div><input></div></div>",
    ],
    ids=["for", "wrapping", "same row", "placeholder", "labelledby", "aria-label", "title", "block above"],
)
def test_field_is_found_however_its_label_belongs_to_it(show: Show, markup: str) -> None:
    """DRF-2: a field has one name, whichever way the markup ties it to the field, if it does at all."""
    screen = show(markup)
    screen.fill(USERNAME, "123456@aruba.it")
    assert [one.value for one in screen.outline() if one.kind == "field"] == ["123456@aruba.it"]


@pytest.mark.parametrize(
    "markup",
    [
        "<button>Conferma e completa l'ordine</button>",
        "<input type=submit value='CONFERMA  e completa l’ordine'>",
        "<input type=image width=90 height=20 alt='CONFERMA e completa l&acute;ordine'>",
        "<a href='javascript:void 0'>Conferma e completa l'ordine »</a>",
        "<a href='#'><img width=90 height=20 alt=\"Conferma e completa l'ordine\"></a>",
        "<div role=button tabindex=0>Conferma e completa l'ordine</div>",
        "<div onclick='void 0'>Conferma e completa l'ordine</div>",
        "<div style='cursor: pointer'><span>Conferma</span> <span>e completa l'ordine</span></div>",
        (
            "<button>Conferma e completa l'ordine <span style='position: absolute; width: 1px; height: 1px; "
            "overflow: hidden'>di a@pec.it</span></button>"
        ),
    ],
    ids=["button", "submit", "image", "script link", "image link", "role", "handler", "cursor", "words for the ear"],
)
def test_button_is_found_whatever_it_is_made_of(show: Show, markup: str) -> None:
    """DRF-2: what can be pressed and bears the name is found once; case, blanks and apostrophes do not matter."""
    assert show(markup).locate(CONFIRM).count() == 1


@pytest.mark.parametrize(
    "markup",
    [
        "<label><input type=checkbox> Accetto le Condizioni generali di contratto</label>",
        "<input type=checkbox> Accetto le <a href='#'>Condizioni generali di contratto</a>.<br>Altro",
        "<table><tr><td><input type=checkbox></td><td>Accetto le Condizioni generali di contratto</td></tr></table>",
        "<input type=checkbox id=c style='display: none'><label for=c>Le Condizioni generali di contratto</label>",
        "<div role=checkbox aria-checked=false tabindex=0>Accetto le Condizioni generali di contratto</div>",
        "<my-checkbox style='cursor: pointer'>Le <a href='#'>Condizioni generali di contratto</a></my-checkbox>",
        (
            "<p style='display: flex'><i style='width: 16px; height: 16px; border: 1px solid; cursor: pointer'></i>"
            "<span>Accetto le Condizioni generali di contratto</span></p>"
        ),
    ],
    ids=["wrapping", "text behind", "next cell", "hidden native", "role", "component", "drawn"],
)
def test_check_box_is_named_by_the_words_beside_it(show: Show, markup: str) -> None:
    """DRF-2: a check box is what looks and acts like one, and its name is what a person reads beside it."""
    assert show(markup).locate(TERMS).count() == 1


def test_radio_buttons_in_bare_text_each_have_their_own_words(show: Show) -> None:
    """DRF-2: in «( ) Carta di credito ( ) Bonifico» a button's words are those behind it, up to the next button."""
    screen = show("<p><input type=radio name=m> Carta di credito <input type=radio name=m> Bonifico</p>")
    (tile,) = [one for one in screen.outline() if one.kind == "radio" and one.is_named(["bonifico"])]
    screen.turn(tile, screen.locate(BONIFICO), on=True)
    assert [one.checked for one in screen.outline() if one.kind == "radio"] == [False, True]


def test_control_behind_nested_shadow_roots_is_found_and_filled(show: Show) -> None:
    """DRF-2: open shadow roots and slots are looked through, in the order in which a person reads them."""
    screen = show(
        "<x-outer></x-outer><script>"
        "customElements.define('x-inner', class extends HTMLElement { constructor() { super(); "
        "this.attachShadow({mode: 'open'}).innerHTML = '<slot></slot><input>'; } });"
        "customElements.define('x-outer', class extends HTMLElement { constructor() { super(); "
        "this.attachShadow({mode: 'open'}).innerHTML = '<x-inner><b>Username o casella PEC</b></x-inner>'; } });"
        "</script>"
    )
    screen.fill(USERNAME, "somebody")
    assert [one.value for one in screen.outline() if one.kind == "field"] == ["somebody"]


def test_page_in_a_frame_becomes_the_place_that_is_searched(show: Show, page: Page) -> None:
    """DRF-2: a page that stands in a frame is recognised there, and what is pressed next is pressed there."""
    screen = show("<iframe srcdoc=\"<button onclick='document.body.dataset.done = 1'>Accedi</button>\"></iframe>")
    assert screen.recognise({"frame": [Landmark(all=(SUBMIT,))]}) == "frame"
    screen.press(SUBMIT)
    assert page.frames[1].evaluate("document.body.dataset.done") == "1"


def test_two_elements_of_one_name_are_an_error_and_nothing_is_pressed(show: Show, page: Page) -> None:
    """DRF-2: exactly one visible match in its scope, else drift; the first one is never good enough."""
    screen = show("<button onclick='document.body.dataset.done = 1'>Accedi</button><button>ACCEDI</button>")
    with pytest.raises(ElementAmbiguous, match=r"login\.submit"):
        screen.press(SUBMIT)
    assert page.evaluate("document.body.dataset.done") is None


def test_missing_element_names_the_nearest_candidate_and_its_likeness(show: Show) -> None:
    """DRF-2, DRF-4: the error says what was looked for and what on the page is most like it."""
    screen = show("<button>Accedi all'area</button><button>Esci</button>")
    with pytest.raises(ElementMissing, match=r"«Accedi».*nearest: button «Accedi all'area» \(\d\d%\)"):
        screen.press(SUBMIT)


@pytest.mark.parametrize("hiding", ["display: none", "visibility: hidden", "position: absolute; left: -9999px"])
def test_hidden_duplicate_is_no_second_match(show: Show, hiding: str) -> None:
    """DRF-2: only what a person sees counts, so that a menu for telephones makes nothing ambiguous."""
    screen = show(f"<div style='{hiding}'><button>Accedi</button></div><button>Accedi</button>")
    screen.press(SUBMIT)
    assert screen.locate(SUBMIT).count() == 1


@pytest.mark.parametrize(
    "markup",
    [
        "<button disabled>Accedi</button>",
        "<fieldset disabled><button>Accedi</button></fieldset>",
        "<div role=button aria-disabled=true>Accedi</div>",
        "<div style='cursor: not-allowed'>Accedi</div>",
        "<x-button disabled style='cursor: pointer'>Accedi</x-button>",
    ],
)
def test_disabled_element_is_there_and_cannot_be_pressed(show: Show, markup: str) -> None:
    """DRF-2: a button that waits for something is no missing button."""
    screen = show(markup)
    assert screen.has(SUBMIT)
    assert not screen.can_press(SUBMIT)


def test_press_waits_until_nothing_covers_the_element(show: Show, page: Page) -> None:
    """DRF-2: a page under a spinner is not pressed through it."""
    screen = show(
        "<button onclick='document.body.dataset.done = document.getElementById(`o`) ? `through` : `after`'>Accedi"
        "</button><div id=o style='position: fixed; inset: 0'></div>"
        "<script>setTimeout(() => document.getElementById('o').remove(), 300)</script>"
    )
    screen.press(SUBMIT)
    assert page.evaluate("document.body.dataset.done") == "after"


def test_press_gives_up_under_a_cover_that_stays(show: Show, page: Page) -> None:
    """DRF-2: what covers an element for good ends in an error, not in a click on what covers it."""
    screen = show(
        "<button>Accedi</button><div onclick='document.body.dataset.done = 1' style='position: fixed; inset: 0'></div>"
    )
    with pytest.raises(PortalTimeout):
        screen.press(SUBMIT)
    assert page.evaluate("document.body.dataset.done") is None


def test_name_beside_which_an_element_stands_chooses_among_several(show: Show, page: Page) -> None:
    """DRF-2: «Gestisci» of «Posta certificata» is the one in the narrowest block around these words."""
    screen = show(
        "<div><div><b>FIRMA DIGITALE</b><a href='#' onclick='document.title = `firma`'>Gestisci</a></div>"
        "<div><b>Posta Certificata</b><p><a href='#' onclick='document.title = `pec`'>Gestisci</a></p></div></div>"
    )
    screen.press(Element("press", "home.manage", near="home.pec_section"))
    assert page.title() == "pec"


def test_operator_can_override_a_name_and_a_locator(show: Show) -> None:
    """DRF-3: an overridden name takes the place of the documented ones; a locator, of the search."""
    markup = "<button id=x>Login cliente</button><button>Accedi</button>"
    assert show(markup, Names(overrides={"login.submit": ("Login cliente",)})).locate(SUBMIT).count() == 1
    assert show(markup, Names(locators={"login.submit": "#x"})).locate(SUBMIT).get_attribute("id") == "x"


def test_drop_down_of_a_component_library_is_opened_and_chosen_from(show: Show) -> None:
    """DRF-2: a drop-down that is not the browser's own is opened, and its option pressed, as a person would."""
    screen = show(
        "<div role=combobox aria-label='Frequenza di rinnovo' tabindex=0 onclick='l.hidden = false' id=c>1 anno</div>"
        "<div role=listbox id=l hidden><div role=option onclick='c.textContent = this.textContent; l.hidden = true'>"
        "1 anno</div><div role=option onclick='c.textContent = this.textContent; l.hidden = true'>2 anni</div></div>"
    )
    years = Element("select", "modulo_ordine.years")
    (seen,) = [one for one in screen.outline() if one.kind == "select"]
    assert screen.pick(years, seen, lambda text: text == "2 anni")
    assert [one.value for one in screen.outline() if one.kind == "select"] == ["2 anni"]
