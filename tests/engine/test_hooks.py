"""Whoever may say no to a mailbox is asked before its order, once, and holds back no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.engine.local import Command, Task
from pec_autorenew.errors import HookFailed, PolicyStop, SessionEnded
from tests.engine.double import LOST
from tests.engine.office import Office, account, said

if TYPE_CHECKING:
    from pec_autorenew.engine.local import Result
    from pec_autorenew.model import WantedMailbox, WantedOrder

A, B, C = "a@pec.it", "b@pec.it", "c@pec.it"


def run(office: Office, *refused: str, live: bool = True) -> tuple[Result, list[str]]:
    """Run `renew`; return what became of it, and the mailboxes that were asked about."""
    asked: list[str] = []

    def ask(_run: str, mode: str, order: WantedOrder, box: WantedMailbox) -> None:
        assert mode == ("live" if live else "dry-run")
        assert box in order.mailboxes
        asked.append(box.address)
        if box.address in refused:
            raise HookFailed("hooks.before_renewal (check) ended with status 1")

    runner = office.runner()
    runner.before_renewal = ask
    return runner.run(Task(Command.RENEW, live=live)), asked


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("flags", [True, False])
def test_no_of_a_program_stops_that_mailbox_and_nothing_is_filled_in(
    office: Office, *, live: bool, flags: bool
) -> None:
    """Issue 6, item 8: its item says `stopped`, `hook`; the others of the same order go on."""
    for address in (A, B, C):
        office.truth.add(address, 20)
    office.truth.flags = flags
    result, asked = run(office, B, live=live)
    expected = ("awaiting-payment", "ordered") if live else ("would-order", "dry-run")
    assert said(result) == {A: expected, B: ("stopped", "hook"), C: expected}
    assert sorted(asked) == [A, B, C]
    assert all(B not in addresses for addresses in office.truth.prepared)
    assert office.truth.orders_for(B) == []
    assert 4 in result.codes
    (event,) = [one for one in office.ledger.events(kind="not-ordered") if one.facts["mailbox"] == B]
    assert event.facts["reason"] == "hook"


def test_program_is_asked_once_though_the_order_is_filled_in_twice(office: Office) -> None:
    """Item 8: one call for each renewal, also where the session ended, or the others are tried one by one."""
    office.truth.flags = True
    for address in (A, B):
        office.truth.add(address, 20)
    office.truth.script["prepare"] = [SessionEnded("signed out"), PolicyStop("not for both together")]
    result, asked = run(office)
    assert {one for one, _ in said(result).values()} == {"awaiting-payment"}
    assert len(office.truth.orders) == 2
    assert sorted(asked) == [A, B]


def test_program_is_not_asked_about_what_is_not_to_be_ordered(office: Office) -> None:
    """Item 8: neither about what is not due, nor about what waits for its payment."""
    office.truth.add(A, 200)
    office.truth.add(B, 20)
    office.truth.place(B)
    assert run(office)[1] == []


def test_no_before_the_run_is_told_of_every_account_and_nothing_is_visited(office: Office) -> None:
    """Item 8: exit 4, an item for each known mailbox, and of what may have been ordered the truth: unknown."""
    office.configure(account("studio"), account("altro"))
    office.truth.add(A, 20)
    office.truth.add(B, 200)
    office.truth.add(C, 40, account="altro")
    office.truth.script["click"] = [LOST]
    office.truth.lag = 99
    assert said(office.run())[A] == ("unknown", "unknown")
    opened = len(office.truth.opened)

    def refuse(_run_id: str) -> None:
        raise HookFailed("hooks.before_run (check) ended with status 1")

    runner = office.runner()
    runner.prelude = refuse
    result = runner.run(Task(Command.RENEW))
    assert said(result) == {A: ("unknown", "unknown"), B: ("stopped", "hook"), C: ("stopped", "hook")}
    assert set(result.codes) == {5, 4}
    assert len(office.truth.opened) == opened
    stored = office.ledger.run(result.run_id)
    assert stored is not None
    assert stored.exit_code == 5


def test_no_before_a_run_without_accounts_is_told_all_the_same(office: Office) -> None:
    """SIL-4: a run that was stopped never ends with 0."""
    office.tree["accounts"] = []

    def refuse(_run_id: str) -> None:
        raise HookFailed("no")

    runner = office.runner()
    runner.prelude = refuse
    result = runner.run(Task(Command.RECONCILE))
    assert (said(result), result.codes) == ({None: ("stopped", "hook")}, (4,))
