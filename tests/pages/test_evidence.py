"""Evidence of small pages: none of a password, a code or a payment, and nobody's data in the rest (SEC-4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.pages.conftest import Show

ORDINARY = "<h1>Modulo Ordine</h1><label>codice Sconto <input></label><button>CONFERMA e completa l'ordine</button>"

CODES = [
    '<input autocomplete="one-time-code">',
    '<input inputmode="numeric" autocomplete="section-x one-time-code">',
    "<label>Codice di verifica <input></label>",
    '<input placeholder="Inserisci il codice OTP">',
    '<input type="number" aria-label="Codice monouso">',
    "<table><tr><td>Inserisci il codice di verifica</td><td><input type=text></td></tr></table>",
    "<div id=x></div><script>x.attachShadow({mode:'open'}).innerHTML='<input autocomplete=one-time-code>'</script>",
]
CARDS = [
    '<input autocomplete="cc-number">',
    '<select autocomplete="billing cc-exp-month"><option>01</option></select>',
    '<label>Numero carta <input type="tel"></label>',
    "<p>Numero della carta</p><input>",
    '<label>CVV <input type="text"></label>',
    '<iframe allow="payment *" srcdoc="<p>Paga</p>" width="90" height="90"></iframe>',
    '<iframe srcdoc="<input autocomplete=cc-csc>" width="90" height="90"></iframe>',
]


@pytest.mark.parametrize("field", [*CODES, *CARDS])
def test_code_or_card_leaves_neither_picture_nor_snapshot(show: Show, field: str) -> None:
    """SEC-4: however a page asks for a code or a card, in its own document, a shadow root or a frame."""
    screen = show(f"<h1>Verifica</h1><p>Inserisci i dati.</p>{field}")
    assert (screen.picture(), screen.snapshot()) == (b"", "")


@pytest.mark.parametrize("address", ["https://www.paypal.com/checkout", "https://ecomm.sella.it/pagam"])
def test_page_of_a_bank_leaves_no_evidence(show: Show, page: Page, address: str) -> None:
    """SEC-4: whatever a bank's page calls its fields, and whether it is in a frame or has the window to itself."""
    page.route(address, lambda route: route.fulfill(body="<h1>Conferma</h1>", content_type="text/html"))
    screen = show(f'<h1>Ordine</h1><iframe src="{address}"></iframe>')
    page.frames[1].wait_for_load_state()
    assert (screen.picture(), screen.snapshot()) == (b"", "")
    page.goto(address)
    assert (screen.picture(), screen.snapshot()) == (b"", "")


def test_password_page_is_never_pictured_and_described_while_it_is_empty(show: Show) -> None:
    """SEC-4: an empty field tells nothing, and its page is what drift at the door is about."""
    screen = show('<label>password <input type="password"></label><button>Accedi</button>')
    assert screen.picture() == b""
    assert 'button "Accedi"' in screen.snapshot()
    screen.page.get_by_label("password").fill("S3gret0-Prova-44")
    assert (screen.picture(), screen.snapshot()) == (b"", "")


@pytest.mark.parametrize(
    "markup",
    [
        ORDINARY,
        f"{ORDINARY}<label><input type=radio> Carta di credito</label>",
        "<h1>Guida</h1><p>Riceverai un codice di verifica: non comunicarlo a nessuno. Il CVV è sul retro.</p>",
        f"{ORDINARY}<p hidden>Codice di verifica <input autocomplete=one-time-code></p>",
    ],
)
def test_ordinary_page_keeps_its_evidence(show: Show, markup: str) -> None:
    """DRF-4, SEC-4: a discount's field, a way to pay, words without a field and hidden fields ask for nothing."""
    screen = show(markup)
    assert screen.picture().startswith(b"\x89PNG")
    assert 'heading "' in screen.snapshot()


def test_code_that_is_asked_for_while_the_picture_is_taken_leaves_none(
    show: Show, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SEC-4: a page looks again after the picture, since a script may have drawn a field meanwhile."""
    screen = show(ORDINARY)
    take = page.screenshot

    def slow(**options: object) -> bytes:
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<input autocomplete=one-time-code>')")
        return take(**options)  # type: ignore[arg-type]

    monkeypatch.setattr(page, "screenshot", slow)
    assert screen.picture() == b""


LIST = """
<style>div, td {{ width: 300px; font: 16px monospace }}</style>
<h1>Le mie caselle PEC</h1><div>Benvenuto, {0}</div>
<table><tr><td>{1}</td><td>{0}</td><td>Attiva</td><td><button>Rinnova</button></td></tr></table>
<div>Codice fiscale: <b>{2}</b></div><div id=x></div>
<script>x.attachShadow({{mode: 'open'}}).innerHTML = '<p style="width:300px;font:16px monospace">{0}</p>'</script>
"""
SOMEBODY = ("Mirto Ginepro", "mirto@pec.it", "GNPMRT80A01X000X")
SOMEBODY_ELSE = ("Alloro Sorbo", "sorbo@pec.it", "SRBLLR81B02Y111Y")


def test_picture_shows_nobody(show: Show, page: Page) -> None:
    """SEC-4: whoever stands on the page, the picture is the same; without its covers it is not."""
    pictures, plain = set(), set()
    for somebody in (SOMEBODY, SOMEBODY_ELSE):
        screen = show(LIST.format(*somebody))
        pictures.add(screen.picture())
        plain.add(page.screenshot(full_page=True))
    assert len(plain) == 2
    assert len(pictures) == 1
    assert pictures.pop().startswith(b"\x89PNG")


def test_picture_without_a_cover_for_somebody_is_none(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-4: what cannot be covered is not kept; the snapshot tells of the page all the same."""
    screen = show(LIST.format(*SOMEBODY))
    seen = screen.outline()
    monkeypatch.setattr(type(screen), "outline", lambda *_: (*seen, replace(seen[1], text="Alloro Sorbo")))
    assert screen.picture() == b""
    assert screen.snapshot()
