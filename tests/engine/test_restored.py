"""A ledger that was put back from a copy knows less than the portal, and the portal's list may be late."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.ledger import Ledger
from tests.engine.office import account, said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.engine.office import Office

A = "a@pec.it"
ORDERED, WAITING, ADOPTED = (
    ("awaiting-payment", "ordered"),
    ("awaiting-payment", "waiting"),
    ("awaiting-payment", "adopted"),
)
RESTORED = ("stopped", "ledger-restored")
SETTLE = timedelta(minutes=15)


@pytest.fixture
def old(office: Office, tmp_path: Path) -> Iterator[Ledger]:
    """Give a copy of the ledger from before an order that the portal's list does not show yet."""
    office.truth.add(A, 10)
    office.run("list")
    copy = tmp_path / "copy.sqlite3"
    office.ledger.back_up(copy)
    office.truth.lag = 99
    assert said(office.run())[A][0] == "unknown"
    with Ledger.open(copy) as ledger:
        yield ledger


def test_restored_ledger_orders_nothing_until_the_list_must_show_what_it_lacks(office: Office, old: Ledger) -> None:
    """DUP-4: one click, whenever `renew` comes; by then the list has the order, and it is adopted."""
    office.ledger = old
    for minutes in (0, 0, 14):
        office.clock.advance(timedelta(minutes=minutes))
        result = office.run()
        assert said(result) == {A: RESTORED}
        assert result.codes[0] == 4
    assert "none is placed before 01/12/2026 09:15" in result.items[0].message
    assert (office.truth.clicks, old.renewals()) == (1, ())
    office.truth.orders[-1].hidden_for = 0
    office.clock.advance(timedelta(minutes=1))
    assert said(office.run()) == {A: ADOPTED}
    assert office.truth.clicks == 1


def test_restored_ledger_orders_again_when_there_was_nothing(office: Office, old: Ledger) -> None:
    """DUP-4: `settle` after it was noticed the list is believed, and reading went on all the time."""
    office.ledger = old
    office.truth.orders.clear()
    assert said(office.run("plan"))[A] == ("would-order", "due")
    assert said(office.run("reconcile")) == {}
    office.clock.advance(SETTLE)
    office.truth.lag = 0
    assert said(office.run()) == {A: ORDERED}


def test_look_from_before_the_end_of_the_wait_is_no_proof(
    office: Office, old: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DUP-4, DUP-5: the look at the list has to be late enough, whenever the order would come."""
    office.ledger = old
    office.run("plan")
    office.clock.advance(SETTLE - timedelta(seconds=1))
    monkeypatch.setattr(office.watcher, "planned", lambda _: office.clock.advance(timedelta(seconds=2)))
    assert said(office.run()) == {A: RESTORED}
    assert office.truth.clicks == 1


def test_dry_run_after_restoring_is_where_it_may_be_noticed(office: Office, old: Ledger) -> None:
    """DRY-1, DUP-4: whichever run comes first, the one that would order knows of it."""
    office.ledger = old
    assert said(office.run(live=False)) == {A: RESTORED}
    assert said(office.run()) == {A: RESTORED}


def test_run_that_died_before_it_stood_in_the_ledger_is_no_sign(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder's lock names it, and the ledger has never known it."""
    office.truth.add(A, 10)
    office.run("list")
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "start_run", None)
        with pytest.raises(TypeError):
            office.run()
    assert said(office.run()) == {A: ORDERED}


def test_ledger_at_another_address_is_no_restored_one(office: Office, tmp_path: Path) -> None:
    """Whoever configures another one, to and fro, is not kept from ordering."""
    office.truth.add(A, 10)
    office.run("list")
    office.configure(ledger={"url": f"sqlite:///{tmp_path / 'other.sqlite3'}"})
    with Ledger.open(office.config.ledger_url) as other:
        office.ledger = other
        office.send_canary_home()
        assert said(office.run()) == {A: ORDERED}


def test_other_folders_on_a_shared_ledger_are_no_sign(office: Office, tmp_path: Path) -> None:
    """Each folder remembers its own runs, and the ledger has all of them."""
    office.truth.add(A, 10)
    mine, office.state_dir = office.state_dir, tmp_path / "theirs"
    office.run("list")
    office.state_dir = mine
    office.run("list")
    office.state_dir = tmp_path / "theirs"
    assert said(office.run()) == {A: ORDERED}


def test_password_of_the_ledger_is_not_kept_in_the_folder(office: Office) -> None:
    """SEC-1: what tells one ledger from another is no secret."""
    office.configure(
        account("studio"), ledger={"url": "postgresql+psycopg://me:S3gret0-Rovo@db.example/pec?password=x"}
    )
    office.run("list")
    (kept,) = office.state_dir.glob("run.last")
    assert kept.read_text("utf-8").split()[1] == "db.example/pec"
