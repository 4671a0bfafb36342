"""Sweeps: one run that many workers share, account by account; the ledger decides, whoever delivers."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pec_autorenew.engine.locks import holder_of
from pec_autorenew.engine.sweeping import MOST_TRIES, Company, Sweeper
from pec_autorenew.errors import (
    AnotherRun,
    BrowserLost,
    HookFailed,
    Interrupted,
    LedgerError,
    NotRecorded,
    PortalTimeout,
    UnexpectedPage,
)
from pec_autorenew.states import RenewalState
from tests.engine.double import START, portals_of
from tests.engine.office import Office, Watcher, account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pec_autorenew.engine.task import Result
    from pec_autorenew.errors import PecAutorenewError
    from pec_autorenew.ledger import Run, SweepVisit

#: Longer than anything that a test waits for.
PATIENCE_S = 20.0


@dataclass
class Heard:
    """What the company of a sweep heard."""

    begun: list[str] = field(default_factory=list)
    ended: list[Result] = field(default_factory=list)
    broken: list[PecAutorenewError] = field(default_factory=list)


@pytest.fixture
def heard() -> Heard:
    """Give ears."""
    return Heard()


def worker(office: Office, heard: Heard | None = None) -> Sweeper:
    """Return one of the workers that share the office's ledger."""
    heard = heard or Heard()
    company = Company(
        lambda _: Watcher(), begins=heard.begun.append, ends=heard.ended.append, breaks=heard.broken.append
    )
    portals = portals_of(office.truth)
    return Sweeper(office.config, office.ledger, portals, office.clock, office.slept.append, company)  # type: ignore[arg-type]


def due(office: Office, count: int, **limits: str) -> None:
    """Configure accounts, each with a mailbox that is due; the last is the most urgent."""
    names = [f"a{number}" for number in range(count)]
    roomy = {"max_per_run": "5000.00", "max_per_month": "5000.00", **limits}
    office.configure(*map(account, names), limits=roomy)
    for number, name in enumerate(names):
        office.truth.add(f"m{number}@pec.it", 29 - number, name)


def reasons(office: Office, run_id: str) -> dict[str, list[str]]:
    """Return the reasons of the items of each account that is done."""
    return {
        one.account: [item["reason"] for item in one.report["items"]]
        for one in office.ledger.visits(run_id)
        if one.report is not None
    }


def items(run: Run) -> list[tuple[str, str | None, str]]:
    """Return account, mailbox and outcome of what a run reported."""
    assert run.report is not None
    told: list[dict[str, str]] = run.report["items"]  # type: ignore[assignment]
    return [(item["account"], item["mailbox"], item["outcome"]) for item in told]


def of(office: Office, run_id: str, name: str) -> SweepVisit:
    """Return one account of a sweep."""
    visit = office.ledger.visit(run_id, name)
    assert visit is not None
    return visit


# -- the whole of it -------------------------------------------------------------------------------------------------


def test_sweep_is_one_run_whoever_visits_its_accounts(office: Office, heard: Heard) -> None:
    """NOT-1, BLK-2: two workers share the accounts; the run has every item once, and ends once."""
    due(office, 4)
    one, two = worker(office, heard), worker(office, heard)
    run_id = one.begin()
    for number, name in enumerate(office.ledger.open_visits(run_id)):
        assert not one.end(run_id), "not while an account is open"
        (one, two)[number % 2].visit(run_id, name)
    assert one.end(run_id)
    assert two.end(run_id), "it has ended, and nobody hears of it again"
    (run,) = office.ledger.runs()
    assert (run.id, run.exit_code, run.command, run.mode) == (run_id, 0, "renew", "live")
    assert run.report is not None
    assert sorted(items(run)) == [(f"a{number}", f"m{number}@pec.it", "awaiting-payment") for number in range(4)]
    assert run.report["totals"] == {"ordered": 4, "gross": "122.00", "currency": "EUR"}
    assert (heard.begun, [result.run_id for result in heard.ended]) == ([run_id], [run_id])
    assert [item.reason for item in heard.ended[0].items] == ["ordered"] * 4
    assert office.truth.clicks == 4


def test_account_is_done_once_however_often_it_is_delivered(office: Office) -> None:
    """DUP-7: the second delivery opens no browser."""
    due(office, 1)
    run_id = worker(office).begin()
    worker(office).visit(run_id, "a0")
    opened = len(office.truth.opened)
    worker(office).visit(run_id, "a0")
    assert (office.truth.clicks, len(office.truth.opened)) == (1, opened)


def test_account_that_another_worker_visits_is_left(office: Office) -> None:
    """DUP-7, SES-5: two deliveries at once, in one process too: one visits, the other one is to come again."""
    due(office, 1)
    both = worker(office)
    run_id = both.begin()
    inside, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        inside.set()
        assert go_on.wait(PATIENCE_S)

    office.truth.script["survey"].append(wait)
    first = threading.Thread(target=both.visit, args=(run_id, "a0"))
    first.start()
    assert inside.wait(PATIENCE_S)
    with pytest.raises(AnotherRun):
        both.visit(run_id, "a0")
    go_on.set()
    first.join(PATIENCE_S)
    assert reasons(office, run_id) == {"a0": ["ordered"]}
    assert office.truth.clicks == 1


def test_most_urgent_accounts_come_first_and_unknown_ones_before_all(office: Office) -> None:
    """BLK-1: by what the last looks showed; an account that nobody has seen may be the most urgent of all."""
    due(office, 3)
    first = worker(office).begin()
    for name in ("a0", "a2"):
        worker(office).visit(first, name)
    assert office.ledger.open_visits(worker(office).begin()) == ("a1", "a2", "a0")


def test_mailbox_of_two_accounts_is_the_first_ones(office: Office) -> None:
    """DUP-9: the order of the configuration decides, whoever is visited first; once both have been seen."""
    office.configure(account("first"), account("second"))
    office.truth.add("m@pec.it", 100, "first+second")
    run_id = worker(office).begin()
    for name in ("first", "second"):
        worker(office).visit(run_id, name)
    office.clock.advance(timedelta(days=80))
    run_id = worker(office).begin()
    assert of(office, run_id, "second").owners == {"m@pec.it": "first"}
    for name in ("second", "first"):
        worker(office).visit(run_id, name)
    assert worker(office).end(run_id)
    (renewal,) = office.renewals()
    assert (renewal.account, office.truth.clicks) == ("first", 1)
    run = office.ledger.run(run_id)
    assert run is not None
    assert items(run) == [("first", "m@pec.it", "awaiting-payment")]


def test_account_that_a_worker_does_not_know_is_told_of(office: Office) -> None:
    """SIL-4: its configuration is older, or newer, than the beginner's: the sweep ends, and not as if all were well."""
    due(office, 2)
    run_id = worker(office).begin()
    office.configure(account("a1"))
    for name in ("a0", "a1"):
        worker(office).visit(run_id, name)
    assert worker(office).end(run_id)
    assert reasons(office, run_id) == {"a0": ["not-fit"], "a1": ["ordered"]}
    run = office.ledger.run(run_id)
    assert run is not None
    assert (run.exit_code, items(run)[0]) == (1, ("a0", None, "failed"))


def test_account_that_a_worker_does_not_know_is_left_to_the_one_that_is_there(office: Office) -> None:
    """SIL-4, DUP-7: a second delivery, to a worker without the account, takes nobody's report away."""
    due(office, 1)
    run_id, knows = worker(office).begin(), worker(office)

    def deliver() -> None:
        office.configure(account("a1"))
        with pytest.raises(AnotherRun):
            worker(office).visit(run_id, "a0")

    office.truth.script["survey"].append(deliver)
    knows.visit(run_id, "a0")
    assert reasons(office, run_id) == {"a0": ["ordered"]}


# -- limits over all workers -----------------------------------------------------------------------------------------


def test_budget_of_the_run_is_that_of_all_workers(office: Office) -> None:
    """PRC-4: what one worker ordered is not another one's to spend."""
    due(office, 3, max_per_run="61.00")
    run_id = worker(office).begin()
    for name in ("a2", "a1", "a0"):
        worker(office).visit(run_id, name)
    assert reasons(office, run_id) == {"a2": ["ordered"], "a1": ["ordered"], "a0": ["budget"]}
    assert office.truth.clicks == 2


def test_canary_is_alone_over_all_workers(office: Office) -> None:
    """BLK-3: while the first order is not in the list, a second worker does not send the next, not even then."""
    due(office, 2)
    office.ledger.set_flag("canary/http://127.0.0.1:8000", "wanted", office.clock())
    run_id = worker(office).begin()
    office.truth.script["click"].append(lambda: worker(office).visit(run_id, "a1"))
    worker(office).visit(run_id, "a0")
    assert reasons(office, run_id) == {"a1": ["canary"], "a0": ["ordered"]}
    assert office.truth.clicks == 1


def test_canary_is_alone_for_a_worker_that_asked_before_the_other_one_sent_its_own(office: Office) -> None:
    """BLK-3: the ledger has the last word, in the transaction that writes `submitting`."""
    due(office, 2)
    office.ledger.set_flag("canary/http://127.0.0.1:8000", "wanted", office.clock())
    run_id = worker(office).begin()
    office.truth.lag = 1
    office.truth.script["prepare"].append(lambda: worker(office).visit(run_id, "a1"))
    worker(office).visit(run_id, "a0")
    assert sorted(reasons(office, run_id).items()) == [("a0", ["canary"]), ("a1", ["unknown"])]
    assert office.truth.clicks == 1


def test_drift_at_two_workers_stops_all(office: Office) -> None:
    """DRF-4: kept in the ledger, so it holds for the third worker too; reading goes on."""
    due(office, 3)
    run_id = worker(office).begin()
    for name in ("a0", "a1"):
        office.truth.script["survey"].append(UnexpectedPage("what is this?"))
        worker(office).visit(run_id, name)
    worker(office).visit(run_id, "a2")
    assert reasons(office, run_id)["a2"] == ["unexpected-page"]
    assert (office.truth.clicks, office.truth.looks["a2"]) == (0, 1)


def test_drift_on_an_order_page_stops_all(office: Office) -> None:
    """DRF-4: one is enough."""
    due(office, 2)
    run_id = worker(office).begin()
    office.truth.script["prepare"].append(UnexpectedPage("what is this?"))
    worker(office).visit(run_id, "a0")
    worker(office).visit(run_id, "a1")
    assert reasons(office, run_id) == {"a0": ["unexpected-page"], "a1": ["unexpected-page"]}
    assert office.truth.clicks == 0


def test_ledger_that_is_older_than_a_workers_folder_orders_nothing_yet(office: Office) -> None:
    """DUP-4: a worker notices it as a run on one machine does, before the first account."""
    due(office, 1)
    office.state_dir.mkdir(parents=True)
    where = office.config.ledger_url.removeprefix("sqlite://")
    (office.state_dir / "run.last").write_text(f"2026-11-30T08-00-00Z-gone {where}\n")
    run_id = worker(office).begin()
    worker(office).visit(run_id, "a0")
    assert reasons(office, run_id) == {"a0": ["ledger-restored"]}
    assert office.truth.clicks == 0


# -- workers that die, and that are asked to end ---------------------------------------------------------------------


class Death(BaseException):
    """The end of a worker, in the middle of anything."""


@pytest.mark.parametrize("step", ["survey", "prepare", "before-click", "click", "answer"])
def test_visit_of_a_dead_worker_is_taken_over_by_the_ledgers_rules(office: Office, step: str) -> None:
    """DUP-2, RES-1: what it may have ordered is looked up before anything else; one order at most; the sweep ends."""
    due(office, 1)
    run_id = worker(office).begin()

    def die() -> None:
        raise Death

    office.truth.script[step].append(die)
    with dying(office), pytest.raises(Death):
        worker(office).visit(run_id, "a0")
    ordered = len(office.truth.orders)
    with pytest.raises(AnotherRun):
        worker(office).visit(run_id, "a0")
    office.clock.advance(timedelta(minutes=30))  # its claim has lapsed, and an empty list proves something
    worker(office).visit(run_id, "a0")
    assert worker(office).end(run_id)
    assert len(office.truth.orders) >= ordered
    assert not office.ledger.renewals(states={RenewalState.SUBMITTING, RenewalState.UNKNOWN})
    next_id = worker(office).begin()  # what was proved never to have been ordered is ordered by the next sweep
    worker(office).visit(next_id, "a0")
    assert len(office.truth.orders) == 1
    assert [one.state for one in office.ledger.open_renewals(worker(office).portal)] == [RenewalState.AWAITING_PAYMENT]


@contextmanager
def dying(office: Office) -> Iterator[None]:
    """Let nothing be given back: a dead process gives back nothing."""
    release = type(office.ledger).release
    type(office.ledger).release = lambda *_: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        type(office.ledger).release = release  # type: ignore[method-assign]


def test_worker_that_slept_through_its_lease_orders_nothing(office: Office) -> None:
    """DUP-7: another one has taken the account over; the first one's click is refused, and its report is nobody's."""
    due(office, 1)
    run_id = worker(office).begin()

    def oversleep() -> None:
        office.clock.advance(timedelta(minutes=3))
        worker(office).visit(run_id, "a0")

    office.truth.script["form"].append(oversleep)
    with pytest.raises(AnotherRun):
        worker(office).visit(run_id, "a0")
    assert office.truth.clicks == 0
    assert reasons(office, run_id) == {"a0": ["unknown"]}, "for as long as an order could still come to light"


def test_account_that_was_done_before_its_second_delivery_claimed_it_is_left(office: Office) -> None:
    """DUP-7, VER-1: else the second visit would order what the report has as `failed`."""
    due(office, 1)
    slow = worker(office)
    run_id = slow.begin()

    def meanwhile(_: str) -> Watcher:
        office.truth.script["survey"] += [PortalTimeout("slow")] * 3
        worker(office).visit(run_id, "a0")
        return Watcher()

    slow.company.watches = meanwhile
    slow.visit(run_id, "a0")
    assert (reasons(office, run_id), office.truth.clicks) == ({"a0": ["timeout"]}, 0)


def overslept_beside_one_that_dies(office: Office, run_id: str, step: str) -> None:
    """Let a lease go by, in which another worker takes the account over and dies at a step of its visit."""

    def die() -> None:
        raise Death

    office.clock.advance(timedelta(minutes=3))
    office.truth.script[step].append(die)
    with dying(office), pytest.raises(Death):
        worker(office).visit(run_id, "a0")


def test_worker_that_slept_through_its_lease_does_not_report(office: Office) -> None:
    """DUP-7: it had looked, and slept before it could tell; what becomes of the account is the other one's to tell."""
    due(office, 1)
    run_id = worker(office).begin()
    office.truth.script["close"].append(lambda: overslept_beside_one_that_dies(office, run_id, "survey"))
    with pytest.raises(AnotherRun):
        worker(office).visit(run_id, "a0")
    assert (office.ledger.open_visits(run_id), office.truth.clicks) == (("a0",), 1)


def test_worker_that_slept_through_its_lease_leaves_what_the_other_one_orders(office: Office) -> None:
    """DUP-7: an order of the same sweep that is about to be clicked is not made `unknown` by the one that slept."""
    due(office, 1)
    run_id = worker(office).begin()

    def oversleep() -> None:
        office.truth.add("m1@pec.it", 11, "a0")
        overslept_beside_one_that_dies(office, run_id, "form")

    office.truth.script["form"].append(oversleep)
    with pytest.raises(AnotherRun):
        worker(office).visit(run_id, "a0")
    assert [(one.address, one.state) for one in office.renewals()] == [
        ("m0@pec.it", RenewalState.UNKNOWN),
        ("m1@pec.it", RenewalState.SUBMITTING),
    ]
    assert office.truth.clicks == 0


def test_worker_that_slept_through_its_lease_settles_nothing_by_its_old_look(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """VER-1, DUP-7: an order that another worker placed since is not gone because the look is from before it."""
    due(office, 1)
    run_id = worker(office).begin()
    record = office.ledger.record_survey

    def oversleep(*survey: Any, **facts: Any) -> Any:  # noqa: ANN401 - as the ledger's verb has them
        monkeypatch.undo()
        number = record(*survey, **facts)
        office.clock.advance(timedelta(minutes=3))
        worker(office).visit(run_id, "a0")
        return number

    monkeypatch.setattr(office.ledger, "record_survey", oversleep)
    with pytest.raises(AnotherRun):
        worker(office).visit(run_id, "a0")
    assert [one.state for one in office.renewals()] == [RenewalState.AWAITING_PAYMENT]
    assert (reasons(office, run_id), office.truth.clicks) == ({"a0": ["ordered"]}, 1)


def test_signs_of_life_keep_a_long_visit(office: Office) -> None:
    """DUP-7: a visit may take longer than a lease while its worker lives."""
    due(office, 1)
    one = worker(office)
    run_id = one.begin()

    def takes_long() -> None:
        for _ in range(10):
            office.clock.advance(timedelta(seconds=100))
            one.show_life()
            with pytest.raises(AnotherRun):
                worker(office).visit(run_id, "a0")

    office.truth.script["survey"].append(takes_long)
    one.visit(run_id, "a0")
    assert reasons(office, run_id) == {"a0": ["ordered"]}


def test_account_that_kills_its_workers_is_left_and_told(office: Office) -> None:
    """SIL-4: a sweep ends whatever an account does to those who visit it."""
    due(office, 1)
    run_id = worker(office).begin()

    def die() -> None:
        raise Death

    for _ in range(MOST_TRIES):
        office.truth.script["survey"].append(die)
        with dying(office), pytest.raises(Death):
            worker(office).visit(run_id, "a0")
        with pytest.raises(AnotherRun):  # that it is held does not count as a try
            worker(office).visit(run_id, "a0")
        office.clock.advance(timedelta(minutes=3))
    worker(office).visit(run_id, "a0")
    assert worker(office).end(run_id)
    run = office.ledger.run(run_id)
    assert run is not None
    assert run.exit_code == 1
    assert reasons(office, run_id) == {"a0": ["browser-died"]}
    assert len(office.truth.opened) == MOST_TRIES


def test_account_whose_last_try_is_under_way_is_not_given_up(office: Office) -> None:
    """NOT-1: what the worker that is there finds is what is told."""
    due(office, 1)
    run_id = worker(office).begin()
    for _ in range(MOST_TRIES - 1):
        office.ledger.visit_begun(run_id, "a0")

    def deliver() -> None:
        with pytest.raises(AnotherRun):
            worker(office).visit(run_id, "a0")

    office.truth.script["survey"].append(deliver)
    worker(office).visit(run_id, "a0")
    assert reasons(office, run_id) == {"a0": ["ordered"]}


def test_worker_that_is_asked_to_end_leaves_its_account_to_another(office: Office) -> None:
    """BLK-2: what it lost with its browser is not told as failed."""
    due(office, 2)
    one = worker(office)
    run_id = one.begin()

    def lose_the_browser() -> None:
        one.stopping.set()
        raise BrowserLost("gone")

    office.truth.script["survey"].append(lose_the_browser)
    with pytest.raises(Interrupted):
        one.visit(run_id, "a0")
    with pytest.raises(Interrupted):
        one.visit(run_id, "a1")
    assert set(office.ledger.open_visits(run_id)) == {"a0", "a1"}
    for name in ("a0", "a1"):
        worker(office).visit(run_id, name)
    assert reasons(office, run_id) == {"a0": ["ordered"], "a1": ["ordered"]}


def test_order_that_cannot_be_written_down_is_told_at_once(office: Office, heard: Heard) -> None:
    """DUP-8: nobody waits for the end of the sweep to hear of it, and the account is visited again."""
    due(office, 1)
    run_id = worker(office).begin()
    settle = type(office.ledger).settle

    def full(*_: object, **__: object) -> None:
        raise LedgerError("the disk is full")

    def spoil() -> None:
        type(office.ledger).settle = full  # type: ignore[method-assign, assignment]

    office.truth.script["answer"].append(spoil)
    try:
        with pytest.raises(NotRecorded):
            worker(office, heard).visit(run_id, "a0")
    finally:
        type(office.ledger).settle = settle  # type: ignore[method-assign]
    assert len(heard.broken) == 1
    worker(office).visit(run_id, "a0")
    assert reasons(office, run_id) == {"a0": ["waiting"]}
    assert office.truth.clicks == 1


def test_hook_that_says_no_ends_the_sweep_before_anything_is_visited(office: Office) -> None:
    """Every account is told of, nothing is opened."""
    due(office, 2)

    def no(_: str) -> None:
        raise HookFailed("not today")

    one = worker(office)
    one.company.begins = no
    run_id = one.begin()
    assert one.end(run_id)
    assert reasons(office, run_id) == {"a0": ["hook"], "a1": ["hook"]}
    assert not office.truth.opened


def test_nobody_visits_while_the_users_program_is_asked(office: Office) -> None:
    """Issue 6, item 8: another worker finds the sweep meanwhile; the no holds where `renew` holds an account, too."""
    due(office, 2)
    one, other = worker(office), worker(office)

    def no(run_id: str) -> None:
        assert other.tend() == [], "nothing to be put into the queue"
        with pytest.raises(AnotherRun):
            other.visit(run_id, "a0")
        office.ledger.claim(one.portal, "a1", "renew", office.clock(), timedelta(hours=1))
        raise HookFailed("not today")

    one.company.begins = no
    run_id = one.begin()
    other.visit(run_id, "a0")
    assert other.end(run_id)
    assert reasons(office, run_id) == {"a0": ["hook"], "a1": ["hook"]}
    assert not office.truth.opened


def test_worker_that_dies_while_the_users_program_is_asked_leaves_the_question(office: Office) -> None:
    """Issue 6, item 8, TIM-2: the sweep is not visited unasked, and not lost: after a while another worker asks."""
    due(office, 1)
    one, other = worker(office), worker(office)

    def die(_: str) -> None:
        raise Death

    one.company.begins = die
    with pytest.raises(Death):
        one.tend()
    assert other.tend() == []
    office.clock.advance(timedelta(minutes=15))
    asked: list[str] = []
    other.company.begins = asked.append
    assert other.tend() == asked
    other.visit(asked[0], "a0")
    assert reasons(office, asked[0]) == {"a0": ["ordered"]}


# -- when ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "name"),
    [
        (datetime(2026, 12, 1, 6, 29, tzinfo=UTC), None),
        (datetime(2026, 12, 1, 6, 30, tzinfo=UTC), "2026-12-01T06-30-00Z"),
        (datetime(2026, 12, 1, 22, 59, tzinfo=UTC), "2026-12-01T06-30-00Z"),
        (datetime(2026, 12, 1, 23, 1, tzinfo=UTC), None),
        (datetime(2026, 7, 1, 5, 30, tzinfo=UTC), "2026-07-01T05-30-00Z"),
        (datetime(2026, 3, 29, 5, 30, tzinfo=UTC), "2026-03-29T05-30-00Z"),
        (datetime(2026, 10, 25, 6, 30, tzinfo=UTC), "2026-10-25T06-30-00Z"),
    ],
)
def test_sweep_begins_at_its_time_in_rome_or_later_that_day(office: Office, now: datetime, name: str | None) -> None:
    """TIM-1, TIM-2: by Rome's clock on both days on which it changes; a missed time is made up for on its day."""
    office.clock.now = now
    found = worker(office).due()
    assert (found or "").rpartition("-")[0] == (name or "")


def test_time_that_comes_twice_in_a_night_has_one_sweep(office: Office) -> None:
    """TIM-1, PRC-4: 02:30 of the last Sunday of October; a second sweep would have a second `max_per_run`."""
    due(office, 1)
    office.configure(worker={"times": ["02:30"]})
    office.clock.now = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    (run_id,) = worker(office).tend()
    worker(office).visit(run_id, "a0")
    for minutes in (10, 40, 60, 80, 120):  # 02:30 again after 60, and 03:00 after 90
        office.clock.now = datetime(2026, 10, 25, 0, 30, tzinfo=UTC) + timedelta(minutes=minutes)
        assert worker(office).tend() == []
    assert len(office.ledger.runs()) == 1


def test_sweep_of_a_time_begins_once_over_all_workers(office: Office) -> None:
    """TIM-2: whoever comes second finds it under way, or done."""
    due(office, 1)
    office.configure(worker={"times": ["07:30", "08:30"]})
    assert worker(office).tend() == worker(office).tend()
    (run_id,) = worker(office).tend()
    worker(office).visit(run_id, "a0")
    assert worker(office).tend() == []
    assert worker(office).tend() == []
    assert len(office.ledger.runs()) == 1
    office.clock.now = START - timedelta(hours=1)
    assert worker(office).due() is not None, "the first time of the day had no sweep"
    office.clock.now = START + timedelta(days=1)
    (second,) = worker(office).tend()
    assert second != run_id


def test_no_sweep_begins_while_one_is_under_way(office: Office) -> None:
    """The next time of the day is left out where the sweep before it goes on."""
    due(office, 1)
    office.configure(worker={"times": ["07:30", "09:30"]})
    (run_id,) = worker(office).tend()
    office.clock.advance(timedelta(hours=1))
    assert worker(office).tend() == [run_id]
    assert len(office.ledger.runs()) == 1


def test_worker_that_was_started_for_one_sweep_begins_no_other(office: Office) -> None:
    """TIM-2: `worker --once` long after the day's time: what it began is over, and it leaves nothing under way."""
    due(office, 1)
    one = worker(office)
    one.keeps_times = False
    run_id = one.begin()
    one.visit(run_id, "a0")
    assert one.tend() == []
    assert one.tend() == []
    assert [run.id for run in office.ledger.runs()] == [run_id]
    assert worker(office).tend() != [], "the day's own sweep is still to come"


def test_accounts_of_the_dead_are_free_and_of_the_living_are_not(office: Office) -> None:
    """DUP-7: a worker that tends keeps what it holds itself."""
    due(office, 1)
    one = worker(office)
    run_id = one.begin()
    dead = holder_of("gone").replace(f":{os.getpid()}+", ":999999999+")
    office.ledger.claim(one.portal, "elsewhere", dead, office.clock(), timedelta(hours=1))
    held: list[str] = []

    def tend() -> None:
        one.tend()
        held.extend(claim.account for claim in office.ledger.claims(one.portal))

    office.truth.script["survey"].append(tend)
    one.visit(run_id, "a0")
    assert held == ["a0"]
