"""What a mail of the portal's says, as far as it is asked about: its kind, its instant, order numbers, mailboxes.

How an order's number looks is not documented (PF-CONFIRMATION). So a known one is looked for as a whole word, and a new
one after one of the documented labels. How to pay is never read from a mail (PAY-5).
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final, cast

from pec_autorenew.confirmations.authentic import headers
from pec_autorenew.confirmations.values import Confirmation, Kind, Question
from pec_autorenew.model import fold_address

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

#: The documented subjects, folded; an answer or a forwarded mail has another one.
_SUBJECTS: Final = {
    "conferma ordine": Kind.ORDER,
    "conferma ordine servizi": Kind.ORDER,
    "conferma pagamento": Kind.PAYMENT,
}
#: «numero ordine», «ordine n.», «ID ORDINE», and what may stand between label and number.
_LABELLED: Final = re.compile(
    r"\b(?:numero\s+(?:d['’]\s*)?ordine|ordine\s+(?:n\.|n°|nr\.|numero)|id\s+ordine)\s*[:#]?\s*"
    r"(?P<number>[A-Z0-9](?:[A-Z0-9/-]*[A-Z0-9])?)(?![\w@])",
    re.IGNORECASE,
)
#: Shorter than this, a number is known by its label only: «12» is a day as well.
_TELLING: Final = 4
_ADDRESS: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
#: What may stand around an address and belong to the sentence.
_AROUND: Final = "'`*_.~"
_UNSEEN: Final = frozenset({"script", "style", "head", "title"})
_INLINE: Final = frozenset({"a", "b", "em", "font", "i", "span", "strong", "u"})


def kind_of(message: Message) -> Kind | None:
    """Return what the mail confirms, by its subject; None for every other mail."""
    subjects = headers(message, "subject")
    if len(subjects) != 1:
        return None
    try:
        subject = str(make_header(decode_header(subjects[0])))
    except (LookupError, ValueError, MessageError):  # written in no character set that there is
        return None
    return _SUBJECTS.get(" ".join(subject.split()).casefold())


def read_confirmation(message: Message, question: Question) -> Confirmation | None:
    """Return what an authentic mail says about the question; None where it is no confirmation, or of no known date."""
    kind, at = kind_of(message), _instant(message)
    if kind is None or at is None or at < question.since:
        return None
    text = text_of(message)
    mark = hashlib.sha256("\n".join([kind, at.isoformat(), *headers(message, "message-id")]).encode("utf-8", "replace"))
    return Confirmation(
        kind, at, mark.hexdigest()[:16], numbers_in(text, question.numbers), addresses_in(text) & question.addresses
    )


def _instant(message: Message) -> datetime | None:
    dates = headers(message, "date")
    try:
        written = parsedate_to_datetime(dates[0]) if len(dates) == 1 else None
        return written and (written if written.tzinfo else written.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


# -- the text --------------------------------------------------------------------------------------------------------


def text_of(message: Message) -> str:
    """Return the mail's words: the plain text, or the words of its HTML; never of what is attached to it."""
    plain = [text for kind, text in _texts(message) if kind == "plain"]
    if any(one.strip() for one in plain):
        return "\n".join(plain)
    return "\n".join(_words(text) for kind, text in _texts(message) if kind == "html")


def _texts(message: Message) -> Iterator[tuple[str, str]]:
    if message.get_content_maintype() == "multipart":
        parts = message.get_payload()
        for part in parts if isinstance(parts, list) else ():
            yield from _texts(cast("Message", part))
    elif message.get_content_maintype() == "text" and message.get_content_disposition() != "attachment":
        raw = message.get_payload(decode=True)
        yield message.get_content_subtype(), _decoded(raw if isinstance(raw, bytes) else b"", message)


def _decoded(raw: bytes, message: Message) -> str:
    try:
        return raw.decode(message.get_content_charset("utf-8"), "replace")
    except LookupError:
        return raw.decode("latin-1")


class _Words(HTMLParser):
    """Collects what somebody would read."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base's
        self._unseen += tag in _UNSEEN
        self._part(tag)

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))
        self._part(tag)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words.append(data)

    def _part(self, tag: str) -> None:
        if tag not in _INLINE:
            self.words.append(" ")


def _words(html: str) -> str:
    parser = _Words()
    parser.feed(html)
    parser.close()
    return "".join(parser.words)


# -- what it names ---------------------------------------------------------------------------------------------------


def numbers_in(text: str, known: frozenset[str]) -> frozenset[str]:
    """Return the order numbers in a text: the known ones, as whole words, and those after a documented label."""
    labelled = {found["number"] for found in _LABELLED.finditer(text) if any(map(str.isdigit, found["number"]))}
    by_fold = {one.casefold(): one for one in known}
    return frozenset(
        {one for one in known if len(one) >= _TELLING and _stands_in(one, text)}
        | {by_fold.get(one.casefold(), one) for one in labelled}
    )


def _stands_in(number: str, text: str) -> bool:
    """Whether the number stands in the text by itself: as no part of a longer one, of a date or of an amount."""
    before = r"(?<![\w@])(?<!\d[.,/-])(?<!€)(?<!€\s)"
    after = r"(?![\w@])(?![.,/-]\d)(?!\s?(?:€|eur))"
    return re.search(before + re.escape(number) + after, text, re.IGNORECASE) is not None


def addresses_in(text: str) -> frozenset[str]:
    """Return the addresses in a text, folded, each as a whole: a longer one is another one (PRC-11)."""
    return frozenset(fold_address(one.strip(_AROUND)) for one in _ADDRESS.findall(text))
