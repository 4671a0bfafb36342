"""What nobody foresaw, in every step: told, in the ledger, and it stops nobody else."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import (
    BrowserUnavailable,
    Maintenance,
    PersonNeeded,
    PortalBroken,
    PortalTimeout,
    PortalUnreachable,
    SecretUnavailable,
    SessionEnded,
    TooManyRequests,
)
from pec_autorenew.states import RenewalState
from tests.engine.double import LOST
from tests.engine.office import account, said

if TYPE_CHECKING:
    from pec_autorenew.model import Item
    from tests.engine.office import Office

SECRET = "a-word-that-is-secret"


@pytest.fixture
def two(office: Office) -> Office:
    """Return an office with two accounts, each with a mailbox that is due."""
    office.configure(account("studio"), account("other"))
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 12, "other")
    return office


def text_of(office: Office) -> str:
    """Return everything that the ledger holds of runs and events."""
    return repr([*office.ledger.runs(), *office.ledger.events()])


@pytest.mark.parametrize("step", ["open", "sign_in", "password", "survey", "prepare"])
def test_surprise_before_the_click_stops_only_its_account(two: Office, step: str) -> None:
    """SIL-4: non-zero, an event, no order for it; the other account goes on. SEC-1: the error's words stay out."""
    two.truth.script[step].append(KeyError(SECRET))
    result = two.run()
    told = said(result)
    failed = told.get("a@pec.it") or told[None]
    assert failed == ("failed", "internal-error")
    assert told["b@pec.it"] == ("awaiting-payment", "ordered")
    assert result.codes == (1,)
    assert two.ledger.events(run_id=result.run_id, kind="unexpected-error")
    assert "KeyError" in text_of(two)
    assert SECRET not in text_of(two)
    assert two.truth.orders_for("a@pec.it") == []


@pytest.mark.parametrize("step", ["form", "before-click", "click", "answer"])
def test_surprise_after_submitting_never_makes_the_renewal_vanish(two: Office, step: str) -> None:
    """SIL-4, DUP-4: the order is looked up; shown, it is `awaiting-payment`, else `unknown`; never `failed`."""
    two.truth.script[step].append(ZeroDivisionError(SECRET))
    result = two.run()
    expected = ("awaiting-payment", "ordered") if step == "answer" else ("unknown", "unknown")
    assert said(result)["a@pec.it"] == expected
    assert said(result)["b@pec.it"] == ("awaiting-payment", "ordered")
    assert two.ledger.events(run_id=result.run_id, kind="unexpected-error")
    assert SECRET not in text_of(two)
    assert len(two.truth.orders_for("a@pec.it")) == (1 if step == "answer" else 0)


def test_surprise_in_the_look_after_the_click_is_unknown(two: Office) -> None:
    """SIL-4: an error of any kind in the proof leaves `unknown`, exit 5, and an event."""
    two.truth.script["answer"].append(lambda: two.truth.script["survey"].append(KeyError(SECRET)))
    result = two.run()
    assert said(result) == {"a@pec.it": ("unknown", "unknown"), "b@pec.it": ("awaiting-payment", "ordered")}
    assert result.codes == (5,)
    assert two.ledger.events(run_id=result.run_id, kind="not-looked-up")
    assert said(two.run())["a@pec.it"] == ("awaiting-payment", "waiting")


@pytest.mark.parametrize("step", ["close", "stop"])
def test_surprise_at_the_end_is_told_beside_what_was_ordered(two: Office, step: str) -> None:
    """SIL-4: the browser dies while it is closed; the orders are told all the same, and the exit is not 0."""
    two.truth.script[step].append(OSError(SECRET))
    result = two.run()
    assert said(result)["a@pec.it"] == said(result)["b@pec.it"] == ("awaiting-payment", "ordered")
    assert said(result)[None] == ("failed", "internal-error")
    assert result.codes == (1,)


def test_surprise_at_the_start_is_told_for_every_account(two: Office) -> None:
    """SIL-4: the browser's start fails in an unknown way: an item for each account, and a finished run."""
    two.truth.script["start"].append(OSError(SECRET))
    result = two.run()
    assert {item.reason for item in result.items} == {"internal-error"}
    assert {item.account for item in result.items} == {"studio", "other", ""}
    (run,) = two.ledger.runs()
    assert run.exit_code == 1


def test_evidence_that_fails_hides_no_error(two: Office) -> None:
    """SIL-4: a picture that cannot be taken is an event; the error that it belongs to is reported."""
    two.truth.script["survey"] += [Maintenance("closed")]
    two.truth.script["evidence"].append(OSError(SECRET))
    result = two.run()
    assert said(result)[None] == ("failed", "maintenance")
    assert two.ledger.events(run_id=result.run_id, kind="no-evidence")


def test_watcher_that_fails_changes_no_order(office: Office) -> None:
    """SIL-4: nobody can be told (a closed pipe); all of a common order is reported as it is, and the exit is not 0."""
    office.truth.flags = True
    for number in range(3):
        office.truth.add(f"m{number}@pec.it", 10 + number)

    def broken(_item: Item) -> None:
        raise BrokenPipeError

    office.watcher.on_done = broken
    result = office.run()
    told = said(result)
    assert told.pop(None) == ("failed", "internal-error")
    assert set(told.values()) == {("awaiting-payment", "ordered")}
    assert office.truth.clicks == 1
    assert result.codes == (1,)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_request_to_end_finishes_the_run_in_the_ledger(two: Office, number: signal.Signals) -> None:
    """RES-2, SIL-4: what was ordered is told, what was not is `interrupted`; the run has its exit code."""
    two.truth.script["prepare"] += [lambda: None, lambda: os.kill(os.getpid(), number)]
    result = two.run()
    assert said(result) == {"a@pec.it": ("awaiting-payment", "ordered"), "b@pec.it": ("failed", "interrupted")}
    (run,) = two.ledger.runs()
    assert (run.exit_code, run.finished_at is not None) == (1, True)
    assert two.truth.closed == ["studio", "other"], "the first when its order was placed, the second at the end"
    assert said(two.run())["b@pec.it"] == ("awaiting-payment", "ordered")


@pytest.mark.parametrize("step", ["before-click", "click", "answer"])
def test_request_to_end_after_submitting_is_unknown(two: Office, step: str) -> None:
    """RES-1: between `submitting` and its proof the run can only say that it does not know: exit 5."""
    two.truth.script[step].append(lambda: os.kill(os.getpid(), signal.SIGTERM))
    result = two.run()
    assert said(result) == {"a@pec.it": ("unknown", "unknown"), "b@pec.it": ("failed", "interrupted")}
    assert result.codes == (5, 1)
    assert two.renewals("a@pec.it")[0].state is RenewalState.UNKNOWN


def test_request_to_end_while_a_visit_is_closed_tells_nothing_twice(two: Office) -> None:
    """SIL-4: what became of an account is told once, though the run ends before it has left it."""
    two.run("list")
    two.truth.script["survey"].append(Maintenance("closed"))
    two.truth.script["close"].append(KeyboardInterrupt())
    told = said(two.run())
    assert sorted(told.values()) == [("failed", "interrupted"), ("failed", "maintenance")]


def test_request_to_end_while_accounts_are_looked_at_is_told_of_what_was_due(two: Office) -> None:
    """SIL-4: the first account's mailbox is due, and the run ends at the second one: exit 0 would be silence."""
    two.truth.boxes["b@pec.it"].expiry += timedelta(days=300)
    two.truth.script["close"].append(KeyboardInterrupt())
    result = two.run()
    assert said(result) == {"a@pec.it": ("failed", "interrupted"), "b@pec.it": ("skipped", "not-due")}
    assert result.codes == (1,)


def test_request_to_end_while_the_result_is_told_keeps_the_result(office: Office) -> None:
    """SIL-4: what the ledger has proved is not taken back by an interruption of the telling."""
    office.truth.flags = True
    for number in range(2):
        office.truth.add(f"m{number}@pec.it", 10 + number)

    def stop(_item: Item) -> None:
        office.watcher.on_done = None
        raise KeyboardInterrupt

    office.watcher.on_done = stop
    result = office.run()
    assert {outcome for outcome, _ in said(result).values()} == {"awaiting-payment"}


def test_request_that_was_to_be_ignored_is_ignored(office: Office) -> None:
    """RES-2: under `nohup` a closed terminal ends nothing."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        office.truth.add("a@pec.it", 10)
        office.truth.script["prepare"].append(lambda: os.kill(os.getpid(), signal.SIGHUP))
        assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "ordered")}
    finally:
        signal.signal(signal.SIGHUP, before)


def test_request_while_the_run_is_finished_does_not_cut_it(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """RES-2: the run's last lines in the ledger are written, whoever is impatient."""
    finish = office.ledger.finish_run

    def impatiently(*args: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        finish(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(office.ledger, "finish_run", impatiently)
    assert office.run().codes == (0,)
    assert office.ledger.runs()[0].exit_code == 0


def test_signals_are_heard_as_before_after_the_run(office: Office) -> None:
    """RES-2: a run leaves the process's own handlers as they were."""
    before = [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
    office.run()
    assert [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)] == before


@pytest.mark.parametrize("error", [PortalTimeout("slow"), PortalBroken("500"), SessionEnded("signed out")])
def test_error_that_may_pass_is_tried_again_before_the_click(office: Office, error: Exception) -> None:
    """HOUSE: reading and filling in may be repeated; the click is made once."""
    office.truth.add("a@pec.it", 10)
    office.truth.script["survey"].append(error)
    office.truth.script["prepare"].append(error)
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "ordered")}
    assert (office.truth.clicks, len(office.slept)) == (1, 2)


def test_timeouts_on_one_order_leave_the_others_alone(office: Office) -> None:
    """BLK-2: one mailbox whose form never comes does not keep the account's other mailboxes from their order."""
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 12)
    office.truth.script["prepare"] += [PortalTimeout("slow")] * 3
    assert said(office.run()) == {"a@pec.it": ("failed", "timeout"), "b@pec.it": ("awaiting-payment", "ordered")}


@pytest.mark.parametrize(
    ("error", "told", "code"),
    [
        (PortalUnreachable("gone"), ("failed", "unreachable"), 75),
        (Maintenance("closed"), ("failed", "maintenance"), 75),
        (PersonNeeded("captcha", reason="captcha"), ("needs-person", "captcha"), 3),
    ],
)
def test_error_of_the_account_stops_its_other_orders(
    office: Office, error: Exception, told: tuple[str, str], code: int
) -> None:
    """HOUSE, `next_step`: what concerns the account is not tried again with its next order."""
    office.configure(account("studio"), account("other"))
    for address, owner in (("a@pec.it", "studio"), ("b@pec.it", "studio"), ("c@pec.it", "other")):
        office.truth.add(address, 12 if owner == "other" else 10, owner)
    office.truth.script["prepare"] += [error] * 3 if isinstance(error, PortalUnreachable) else [error]
    result = office.run()
    assert said(result) == {"a@pec.it": told, "b@pec.it": told, "c@pec.it": ("awaiting-payment", "ordered")}
    assert result.codes == (code,)


def test_consent_that_one_order_needs_asks_only_for_that_order(office: Office) -> None:
    """PRC-10: `unknown-consent` is about one order; the account's others are tried."""
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 12)
    office.truth.script["prepare"].append(PersonNeeded("a new consent", reason="unknown-consent"))
    result = office.run()
    assert said(result)["a@pec.it"] == ("needs-person", "unknown-consent")
    assert said(result)["b@pec.it"] == ("awaiting-payment", "ordered")


@pytest.mark.parametrize("step", ["survey", "prepare"])
def test_portal_that_asks_for_fewer_requests_ends_the_run(two: Office, step: str) -> None:
    """HOUSE, STOP_RUN: no further account is looked at, no further order is filled in; exit 75."""
    two.truth.script[step].append(TooManyRequests("429"))
    result = two.run()
    assert [item.reason for item in result.items] == ["too-many-requests"] * 2
    assert result.codes == (75,)
    assert two.truth.clicks == 0
    assert len(two.truth.passwords_typed) == (1 if step == "survey" else 2)


def test_secret_that_is_not_there_ends_the_run_before_any_order(two: Office) -> None:
    """INTERFACE, 78: the configuration does not fit, so nothing is half done."""
    two.truth.script["sign_in"] += [lambda: None, SecretUnavailable("PEC_X is not set")]
    with pytest.raises(SecretUnavailable):
        two.run()
    assert two.truth.clicks == 0
    assert two.ledger.runs()[0].exit_code == 78


def test_browser_that_does_not_start_is_78(two: Office) -> None:
    """INTERFACE, 78: told as what it is, in the ledger too."""
    two.truth.script["start"].append(BrowserUnavailable("none"))
    with pytest.raises(BrowserUnavailable):
        two.run()
    assert two.ledger.runs()[0].exit_code == 78


def test_order_that_is_known_is_not_denied_where_nobody_looked(office: Office) -> None:
    """VER-1: `failed` says that no order exists; the ledger knows of one, and of one that may: it is told."""
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 12)
    office.configure(renewal={"grouping": "single"})
    office.truth.script["answer"] += [lambda: None, lambda: _lose(office)]
    assert said(office.run()) == {"a@pec.it": ("awaiting-payment", "ordered"), "b@pec.it": ("unknown", "unknown")}
    office.truth.script["sign_in"].append(Maintenance("closed"))
    result = office.run()
    assert said(result) == {"a@pec.it": ("failed", "maintenance"), "b@pec.it": ("unknown", "unknown")}
    assert result.codes == (5, 75)
    told = {item.mailbox: item for item in result.items}
    assert told["a@pec.it"].order_number == office.truth.orders[0].number
    assert "«Attesa pagamento»" in told["a@pec.it"].message
    assert all("closed" in item.message for item in result.items)


def _lose(office: Office) -> None:
    office.truth.orders[-1].hidden_for = 5
    raise LOST
