"""Looking at an account: what the portal knows, mailbox by mailbox, order by order."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from pec_autorenew.errors import Drift, UnexpectedPage
from pec_autorenew.flows.survey import turned_pages
from pec_autorenew.mock_portal import Account
from pec_autorenew.model import MailboxState, MailboxType, OrderState, PortalAutorenewal
from tests.flows.clerk import MANY, STUDIO, STUDIO_DUE

if TYPE_CHECKING:
    from pec_autorenew.pages.portal_pages import PortalPages
    from tests.flows.clerk import Clerk

pytestmark = pytest.mark.one_layout


def test_survey_shows_what_the_portal_knows(clerk: Clerk) -> None:
    """Issue 2, 5: every mailbox of every tab with expiry, type, auto-renewal, state and «Rinnova»."""
    survey = clerk.inside().survey()
    truth = {box.address: box for box in clerk.truth.mailboxes.values() if box.account == STUDIO.username}
    assert {box.address: box.expiry for box in survey.mailboxes} == {one.address: one.expiry for one in truth.values()}
    for box in survey.mailboxes:
        known = truth[box.address]
        assert box.type is MailboxType(known.type.value)
        assert box.renewable is clerk.truth.renewable(known)
        assert (box.autorenewal is PortalAutorenewal.ON) is known.auto_renewal
        expired = known.expiry < clerk.truth.clock.today()
        assert box.state is (MailboxState.EXPIRED if expired else MailboxState.ACTIVE)
    assert survey.orders_visible
    assert survey.orders == ()


@pytest.mark.parametrize("layout", ["g3", "g4"], indirect=True)
def test_tab_that_is_empty_without_a_word_is_told_of(clerk: Clerk) -> None:
    """SIL-1: the other tab has mailboxes, and this one is seen to be open: it is empty, and the report says so."""
    clerk.portal.reset(scenario="many", layout=clerk.truth.layout)
    clerk.truth.set_options(empty_list="")
    visit = clerk.inside(MANY)
    assert {box.address for box in visit.survey().mailboxes} == clerk.truth.mailboxes.keys()
    assert any("caselle.tab_others" in told for told in visit.pages.session.interruptions)


@pytest.mark.parametrize("layout", ["g3", "g4"], indirect=True)
@pytest.mark.parametrize("others", [0, 1])
def test_account_that_is_empty_without_a_word_is_drift(clerk: Clerk, others: int) -> None:
    """SIL-1: no mailbox and no word of it, in the first tab or in both, is a list that did not come."""
    clerk.portal.reset(scenario="many", layout=clerk.truth.layout)
    for address in list(clerk.truth.mailboxes)[others:]:
        clerk.truth.mailboxes.pop(address)
    for address in list(clerk.truth.mailboxes):
        clerk.truth.change_mailbox(address, tab="others")
    clerk.truth.set_options(empty_list="")
    visit = clerk.inside(MANY)
    visit.pages.screen.timeout = 3_000
    with pytest.raises(Drift):
        visit.survey()


def test_order_of_somebody_else_shows_in_the_list(clerk: Clerk) -> None:
    """DUP-6: number, state, sum and mailboxes are read, and «Rinnova» is gone."""
    visit = clerk.inside()
    order = clerk.truth.place_order_for(STUDIO_DUE)
    survey = visit.survey()
    (shown,) = survey.orders
    assert (shown.number, shown.state) == (order.number, OrderState.AWAITING_PAYMENT)
    assert shown.gross == Decimal(order.gross_cents) / 100
    assert shown.mailboxes == {STUDIO_DUE}
    assert shown.placed_on == clerk.truth.clock.today()
    box = survey.mailbox(STUDIO_DUE)
    assert box is not None
    assert not box.renewable


def test_each_survey_is_a_fresh_one(clerk: Clerk) -> None:
    """VER-1: a second look shows what happened since the first."""
    visit = clerk.inside()
    before = visit.survey().mailbox(STUDIO_DUE)
    number = clerk.truth.place_order_for(STUDIO_DUE).number
    clerk.truth.pay_order(number)
    survey = visit.survey()
    after = survey.mailbox(STUDIO_DUE)
    assert before is not None
    assert after is not None
    assert after.expiry.year == before.expiry.year + 1
    assert [order.state for order in survey.orders] == [OrderState.PAID]
    clerk.truth.place_order_for(STUDIO_DUE)
    assert len(visit.survey().orders) == 2


def test_account_without_mailboxes_says_so_in_words(clerk: Clerk) -> None:
    """SIL-1: the portal's own empty state is no drift."""
    clerk.truth.add_account(Account(username="900001@aruba.it", password="S3gret0-nuovo", greeting="Nuovo Cliente"))
    visit = clerk.at_the_door("900001@aruba.it", "S3gret0-nuovo")
    visit.sign_in(clerk.about_to_type)
    assert visit.survey().mailboxes == ()


@pytest.mark.parametrize("by_sign", [True, False])
def test_way_on_that_leads_nowhere_is_drift_but_for_an_idle_sign(*, by_sign: bool) -> None:
    """SIL-2: a bare «>» may always be there; what names the next page must show it."""
    caselle = SimpleNamespace(name="Caselle PEC", addresses=lambda: frozenset({"a@pec.it"}), turn_back=lambda: False)
    caselle.offers_page, caselle.turn_page, caselle.goes_on_by_sign = lambda _: True, lambda _: None, lambda: by_sign
    session = SimpleNamespace(settle=lambda **_: False, interruptions=[])
    screen = SimpleNamespace(until=lambda fact, **_: fact(), timeout=1)
    pages = SimpleNamespace(caselle=caselle, session=session, screen=screen, arrive=lambda *_: caselle)
    numbers = turned_pages(cast("PortalPages", pages))
    assert next(numbers) == 1
    with pytest.raises(StopIteration if by_sign else UnexpectedPage):
        next(numbers)
    assert bool(session.interruptions) is by_sign
