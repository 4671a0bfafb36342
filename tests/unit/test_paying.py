"""By when an order has to be paid, and when to remind of it: pure, on Italian working days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pec_autorenew.model import IdentifierKind, InvoiceIdentifier, PaymentMethod
from pec_autorenew.paying import REGISTRATION_DAYS, Term, is_working_day, latest_payment_day, mail_sent_to
from pec_autorenew.report.notes import payment_lines
from pec_autorenew.report.text import worth_saying

BONIFICO, BOLLETTINO, CARTA = PaymentMethod.BONIFICO, PaymentMethod.BOLLETTINO, PaymentMethod.CARTA
#: A Thursday; a transfer made on Friday 4 December is registered by then, for Tuesday 8 December is a holiday.
EXPIRY = date(2026, 12, 10)
LAST = date(2026, 12, 4)
LADDER = (30, 15, 7, 3, 1)


# -- working days --------------------


@pytest.mark.parametrize(
    ("deadline", "method", "latest"),
    [
        (date(2026, 11, 19), BONIFICO, date(2026, 11, 16)),
        (date(2026, 11, 18), BONIFICO, date(2026, 11, 13)),
        (date(2026, 11, 21), BONIFICO, date(2026, 11, 17)),
        (date(2026, 11, 22), BONIFICO, date(2026, 11, 17)),
        (EXPIRY, BONIFICO, LAST),
        (date(2026, 12, 28), BONIFICO, date(2026, 12, 22)),
        (date(2027, 1, 7), BONIFICO, date(2026, 12, 31)),
        (date(2027, 1, 7), BOLLETTINO, date(2026, 12, 24)),
        (date(2027, 3, 30), BONIFICO, date(2027, 3, 24)),
        (date(2026, 6, 2), BONIFICO, date(2026, 5, 27)),
        (date(2029, 8, 16), BONIFICO, date(2029, 8, 10)),
        (date(2026, 11, 19), BOLLETTINO, date(2026, 11, 10)),
        (date(2026, 11, 22), CARTA, date(2026, 11, 22)),
        (date(2026, 12, 25), PaymentMethod.PAYPAL, date(2026, 12, 25)),
    ],
    ids=[
        *("within a week", "over a weekend", "Saturday", "Sunday", "8 December", "Christmas", "New Year and Epiphany"),
        *("a bollettino at Christmas", "Easter Monday", "2 June", "15 August", "bollettino", "card on a Sunday"),
        "PayPal at Christmas",
    ],
)
def test_latest_payment_day_leaves_the_working_days_that_registration_takes(
    deadline: date, method: PaymentMethod, latest: date
) -> None:
    """PAY-4, PF-PAYMENT-TIMES: Saturdays, Sundays and Italian holidays register nothing; cards do so at once."""
    assert latest_payment_day(deadline, method) == latest


@given(st.dates(date(2026, 1, 1), date(2036, 12, 31)), st.sampled_from([BONIFICO, BOLLETTINO]))
def test_latest_payment_day_is_in_time_and_the_next_one_is_not(deadline: date, method: PaymentMethod) -> None:
    """PAY-4: between it and the deadline lie just as many working days as registration takes, whatever the year."""
    latest = latest_payment_day(deadline, method)
    after = [latest + timedelta(days=1 + day) for day in range((deadline - latest).days)]
    assert is_working_day(latest)
    assert sum(map(is_working_day, after)) == REGISTRATION_DAYS[method]


# -- the ladder --------------------


def reminded_on(days: range, ladder: tuple[int, ...] = LADDER, method: PaymentMethod = BONIFICO) -> list[int]:
    """Return the days, counted from the expiry, on which a daily run reminds of an order first told on day -100."""
    told, found = EXPIRY - timedelta(days=100), []
    for day in days:
        today = EXPIRY + timedelta(days=day)
        if Term(EXPIRY, method, today).reminds(ladder, told):
            told = today
            found.append(day)
    return found


def test_reminders_follow_the_ladder_to_the_last_day_to_pay() -> None:
    """PAY-4, NOT-1: 30, 15, 7, 3 and 1 days before that day, six days before the expiry, and when it has passed."""
    assert reminded_on(range(-99, 1)) == [-36, -21, -13, -9, -7, -5]


def test_reminders_come_weekly_after_the_expiry_and_daily_while_deletion_is_near() -> None:
    """INTERFACE, `ladder`; SIL-3: on the day after the expiry, each week, each day from +60, and none after +90."""
    assert reminded_on(range(-4, 120)) == [-4, *range(1, 60, 7), *range(60, 91)]


def test_reminder_of_a_missed_run_is_given_by_the_next_one_and_once() -> None:
    """TIM-2, NOT-1: a run on every tenth day skips steps; of those skipped together one reminder remains."""
    assert reminded_on(range(-50, 1, 10)) == [-30, -20, -10, 0]


def test_card_is_reminded_of_by_the_expiry_itself() -> None:
    """PAY-4: what is registered at once can be paid on the last day."""
    assert reminded_on(range(-99, 2), (3,), CARTA) == [-3, 1]


def test_order_that_nobody_was_told_of_is_told() -> None:
    """PAY-4: the first reminder is the first report, however many days are left."""
    assert Term(EXPIRY, BONIFICO, EXPIRY - timedelta(days=300)).reminds(LADDER, None)
    assert not Term(EXPIRY, BONIFICO, EXPIRY - timedelta(days=300)).reminds(LADDER, EXPIRY - timedelta(days=301))


@given(
    st.integers(-60, 100), st.integers(0, 40), st.lists(st.integers(0, 366), max_size=6), st.sampled_from(PaymentMethod)
)
def test_step_is_told_once(day: int, ago: int, ladder: list[int], method: PaymentMethod) -> None:
    """NOT-1: whatever the ladder, who was told today is not told again today, and no step before it is made up for."""
    term = Term(EXPIRY, method, EXPIRY + timedelta(days=day))
    assert not term.reminds(ladder, term.today)
    if term.reminds(ladder, term.today - timedelta(days=ago)):
        assert term.reminds(ladder, term.today - timedelta(days=ago + 1))


# -- the words --------------------

OFFICE = InvoiceIdentifier(IdentifierKind.CODICE_DESTINATARIO, "ABC123")


@pytest.mark.parametrize(
    ("day", "method", "said"),
    [
        (LAST, BONIFICO, "Pay it by 04/12/2026: a bonifico is registered within 3 working days."),
        (
            LAST + timedelta(days=1),
            BONIFICO,
            (
                "04/12/2026 was the last day to pay it: a bonifico is registered within 3 working days, and the "
                "mailbox expires 10/12/2026. A card is registered at once."
            ),
        ),
        (EXPIRY, CARTA, "Pay it by 10/12/2026: a card is registered at once."),
        (
            EXPIRY + timedelta(days=1),
            BOLLETTINO,
            (
                "Pay it by 01/03/2027: a bollettino is registered within 7 working days. "
                "Expired: the mailbox is deleted after 10/03/2027."
            ),
        ),
        (
            EXPIRY + timedelta(days=88),
            BONIFICO,
            (
                "05/03/2027 was the last day to pay it: a bonifico is registered within 3 working days, and the "
                "mailbox is deleted after 10/03/2027. A card is registered at once."
            ),
        ),
        (
            EXPIRY + timedelta(days=91),
            CARTA,
            "Its mailbox was to be deleted after 10/03/2027: a payment may bring nothing back.",
        ),
    ],
)
def test_sentence_says_by_when_to_pay_or_that_it_is_late(day: date, method: PaymentMethod, said: str) -> None:
    """PAY-4, PAY-7: the last day counts; past it, what still helps; past the deletion, that nothing may."""
    assert Term(EXPIRY, method, day).sentence() == said


def test_public_administration_is_told_of_its_commitment() -> None:
    """PAY-8, PF-PAYMENT-PA: order number, codice univoco, CIG, CUP and the split-payment statement, by the same day."""
    said = Term(EXPIRY, BONIFICO, LAST).sentence(OFFICE)
    assert said.startswith("By 04/12/2026 send the signed payment commitment with order number, codice univoco ABC123,")
    assert all(word in said for word in ("CIG", "CUP", "split-payment"))
    assert Term(EXPIRY, CARTA, LAST).sentence(OFFICE) == Term(EXPIRY, CARTA, LAST).sentence()


@pytest.mark.parametrize(
    ("kind", "value", "office"),
    [
        (IdentifierKind.CODICE_DESTINATARIO, "ABC123", True),
        (IdentifierKind.CODICE_DESTINATARIO, "ABC1234", False),
        (IdentifierKind.CASELLA_PEC, "a@b.it", False),
        (IdentifierKind.NESSUNO, "", False),
    ],
)
def test_six_characters_are_a_public_office_s_code(kind: IdentifierKind, value: str, *, office: bool) -> None:
    """PAY-8, PF-IDENTIFIER-CODE: seven are anybody else's."""
    assert InvoiceIdentifier(kind, value).is_public_office is office


# -- the report --------------------


@pytest.mark.parametrize(
    ("confirmation", "address"),
    [
        ("Riceverai una email di Conferma ordine all'indirizzo prova.prova@studio.example con", "p…@studio.example"),
        ("Conferma ordine Grazie! Ti abbiamo inviato una email di Conferma ordine a a@b.example.", "a…@b.example"),
        ("Conferma ordine. Assistenza: aiuto@portale.example", ""),
        ("Per la casella prova@pec.example, ordine registrato", ""),
        ("", ""),
    ],
)
def test_address_of_the_order_s_mail_is_named_masked(confirmation: str, address: str) -> None:
    """PAY-5, NOT-3: the one that the portal names with «Conferma ordine»; another one on the page is not it."""
    assert mail_sent_to(confirmation) == address


def line(**facts: object) -> dict[str, object]:
    """Return an item of a report, an order of an earlier run that is to be paid."""
    plain = {"outcome": "awaiting-payment", "reason": "waiting", "pay_by": "2026-12-04", "reminder": False}
    return plain | {"payment_instructions": None} | facts


def test_what_holds_for_every_order_is_said_once() -> None:
    """PAY-4, PAY-5: causale, «Paga», pagamenti.aruba.it, and that who has paid may ignore it; of orders to be paid."""
    said = " ".join(payment_lines([line(), line()]))
    for words in ("Whoever has paid already", "The causale holds", "«Paga» by card", "«Paga subito un ordine»"):
        assert said.count(words) == 1
    assert "`pec-autorenew show`" not in said
    assert payment_lines([line(pay_by=None)]) == []


def test_what_the_portal_itself_said_has_its_place() -> None:
    """PAY-5: where its words are, and to whom it writes; no words of ours in their place."""
    words = "Ti abbiamo inviato una email di Conferma ordine a prova@studio.example."
    *_, mail, where = payment_lines([line(payment_instructions=words), line(payment_instructions=words), line()])
    assert mail == "«Conferma ordine», with the ways to pay, goes to p…@studio.example."
    assert where == "What the portal itself says on how to pay: `pec-autorenew show`."


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (line(), False),
        (line(reminder=True), True),
        (line(reason="ordered"), True),
        (line(outcome="skipped", reason="not-due"), False),
        (line(outcome="failed", reason="order-cancelled"), True),
    ],
)
def test_quiet_run_says_an_order_that_waits_when_its_reminder_is_due(item: dict[str, object], *, said: bool) -> None:
    """PAY-4, ENV-3: and whatever has changed or is wrong."""
    assert worth_saying(item) is said
