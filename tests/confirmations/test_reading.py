"""What is taken from a mail, and what is not."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pec_autorenew.confirmations import Kind, Question
from pec_autorenew.confirmations.reading import addresses_in, kind_of, numbers_in, read_confirmation, text_of
from tests.confirmations.letters import parsed

AT = datetime(2026, 12, 1, 8, 31, tzinfo=UTC)
QUESTION = Question(AT - timedelta(days=1), frozenset({"1000", "1001"}), frozenset({"a@pec.it", "b@pec.it"}))

SUBJECTS = {
    "Conferma ordine": Kind.ORDER,
    "conferma ORDINE": Kind.ORDER,
    "  Conferma \r\n ordine  ": Kind.ORDER,
    "Conferma ordine servizi": Kind.ORDER,
    "Conferma Pagamento": Kind.PAYMENT,
    "Conferma pagamento": Kind.PAYMENT,
    "=?utf-8?Q?Conferma_ordine?=": Kind.ORDER,
    "=?iso-8859-1?B?Q29uZmVybWEgcGFnYW1lbnRv?=": Kind.PAYMENT,
    "Re: Conferma ordine": None,
    "Fwd: Conferma pagamento": None,
    "I: Conferma ordine": None,
    "Conferma ordine - promozione": None,
    "Conferma iscrizione": None,
    "Conferma ordine\r\nSubject: Conferma pagamento": None,
    "=?nobody-knows?Q?Conferma_ordine?=": None,
    "=?utf-8?B?x?=": None,
    "": None,
}


@pytest.mark.parametrize(("subject", "kind"), SUBJECTS.items())
def test_subject_is_one_of_the_documented(subject: str, kind: Kind | None) -> None:
    """PF-CONFIRMATION: exactly the documented words, folded; an answer or a forwarded mail is somebody else's."""
    assert kind_of(parsed(subject=subject)) is kind


def test_confirmation_holds_what_was_asked_and_nothing_more() -> None:
    """PAY-5: number, mailbox, instant; no coordinates, no name, no text, no identifier that leads back."""
    body = "Gentile Mirto (mirto@posta.example),\r\nordine n. 1001 per la casella a@pec.it\r\nIBAN IT00\r\n€ 30,50"
    found = read_confirmation(parsed(body=body), QUESTION)
    assert found is not None
    assert (found.kind, found.at) == (Kind.ORDER, AT)
    assert (set(found.numbers), set(found.addresses)) == ({"1001"}, {"a@pec.it"})
    kept = repr(asdict(found))
    assert not [one for one in ("IBAN", "IT00", "irto", "30,50", "staff.aruba.it") if one in kept]


def test_mark_tells_two_mails_apart_and_one_from_itself() -> None:
    """NOT-1: what was told once is known again."""
    marks = [
        found.mark
        for message_id in ("<1@staff.aruba.it>", "<2@staff.aruba.it>", "<1@staff.aruba.it>")
        if (found := read_confirmation(parsed(message_id=message_id), QUESTION)) is not None
    ]
    assert (marks[0] == marks[2], marks[0] == marks[1]) == (True, False)


DATES = {
    "Tue, 01 Dec 2026 09:31:00 +0100": AT,
    "Tue, 01 Dec 2026 08:31:00 -0000": AT,
    "Mon, 30 Nov 2026 09:30:00 +0100": None,
    "yesterday": None,
    "Tue, 01 Dec 2026 09:31:00 +0100\r\nDate: Tue, 01 Dec 2026 09:31:00 +0100": None,
    "Tue, 41 Dec 2026 09:31:00 +0100": None,
    "Fri, 31 Dec 9999 23:59:00 -0100": None,
    "": None,
}


@pytest.mark.parametrize(("date", "at"), DATES.items())
def test_mail_has_one_date_that_is_asked_about(date: str, at: datetime | None) -> None:
    """TIM-1: an aware instant in UTC, not before what is asked about; else it is no evidence."""
    found = read_confirmation(parsed(date=date), QUESTION)
    assert (found.at if found else None) == at


NUMBERS = {
    "Ordine 1001 ricevuto": {"1001"},
    "ordine «1001».": {"1001"},
    "(1001)": {"1001"},
    "1001 e 1000": {"1000", "1001"},
    "11001": set(),
    "10012": set(),
    "A1001": set(),
    "1001a": set(),
    "1001/26": set(),
    "2026-1001": set(),
    "1001,00": set(),
    "5.1001": set(),
    "€ 1001": set(),
    "1001 €": set(),
    "1001 EUR": set(),
    "1001@x.example": set(),
    "Numero ordine: 2002": {"2002"},
    "NUMERO D'ORDINE 2002.": {"2002"},
    "ordine n. MO123456, grazie": {"MO123456"},
    "ordine n° 2002": {"2002"},
    "ordine numero 2002": {"2002"},
    "ID ORDINE\r\n 2002/26\r\n": {"2002/26"},
    "ID ORDINE: 1001": {"1001"},
    "numero ordine 2002, che segue 1000": {"1000", "2002"},
    "numero ordine: non ancora assegnato": set(),
    "il suo ordine nuovo 2002": set(),
    "numero ordine x@pec.it": set(),
}


@pytest.mark.parametrize(("text", "numbers"), NUMBERS.items())
def test_order_number_is_a_whole_word(text: str, numbers: set[str]) -> None:
    """VER-2: a known number stands by itself; a new one stands after a documented label."""
    assert numbers_in(text, QUESTION.numbers) == numbers


def test_short_number_is_known_by_its_label_only() -> None:
    """VER-2: «12» is a day as well."""
    known = frozenset({"12"})
    assert numbers_in("il 12 dicembre", known) == frozenset()
    assert numbers_in("ordine n. 12 del 3 dicembre", known) == {"12"}


def test_known_number_keeps_the_list_s_spelling() -> None:
    """VER-2: the mail may write letters otherwise than the list."""
    assert numbers_in("numero ordine mo1234", frozenset({"MO1234"})) == {"MO1234"}


ADDRESSES = {
    "casella a@pec.it.": {"a@pec.it"},
    "<A@PEC.it>, mailto:b@pec.it": {"a@pec.it", "b@pec.it"},
    "«a@pec.it»": {"a@pec.it"},
    "'a@pec.it'": {"a@pec.it"},
    "*a@pec.it*": {"a@pec.it"},
    "aa@pec.it": set(),
    "a@pec.it.example": set(),
    "a.a@pec.it": set(),
    "-a@pec.it": set(),
    "x+a@pec.it": set(),
    "a@pec.itx": set(),
    "a@pec.it-x.example": set(),
    "è@pec.it àa@pec.it": set(),
}


@pytest.mark.parametrize(("text", "addresses"), ADDRESSES.items())
def test_similar_address_is_another_mailbox(text: str, addresses: set[str]) -> None:
    """PRC-11: an address counts as a whole or not at all."""
    assert addresses_in(text) & QUESTION.addresses == addresses


# -- the text --------------------------------------------------------------------------------------------------------

HTML = (
    "<html><head><title>ordine n. 9999</title><style>p{} /* ordine n. 8888 */</style></head><body><table><tr>"
    "<td>Numero&nbsp;ordine</td><td>10<b>01</b></td></tr></table><script>'ordine n. 7777'</script>"
    "<p>a&#64;pec.it</p><br>fine</body></html>"
)


def multipart(*parts: str, kind: str = "alternative") -> dict[str, str]:
    """Return content type and body of a mail with these parts."""
    body = "".join(f"--x\r\n{one}\r\n" for one in parts) + "--x--\r\n"
    return {"content_type": f"multipart/{kind}; boundary=x", "body": body}


def part(kind: str, body: str, *lines: str) -> str:
    """Return one part."""
    return "\r\n".join([f"Content-Type: {kind}; charset=utf-8", *lines, "", body])


def test_html_is_read_as_somebody_reads_it() -> None:
    """PF-CONFIRMATION: cells are words of their own, what is not seen is not read."""
    text = text_of(parsed(content_type="text/html; charset=utf-8", body=HTML))
    assert numbers_in(text, QUESTION.numbers) == {"1001"}
    assert addresses_in(text) == {"a@pec.it"}
    assert not [one for one in ("9999", "8888", "7777") if one in text]


def test_plain_text_goes_before_html() -> None:
    """PF-CONFIRMATION: one of the two, not both."""
    assert "1001" not in text_of(parsed(**multipart(part("text/plain", "ordine n. 2002"), part("text/html", HTML))))
    assert "1001" in text_of(parsed(**multipart(part("text/plain", "  "), part("text/html", HTML))))


def test_attachments_and_forwarded_mails_are_not_read() -> None:
    """VER-2: what is attached was written by whomever."""
    message = multipart(
        part("text/plain", "vedi allegato"),
        part("text/plain", "ordine n. 1001", "Content-Disposition: attachment; filename=a.txt"),
        "Content-Type: message/rfc822\r\n\r\nSubject: Conferma ordine\r\n\r\nordine n. 1001",
        part("application/pdf", "ordine n. 1001"),
        kind="mixed",
    )
    assert text_of(parsed(**message)).strip() == "vedi allegato"


@pytest.mark.parametrize("charset", ["nobody-knows", "utf-8", "us-ascii"])
def test_text_in_any_character_set_is_read(charset: str) -> None:
    """SIL-4: a broken mail is no error."""
    text = text_of(parsed(content_type=f"text/plain; charset={charset}", body="perché: ordine n. 1001"))
    assert "1001" in text


def test_encoded_text_is_decoded() -> None:
    """PF-CONFIRMATION: mails are written in base64 as well."""
    coded = b64encode(b"ordine n. 1001").decode()
    inside = f"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n{coded}"
    assert "1001" in text_of(parsed(**multipart(inside)))


@given(st.binary(max_size=300), st.sampled_from(["text/plain", "text/html", "multipart/mixed; boundary=x", "x/y", "z"]))
def test_no_mail_is_an_error(body: bytes, content_type: str) -> None:
    """SIL-4: whatever stands in it, a mail says something or nothing."""
    message = parsed(content_type=content_type, body=body.decode("utf-8", "surrogateescape"))
    found = read_confirmation(message, QUESTION)
    assert found is not None
    assert found.addresses <= QUESTION.addresses
