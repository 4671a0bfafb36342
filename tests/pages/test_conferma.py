"""The confirmation screen: what it says is kept as it says it, and not who is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.pages.conferma import ConfermaPage

if TYPE_CHECKING:
    from tests.pages.conftest import Show

SAID = "<p>Grazie! Abbiamo ricevuto il tuo ordine.</p><p>Numero ordine: 41000592</p><p>IBAN: IT60 X054 2811</p>"


@pytest.mark.parametrize(
    "markup",
    [
        f"<div><span>Mirto Ginepro</span> <a>Esci</a></div><h1>Conferma ordine</h1>{SAID}",
        f"<p>Mirto Ginepro</p>{SAID}",
        f"<p>Benvenuto, <b>Mirto Ginepro</b></p><h2>Esito</h2><p>Gentile Mirto Ginepro, ecco il riepilogo.</p>{SAID}",
    ],
)
def test_confirmation_is_kept_without_whom_it_greets(show: Show, markup: str) -> None:
    """PAY-5, SEC-4: the words that tell how to pay are whole; a name above the heading, or greeted, is not there."""
    number, text = ConfermaPage(show(markup)).read()
    assert number == "41000592"
    assert "Ginepro" not in text
    assert "Numero ordine: 41000592 IBAN: IT60 X054 2811" in text
