"""Who is told what and when, over days: the engine with the portal's double, and a channel that remembers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pec_autorenew.config import Severity
from pec_autorenew.engine.local import Command, Task
from pec_autorenew.engine.notifying import NOT_TAKEN, Alerts, Herald
from pec_autorenew.errors import ConfigError, ElementMissing, PersonNeeded, PortalUnreachable
from pec_autorenew.ledger import PAUSE, Ledger
from pec_autorenew.model import Item, Outcome
from pec_autorenew.notify.channels import Delivery, Report
from pec_autorenew.notify.digest import compose
from tests.engine.double import LOST
from tests.engine.office import account

if TYPE_CHECKING:
    from collections.abc import Callable

    from pec_autorenew.engine.local import Result
    from pec_autorenew.notify.digest import Notice
    from tests.engine.office import Office


@dataclass
class Crier:
    """Carries messages into a list; deaf, it takes none."""

    notices: list[Notice] = field(default_factory=list)
    deaf: bool = False
    #: Whether a second channel, for alarms only, takes what it is given while the first is deaf.
    second: bool = False
    #: What had happened at the portal by then: how often somebody was waited for.
    waited: list[int] = field(default_factory=list)
    office: Office | None = None

    def send(self, notice: Notice) -> Delivery:
        """Take it."""
        if self.office is not None:
            self.waited.append(len(self.office.slept))
        if not self.deaf:
            self.notices.append(notice)
        reports = [Report("notify.urls.0", Severity.INFO, "no connection" if self.deaf else "")]
        if self.second and notice.severity is Severity.ALARM:
            reports.append(Report("notify.channels.0", Severity.ALARM, ""))
        return Delivery(tuple(reports))


@dataclass
class Town:
    """An office whose runs are told of."""

    office: Office
    crier: Crier = field(default_factory=Crier)
    complaints: list[str] = field(default_factory=list)
    delivered: bool = True

    def herald(self, *, live: bool = True) -> Herald:
        """Return who tells people."""
        office = self.office
        return Herald(
            office.config, office.ledger, self.crier, office.clock, live=live, complain=self.complaints.append
        )

    def run(self, command: str = "renew", **task: Any) -> list[Notice]:  # noqa: ANN401 - whatever a task takes
        """Run, as the command does, and return what was told of it: at once, and at the end."""
        self.office.clock.advance(timedelta(minutes=1))
        before, runner, live = len(self.crier.notices), self.office.runner(), task.get("live", True)
        alerts = Alerts(self.office.watcher, self.herald(live=live))
        runner.progress = alerts
        runner.prelude = lambda run_id: setattr(alerts.herald, "run_id", run_id)
        started = self.office.clock()
        result: Result = runner.run(Task(Command(command), **task))
        herald = self.herald(live=live)
        herald.run_id = result.run_id
        self.delivered = herald.tell_digest(result.items, started)
        return self.crier.notices[before:]

    def told(self, command: str = "renew", **task: Any) -> list[tuple[str, str, str]]:  # noqa: ANN401 - likewise
        """Run, and return severity, outcome and reason of each matter that was told."""
        return [
            (one.severity.value, one.outcome, one.reason)
            for notice in self.run(command, **task)
            for one in notice.matters
        ]

    def next_day(self, days: int = 1) -> None:
        """Let time pass."""
        self.office.clock.advance(timedelta(days=days))


@pytest.fixture
def town(office: Office) -> Town:
    """Give a town."""
    return Town(office)


# -- silence, change, ladder --------------------


def test_run_with_nothing_to_tell_sends_nothing(town: Town) -> None:
    """NOT-1, ENV-3: nothing due, nothing changed: silence, and no word in the ledger."""
    town.office.truth.add("a@pec.it", 200)
    assert (town.told(), town.told()) == ([], [])
    assert town.office.ledger.events(kind="told") == ()


def test_order_is_told_once_then_on_the_ladder_until_it_is_paid_and_renewed(town: Town) -> None:
    """NOT-1, PAY-4: the order as good news; then a warning on each step before the last day to pay."""
    town.office.truth.add("a@pec.it", 20)
    days = {}
    for day in range(20):
        days[day] = town.told()
        assert not days[day] or town.told() == []  # a second run on that day
        town.next_day()
    ladder = {day: told for day, told in days.items() if told}
    assert ladder.pop(0) == [("info", "awaiting-payment", "ordered")]
    # to be paid by 16 December: 15, 7, 3 and 1 days before, and the day after; from critical_days on it is an alarm.
    assert {day: told[0][0] for day, told in ladder.items()} == {8: "warning", 12: "warning", 14: "alarm", 16: "alarm"}
    assert all(told == [(told[0][0], "awaiting-payment", "waiting")] for told in ladder.values())


def test_renewed_is_told_once(town: Town) -> None:
    """NOT-1: the new expiry is good news, and is forgotten without a word."""
    town.office.truth.add("a@pec.it", 20)
    town.run()
    town.office.truth.pay(town.office.truth.orders[0])
    assert town.told() == [("info", "renewed", "renewed")]
    town.next_day()
    assert town.told() == []
    assert town.office.ledger.flags("told/") == ()


def test_same_failure_is_told_on_change_and_when_it_is_over(town: Town) -> None:
    """NOT-1: the password is refused: once; then the portal is down: another; then all is well: that too, once."""
    office = town.office
    office.truth.add("a@pec.it", 200)
    office.truth.refused.add("studio")
    assert town.told() == [("warning", "failed", "sign-in-rejected")]
    town.next_day()
    assert town.told() == []
    town.next_day(7)
    assert town.told() == [("warning", "failed", "sign-in-rejected")]  # nobody knows its mailboxes: weekly
    office.truth.refused.clear()
    office.truth.secrets["studio"] = "second"
    office.truth.script["survey"] = [PortalUnreachable("down")] * 9
    assert town.told() == [("warning", "failed", "unreachable")]
    office.truth.script["survey"] = []
    assert town.told() == [("info", "resolved", "unreachable")]
    assert town.told() == []


def test_account_with_many_mailboxes_has_one_matter(town: Town) -> None:
    """NOT-3: what stops an account is told of it once, with its first expiry, not of each mailbox."""
    office = town.office
    for number in range(30):
        office.truth.add(f"box{number}@pec.it", 200 - number)
    town.run()
    town.next_day(8)  # the last look is too old
    office.truth.script["survey"] = [PortalUnreachable("down")] * 9
    (notice,) = town.run()
    (matter,) = notice.matters
    assert (len(matter.mailboxes), matter.mailboxes[0]) == (30, "box29@pec.it")
    assert len(office.ledger.flags("told/")) == 1


def test_problem_with_an_expiry_is_said_again_on_the_ladder(town: Town) -> None:
    """NOT-1, SIL-3: over the limit, day after day: on each step before the expiry, when it turns critical, after."""
    office = town.office
    office.configure(limits={"max_per_mailbox": "20.00"})
    office.truth.add("a@pec.it", 20)
    said = []
    for day in range(32):
        said += [(20 - day, *one) for one in town.told()]
        town.next_day()
    assert [left for left, *_ in said] == [20, 15, 7, 6, 3, 1, -1, -8]
    assert {tuple(one) for _, *one in said} == {("alarm", "stopped", "over-limit")}


def test_message_that_nobody_took_is_told_by_the_next_run(town: Town) -> None:
    """NOT-2: undelivered is untold; the ledger and the terminal hear that the channel did not take it."""
    town.office.truth.add("a@pec.it", 20)
    town.crier.deaf = True
    assert town.told() == []
    assert not town.delivered
    assert town.complaints == ["notify.urls.0 did not take a message: no connection"]
    assert len(town.office.ledger.events(kind=NOT_TAKEN)) == 1
    town.crier.deaf = False
    assert town.told() == [("info", "awaiting-payment", "waiting")]
    assert town.told() == []


def test_matter_is_untold_if_only_channels_for_graver_ones_work(town: Town) -> None:
    """NOT-2: who is on call took the alarm; the good news was for the channel that failed, and is told again."""
    office = town.office
    office.truth.add("a@pec.it", 20)
    office.truth.add("b@pec.it", 21, price=office.truth.boxes["a@pec.it"].price * 2)
    town.crier.deaf = town.crier.second = True
    town.run()
    assert not town.delivered
    town.crier.deaf = False
    assert town.told() == [("info", "awaiting-payment", "waiting")]


def test_narrowed_run_resolves_nothing_that_it_did_not_look_at(town: Town) -> None:
    """NOT-1: a run over one account says nothing of another's trouble."""
    office = town.office
    office.configure(account("studio"), account("altro"))
    office.truth.add("a@pec.it", 200)
    office.truth.add("b@pec.it", 200, "altro")
    office.truth.refused.add("altro")
    assert town.told() == [("warning", "failed", "sign-in-rejected")]
    assert town.told(accounts=frozenset({"studio"})) == []
    assert len(office.ledger.flags("told/")) == 1


def test_account_that_is_configured_no_more_is_forgotten(town: Town) -> None:
    """NOT-1: what was told of it leaves the ledger's flags, so that they never grow for ever."""
    office = town.office
    office.configure(account("studio"), account("altro"))
    office.truth.add("a@pec.it", 200)
    office.truth.refused.add("altro")
    town.run()
    office.configure(account("studio"))
    town.run()
    assert office.ledger.flags("told/") == ()


# -- at once --------------------


def test_lost_answer_is_told_before_the_next_order_is_begun(town: Town) -> None:
    """NOT-1, DUP-4: an unknown outcome is told in the middle of the run, and not again at its end."""
    office = town.office
    office.configure(account("studio"), account("altro"))
    office.truth.add("a@pec.it", 20)
    office.truth.add("b@pec.it", 21, "altro")
    office.truth.script["answer"] = [LOST]
    office.truth.lag = 9
    notices = town.run()
    told = [[(one.mailboxes, one.outcome) for one in notice.matters] for notice in notices]
    assert told[0] == [(("a@pec.it",), "unknown")]
    assert all(one != (("a@pec.it",), "unknown") for later in told[1:] for one in later)
    assert town.told() == []


def test_drift_and_policy_are_told_at_once_and_bundled(town: Town) -> None:
    """NOT-1: the first urgent matter goes out at once, others within minutes with the digest: no flood."""
    office = town.office
    names = [f"conto{number}" for number in range(4)]
    office.configure(*map(account, names))
    for name in names:
        office.truth.add(f"{name}@pec.it", 200, name)
    office.truth.script["survey"] = [ElementMissing("no list")] * 4
    notices = town.run()
    assert [notice.severity for notice in notices] == [Severity.ALARM, Severity.ALARM]
    assert sum(len(notice.matters) for notice in notices) == 4
    assert [one.reason for one in notices[0].matters] == ["element-missing"]


def test_request_that_is_waited_for_goes_out_before_the_wait_each_time(town: Town) -> None:
    """NOT-1, HUM-2, HUM-4: what is asked, for whom, days left, until when; the item at the end is not told again."""
    office = town.office
    office.truth.add("a@pec.it", 12)
    office.run("list")
    office.truth.clicks = 0
    town.crier.office = office
    for minute in (1, 2):
        office.truth.script["sign_in"] = [PersonNeeded("the portal wants an approval", reason="two-step-approval")]
        (notice,) = town.run()
        (matter,) = notice.matters
        assert (matter.reason, matter.account, matter.mailboxes) == ("two-step-approval", "studio", ("a@pec.it",))
        message = compose(notice, "it", reveal=True)
        assert message is not None
        assert f"L'esecuzione attende fino alle 09:0{5 + minute}." in message.body
        assert "fra 12 giorni" in message.body
        assert "`pec-autorenew login studio`" in message.body
    assert town.crier.waited[0] == 0
    assert len(office.slept) > 0


def test_request_that_was_answered_in_its_run_is_over_without_a_word(town: Town) -> None:
    """HUM-2: somebody approved while the run waited: they know."""
    office = town.office
    office.truth.add("a@pec.it", 200)
    assert town.told() == []
    town.next_day(8)
    office.truth.script["sign_in"] = [PersonNeeded("approve", reason="two-step-approval")]
    office.truth.let_in.add("studio")
    assert town.told() == [("alarm", "needs-person", "two-step-approval")]
    assert town.told() == []
    assert office.ledger.flags("told/") == ()


def test_bank_s_request_bears_the_order_s_number(town: Town) -> None:
    """PAY-6: with a card the person gets number and link, once."""
    office = town.office
    office.configure(renewal={"payment_method": "carta", "allow_portal_autorenewal": True})
    office.truth.add("a@pec.it", 20)
    (notice,) = town.run()
    message = compose(notice, "it", reveal=True)
    assert message is not None
    assert "Serve una persona" in message.body
    assert "Ordine 1001, 30,50 €, carta di credito" in message.body
    assert "http://127.0.0.1:8000/" in message.body
    assert town.told() == []


def test_pause_is_no_alarm(town: Town) -> None:
    """NOT-1: who paused the orders knows it; the digest says what waits because of it."""
    town.office.truth.add("a@pec.it", 20)
    town.office.ledger.set_flag(PAUSE, "ferie", town.office.clock())
    assert town.told() == [("warning", "stopped", "paused")]


# -- dry runs and runs that break --------------------


def test_dry_run_is_marked_and_remembers_nothing(town: Town) -> None:
    """DRY-1: its digest is marked; the live run after it tells everything as if there had been none."""
    office = town.office
    office.truth.add("a@pec.it", 20)
    (notice,) = town.run(live=False)
    for reveal in (True, False):
        message = compose(notice, "it", reveal=reveal)
        assert message is not None
        assert message.title.startswith("[dry-run] PEC: ")
    assert [one.outcome for one in notice.matters] == ["would-order"]
    assert (office.ledger.events(kind="told"), office.ledger.flags("told/")) == ((), ())
    assert town.told() == [("info", "awaiting-payment", "ordered")]


def test_run_that_cannot_begin_is_told_once_and_its_end_too(town: Town) -> None:
    """NOT-1: the same error, run after run, is one alarm, weekly again; the first run that ends well resolves it."""
    error = ConfigError("No browser could be started.")
    for days, told in ((0, 1), (1, 0), (6, 1)):
        town.next_day(days)
        before = len(town.crier.notices)
        assert town.herald().tell_broken(error)
        assert len(town.crier.notices) - before == told
    (first, _) = town.crier.notices
    assert first.severity is Severity.ALARM
    assert town.told() == [("info", "resolved", "not-fit")]


def test_error_that_ends_a_run_is_urgent_by_the_first_expiry(town: Town) -> None:
    """NOT-1, SIL-3: while mailboxes near their expiry, a run that cannot begin is said again on their ladder."""
    town.office.truth.add("a@pec.it", 40)
    town.office.run("list")
    error, days = ConfigError("broken"), []
    for day in range(40):
        before = len(town.crier.notices)
        town.herald().tell_broken(error)
        if len(town.crier.notices) > before:
            days.append(40 - day)
        town.next_day()
    assert days == [40, 30, 15, 7, 3, 1]


# -- many mailboxes, many years --------------------


def counted(asked: list[str], verb: str, real: Callable[..., Any]) -> Callable[..., Any]:
    """Return the verb, which counts how often it is asked."""

    def ask(*given: object, **more: object) -> Any:  # noqa: ANN401 - as the verb itself
        asked.append(verb)
        return real(*given, **more)

    return ask


def test_memory_of_ten_thousand_is_one_question_and_one_answer(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """NOT-1: what was told is read in one go, however many mailboxes there are, and kept in one transaction."""
    office = town.office
    asked: list[str] = []
    for verb in ("flags", "change_flags", "flag", "events"):
        monkeypatch.setattr(Ledger, verb, counted(asked, verb, getattr(Ledger, verb)))
    expiry = office.clock().date() + timedelta(days=20)
    items = [Item("studio", f"box{n}@pec.it", Outcome.FAILED, "refused-by-portal", "", expiry) for n in range(10_000)]
    assert town.herald().tell_digest(items, office.clock())
    assert town.herald().tell_digest(items, office.clock())
    assert asked == ["flags", "change_flags", "flags"]
    (notice,) = town.crier.notices
    message = compose(notice, "it", reveal=False)
    assert message is not None
    assert "… e altri 9990" in message.body
    assert len(message.body) < 3000
