"""The order's summary, read from lines of text: no browser (PRC-1, PRC-3, PRC-5, LOC-2)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.model import MailboxType
from pec_autorenew.names import upsells_in
from pec_autorenew.pages.reading import Entry
from pec_autorenew.pages.riepilogo import Summary, Unreadable, read_summary, told_total

if TYPE_CHECKING:
    from collections.abc import Sequence

A, B = "a@pec.it", "b@pec.it"
KNOWN = frozenset({A, B, "aa@pec.it"})


def rows(*texts: str) -> list[Entry]:
    """Return each text as a table row of its own; «|» parts its cells."""
    return [Entry("text", cell.strip(), row=number) for number, text in enumerate(texts, 1) for cell in text.split("|")]


def lines(*texts: str) -> list[Entry]:
    """Return each text as a line outside of any table."""
    return [Entry("text", text) for text in texts]


def read(*texts: str) -> Summary:
    """Read the rows as a summary."""
    return read_summary(rows(*texts), KNOWN)


def test_lines_and_sums_of_a_table_are_read() -> None:
    """PRC-1: mailbox, type, years, net, VAT and gross, each from its own row."""
    summary = read(
        f"Rinnovo {A} | PRO | 2 anni | € 50,00", "Imponibile | € 50,00", "IVA 22% | € 11,00", "Totale | € 61,00"
    )
    (line,) = summary.lines
    assert (line.address, line.type, line.years) == (A, MailboxType.PRO, 2)
    assert (summary.net, summary.vat, summary.gross) == (Decimal("50.00"), Decimal("11.00"), Decimal("61.00"))
    assert line.amount == Decimal("61.00")


@pytest.mark.parametrize(
    "said",
    [
        ("x@pec.it", "Rinnovo PEC", "nuova scadenza 31/12/2027"),
        ("x@pec.it", "PRO"),
        ("Rinnovo x@pec.it",),
        ("x@pec.it (1 anno)",),
    ],
)
def test_mailbox_that_nobody_knew_of_is_a_line_of_the_order(said: tuple[str, ...]) -> None:
    """PRC-5: what is renewed besides what is wanted is seen, though no list has it and no amount stands beside it."""
    summary = read_summary(lines(A, "Rinnovo PEC STANDARD", *said, "Totale € 12,20"), KNOWN)
    assert {line.address for line in summary.lines} == {A, "x@pec.it"}


@pytest.mark.parametrize(
    "said", [("Conferma a x@pec.it",), ("x@pec.it", "Esci"), ("Contatto: x@pec.it", "Via Prova 1")]
)
def test_address_by_the_way_is_no_line_of_the_order(said: tuple[str, ...]) -> None:
    """PRC-5: who is signed in, and where messages go, is not renewed."""
    summary = read_summary(lines(*said, A, "Rinnovo PEC STANDARD", "Totale € 12,20"), KNOWN)
    assert {line.address for line in summary.lines} == {A}


def test_sums_may_stand_below_their_names() -> None:
    """PRC-1: a row of nothing but amounts is read by the heads of its columns."""
    heads = ("Imponibile", "I.V.A. (22%)", "Totale")
    sums = [
        Entry("text", text, head=head, row=9)
        for text, head in zip(("€ 5,00", "€ 1,10", "6,10 EUR"), heads, strict=True)
    ]
    summary = read_summary([*rows(f"{A} | STANDARD"), *sums], KNOWN)
    assert (summary.net, summary.vat, summary.gross) == (Decimal("5.00"), Decimal("1.10"), Decimal("6.10"))


@pytest.mark.parametrize(
    "sums",
    [
        ("Totale da pagare € 6,10 (IVA inclusa)",),
        ("Totale: 6,10 €",),
        ("TOTALE ORDINE | EURO 6,10",),
        ("Subtotale | 5,00 €", "IVA (22%) | 1,10 €", "Totale | 6,10 €"),
        ("Totale imponibile | € 5,00", "Importo IVA | € 1,10", "Totale complessivo | € 6,10"),
        ("Totale (IVA esclusa) | € 5,00", "IVA | € 1,10", "Totale (IVA inclusa) | € 6,10"),
        ("Totale da pagare | € 6,10 di cui IVA € 1,10",),
        ("Imponibile | € 5,00", "I.V.A. 22% | € 1,10", "Totale | € 6,10"),
        ("Totale (I.V.A. esclusa) | € 5,00", "I.V.A | € 1,10", "Totale (I.V.A. inclusa) | € 6,10"),
    ],
)
def test_gross_is_told_from_net_and_vat_in_the_portal_s_words(sums: tuple[str, ...]) -> None:
    """PRC-1: limits are about the gross, so the gross is never mistaken for the net or the VAT."""
    assert read(f"{A} | STANDARD", *sums).gross == Decimal("6.10")


def test_lines_outside_of_a_table_are_grouped_by_their_mailbox() -> None:
    """PRC-5: in cards, what follows an address belongs to it, up to the next address or sum."""
    summary = read_summary(
        lines(f"Rinnovo {A}", "STANDARD", "1 anno", "6,10 €", f"Rinnovo {B}", "PRO", "30,50 €", "Totale", "36,60 €"),
        KNOWN,
    )
    assert {line.address: line.amount for line in summary.lines} == {A: Decimal("6.10"), B: Decimal("30.50")}


@pytest.mark.parametrize(
    "extra",
    ["Marca Temporale 50 | € 3,00", "Kit Firma Digitale | € 59,00", "Commissioni | € 0,50", "Spedizione | € 6,00"],
)
def test_amount_that_belongs_to_no_mailbox_is_an_extra_line(extra: str) -> None:
    """PRC-5: every amount is accounted for, so that nothing is bought on the side."""
    summary = read(f"{A} | € 6,10", extra, "Totale | € 65,10")
    assert [line.text for line in summary.lines if not line.address] == [extra.replace(" | ", " ")]


def test_upsell_without_an_amount_is_an_extra_line() -> None:
    """PRC-6: «Dispositivo di Firma Digitale … incluso» is bought too, whatever it costs."""
    summary = read(f"{A} | € 6,10", "Dispositivo di Firma Digitale | incluso", "Totale | € 6,10")
    assert [line.address for line in summary.lines] == [A, ""]


STRIP = ("1. Gestione caselle PEC", "2. Kit Firma Digitale", "3. Dati Intestatario", "4. Modulo Ordine")


@pytest.mark.parametrize("strip", [[" | ".join(STRIP)], [" > ".join(STRIP)], [" ".join(STRIP)], STRIP])
def test_step_of_the_way_is_no_extra_line(strip: Sequence[str]) -> None:
    """PRC-6: the strip that says which page comes when names the kit, and buys none."""
    summary = read(*strip, f"{A} | € 6,10", "Totale | € 6,10")
    assert [line.address for line in summary.lines] == [A]


@pytest.mark.parametrize(
    "texts",
    [
        ("Dati Intestatario", "Dispositivo di Firma Digitale | incluso", "Totale | € 6,10"),
        ("Modulo Ordine", "Firma Digitale | inclusa", "Modulo Ordine", "Totale | € 6,10"),
        ("Firma Digitale, spedita secondo Dati Intestatario e Dati fatturazione", "Totale | € 6,10"),
        (" | ".join(STRIP), "Kit Firma Digitale | incluso", "Totale | € 6,10"),
        ("Dati Intestatario | Modulo Ordine", "Kit Firma Digitale incluso", "Totale | € 6,10"),
        ("Dati Intestatario", "Kit Firma Digitale | incluso", "Modulo Ordine", "Totale | € 6,10"),
    ],
)
def test_upsell_beside_the_name_of_a_page_is_an_extra_line(texts: tuple[str, ...]) -> None:
    """PRC-6: one page's name, or names in a sentence, make no step of what is bought."""
    assert "" in [line.address for line in read(f"{A} | € 6,10", *texts).lines]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("Totale IVA inclusa 24,40 €",), "24.40"),
        (("Totale 20,00 € + IVA",), None),
        (("Totale ordine 20,00 €",), None),
        (("Totale 24,40 €",), None),
        (("Totale IVA inclusa 24,40 €", "Totale IVA inclusa con kit 85,40 €"), None),
        (("Rinnovo 24,40 € IVA inclusa",), None),
    ],
)
def test_total_of_a_cart_is_read_where_it_says_that_it_is_all(said: tuple[str, ...], told: str | None) -> None:
    """PRC-1: net, one of several, or the price of a thing is no total to compare with."""
    assert told_total(lines(*said)) == (Decimal(told) if told else None)


HEADED = [Entry("text", "Modulo Ordine", heading=True), Entry("text", "Riepilogo", heading=True)]


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_upsell_between_the_words_of_the_order_is_seen(*, before: bool) -> None:
    """PRC-6: neither table nor amount makes «Conservazione» part of the order, and an address said twice hides none."""
    said = ["Conservazione PEC 1 GB", A] if before else [A, "Conservazione PEC 1 GB"]
    summary = read_summary([*HEADED, *lines(*said, f"{A}: nuova scadenza 31/12/2027", "Totale € 36,60")], KNOWN)
    assert "conservazione" in [word for line in summary.lines for word in upsells_in(line.text)]


def test_upsell_that_is_spoken_of_elsewhere_is_none() -> None:
    """PRC-6: what stands under another heading than the order is not bought."""
    praise = [*lines("Scopri la Firma Digitale"), *HEADED, *lines(A, "Rinnovo", "Totale € 6,10")]
    footer = [Entry("text", "I nostri servizi", heading=True), *lines("Conservazione digitale")]
    (line,) = read_summary([*praise, *footer], KNOWN).lines
    assert upsells_in(line.text) == []


def test_discount_is_an_extra_line() -> None:
    """PRC-5: a discount that nobody asked for is a difference too."""
    summary = read(f"{A} | € 6,10", "Sconto promozione | -€ 1,00", "Totale | € 5,10")
    assert any("Sconto" in line.text for line in summary.lines if not line.address)


@pytest.mark.parametrize(
    "texts",
    [
        ("a@pec.it | € 6,10",),
        ("a@pec.it | € 6,10", "Totale | 6.10"),
        ("a@pec.it | € 6,10", "Totale | $ 6,10"),
        ("a@pec.it | € 6,10", "Totale | € 6,10", "Totale | € 7,10"),
        ("a@pec.it | € 5,00", "Totale | € 6,10"),
        ("a@pec.it | € 5,00", "Imponibile | € 5,00", "IVA | € 1,00", "Totale | € 6,10"),
        ("a@pec.it | € 6,10", "a@pec.it | € 6,20", "Totale | € 12,30"),
        ("a@pec.it, b@pec.it | € 6,10", "Totale | € 6,10"),
        ("a@pec.it | 1 anno | 2 anni | € 6,10", "Totale | € 6,10"),
        ("a@pec.it | € 6,10", "b@pec.it | PRO", "Totale | € 6,10"),
    ],
    ids=[
        "no total",
        "no currency",
        "foreign currency",
        "two totals",
        "lines do not add up",
        "net and VAT do not add up",
        "one mailbox twice",
        "two mailboxes on one line",
        "two numbers of years",
        "an amount for one of two",
    ],
)
def test_what_cannot_be_told_with_certainty_is_not_read(texts: tuple[str, ...]) -> None:
    """PRC-3, LOC-2: missing, doubled, foreign or disagreeing figures are an error, never a guess."""
    with pytest.raises(Unreadable):
        read(*texts)


def test_total_of_zero_is_read_as_zero() -> None:
    """PRC-3: a free order is read as it is, so that the limits can refuse it."""
    assert read(f"{A} | STANDARD", "Totale | € 0,00").gross == 0


def test_foreign_mailbox_on_a_line_is_seen_as_such() -> None:
    """PRC-5, PRC-11: `x@pec.it` is no mailbox of the account, and its line is not taken for one of them."""
    summary = read("x@pec.it | € 6,10", "Totale | € 6,10")
    assert [line.address for line in summary.lines] == ["x@pec.it"]


def test_similar_address_is_a_line_of_its_own() -> None:
    """PRC-11: the line of `aa@pec.it` is not the line of `a@pec.it`."""
    summary = read("aa@pec.it | € 6,10", "Totale | € 6,10")
    assert [line.address for line in summary.lines] == ["aa@pec.it"]


def test_words_of_a_control_are_no_line() -> None:
    """PRC-5: what stands in a radio button («Bonifico, € 0,50») is an offer and no part of the order."""
    first, last = rows(f"{A} | € 6,10", "Totale | € 6,10")[:2], rows(f"{A} | € 6,10", "Totale | € 6,10")[2:]
    entries = [*first, Entry("text", "Conservazione € 3,00", within="check"), *last]
    assert [line.address for line in read_summary(entries, KNOWN).lines] == [A]


@pytest.mark.parametrize("card", [(f"Servizio: {A}", "Importo: € 5,00"), ("Importo: € 5,00", f"Servizio: {A}")])
def test_amount_of_a_card_is_its_mailbox_s_where_a_total_stands_besides(card: tuple[str, str]) -> None:
    """PRC-1, LOC-2: «Importo» in a mailbox's own card is no total, and it must add up like any line."""
    summary = read_summary(lines(*card, "Imponibile € 5,00", "IVA € 1,10", "Totale € 6,10"), KNOWN)
    assert (summary.gross, summary.lines[0].amount) == (Decimal("6.10"), Decimal("6.10"))
    with pytest.raises(Unreadable):
        read_summary(lines(*card, "Totale € 7,10"), KNOWN)


def test_amount_without_any_total_is_the_total() -> None:
    """PRC-1: where nothing else says what is to be paid, «Importo» does."""
    assert read_summary(lines(f"Rinnovo {A}", "Importo € 6,10"), KNOWN).gross == Decimal("6.10")


def test_zero_of_an_extra_is_no_extra_and_two_is_one() -> None:
    """PRC-6: a column or label that says 0 GB adds nothing; one that says 2 is an extra on the mailbox's line."""
    table = [Entry("text", f"Rinnovo {A}", row=1), Entry("text", "0", row=1, head="gb aggiuntivi")]
    more = [*table[:1], Entry("text", "2", row=1, head="gb aggiuntivi")]
    total = Entry("text", "Totale € 6,10")
    assert upsells_in(read_summary([*table, total], KNOWN).lines[0].text) == []
    assert upsells_in(read_summary([*more, total], KNOWN).lines[0].text) == ["gb aggiuntivi"]
