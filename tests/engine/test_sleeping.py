"""DUP-4, DUP-7: a machine that sleeps between `submitting` and its click, and what others made of it meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pec_autorenew.errors import LedgerError, PortalTimeout
from pec_autorenew.model import OrderState, PortalAutorenewal
from pec_autorenew.states import RenewalState
from tests.engine.double import LOST
from tests.engine.office import Office, said

if TYPE_CHECKING:
    from pathlib import Path

A = "a@pec.it"


@pytest.fixture
def there(office: Office, tmp_path: Path) -> Office:
    """Give another machine's office: the same ledger, portal and clock, and a state folder of its own."""
    office.truth.add(A, 10)
    other = Office(tmp_path / "there", office.ledger, office.clock)
    other.truth = office.truth
    return other


def test_machine_that_slept_does_not_press_what_another_took_over(
    office: Office, there: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DUP-7: it slept past its lease, and the other found no order and placed its own: still one order."""

    def sleep() -> None:
        office.clock.advance(timedelta(minutes=100))
        with monkeypatch.context() as patch:
            patch.setattr("platform.node", lambda: "there")
            assert said(there.run()) == {A: ("failed", "portal-error")}
            assert said(there.run()) == {A: ("awaiting-payment", "ordered")}

    office.truth.script["form"].append(sleep)
    (item,) = office.run().items
    assert (item.outcome, office.truth.clicks, len(office.truth.orders)) == ("failed", 1, 1)
    assert "no longer holds account studio" in item.message


def test_settle_is_counted_from_the_click(office: Office, there: Office) -> None:
    """DUP-4: the form took long to be read again, and the list is late: the click is young, so nothing is proved."""
    assert office.truth is there.truth
    office.truth.lag = 2
    office.truth.script["form"].append(lambda: office.clock.advance(timedelta(minutes=20)))
    office.truth.script["answer"].append(LOST)
    assert said(office.run()) == {A: ("unknown", "unknown")}
    assert office.renewals()[0].submitted_at == office.clock()
    office.clock.advance(timedelta(minutes=1))
    assert said(office.run()) == {A: ("unknown", "unknown")}
    assert said(office.run()) == {A: ("awaiting-payment", "waiting")}
    assert (office.truth.clicks, len(office.truth.orders)) == (1, 1)


def test_form_that_is_filled_in_again_after_a_while_stands_on_a_new_look(office: Office, there: Office) -> None:
    """DUP-5, SES-2: the first attempt took minutes, in which somebody's payment moved the expiry."""
    assert office.truth is there.truth
    order = office.truth.place(A, state=OrderState.OTHER)

    def slowly() -> None:
        office.clock.advance(timedelta(minutes=2))
        office.truth.pay(order)
        raise PortalTimeout("slow")

    office.truth.script["prepare"].append(slowly)
    assert said(office.run()) == {A: ("skipped", "already-renewed")}
    assert office.truth.clicks == 0


def test_autorenewal_switched_on_since_the_plan_stops_the_order(office: Office, there: Office) -> None:
    """PAY-2: what is read again right before the order counts: the portal charges by itself now."""
    assert office.truth is there.truth
    office.truth.add("b@pec.it", 12)

    def meanwhile() -> None:
        office.clock.advance(timedelta(minutes=2))
        office.truth.boxes["b@pec.it"].autorenewal = PortalAutorenewal.ON

    office.truth.script["prepare"].append(meanwhile)
    told = said(office.run())
    assert told == {A: ("awaiting-payment", "ordered"), "b@pec.it": ("skipped", "portal-autorenewal-on")}
    assert office.truth.clicks == 1


def test_ledger_that_fails_right_before_the_click_prevents_it(
    office: Office, there: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DUP-8: the last word is the ledger's; the next run finds what was left in `submitting`, or `unknown`."""
    assert office.truth is there.truth

    def full(*_: object, **__: object) -> None:
        raise LedgerError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(office.ledger, "press", full)
        with pytest.raises(LedgerError, match="disk full"):
            office.run()
    assert (office.truth.clicks, office.renewals()[0].state) == (0, RenewalState.UNKNOWN)
    office.clock.advance(timedelta(minutes=15))
    assert said(office.run()) == {A: ("failed", "portal-error")}
    assert said(office.run()) == {A: ("awaiting-payment", "ordered")}
    assert office.truth.clicks == 1


def test_ledger_that_answers_late_right_before_the_click_prevents_it(
    office: Office, there: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DUP-4, DUP-7: the click was dated, and the answer came, or the machine woke, when others took it for lost."""
    press = office.ledger.press

    def late(*order: Any, **facts: Any) -> Any:  # noqa: ANN401 - as the ledger's verb has them
        pressed = press(*order, **facts)
        office.clock.advance(timedelta(minutes=100))
        with monkeypatch.context() as patch:
            patch.setattr("platform.node", lambda: "there")
            assert said(there.run("reconcile")) == {A: ("failed", "portal-error")}
        return pressed

    with monkeypatch.context() as patch:
        patch.setattr(office.ledger, "press", late)
        with pytest.raises(LedgerError, match="it took 6000 s to write down the click, which was then not made"):
            office.run()
    assert office.truth.clicks == 0
    assert said(office.run()) == {A: ("awaiting-payment", "ordered")}
    assert (office.truth.clicks, len(office.truth.orders)) == (1, 1)
