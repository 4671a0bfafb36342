"""Italian money and dates: what is written is read back, and what is doubtful is refused (LOC-1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pec_autorenew.italian import MONTHS, dates_in, format_date, format_money, money_in, parse_date, parse_money

AMOUNTS = st.integers(-99_999_999, 99_999_999).map(lambda cents: Decimal(cents).scaleb(-2))
DAYS = st.dates(date(1900, 1, 1), date(2999, 12, 31))


@given(AMOUNTS)
def test_money_written_is_read_back(amount: Decimal) -> None:
    """LOC-1: format, then parse, is the same amount to the cent, alone and inside a sentence."""
    assert parse_money(format_money(amount)) == amount
    assert money_in(f"Totale da pagare: {format_money(amount)} entro domani") == (amount,)


@given(DAYS)
def test_date_written_is_read_back(day: date) -> None:
    """LOC-1: format, then parse, is the same day, in figures and in words."""
    words = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    assert parse_date(format_date(day)) == parse_date(words) == parse_date(day.isoformat()) == day
    assert dates_in(f"scade il {words}, salvo rinnovo") == (day,)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("€ 6,10", "6.10"),
        ("6,10 €", "6.10"),
        ("6,10", "6.10"),
        ("1.234,56 €", "1234.56"),
        ("€\u00a01.234.567,89", "1234567.89"),
        ("EUR 30,50", "30.50"),
        ("30,50 euro", "30.50"),
        ("1234,56", "1234.56"),
        ("- 5,00 €", "-5.00"),
        ("−5,00 €", "-5.00"),
    ],
)
def test_money_as_italians_write_it_is_read(text: str, amount: str) -> None:
    """LOC-1: the documented ways of writing an amount."""
    assert parse_money(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        *("", "€", "6", "6 €", "6.10 €", "6,1 €", "6,100 €", "6,10,20 €", "1,234.56 €", "12.34,56 €", "1.2345,00 €"),
        *("$ 6,10", "6,10 $", "£ 6,10", "6,10 USD", "CHF 6,10", "€ 6,10 €", "6,10 € + IVA", "circa 6,10 €", "6, 10 €"),
        "٦,١٠ €",
    ],
)
def test_money_that_is_doubtful_is_refused(text: str) -> None:
    """LOC-1, PRC-3: no decimals, three of them, a foreign currency, an ambiguous point: an error, never a guess."""
    with pytest.raises(ValueError, match="not an Italian amount"):
        parse_money(text)


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("Imponibile 5,00 € IVA 1,10 € Totale 6,10 €", ("5.00", "1.10", "6.10")),
        ("Sconto -2,00 €", ("-2.00",)),
        ("6,105 € o 6.10 €", ()),
        ("ordine 12345,67 del 2026", ()),
        ("tra 30,00-40,00 €", ()),
    ],
)
def test_money_in_a_text_is_only_what_bears_the_euro(text: str, amounts: tuple[str, ...]) -> None:
    """PRC-3: figures without a currency are no amounts, and amounts with three decimals are none either."""
    assert money_in(text) == tuple(map(Decimal, amounts))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31/12/2026", date(2026, 12, 31)),
        ("1.2.2027", date(2027, 2, 1)),
        ("01-02-2027", date(2027, 2, 1)),
        ("1° gennaio 2027", date(2027, 1, 1)),
        ("31  Dicembre\n2026", date(2026, 12, 31)),
        ("31 dic. 2026", date(2026, 12, 31)),
        ("29/02/2028", date(2028, 2, 29)),
    ],
)
def test_date_as_italians_write_it_is_read(text: str, day: date) -> None:
    """LOC-1: day before month, in figures or words."""
    assert parse_date(text) == day


@pytest.mark.parametrize(
    "text", ["31/12/26", "12/31/2026", "31/02/2027", "29/02/2027", "0/1/2027", "31/12-2026", "31 fooo 2026", "oggi", ""]
)
def test_date_that_is_doubtful_is_refused(text: str) -> None:
    """LOC-1: a two-digit year, an impossible day, mixed separators: an error, never a guess."""
    with pytest.raises(ValueError, match=r"not an Italian date|day|month"):
        parse_date(text)


def test_impossible_day_inside_a_text_is_refused() -> None:
    """LOC-1: a date that cannot be is not passed over in silence."""
    with pytest.raises(ValueError, match="day"):
        dates_in("scade il 31/02/2027")
