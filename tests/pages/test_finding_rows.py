"""Rows and pages: whose block is this, and which page stands here (DRF-1, PRC-11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.pages.dati_fatturazione import DatiFatturazionePage
from pec_autorenew.pages.dati_intestatario import DatiIntestatarioPage
from pec_autorenew.pages.elements import Element, Landmark, Mark
from pec_autorenew.pages.gestione_caselle import GestioneCasellePage
from pec_autorenew.pages.kit_firma import KitFirmaPage

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from pec_autorenew.pages.base import PortalPage
    from tests.pages.conftest import Show

RENEW = Element("press", "caselle.renew")
STEPS = (KitFirmaPage, DatiIntestatarioPage, DatiFatturazionePage)


def cards(*addresses: str) -> str:
    """Return a list of cards, one for each address."""
    return "".join(
        f"<div><div><b>{one}</b></div><div>Scadenza 10/12/2026</div>"
        f"<p><a href='#' onclick='document.title = `{one}`'>Rinnova</a></p></div>"
        for one in addresses
    )


@pytest.mark.parametrize("address", ["a@pec.it", "aa@pec.it", "a@pec.it.example", "a.a@pec.it"])
def test_similar_addresses_have_rows_of_their_own(show: Show, page: Page, address: str) -> None:
    """PRC-11: «Rinnova» of `a@pec.it` is not the one of `aa@pec.it`, nor of `a@pec.it.example`."""
    screen = show(cards("aa@pec.it", "a@pec.it.example", "a@pec.it", "a.a@pec.it"))
    screen.press(RENEW, row=address)
    assert page.title() == address


def test_address_that_goes_on_behind_its_end_is_not_taken_for_the_shorter_one(show: Show) -> None:
    """PRC-11: `a@pec.it-vecchia` is no address, and above all it is not `a@pec.it`."""
    assert [row.key for row in show(cards("a@pec.it", "a@pec.it-vecchia")).mailbox_rows()] == ["a@pec.it"]


def test_address_in_other_case_is_the_same_mailbox(show: Show) -> None:
    """DUP-9: `A@PEC.IT` and `a@pec.it` are one mailbox."""
    assert [row.key for row in show(cards("A@PEC.IT")).mailbox_rows()] == ["a@pec.it"]


@pytest.mark.parametrize(
    "markup",
    [
        (
            "<table><tr><td>Casella</td><td>Scadenza</td><td></td></tr>"
            "<tr><td>a@pec.it</td><td>10/12/2026</td><td><a href='#'>Rinnova</a></td></tr>"
            "<tr><td>b@pec.it</td><td>11/12/2026</td><td><a href='#'>Rinnova</a></td></tr></table>"
        ),
        (
            "<div><p><b>a@pec.it</b></p><div>Attivata il 1 marzo 2019</div><div>Scade il 10/12/2026</div>"
            "<div><button>Rinnova</button></div></div><div><p><b>b@pec.it</b></p><div>Scade il 11/12/2026</div>"
            "<div><button>Rinnova</button></div></div>"
        ),
    ],
    ids=["table without heads", "cards with two dates"],
)
def test_row_is_the_widest_block_that_holds_one_address(show: Show, markup: str) -> None:
    """PRC-11: nothing of a mailbox's block is left out, and nothing of its neighbour's is taken in."""
    rows = {row.key: row for row in show(markup).mailbox_rows()}
    assert {key: row.values(["scadenza", "scade il"])[-1] for key, row in rows.items()} == {
        "a@pec.it": "10/12/2026",
        "b@pec.it": "11/12/2026",
    }
    assert all(any(one.kind == "press" for one in row.entries) for row in rows.values())


def test_orders_are_not_mailboxes_and_mailboxes_are_not_orders(show: Show) -> None:
    """VER-2: what stands under «Ordini associati al servizio» is read as orders only, whatever mailbox it names."""
    screen = show(
        f"{cards('a@pec.it', 'b@pec.it')}<h3>Ordini associati al servizio</h3>"
        "<div><div>7700001</div><div>1/12/2026</div><div>a@pec.it</div><div>Scadenza pagamento 9/12/2026</div>"
        "<div>€ 6,10</div><div>Attesa pagamento</div></div>"
        "<div><div>7700002</div><div>2/12/2025</div><div>b@pec.it</div><div>€ 6,10</div><div>Pagato</div></div>"
    )
    assert [row.key for row in screen.mailbox_rows() if row.listed] == ["a@pec.it", "b@pec.it"]
    assert [row.text.split()[0] for row in screen.order_rows()] == ["7700001", "7700002"]
    assert all("6,10" in row.text for row in screen.order_rows())


def test_contact_address_in_a_mailbox_s_block_is_no_mailbox(show: Show) -> None:
    """PRC-11: «E-mail di riferimento: aa@pec.it» in the block of `a@pec.it` says nothing of a mailbox `aa@pec.it`."""
    screen = show(
        "<section><h2>a@pec.it</h2><dl><dt>Data di scadenza</dt><dd>7 dicembre 2026</dd>"
        "<dt>E-mail di riferimento</dt><dd>aa@pec.it</dd></dl><a href='#'>Rinnova</a></section>"
    )
    assert [row.key for row in screen.mailbox_rows() if row.listed] == ["a@pec.it"]


def test_address_with_a_date_in_the_page_s_foot_is_no_mailbox(show: Show) -> None:
    """DRF-1: without a word or a control of a mailbox, an address and a date are not a list."""
    screen = show("<footer>Scrivici: aiuto@pec.it.example - aggiornato il 1 gennaio 2026</footer>")
    assert screen.recognise({"list": [Landmark(all=(Mark("mailbox"),))]}, timeout=100) is None


@pytest.mark.parametrize(
    ("title", "page_class"),
    [
        ("Aggiungi al tuo ordine un kit di Firma Digitale", KitFirmaPage),
        ("Dati Intestatario", DatiIntestatarioPage),
        ("Dati fatturazione", DatiFatturazionePage),
    ],
)
@pytest.mark.parametrize("tag", ["h1", "div style='font-size: 24px'"])
def test_progress_strip_is_no_heading(show: Show, title: str, page_class: type[PortalPage], tag: str) -> None:
    """DRF-1: a strip that names every step of the order on every page does not say which of them stands here."""
    strip = "".join(f"<td>{one}</td>" for one in ("Gestione caselle PEC", "Dati Intestatario", "Dati fatturazione"))
    screen = show(
        f"<table><tr>{strip}<td>Modulo Ordine</td></tr></table><{tag}>{title}</{tag.split(maxsplit=1)[0]}>"
        "<button>Prosegui e completa l'ordine</button>"
    )
    assert screen.recognise({one.name: one.landmarks for one in STEPS}) == page_class.name


def test_page_that_is_only_named_in_a_strip_is_not_arrived_at(show: Show) -> None:
    """DRF-1: while «Gestione caselle PEC» still stands there, «Dati Intestatario» in its strip is no arrival."""
    screen = show(
        "<div style='display: flex'><span>Gestione caselle PEC</span><span>Dati Intestatario</span></div>"
        "<h1>Gestione caselle PEC</h1><p>a@pec.it</p><button>Prosegui e completa l'ordine</button>"
    )
    assert screen.recognise({one.name: one.landmarks for one in STEPS}, timeout=100) is None
    assert screen.recognise({"cart": GestioneCasellePage.landmarks}) == "cart"


def test_two_pages_at_once_are_none(show: Show) -> None:
    """DRF-1: where two descriptions fit equally well, nothing is recognised."""
    screen = show("<button>Accedi</button><button>Rinnova</button>")
    marks = {"one": [Landmark(all=(Element("press", "login.submit"),))], "two": [Landmark(all=(RENEW,))]}
    assert screen.recognise(marks, timeout=100) is None


def test_page_is_not_recognised_before_its_style_sheet(show: Show, page: Page) -> None:
    """DRF-1: until its style sheet is there, a page shows words that it hides."""
    page.route("**/slow.css", lambda _: None)
    screen = show("<p>empty</p>")
    page.evaluate(
        "() => { const link = document.createElement('link'); link.rel = 'stylesheet'; link.href = 'http://x/slow.css';"
        " document.head.append(link); Object.defineProperty(document, 'readyState', { value: 'interactive' });"
        " document.body.innerHTML = '<button>Accedi</button>' }"
    )
    assert screen.recognise({"p": [Landmark(all=(Element("press", "login.submit"),))]}, timeout=200) is None
