"""Home, the list of mailboxes, and the orders below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.qa import MailboxState, OrderState, expect_page

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import MockPortal
    from pec_autorenew.pages.caselle import CasellePage
    from pec_autorenew.pages.home import HomePage
    from pec_autorenew.pages.ordini import OrdiniSection
    from pec_autorenew.pages.portal_pages import PortalPages
    from pec_autorenew.qa import Visitor


def test_home_has_the_documented_elements(home: HomePage) -> None:
    """«Gestisci» stands in «Posta certificata»."""
    expect_page(home)


def test_home_leads_to_the_list(home: HomePage, area: PortalPages) -> None:
    """«Gestisci» opens the list of mailboxes."""
    home.open_list()
    assert area.arrive(area.caselle) is area.caselle


def test_list_has_the_documented_elements(caselle: CasellePage) -> None:
    """Each row has its expiry and its automatic renewal, and «Rinnova» where there is something to renew."""
    expect_page(caselle, also=["caselle.renew"])


def test_list_tells_the_state_of_every_mailbox(caselle: CasellePage) -> None:
    """The state of each mailbox is one of the documented words."""
    assert not [box.address for box in caselle.read_mailboxes() if box.state is MailboxState.NOT_SHOWN]


def test_list_shows_every_mailbox_with_its_expiry(visitor: Visitor, pec_mock: MockPortal) -> None:
    """On all tabs together stands what the account has, each with the expiry that the portal knows."""
    owner = next(iter(pec_mock.truth.accounts))
    shown = {box.address: box.expiry for box in visitor.survey().mailboxes}
    assert shown == {box.address: box.expiry for box in pec_mock.truth.mailboxes.values() if box.account == owner}


def test_list_offers_renewal_only_where_there_is_one(caselle: CasellePage, pec_mock: MockPortal) -> None:
    """«Rinnova» is missing in the row of a mailbox that renews itself, and there in the others."""
    truth = pec_mock.truth
    shown = {box.address: box.renewable for box in caselle.read_mailboxes()}
    assert shown == {address: truth.renewable(truth.mailbox(address)) for address in shown}


def test_account_without_orders_lists_none(ordini: OrdiniSection, pec_mock: MockPortal) -> None:
    """An order list without orders is read as such."""
    assert not pec_mock.truth.orders
    assert ordini.read_orders() == ()


@pytest.mark.parametrize("state", [OrderState.AWAITING_PAYMENT, OrderState.PAID, OrderState.CANCELLED])
def test_order_is_listed_with_its_state(visitor: Visitor, pec_mock: MockPortal, state: OrderState) -> None:
    """An order that waits for its payment, is paid or cancelled is listed with the documented word for that."""
    first = next(box for box in pec_mock.truth.mailboxes.values() if pec_mock.truth.renewable(box))
    order = pec_mock.truth.place_order_for(first.address)
    if state is OrderState.PAID:
        pec_mock.truth.pay_order(order.number)
    elif state is OrderState.CANCELLED:
        pec_mock.truth.cancel_order(order.number)
    ordini = visitor.list().ordini
    expect_page(ordini, also=[f"ordini.{state.name.lower()}"])
    assert [(one.number, one.state) for one in ordini.read_orders()] == [(order.number, state)]
