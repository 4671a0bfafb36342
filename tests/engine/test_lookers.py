"""Several accounts looked at at the same time: what is seen beside is decided one after the other."""

from __future__ import annotations

import threading

from pec_autorenew.errors import Maintenance, TooManyRequests
from tests.engine.beside import PATIENCE_S, Beside, accounts, asked_to_end_once_two_hang, run, run_in
from tests.engine.filed import Ends, Workshop
from tests.engine.office import Office, account, said


def test_accounts_are_looked_at_beside_each_other(office: Office) -> None:
    """BLK-1: two looks are under way at once; what is due is ordered most urgent first all the same."""
    accounts(office, 2)
    both = threading.Barrier(2, timeout=PATIENCE_S)
    office.truth.script["survey"] += [both.wait, both.wait]
    result = run(office, Beside(office.truth, 2))
    assert said(result) == dict.fromkeys(["m00@pec.it", "m01@pec.it"], ("awaiting-payment", "ordered"))
    assert office.watcher.orders == [["m01@pec.it", "m00@pec.it"]]
    assert office.truth.clicks == 2


def test_mailbox_of_two_accounts_is_the_first_ones_whoever_sees_it_first(office: Office) -> None:
    """DUP-9: the order of the configuration decides, not who is faster."""
    office.configure(account("first"), account("second"))
    office.truth.add("m@pec.it", 10, "first+second")
    second_is_done, office.truth.keeps_sessions = threading.Event(), True

    def slow() -> None:
        if threading.current_thread().name.endswith("_0"):
            assert second_is_done.wait(PATIENCE_S)
        else:
            second_is_done.set()

    office.truth.script["survey"] += [slow, slow]
    result = run(office, Beside(office.truth, 2))
    (item,) = [one for one in result.items if one.mailbox == "m@pec.it"]
    assert (item.account, item.outcome.value) == ("first", "awaiting-payment")
    assert office.truth.clicks == 1


def test_visits_that_wait_for_their_orders_are_few(office: Office) -> None:
    """RES-3: with many accounts due, most leave after the look and begin anew for their order; each is ordered once."""
    accounts(office, 20)
    beside = Beside(office.truth, 3)
    result = run(office, beside)
    assert set(said(result).values()) == {("awaiting-payment", "ordered")}
    assert len(office.truth.orders) == office.truth.clicks == 20
    assert beside.open == 0
    assert beside.most <= 8 + 2 * 3 + 1
    assert len(office.truth.passwords_typed) > 20, "who left signed in anew"


def test_portal_that_asks_for_fewer_requests_stops_the_looks_that_have_not_begun(office: Office) -> None:
    """Too many requests: nobody begins any more, and each account is told of."""
    accounts(office, 6)
    office.truth.script["survey"].append(TooManyRequests("too many requests"))
    result = run(office, Beside(office.truth, 2))
    assert {item.account for item in result.items} == {f"a{number:02}" for number in range(6)}
    assert {item.reason for item in result.items} == {"too-many-requests"}
    assert office.truth.clicks == 0
    assert len(office.truth.looks) <= 2


def test_account_that_fails_beside_another_holds_it_back_in_nothing(office: Office) -> None:
    """SIL-4: what nobody foresaw in one look is that account's item, with its picture."""
    accounts(office, 3)
    office.truth.script["survey"] += [Maintenance("maintenance"), ZeroDivisionError()]
    reasons = [item.reason for item in run(office, Beside(office.truth, 2)).items]
    assert sorted(reasons) == ["internal-error", "maintenance", "ordered"]


def test_each_lane_has_a_process_of_its_own(two_lanes: Workshop, office: Office) -> None:
    """RES-1: one that dies takes its own visit with it and is replaced; the other lane does not notice."""
    two_lanes.truth.script["survey"].append(Ends("is killed"))
    outcomes = sorted(said(run_in(two_lanes, office)).values())
    assert outcomes == [("awaiting-payment", "ordered")] * 3 + [("failed", "browser-died")]
    processes = {line.split()[1] for line in two_lanes.truth.opened}
    assert len(processes) in {2, 3}, "two lanes, and one in the place of the dead unless the other lane was faster"
    assert len(two_lanes.truth.orders) == 3


def test_run_that_ends_takes_the_looks_under_way_with_it(two_lanes: Workshop, office: Office) -> None:
    """RES-2: asked to end while both lanes hang, the run tells of every account; no thread, no process is left."""
    threads = threading.active_count()
    result = asked_to_end_once_two_hang(two_lanes, office, "survey")
    assert [(item.account, item.reason) for item in result.items] == [(f"a0{one}", "interrupted") for one in range(4)]
    assert threading.active_count() == threads
    assert office.truth.clicks == 0
