"""What may be told of a page: the portal's own words, and nobody's name."""

from __future__ import annotations

import pytest

from pec_autorenew.pages.masking import masked_snapshot, ungreeted, veiled


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["Ciao, Mirto Ginepro!", "Ordine 41000592"], "Ciao, …! Ordine 41000592"),
        (["Benvenuto,", "Mirto Ginepro", "IBAN IT60 X054 2811"], "Benvenuto, … IBAN IT60 X054 2811"),
        (
            ["Gentile Mirto Ginepro, versa 6,10 € su IT60 X054 2811 1010 0000 0123 456, causale 41000592"],
            "Gentile …, versa 6,10 € su IT60 X054 2811 1010 0000 0123 456, causale 41000592",
        ),
        (["Grazie! Numero ordine: 41000592"], "Grazie! Numero ordine: 41000592"),
    ],
)
def test_greeting_loses_its_name_and_how_to_pay_stays(lines: list[str], told: str) -> None:
    """SEC-4, PAY-5: the name of whoever is greeted goes, on its line or on the next; numbers, IBAN and sums stay."""
    assert ungreeted(lines) == told


def test_more_words_may_be_told_and_others_still_not() -> None:
    """SEC-4: whoever knows more words that are nobody's says which."""
    assert veiled("Order of Mirto") == "Order of …"
    assert veiled("nothing of Mirto", frozenset({"nothing"})) == "nothing of …"


def test_snapshot_for_strangers_keeps_its_shape_and_loses_the_portal_s_names_too() -> None:
    """SEC-4: with masking of one's own even the name of a link goes, which may be a customer's."""
    snapshot = '- link "Mirto Ginepro":\n  - /url: /area?cliente=7\n- button "CONFERMA e completa l\'ordine"'
    told = '- link "…":\n- button "CONFERMA e completa l\'ordine"'
    assert masked_snapshot(snapshot, veiled) == told
    assert 'link "Mirto Ginepro"' in masked_snapshot(snapshot), "at home, what a link is called is a fact of the portal"
