"""Several orders beside each other: what each of them may do is as if they were placed one after the other."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.engine.local import Task
from pec_autorenew.engine.task import Command
from pec_autorenew.errors import ElementMissing, LedgerError, NotRecorded
from tests.engine.beside import PATIENCE_S, Beside, accounts, asked_to_end_once_two_hang, run, run_in
from tests.engine.double import LOST
from tests.engine.filed import Ends, Workshop
from tests.engine.office import Office, account, said

if TYPE_CHECKING:
    from pec_autorenew.model import WantedMailbox, WantedOrder

#: Who waits so long for somebody that must not come has seen enough.
NOBODY_COMES_S = 0.2


@dataclass
class Forms:
    """Counts the forms that are filled in at the same time: each waits a while for a second one."""

    office: Office
    now: int = 0
    most: int = 0
    second: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        """Fill in a form, while another one may begin."""
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
            if self.now > 1:
                self.second.set()
        self.second.wait(NOBODY_COMES_S)

    def end(self) -> None:
        """Be done with it."""
        with self.lock:
            self.now -= 1
            self.second.clear()

    def watch(self, orders: int) -> None:
        """Be there for so many orders."""
        self.office.truth.script["prepare"] += [self.begin] * orders
        self.office.truth.script["answer"] += [self.end] * orders


def test_orders_of_two_accounts_are_placed_beside_each_other(office: Office) -> None:
    """BLK-1: two forms are filled in at once; each account has one order, and the report is in the plan's order."""
    accounts(office, 4)
    both = threading.Barrier(2, timeout=PATIENCE_S)
    office.truth.script["prepare"] += [both.wait] * 4
    result = run(office, Beside(office.truth, 2))
    assert [item.mailbox for item in result.items] == ["m03@pec.it", "m02@pec.it", "m01@pec.it", "m00@pec.it"]
    assert set(said(result).values()) == {("awaiting-payment", "ordered")}
    assert office.truth.clicks == len(office.truth.orders) == 4


def test_report_is_in_the_order_of_the_plan_whoever_is_faster(office: Office) -> None:
    """SIL-1: the most urgent is placed last here, and told first."""
    accounts(office, 2)
    other_is_done = threading.Event()
    office.truth.script["answer"] += [
        lambda: None if said_so(office, "m00@pec.it") else other_is_done.wait(PATIENCE_S),
        lambda: None if said_so(office, "m00@pec.it") else other_is_done.wait(PATIENCE_S),
    ]
    office.watcher.on_done = lambda item: other_is_done.set() if item.mailbox == "m00@pec.it" else None
    result = run(office, Beside(office.truth, 2))
    assert [item.mailbox for item in office.watcher.told] == ["m00@pec.it", "m01@pec.it"]
    assert [item.mailbox for item in result.items] == ["m01@pec.it", "m00@pec.it"]


def said_so(office: Office, address: str) -> bool:
    """Whether the order that was placed last holds this mailbox."""
    return address in office.truth.orders[-1].lines


def test_limits_take_from_the_least_urgent_whoever_is_faster(office: Office) -> None:
    """PRC-2: where what is under way might come to a limit, the orders are placed one after the other."""
    accounts(office, 3)
    office.configure(limits={"max_per_run": "61.00"})  # two of 30.50; three of at most 40.00 are more
    forms = Forms(office)
    forms.watch(3)
    told = said(run(office, Beside(office.truth, 3)))
    assert told["m02@pec.it"] == told["m01@pec.it"] == ("awaiting-payment", "ordered")
    assert told["m00@pec.it"] == ("stopped", "budget")
    assert forms.most == 1


def test_limits_of_a_client_take_from_its_least_urgent(office: Office) -> None:
    """PRC-2: a client's own limit is looked at as the run's is; who has none of it goes on beside."""
    accounts(office, 3)
    tables = [account(f"a{number:02}", client="rossi" if number else "") for number in range(3)]
    office.configure(*tables)
    office.tree["clients"] = [{"name": "rossi", "max_per_run": "50.00"}]
    forms = Forms(office)
    forms.watch(3)
    told = said(run(office, Beside(office.truth, 3)))
    assert told["m02@pec.it"] == told["m00@pec.it"] == ("awaiting-payment", "ordered")
    assert told["m01@pec.it"] == ("stopped", "budget")


def test_canary_goes_alone(office: Office) -> None:
    """BLK-3: nobody begins beside the first order at a portal; once it is in the list, the others go together."""
    accounts(office, 4)
    office.ledger.clear_flag("canary/http://127.0.0.1:8000", office.clock())
    clicks: list[int] = []
    office.truth.script["prepare"] += [lambda: clicks.append(office.truth.clicks)] * 4
    assert set(said(run(office, Beside(office.truth, 3))).values()) == {("awaiting-payment", "ordered")}
    assert clicks[0] == 0
    assert min(clicks[1:]) == 1


def test_lost_canary_stops_all(office: Office) -> None:
    """BLK-3: the first order's answer is lost; no lane begins another one."""
    accounts(office, 4)
    office.ledger.clear_flag("canary/http://127.0.0.1:8000", office.clock())
    office.truth.script["click"].append(LOST)
    told = said(run(office, Beside(office.truth, 3)))
    assert told.pop("m03@pec.it")[0] == "unknown"
    assert set(told.values()) == {("stopped", "canary")}
    assert office.truth.clicks == 1


def test_no_more_items_than_asked_for(office: Office) -> None:
    """`--max-items` 2 with three lanes: two orders, and the third mailbox is told of."""
    accounts(office, 3)
    told = said(run(office, Beside(office.truth, 3), Task(Command.RENEW, max_items=2)))
    assert told["m00@pec.it"] == ("stopped", "budget")
    assert office.truth.clicks == 2


def test_dry_run_beside_each_other_spends_what_it_would(office: Office) -> None:
    """PRC-3: what a dry run would spend is counted once for each order, in whichever lane."""
    accounts(office, 3)
    office.configure(limits={"max_per_run": "61.00"})
    told = said(run(office, Beside(office.truth, 3), Task(Command.RENEW, live=False)))
    assert told["m00@pec.it"] == ("stopped", "budget")
    assert told["m02@pec.it"] == told["m01@pec.it"] == ("would-order", "dry-run")
    assert office.truth.clicks == 0


def test_account_with_two_orders_has_one_at_a_time(office: Office) -> None:
    """SES-5: one visit, one browser: an account's second order waits for its first, another account's does not."""
    office.configure(account("a"), account("b"), limits={"max_per_run": "5000.00"})
    for number in range(3):
        office.truth.add(f"a{number}@pec.it", 10 + number, "a")
    office.truth.add("b@pec.it", 20, "b")
    half_done: list[set[str]] = []

    def look_around() -> None:
        ordered = {address for order in office.truth.orders for address in order.lines}
        prepared = {address for addresses in office.truth.prepared for address in addresses}
        half_done.append({one for one in prepared - ordered if one.startswith("a")})

    office.truth.script["form"] += [look_around] * 4
    told = said(run(office, beside := Beside(office.truth, 2)))
    assert set(told.values()) == {("awaiting-payment", "ordered")}
    assert len(office.truth.orders) == 4
    assert max(map(len, half_done)) == 1
    assert beside.open == 0


def test_users_program_is_asked_about_one_mailbox_at_a_time(office: Office) -> None:
    """HOK-1: a program that was written for one question at a time gets no second one beside it."""
    accounts(office, 4)
    asking, most = 0, 0
    second = threading.Event()

    def ask(_run: str, _mode: str, _order: WantedOrder, _box: WantedMailbox) -> None:
        nonlocal asking, most
        asking += 1
        most = max(most, asking)
        if asking > 1:
            second.set()
        second.wait(NOBODY_COMES_S)
        asking -= 1

    assert set(said(run(office, Beside(office.truth, 2), before_renewal=ask)).values()) == {
        ("awaiting-payment", "ordered")
    }
    assert most == 1


def test_portal_that_is_not_recognised_stops_what_has_not_begun(office: Office) -> None:
    """DRF-4: the order beside is finished; no other begins."""
    accounts(office, 4)
    told_of_drift, both = threading.Event(), threading.Barrier(2, timeout=PATIENCE_S)

    def drifts() -> None:
        both.wait()
        raise ElementMissing("«Modulo Ordine» has another form")

    office.truth.script["prepare"] += [drifts, both.wait]
    office.truth.script["answer"].append(lambda: told_of_drift.wait(PATIENCE_S))
    office.watcher.on_done = lambda item: told_of_drift.set() if item.reason == "element-missing" else None
    told = said(run(office, Beside(office.truth, 2)))
    assert sorted(reason for _, reason in told.values()) == ["element-missing", "ordered", *["unexpected-page"] * 2]
    assert office.truth.clicks == 1


def test_ledger_that_fails_in_one_lane_lets_the_other_finish(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """DUP-8: an order that cannot be written down ends the run; the one under way beside it is proved and told."""
    accounts(office, 4)
    both = threading.Barrier(2, timeout=PATIENCE_S)
    office.truth.script["answer"] += [both.wait, both.wait]
    settle, failed = type(office.ledger).settle, threading.Event()

    def fails_once(ledger: object, *arguments: object, **facts: object) -> object:
        if not failed.is_set():
            failed.set()
            raise LedgerError("no space left")
        return settle(ledger, *arguments, **facts)  # type: ignore[arg-type]

    monkeypatch.setattr(type(office.ledger), "settle", fails_once)
    beside, left_alone = Beside(office.truth, 2), []
    looks = [lambda: None] * (4 + 1)
    office.truth.script["survey"] += [*looks, lambda: left_alone.append(beside.closed.wait(NOBODY_COMES_S))]
    with pytest.raises(NotRecorded, match="no space left"):
        run(office, beside)
    assert left_alone == [False]
    states = sorted(one.state.value for one in office.renewals())
    assert office.truth.clicks == len(office.truth.orders) == 2
    assert "awaiting-payment" in states


def test_run_that_ends_leaves_no_order_untold(two_lanes: Workshop, office: Office) -> None:
    """RES-2, DUP-3: asked to end while two orders hang after the click: both are `unknown`, the rest is told of."""
    threads = threading.active_count()
    result = asked_to_end_once_two_hang(two_lanes, office, "answer")
    outcomes = sorted(outcome for outcome, _ in said(result).values())
    assert outcomes == ["failed", "failed", "unknown", "unknown"]
    assert sorted(one.state.value for one in office.renewals()) == ["unknown", "unknown"]
    assert threading.active_count() == threads


def test_browser_that_dies_in_one_lane_costs_one_order_its_certainty(two_lanes: Workshop, office: Office) -> None:
    """RES-1, DUP-3: after the click one browser is killed: looked up anew, ordered once; the other lane goes on."""
    two_lanes.truth.script["answer"].append(Ends("is killed"))
    told = said(run_in(two_lanes, office))
    ordered = [address for order in two_lanes.truth.orders for address in order.lines]
    assert sorted(ordered) == sorted(map(str, told)) == [f"m0{number}@pec.it" for number in range(4)]
    assert {outcome for outcome, _ in told.values()} <= {"awaiting-payment", "unknown"}
