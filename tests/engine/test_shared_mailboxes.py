"""DUP-9: a mailbox that two accounts show has one item: of the account that could look after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import Maintenance
from tests.engine.office import account, said

if TYPE_CHECKING:
    from tests.engine.office import Office

BOTH = "both@pec.it"


@pytest.fixture
def shared(office: Office) -> Office:
    """Give an office whose two accounts show the same mailbox, which both have seen before."""
    office.configure(account("studio"), account("other"))
    office.truth.add(BOTH, 20, account="studio+other")
    office.run("list")
    return office


def test_order_by_the_second_account_is_not_contradicted_by_the_first(shared: Office) -> None:
    """I4: the first could not be looked at, which is told of it alone; the mailbox is ordered, and not `failed`."""
    shared.truth.script["survey"].append(Maintenance("closed"))
    result = shared.run()
    assert said(result) == {None: ("failed", "maintenance"), BOTH: ("awaiting-payment", "ordered")}
    assert [item.account for item in result.items] == ["studio", "other"]
    assert result.codes == (75,)
    assert len(shared.truth.orders) == 1


def test_failure_of_the_second_account_does_not_contradict_an_order_of_the_first(shared: Office) -> None:
    """I4: likewise where the second names the mailbox in its configuration, and is looked at later."""
    shared.configure(account("studio"), account("other", include=[BOTH]))
    shared.run()
    shared.truth.script["survey"] += [lambda: None, Maintenance("closed")]
    assert said(shared.run()) == {None: ("failed", "maintenance"), BOTH: ("awaiting-payment", "waiting")}
    assert len(shared.truth.orders) == 1
