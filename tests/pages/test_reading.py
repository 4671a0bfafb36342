"""What rows say of a label, and words, addresses, types and years in texts: no browser."""

from __future__ import annotations

from datetime import date

import pytest

from pec_autorenew.model import MailboxType
from pec_autorenew.names import core, fold
from pec_autorenew.pages.reading import Entry, Row, addresses_in, says, types_in, years_in


def row(*texts: str, head: str = "") -> Row:
    """Return a row with these lines."""
    return Row("a@pec.it", tuple(Entry("text", text, head=head) for text in texts))


@pytest.mark.parametrize(
    "shown",
    [
        row("Scadenza: 10/12/2026"),
        row("Scadenza", "10/12/2026"),
        row("SCADENZA - 10/12/2026"),
        row("10/12/2026", head="scadenza"),
    ],
    ids=["behind a colon", "next line", "behind a dash", "column"],
)
def test_value_is_read_wherever_it_stands_to_its_label(shown: Row) -> None:
    """LOC-1: a label's value is behind it, on the next line, or in its column."""
    assert shown.values(["scadenza"]) == ["10/12/2026"]


def test_label_inside_another_word_is_none() -> None:
    """DRF-2: «Scadenzario» is not «Scadenza»."""
    assert row("Scadenzario 2026").values(["scadenza"]) == []


def test_dates_of_a_row_are_distinct() -> None:
    """LOC-1: one date printed twice is one date; dates in words count."""
    assert row("10/12/2026", "10 dicembre 2026", "1° marzo 2019").dates() == {date(2026, 12, 10), date(2019, 3, 1)}


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("Rinnovo di A@Pec.IT.", {"a@pec.it"}),
        ("a@pec.it.example", {"a@pec.it.example"}),
        ("aa@pec.it e a@pec.it", {"aa@pec.it", "a@pec.it"}),
        ("a@pec.it-old", set()),
        ("nessuno", set()),
    ],
)
def test_addresses_are_read_whole(text: str, addresses: set[str]) -> None:
    """PRC-11, DUP-9: an address is never a part of a longer one, and case does not matter."""
    assert addresses_in(text) == addresses


def test_type_in_an_address_is_no_type() -> None:
    """PRC-8: `pro@pec.it` is not of type PRO because of its name; «Promozione» is no type either."""
    assert types_in(["pro@pec.it", "Promozione", "Standard"]) == {MailboxType.STANDARD}


def test_years_are_numbers_before_the_word() -> None:
    """PRC-5: «2 anni» and «1 anno» are years; «annualità 3» and «12 annotazioni» are not."""
    assert years_in("per 2 anni, poi 1 anno; 12 annotazioni, annualità 3") == {1, 2}


@pytest.mark.parametrize(
    ("text", "phrase", "said"),
    [
        (
            "Ho letto l’informativa relativa al trattamento dei dati",
            "informativa relativa al trattamento dei dati",
            True,
        ),
        ("le CLAUSOLE\u00a0 vessatorie", "clausole vessatorie", True),
        ("sottoclausole vessatorie", "clausole vessatorie", False),
        ("Identificativo per l'invio", "per l'invio", True),
    ],
)
def test_phrase_is_said_by_whole_words(text: str, phrase: str, *, said: bool) -> None:
    """PRC-10: case, blanks and apostrophes are folded; a phrase begins and ends with a word."""
    assert says(text, [phrase]) is said


@pytest.mark.parametrize("apostrophe", ["'", "’", "‘", "ʼ", "′", "´", "`"])
def test_every_apostrophe_is_one(apostrophe: str) -> None:
    """DRF-2: «l'ordine» is found with whichever apostrophe the portal prints it."""
    assert fold(f"CONFERMA  e completa l{apostrophe}ordine") == "conferma e completa l'ordine"


@pytest.mark.parametrize(("written", "name"), [("Rinnova →", "rinnova"), ("« Accedi »", "accedi"), ("+", "+")])
def test_signs_around_a_name_are_no_part_of_it(written: str, name: str) -> None:
    """DRF-2: arrows and quotation marks belong to the drawing; a name that is nothing but a sign is that sign."""
    assert core(written) == name
