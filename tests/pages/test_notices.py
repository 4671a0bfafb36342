"""Windows nobody asked for: what is closed, with which word, and what stays (SES-3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import PortalTimeout
from pec_autorenew.pages.elements import Element
from pec_autorenew.pages.notices import Notices

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.pages.conftest import Show

SUBMIT = Element("press", "login.submit")
PAGE = "<button onclick='document.body.dataset.done = 1'>Accedi</button>"


def over(text: str, *words: str) -> str:
    """Return a window over the whole page, with a button for each word that closes it and remembers the word."""
    buttons = "".join(
        f"<button onclick='document.body.dataset.word = this.textContent; this.parentElement.remove()'>{word}</button>"
        for word in words
    )
    return f"<div style='position: fixed; inset: 0; background: white'><p>{text}</p>{buttons}</div>"


@pytest.mark.parametrize(
    ("window", "word"),
    [
        (over("Usiamo i cookie.", "Accetta tutti", "Personalizza", "Rifiuta"), "Rifiuta"),
        (over("Questo sito usa cookie tecnici", "Accetta tutti", "Solo necessari"), "Solo necessari"),
        (over("Questo sito usa solo cookie tecnici.", "Cookie policy", "Ho capito"), "Ho capito"),
        (over("Adegua la tua PEC.", "Scopri", "Non ora"), "Non ora"),
        (over("Novità nella tua area.", "Ho capito"), "Ho capito"),
    ],
)
def test_known_window_is_closed_with_the_word_that_agrees_to_least(
    show: Show, page: Page, window: str, word: str
) -> None:
    """SES-3: a cookie banner or notice in the way is closed and recorded, and what was to be pressed is pressed."""
    screen = show(PAGE + window)
    recorded: list[str] = []
    Notices(screen, recorded.append).watch()
    screen.press(SUBMIT)
    assert page.evaluate("({...document.body.dataset})") == {"word": word, "done": "1"}
    assert recorded == [f"notice: «{word}»"]


@pytest.mark.parametrize(
    "window",
    [
        over("Passa a PRO a soli € 25,00 + IVA.", "Ok"),
        over("Abbiamo aggiornato le condizioni generali di contratto.", "Ok"),
        over("Aggiungi la Firma Digitale", "Chiudi"),
        over("Vuoi annullare l'ordine?", "Ok", "Chiudi"),
        over("Inserisci il codice <input>", "Chiudi"),
        over("Sessione in scadenza", "Prolunga"),
        over("Nuova cookie policy e nuove condizioni di contratto.", "Ho capito"),
    ],
    ids=["money", "terms", "upsell", "an order", "a field", "unknown word", "cookies and terms"],
)
def test_window_that_could_agree_to_something_stays(show: Show, page: Page, window: str) -> None:
    """SES-3, HUM-1: what is no plain notice is left for a person, who is told its words, and nothing is pressed."""
    screen = show(PAGE + window)
    Notices(screen, lambda _: None).watch()
    with pytest.raises(PortalTimeout, match=r"something lies over it: «[A-Z]"):
        screen.press(SUBMIT)
    assert page.evaluate("({...document.body.dataset})") == {}
