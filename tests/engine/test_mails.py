"""The portal's mails beside its list: what they hold back, what they tell apart, and that they prove nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.confirmations import Confirmation, Kind, Question, read_confirmations
from pec_autorenew.engine.closing import close_unknown
from pec_autorenew.errors import MailUnreadable, SecretUnavailable
from pec_autorenew.model import OrderState
from pec_autorenew.states import RenewalState
from tests.confirmations import dovecot
from tests.confirmations.letters import GENUINE, HOP, SERVER, letter
from tests.engine.double import LOST, START
from tests.engine.office import account, said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pec_autorenew.config import Account
    from tests.engine.office import Office

A, B = "a@pec.it", "b@pec.it"
PORTAL = "http://127.0.0.1:8000/"
UNKNOWN = ("unknown", "unknown")
NOTHING = ("failed", "portal-error")


@dataclass
class Postbox:
    """The mailboxes of all accounts."""

    mails: list[Confirmation] = field(default_factory=list)
    questions: list[tuple[str, Question]] = field(default_factory=list)
    failure: Exception | None = None

    def __call__(self, account: Account, question: Question) -> tuple[Confirmation, ...]:
        """Give what is there, as the real one does: nothing from before the question's beginning."""
        self.questions.append((account.name, question))
        if self.failure is not None:
            raise self.failure
        return tuple(one for one in self.mails if one.at >= question.since)

    def put(
        self,
        kind: Kind = Kind.ORDER,
        *addresses: str,
        numbers: tuple[str, ...] = (),
        at: datetime = START + timedelta(minutes=1),
    ) -> None:
        """Have a mail come."""
        mark = sha256(f"{kind}{addresses}{numbers}{at}".encode()).hexdigest()[:16]
        self.mails.append(Confirmation(kind, at, mark, frozenset(numbers), frozenset(addresses)))


@pytest.fixture
def postbox(office: Office) -> Postbox:
    """Give the office a postbox, and one mailbox that is due."""
    office.truth.add(A, 10)
    postbox = Postbox()
    office.confirmations = postbox
    return postbox


def lose_an_order(office: Office) -> None:
    """Let a click be lost, and `settle` pass: the list shows no order, and that has proved that there is none."""
    office.truth.script["click"].append(LOST)
    assert UNKNOWN in said(office.run()).values()
    office.clock.advance(timedelta(minutes=16))


# -- «no order» is not concluded against a mail ----------------------------------------------------------------------

TELLING = {
    "names-the-mailbox": {"addresses": (A,)},
    "has-a-new-number": {"numbers": ("1001",)},
    "has-both": {"addresses": (A,), "numbers": ("1001",)},
    "names-another-beside-it": {"addresses": (A, B)},
    "has-an-old-number-beside-a-new-one": {"numbers": ("900", "1001")},
}


@pytest.mark.parametrize("mail", TELLING.values(), ids=TELLING)
def test_mail_of_an_order_keeps_no_order_from_being_concluded(
    office: Office, postbox: Postbox, mail: dict[str, tuple[str, ...]]
) -> None:
    """DUP-4, VER-1: an order of which the portal wrote may exist, so it stays `unknown` and none is placed again."""
    office.truth.place(A, number="900", state=OrderState.CANCELLED)
    lose_an_order(office)
    postbox.put(Kind.ORDER, *mail.get("addresses", ()), numbers=mail.get("numbers", ()))
    for command in ("reconcile", "renew", "renew"):
        result = office.run(command)
        assert said(result) == {A: UNKNOWN}
        assert result.codes[0] == 5
    assert "a mail «Conferma ordine» of 01/12/2026 names" in result.items[0].message
    assert "`reconcile --close`" in result.items[0].message
    assert office.truth.clicks == 1
    assert office.ledger.spent_in_month("2026-12") == Decimal("30.50")


def test_person_who_looked_closes_it_and_it_is_ordered_again(office: Office, postbox: Postbox) -> None:
    """DUP-4: the mail holds the conclusion back until somebody who has looked says that there is no order."""
    lose_an_order(office)
    postbox.put(Kind.ORDER, A)
    assert said(office.run()) == {A: UNKNOWN}
    (renewal,) = office.renewals()
    close_unknown(office.ledger, PORTAL, renewal.name, "nothing there, and support says so", office.clock())
    assert said(office.run()) == {A: ("awaiting-payment", "ordered")}
    assert (office.truth.clicks, len(office.truth.orders)) == (2, 1)


SILENT = {
    "of-another-mailbox": {"addresses": (B,)},
    "of-a-similar-address": {"addresses": ("aa@pec.it", "a@pec.it.example")},
    "with-a-number-listed-before": {"numbers": ("900",)},
    "of-an-order-listed-before": {"addresses": (A,), "numbers": ("900",)},
    "of-nothing": {},
}


@pytest.mark.parametrize("mail", SILENT.values(), ids=SILENT)
def test_mail_that_tells_of_something_else_holds_nothing_back(
    office: Office, postbox: Postbox, mail: dict[str, tuple[str, ...]]
) -> None:
    """PRC-11, VER-2: another mailbox, or an order that was there before the click, says nothing about this one."""
    office.truth.place(A, number="900", state=OrderState.CANCELLED)
    lose_an_order(office)
    office.truth.orders.clear()  # by now the list has forgotten it, and the ledger has not
    postbox.put(Kind.ORDER, *mail.get("addresses", ()), numbers=mail.get("numbers", ()))
    assert said(office.run()) == {A: NOTHING}
    assert said(office.run()) == {A: ("awaiting-payment", "ordered")}


def test_mail_from_before_the_click_or_from_the_future_holds_nothing_back(office: Office, postbox: Postbox) -> None:
    """VER-2: an older order's mail is about that order, and no mail was written later than now."""
    lose_an_order(office)
    postbox.put(Kind.ORDER, A, at=START - timedelta(minutes=11))
    postbox.put(Kind.ORDER, A, at=office.clock() + timedelta(minutes=11))
    postbox.put(Kind.PAYMENT, A, numbers=("1001",))
    assert said(office.run()) == {A: NOTHING}


def test_number_that_the_ledger_knows_as_another_s_holds_nothing_back(office: Office, postbox: Postbox) -> None:
    """VER-2: one mailbox may take the mails of several accounts; what this tool ordered there is accounted for."""
    office.configure(account("studio"), account("other"))
    office.truth.add("c@pec.it", 12, "other")
    office.truth.script["click"].append(LOST)
    assert said(office.run()) == {A: UNKNOWN, "c@pec.it": ("awaiting-payment", "ordered")}
    (order,) = office.truth.orders
    office.clock.advance(timedelta(minutes=16))
    postbox.put(Kind.ORDER, numbers=(str(order.number),))
    assert said(office.run())[A] == NOTHING


def test_number_that_the_list_shows_by_now_is_the_list_s_to_tell(office: Office, postbox: Postbox) -> None:
    """VER-2: somebody's new order for another mailbox is in the list, which says whose it is, whatever a mail says."""
    office.truth.add(B, 200)
    lose_an_order(office)
    other = office.truth.place(B)
    postbox.put(Kind.ORDER, numbers=(str(other.number),))
    postbox.put(Kind.ORDER, A, numbers=(str(other.number),), at=START + timedelta(minutes=2))
    assert said(office.run())[A] == NOTHING


def test_mail_that_names_one_mailbox_of_an_order_holds_all_of_it_back(office: Office, postbox: Postbox) -> None:
    """DUP-4: one click made one order, or none."""
    office.truth.add(B, 10)
    office.truth.flags = True
    lose_an_order(office)
    postbox.put(Kind.ORDER, B)
    assert said(office.run()) == {A: UNKNOWN, B: UNKNOWN}
    assert said(office.run()) == {A: UNKNOWN, B: UNKNOWN}
    assert office.truth.clicks == 1


def test_mail_once_seen_counts_when_the_mailbox_has_lost_it(office: Office, postbox: Postbox) -> None:
    """DUP-4: deleted, moved, or the server is down after `settle`: the ledger remembers, and nothing is ordered."""
    office.truth.script["click"].append(LOST)
    office.run()
    postbox.put(Kind.ORDER, A)
    assert said(office.run("reconcile")) == {A: UNKNOWN}  # before `settle` has passed
    office.clock.advance(timedelta(minutes=16))
    postbox.mails.clear()
    assert said(office.run()) == {A: UNKNOWN}
    postbox.failure = MailUnreadable("INBOX is gone")
    assert said(office.run()) == {A: UNKNOWN}
    assert said(office.run("list", live=False)) == {A: UNKNOWN}
    assert office.truth.clicks == 1


def test_dry_run_asks_and_concludes_alike_and_keeps_it_to_itself(office: Office, postbox: Postbox) -> None:
    """DRY-1: what a live run would not conclude, a dry run does not; and it writes no mail down."""
    lose_an_order(office)
    postbox.put(Kind.ORDER, A)
    assert said(office.run(live=False)) == {A: UNKNOWN}
    assert office.ledger.events(kind="mail-seen") == ()


# -- «no order» was concluded, and then a mail came ------------------------------------------------------------------


def conclude_nothing(office: Office) -> None:
    """Let a click be lost and, as nobody has written, be taken for no order."""
    lose_an_order(office)
    assert said(office.run()) == {A: NOTHING}


@pytest.mark.parametrize("mail", TELLING.values(), ids=TELLING)
def test_mail_that_comes_after_no_order_was_concluded_asks_a_person(
    office: Office, postbox: Postbox, mail: dict[str, tuple[str, ...]]
) -> None:
    """DUP-4, VER-1: the mail was late; the next order for that mailbox and expiry waits for a person's word."""
    office.truth.place(A, number="900", state=OrderState.CANCELLED)
    conclude_nothing(office)
    postbox.put(Kind.ORDER, *mail.get("addresses", ()), numbers=mail.get("numbers", ()))
    for _ in range(2):
        result = office.run()
        assert said(result) == {A: ("needs-person", "approval")}
        assert result.codes[0] == 3
    assert "taken for not ordered, and a mail «Conferma ordine» of 01/12/2026 names" in result.items[0].message
    assert office.truth.clicks == 1
    postbox.mails.clear()
    assert said(office.run("plan")) == {A: ("needs-person", "approval")}, "what was seen once counts"
    office.ledger.answer(PORTAL, A, office.truth.boxes[A].expiry, office.clock(), timedelta(days=3), granted=True)
    assert said(office.run()) == {A: ("awaiting-payment", "ordered")}
    assert office.truth.clicks == 2


def test_mail_of_the_order_that_was_placed_instead_asks_nobody(office: Office, postbox: Postbox) -> None:
    """VER-2: a second click made the order that the mail is about; the next expiry is another matter."""
    conclude_nothing(office)
    assert said(office.run()) == {A: ("awaiting-payment", "ordered")}
    (order,) = office.truth.orders
    postbox.put(Kind.ORDER, A, numbers=(str(order.number),), at=office.clock())
    assert said(office.run()) == {A: ("awaiting-payment", "waiting")}
    office.truth.pay(order)
    office.run()
    office.clock.advance(timedelta(days=365))
    postbox.put(Kind.ORDER, A)
    assert said(office.run()) == {A: ("awaiting-payment", "ordered")}


def test_person_who_closed_it_had_seen_the_mails_of_then_and_not_the_later_ones(
    office: Office, postbox: Postbox
) -> None:
    """DUP-4: what comes after their word contradicts it."""
    lose_an_order(office)
    postbox.put(Kind.ORDER, A)
    assert said(office.run()) == {A: UNKNOWN}
    (renewal,) = office.renewals()
    close_unknown(office.ledger, PORTAL, renewal.name, "nothing there", office.clock())
    office.clock.advance(timedelta(minutes=1))
    postbox.put(Kind.ORDER, A, at=office.clock())
    assert said(office.run()) == {A: ("needs-person", "approval")}
    assert office.truth.clicks == 1


# -- it proves nothing -----------------------------------------------------------------------------------------------


def test_order_is_found_in_the_list_and_not_in_a_mail(office: Office, postbox: Postbox) -> None:
    """VER-1: neither mail moves a renewal; the list does, with the list's number."""
    office.truth.lag = 2
    office.truth.script["answer"].append(LOST)
    office.run()
    postbox.put(Kind.ORDER, A, numbers=("1001",))
    postbox.put(Kind.PAYMENT, A, numbers=("1001",), at=START + timedelta(minutes=2))
    result = office.run("reconcile")
    assert (said(result), result.items[0].order_number) == ({A: UNKNOWN}, None)
    result = office.run("reconcile")
    assert (said(result), result.items[0].order_number) == ({A: ("awaiting-payment", "waiting")}, "1001")
    assert office.renewals()[0].state is RenewalState.AWAITING_PAYMENT


@pytest.mark.parametrize("named", [True, False])
def test_mail_tells_two_orders_apart_where_the_list_names_no_mailboxes(
    office: Office, postbox: Postbox, *, named: bool
) -> None:
    """VER-2: two new orders at the same price are in the list; the mail says which is for the mailbox, or a person."""
    office.truth.add(B, 200)
    office.truth.lag = 1
    office.truth.script["answer"].append(LOST)
    assert said(office.run())[A] == UNKNOWN
    other = office.truth.place(B)
    for order in office.truth.orders:
        order.names_mailboxes = False
    postbox.put(Kind.ORDER, A if named else B, numbers=("1001",))
    result = office.run("reconcile")
    assert said(result)[A] == (("awaiting-payment", "waiting") if named else ("needs-person", "foreign-order"))
    assert result.items[0].order_number == ("1001" if named else None)
    assert other.number == "1002"


@pytest.mark.parametrize("both", ["both-mails", "list-names"])
def test_two_orders_for_one_mailbox_are_a_person_s_whatever_the_mails_say(
    office: Office, postbox: Postbox, both: str
) -> None:
    """VER-2: where both are for the mailbox, by the list or by their mails, none of them is picked."""
    office.truth.lag = 1
    office.truth.script["answer"].append(LOST)
    office.run()
    office.truth.place(A)
    postbox.put(Kind.ORDER, A, numbers=("1001",))
    if both == "both-mails":
        postbox.put(Kind.ORDER, A, numbers=("1002",))
        for order in office.truth.orders:
            order.names_mailboxes = False
    assert said(office.run("reconcile")) == {A: ("needs-person", "foreign-order")}


# -- «Conferma pagamento» --------------------------------------------------------------------------------------------


def test_mail_of_a_payment_silences_the_reminders_for_a_while(office: Office, postbox: Postbox) -> None:
    """PAY-4, VER-1: told with its date, no reminder for fourteen days; the state is the portal's to change."""
    office.truth.boxes[A].expiry = office.truth.boxes[A].expiry.replace(year=2027, month=1, day=8)
    office.run(early={A: "for the test"})
    office.clock.advance(timedelta(days=15))
    before = office.run("reconcile", live=False).items[0]
    assert (before.reminder, "Pay it by" in before.message) == (True, True)
    postbox.put(Kind.PAYMENT, numbers=("1001",), at=office.clock())
    for days in (0, 14):
        office.clock.advance(timedelta(days=days))
        result = office.run("reconcile")
        (item,) = result.items
        assert said(result) == {A: ("awaiting-payment", "waiting")}
        assert not item.reminder
        assert item.pay_by == before.pay_by
        assert "«Conferma pagamento» of 16/12/2026 confirms its payment: the new expiry" in item.message
        assert "Pay it by" not in item.message
    office.clock.advance(timedelta(days=1))
    item = office.run("reconcile").items[0]
    assert item.reminder
    assert "confirmed its payment, and the expiry has not moved since" in item.message
    assert office.renewals()[0].state is RenewalState.AWAITING_PAYMENT
    office.truth.pay(office.truth.orders[0])
    assert said(office.run("reconcile")) == {A: ("renewed", "renewed")}


def test_mail_of_another_order_s_payment_changes_nothing(office: Office, postbox: Postbox) -> None:
    """PAY-4: only the payment of this very order, by its number, and no mail that an order was placed."""
    office.run()
    plain = office.run("reconcile", live=False).items
    postbox.put(Kind.PAYMENT, A, numbers=("1002",))
    postbox.put(Kind.PAYMENT, A)
    postbox.put(Kind.ORDER, A, numbers=("1001",))
    assert office.run("reconcile", live=False).items == plain


# -- when it is asked, and what is told ------------------------------------------------------------------------------


def test_nobody_is_asked_with_nothing_open(office: Office, postbox: Postbox) -> None:
    """ENV-3: an account with nothing open has no question, neither before nor right after it orders."""
    office.configure(account("studio"), account("other"))
    office.truth.add("c@pec.it", 200, "other")
    for command, live in (("reconcile", True), ("plan", False), ("list", False), ("renew", True)):
        office.run(command, live=live)
    assert postbox.questions == []
    office.run()
    assert [name for name, _ in postbox.questions] == ["studio"]


def test_only_commands_that_settle_ask(office: Office, postbox: Postbox) -> None:
    """X3: `list` and `plan` read the portal alone."""
    office.run()
    for command in ("plan", "list"):
        office.run(command, live=False)
    assert postbox.questions == []


def test_question_holds_what_is_known(office: Office, postbox: Postbox) -> None:
    """VER-2: mails since the day before the click, the numbers of list and ledger, the account's mailboxes."""
    office.truth.add(B, 200)
    office.truth.place(A, number="900", state=OrderState.CANCELLED)
    office.run()
    office.clock.advance(timedelta(days=3))
    office.run("reconcile")
    ((_, question),) = postbox.questions
    assert question == Question(START - timedelta(days=1), frozenset({"900", "1002"}), frozenset({A, B}))


def test_mail_is_noted_once_with_what_it_says(office: Office, postbox: Postbox) -> None:
    """NOT-1, SIL-4: the history shows each mail that says something, once, and nothing that leads back to it."""
    lose_an_order(office)
    postbox.put(Kind.ORDER, A, numbers=("1001",))
    postbox.put(Kind.ORDER, B, numbers=("900",), at=START - timedelta(hours=1))
    for _ in range(3):
        result = office.run("reconcile")
    (event,) = office.ledger.events(kind="mail-seen")
    (renewal,) = office.renewals()
    assert (event.renewal_id, event.account) == (renewal.id, "studio")
    assert event.run_id != result.run_id
    assert dict(event.facts) == {
        "mail": "order",
        "numbers": ["1001"],
        "at": "2026-12-01T08:01:00+00:00",
        "names_mailbox": True,
        "mark": postbox.mails[0].mark,
        "message": "A mail «Conferma ordine» of 01/12/2026 names this mailbox and order 1001.",
    }


@pytest.mark.parametrize(
    "failure",
    [
        MailUnreadable("INBOX at mx.example:993 took longer than 15 s"),
        SecretUnavailable("The secret is empty."),
        KeyError("x"),
    ],
)
def test_mailbox_that_cannot_be_read_changes_nothing_and_is_told(
    office: Office, postbox: Postbox, failure: Exception
) -> None:
    """NOT-2, SIL-4: the portal alone decides then, as without a mailbox; the report and the history say so."""
    lose_an_order(office)
    postbox.failure = failure
    result = office.run()
    assert said(result) == {A: NOTHING}
    assert result.codes == (1,)
    assert " Its mails could not be read: " in result.items[0].message
    (event,) = office.ledger.events(kind="mail-not-read")
    assert (event.run_id, event.account) == (result.run_id, "studio")
    assert str(event.facts["message"]).rstrip(".") in result.items[0].message
    result = office.run()
    assert said(result) == {A: ("awaiting-payment", "ordered")}
    assert "mails" not in result.items[0].message


# -- by IMAP, end to end ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def imap() -> Iterator[dovecot.Server]:
    """Start a mail server."""
    with dovecot.running() as server:
        yield server


_FAILED = GENUINE.replace("pass", "fail")
BY_IMAP = {
    "genuine": ({}, UNKNOWN),
    "another-sender": ({"sender": "From: Aruba <ordini@staff.aruba.it.example>"}, NOTHING),
    "unsigned": ({"top": f"{HOP}\r\n{_FAILED}"}, NOTHING),
    "forged-result": ({"top": f"{HOP}\r\n{_FAILED}\r\n{GENUINE}"}, NOTHING),
    "of-another-mailbox": ({"body": "Casella: aa@pec.it"}, NOTHING),
}


@pytest.mark.skipif(not dovecot.version().startswith("2.3"), reason="needs Debian's dovecot-imapd, version 2.3")
@pytest.mark.parametrize(("mail", "became"), BY_IMAP.values(), ids=BY_IMAP)
def test_only_a_genuine_mail_on_a_real_server_holds_an_order_back(
    office: Office,
    imap: dovecot.Server,
    monkeypatch: pytest.MonkeyPatch,
    mail: dict[str, str],
    became: tuple[str, str],
) -> None:
    """X3, DUP-4: read by IMAP as configured; what the receiving server does not vouch for changes nothing at all."""
    monkeypatch.setenv("PEC_TEST_MAIL_PASSWORD", dovecot.PASSWORD)
    box = {
        "host": "127.0.0.1",
        "port": imap.port,
        "encryption": "none",
        "username": dovecot.USER,
        "password": {"env": "PEC_TEST_MAIL_PASSWORD"},
        "authserv_id": SERVER,
    }
    office.configure(account("studio", mail=box))
    office.confirmations = read_confirmations
    office.truth.add(A, 10)
    lose_an_order(office)
    office.clock.advance(timedelta(hours=1))
    imap.empty()
    imap.put(letter(**mail))
    before = imap.mails()
    result = office.run()
    assert said(result) == {A: became}
    assert "could not be read" not in result.items[0].message
    assert len(office.ledger.events(kind="mail-seen")) == (became == UNKNOWN)
    assert imap.mails() == before
