"""What a message says, in both languages: pure, from items to text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from pec_autorenew.advice import ADVICE
from pec_autorenew.config import Severity
from pec_autorenew.errors import ConfigError, LedgerError, NotRecorded
from pec_autorenew.model import Item, Outcome, PaymentMethod
from pec_autorenew.notify import Matter, Message, Notice, compose, matters_of
from pec_autorenew.notify.en import English
from pec_autorenew.notify.it import Italian
from pec_autorenew.notify.masking import hide
from pec_autorenew.notify.matters import RESOLVED, Stage, broken
from tests.notify.samples import ITEMS, PORTAL, RUN, TODAY, configuration, sample, unpaid

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "notifications.md"
PACKAGE: Final = Path(__file__).parents[2] / "pec_autorenew"
#: How the code gives an item a reason that somebody is told of.
GIVEN: Final = re.compile(r'(?:Outcome\.(?:FAILED|NEEDS_PERSON|STOPPED|DRIFT), |PolicyStop\(.+reason=)"([a-z-]+)"')
#: The interface's reasons, those of runs that do not begin and those that the engine adds among them.
REASONS: Final = frozenset(
    {
        *ADVICE,
        *(name for path in (PACKAGE / "engine").glob("*.py") for name in GIVEN.findall(path.read_text("utf-8"))),
        *("two-step-approval", "captcha", "code", "password-change", "account-locked", "terms", "notice"),
        *("approval", "foreign-order", "bank-authentication", "price-changed", "form-mismatch", "type-changed"),
        *("upsell-not-refusable", "identifier-missing", "clock", "paused", "refused-by-portal", "order-cancelled"),
        *(
            "portal-autorenewal-on",
            "not-renewable-here",
            "not-recorded",
            "ledger",
            "not-fit",
            "secret-unavailable",
            "hook",
        ),
    }
)


def told(*items: Item, language: str = "it", reveal: bool = True, today: date = TODAY, **facts: object) -> Message:
    """Return the message about these items."""
    notice = Notice(tuple(matters_of(configuration(), items, today)), today, RUN, PORTAL)
    message = compose(replace(notice, **facts), language, reveal=reveal)  # type: ignore[arg-type]
    assert message is not None
    return message


@pytest.mark.parametrize("language", ["it", "en"])
def test_documented_digest_is_what_the_code_says(language: str) -> None:
    """NOT-1: docs/notifications.md shows a digest as it is sent."""
    message = sample(language)
    blocks = re.findall(r"<!-- sample (\w+) -->\n```text\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert dict(blocks)[language] == f"{message.title}\n\n{message.body}"


def test_digest_names_what_has_to_be_known_of_an_order() -> None:
    """PAY-4: mailbox, expiry, days left, order number, gross, the last day to pay, and how not to pay it wrongly."""
    message = told(unpaid("studio@pec.it", date(2026, 12, 20), "12345678"))
    assert message.title == "PEC: 1 ordine da pagare (studio@pec.it)"
    assert message.body.startswith(
        "Ordini da pagare\n"
        "• Ordine 12345678, 30,50 €, bonifico\n"
        "  Da pagare entro il 15/12/2026.\n"
        "  studio@pec.it (studio), scade il 20/12/2026, fra 19 giorni\n"
    )
    assert "chi ha già pagato può ignorare questo avviso" in message.body
    assert "Nella causale va il numero dell'ordine e nient'altro" in message.body
    assert "attiva il «Rinnovo automatico»" in message.body
    assert "IBAN" not in message.body


def test_portal_s_words_are_referred_to_and_not_repeated() -> None:
    """PAY-5: coordinates stay where the portal's words are kept; the masked address of «Conferma ordine» is told."""
    words = "Riceverai una email di Conferma ordine a titolare@prova.example. IBAN IT00 X000 0000"
    item = unpaid("studio@pec.it", date(2026, 12, 20), "1", instructions=words)
    for language in ("it", "en"):
        text = told(item, language=language, reveal=False).body
        assert "t…@prova.example" in text
        assert "IT00" not in text
        assert "`pec-autorenew show`" in text


@pytest.mark.parametrize(
    ("today", "language", "words"),
    [
        (date(2026, 12, 16), "it", "Il 15/12/2026 era l'ultimo giorno utile con bonifico"),
        (date(2026, 12, 16), "en", "15/12/2026 was the last day to pay it"),
        (date(2027, 2, 25), "it", "scaduta il 20/12/2026, 67 giorni fa; verrà eliminata dopo il 20/03/2027"),
        (date(2027, 2, 25), "en", "expired 20/12/2026, 67 days ago; deleted after 20/03/2027"),
        (date(2027, 3, 21), "it", "La casella doveva essere eliminata dopo il 20/03/2027"),
        (date(2026, 12, 20), "it", "scade il 20/12/2026, oggi"),
        (date(2026, 12, 19), "it", "scade il 20/12/2026, domani"),
        (date(2026, 12, 21), "it", "scaduta il 20/12/2026, ieri"),
    ],
)
def test_order_that_is_late_says_what_still_helps(today: date, language: str, words: str) -> None:
    """PAY-4, SIL-3: after the last day, after the expiry, and after the deletion, the sentence is another."""
    item = unpaid("studio@pec.it", date(2026, 12, 20), "1")
    assert words in told(item, language=language, today=today).body


@pytest.mark.parametrize("language", ["it", "en"])
def test_public_office_is_told_of_its_commitment(language: str) -> None:
    """PAY-8: commitment, codice univoco, CIG, CUP, split payment; nobody is told to pay."""
    text = told(unpaid("protocollo@pec.it", date(2026, 12, 20), "1", "comune"), language=language).body
    assert all(word in text for word in ("UF0AB1", "CIG", "CUP"))
    assert "Da pagare entro" not in text
    assert "Pay it by" not in text


@pytest.mark.parametrize("language", ["it", "en"])
def test_names_are_masked_for_third_parties(language: str) -> None:
    """NOT-3: no mailbox is named in full, in title, text or command; order numbers are."""
    items = [item for item in ITEMS if item.outcome is not Outcome.SKIPPED]
    for alone in ([one] for one in items):
        message = told(*alone, language=language, reveal=False)
        names = {str(item.mailbox) for item in items} | {"clienti@aruba.it"}
        assert not [name for name in names if name in message.title + message.body]
    assert "12345678" in told(*items, reveal=False).body


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("studio@pec.it scade", "s…o@pec.it scade"),
        ("«studio@pec.it/2026-12-10»", "«s…o@pec.it/2026-12-10»"),
        ("ab@pec.it, a@pec.it.", "a…@pec.it, a…@pec.it."),
        ("m.rossi+x@sub.prova.example", "m…x@sub.prova.example"),
        ("m…@prova.example", "m…@prova.example"),
        ("perché@città.example", "p…é@città.example"),
        ("12:00 @home, 3@4", "12:00 @home, 3@4"),
    ],
)
def test_mask_is_the_same_for_the_same_address(text: str, hidden: str) -> None:
    """NOT-3: first and last letter, and the domain; what is no address stays."""
    assert hide(text) == hidden
    assert hide(hidden) == hidden


def test_long_lists_are_summarised() -> None:
    """NOT-3: the ten most urgent, and how many others; what is alike is said once."""
    items = [
        Item("studio", f"box{n:02}@pec.it", Outcome.FAILED, "refused-by-portal", "no", date(2027, 1, 1 + n))
        for n in range(25)
    ]
    text = told(*reversed(items)).body
    assert [line for line in text.splitlines() if line.startswith("•")] == [
        f"• box{n:02}@pec.it (studio), scade il {1 + n:02}/01/2027, fra {31 + n} giorni" for n in range(10)
    ]
    assert "… e altri 15" in text
    assert text.count("Il portale ha rifiutato l'ordine") == 1
    assert "… and 15 more" in told(*items, language="en").body


def test_channel_for_alarms_is_told_of_nothing_else() -> None:
    """NOT-1: from a severity on; nothing of it is no message."""
    notice = Notice(tuple(matters_of(configuration(), ITEMS, TODAY)), TODAY)
    alarm = compose(notice, "it", reveal=True, least=Severity.ALARM)
    assert alarm is not None
    assert alarm.title == "Allarme PEC: serve una persona, 1 caso da verificare subito"
    warning = compose(notice, "it", reveal=True, least=Severity.WARNING)
    assert warning is not None
    assert "Da sistemare" in warning.body
    assert "Rinnovate" not in warning.body
    calm = Notice(tuple(matters_of(configuration(), ITEMS[-1:], TODAY)), TODAY)
    assert compose(calm, "it", reveal=True) is None


def test_every_reason_has_its_words_in_italian() -> None:
    """NOT-1: nobody who reads Italian is told «unexpected-page»; in English no advice points into the report."""
    for reason in sorted(REASONS):
        matter = Matter("a@pec.it", Severity.ALARM, "failed", reason, account="studio", mailboxes=("a@pec.it",))
        words = f"{Italian().what(matter)} {Italian().what_to_do(matter, PORTAL)}"
        assert "Motivo:" not in words, reason
        assert not set("{}") & set(words), reason
        assert "below" not in English().what_to_do(matter, PORTAL), reason  # there is nothing below


def test_rejected_order_waits_for_nobody() -> None:
    """HUM-2: whoever said no is not told in Italian that somebody is still to decide."""
    item = Item("studio", "a@pec.it", Outcome.STOPPED, "approval", "A person rejected it.", date(2026, 12, 20))
    assert "Una persona ha rifiutato l'ordine." in told(item).body
    assert "aspetta l'approvazione" not in told(item).body


@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize(
    "error",
    [
        ConfigError("The configuration does not allow orders.", problems=("mandate: is missing",)),
        LedgerError("The disk is full."),
        NotRecorded("an order for studio@pec.it (30.50 EUR, number 12345678) was sent"),
    ],
    ids=["not-fit", "ledger", "not-recorded"],
)
def test_run_that_broke_says_what_the_program_said(error: ConfigError, language: str) -> None:
    """DUP-8: the facts are in every language, for they may be nowhere else."""
    message = compose(Notice((broken(error, None),), TODAY, portal=PORTAL), language, reveal=True)
    assert message is not None
    assert message.severity is Severity.ALARM
    assert error.message.casefold() in message.body.casefold()
    assert all(problem in message.body for problem in getattr(error, "problems", ()))
    assert "→" in message.body


@pytest.mark.parametrize(("language", "words"), [("it", "non più: «Il portale non risponde»"), ("en", "«unreachable»")])
def test_what_is_over_is_said_as_such(language: str, words: str) -> None:
    """NOT-1: a change for the better is one too."""
    matter = Matter("account studio/failed/unreachable", Severity.INFO, RESOLVED, "unreachable", account="studio")
    message = compose(Notice((matter,), TODAY), language, reveal=True)
    assert message is not None
    assert words in message.body
    assert "studio" in message.body


# -- what matters how much --------------------


@pytest.mark.parametrize(
    ("outcome", "reason", "left", "severity", "stage"),
    [
        (Outcome.RENEWED, "renewed", 2, Severity.INFO, Stage.CALM),
        (Outcome.FAILED, "portal-error", 20, Severity.WARNING, Stage.CALM),
        (Outcome.FAILED, "timeout", 20, Severity.ALARM, Stage.CALM),
        (Outcome.FAILED, "portal-error", 6, Severity.ALARM, Stage.CRITICAL),
        (Outcome.FAILED, "portal-error", -1, Severity.ALARM, Stage.EXPIRED),
        (Outcome.SKIPPED, "portal-autorenewal-on", -60, Severity.ALARM, Stage.DELETION),
        (Outcome.UNKNOWN, "unknown", 20, Severity.ALARM, Stage.CALM),
        (Outcome.DRIFT, "unexpected-page", 20, Severity.ALARM, Stage.CALM),
        (Outcome.STOPPED, "over-limit", 20, Severity.ALARM, Stage.CALM),
        (Outcome.NEEDS_PERSON, "captcha", 20, Severity.ALARM, Stage.CALM),
    ],
)
def test_severity_follows_outcome_and_days_left(
    outcome: Outcome, reason: str, left: int, severity: Severity, stage: Stage
) -> None:
    """NOT-1, SIL-3: alarms are what a person has to look at now; near its expiry everything is."""
    expiry = date.fromordinal(TODAY.toordinal() + left)
    (matter,) = matters_of(configuration(), [Item("studio", "a@pec.it", outcome, reason, "", expiry)], TODAY)
    assert (matter.severity, matter.stage) == (severity, stage)


def test_order_made_yesterday_that_waits_today_is_no_change() -> None:
    """NOT-1: neither is another day; another number, a payment, or the last days are."""
    ordered = unpaid("a@pec.it", date(2026, 12, 20), "1", method=PaymentMethod.BONIFICO)

    def signature(item: Item, today: date = TODAY) -> str:
        (matter,) = matters_of(configuration(), [item], today)
        return matter.signature

    same = signature(ordered)
    assert signature(replace(ordered, reason="waiting"), date(2026, 12, 2)) == same
    others = {
        signature(replace(ordered, order_number="2")),
        signature(replace(ordered, pay_by=None)),
        signature(ordered, date(2026, 12, 14)),
        signature(replace(ordered, outcome=Outcome.UNKNOWN)),
    }
    assert len({same, *others}) == 5
    stopped = Item("studio", "a@pec.it", Outcome.STOPPED, "over-limit", "", ordered.expiry_before, gross=Decimal(50))
    assert signature(stopped) != signature(replace(stopped, gross=Decimal(60)))
