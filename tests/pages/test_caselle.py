"""The home, the list of mailboxes and the list of orders, on both layouts."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import ElementMissing, SessionEnded
from pec_autorenew.flows.survey import show_tab
from pec_autorenew.mock_portal.scenarios import STUDIO
from pec_autorenew.model import MailboxState, MailboxType, OrderState, PortalAutorenewal

if TYPE_CHECKING:
    from pec_autorenew.model import Mailbox
    from tests.pages.conftest import Visit

pytestmark = pytest.mark.one_layout

TABS = ("caselle.tab_own", "caselle.tab_others")


def listed(visit: Visit) -> dict[str, Mailbox]:
    """Return every mailbox of the list, tab by tab."""
    pages = visit.list()
    found: dict[str, Mailbox] = {}
    for tab in pages.caselle.tabs() or ("",):
        if tab:
            show_tab(pages, tab)
        found |= {box.address: box for box in pages.caselle.read_mailboxes(tab)}
    return found


def test_home_offers_what_its_generation_documents(visit: Visit) -> None:
    """DRF-1: «Gestisci» beside «Posta certificata» is there in every layout, «Rinnova caselle» in the older ones."""
    pages = visit.sign_in()
    assert pages.home.offers_list()
    assert pages.home.offers_renewal_of_several() is (visit.portal.truth.layout != "g4")


def test_first_tab_is_shown_as_soon_as_its_list_is_loaded_afresh(visit: Visit) -> None:
    """SIL-1: where nothing says that it is open already, the same list in a fresh document is it."""
    pages = visit.list()
    assert all(show_tab(pages, tab, may_be_open=True) for tab in pages.caselle.tabs()[:1])


def test_list_says_of_each_mailbox_what_the_portal_holds(visit: Visit) -> None:
    """PRC-5, PRC-8: address, expiry, state, type and automatic renewal are read for every mailbox and for no other."""
    truth = visit.portal.truth
    found = listed(visit)
    owned = {box.address: box for box in truth.mailboxes.values() if box.account == STUDIO.username}
    assert found.keys() == owned.keys()
    for address, box in found.items():
        own = owned[address]
        assert (box.expiry, box.type) == (own.expiry, MailboxType(own.type.value))
        assert box.autorenewal is (PortalAutorenewal.ON if own.auto_renewal else PortalAutorenewal.OFF)
        assert box.renewable is truth.renewable(own)
        assert box.state is MailboxState(truth.state_of(own).value.lower().replace(" ", "-"))


def test_tabs_are_those_of_the_layout(visit: Visit) -> None:
    """SIL-2: both tabs of the newer layouts are named, so that no mailbox of another holder is overlooked."""
    pages = visit.list()
    assert pages.caselle.tabs() == (() if visit.portal.truth.layout == "g2" else TABS)


def test_mailbox_with_an_unpaid_order_is_not_renewable(visit: Visit) -> None:
    """DUP-6: while an order awaits its payment the row has no «Rinnova»."""
    visit.portal.truth.place_order_for("studio.ginepro@pec.it")
    assert not listed(visit)["studio.ginepro@pec.it"].renewable


def test_renew_presses_the_row_of_exactly_this_address(visit: Visit) -> None:
    """PRC-11: with `aginepro@pec.it` and `ginepro@pec.it` in one list, each «Rinnova» leads to its own mailbox."""
    truth = visit.portal.truth
    base = truth.mailbox("studio.ginepro@pec.it")
    for address in ("xstudio.ginepro@pec.it", "studio.ginepro@pec.it.example"):
        truth.add_mailbox(type(base)(address=address, account=base.account, expiry=base.expiry))
    pages = visit.cart("xstudio.ginepro@pec.it")
    rows = pages.gestione_caselle.read_rows(frozenset(truth.mailboxes))
    assert {row.address for row in rows if row.flagged is not False} == {"xstudio.ginepro@pec.it"}


def test_renew_of_a_mailbox_that_does_not_offer_it_is_missing(visit: Visit) -> None:
    """DRF-2: «Rinnova» of the neighbour's row is never pressed instead."""
    pages = visit.list()
    pages.screen.timeout = 500
    with pytest.raises(ElementMissing, match=r"caselle\.renew"):
        pages.caselle.renew("fatture.ginepro@gigapec.it")


def test_orders_are_read_with_number_amount_state_and_mailboxes(visit: Visit) -> None:
    """VER-2: each order of the list is a value of its own, whatever its state."""
    truth = visit.portal.truth
    waiting = truth.place_order_for("studio.ginepro@pec.it", years=2)
    cancelled = truth.place_order_for("vecchia.ginepro@casellapec.com")
    truth.cancel_order(cancelled.number)
    pages = visit.list()
    assert pages.ordini.is_shown()
    orders = {order.number: order for order in pages.ordini.read_orders()}
    assert orders.keys() == {waiting.number, cancelled.number}
    assert orders[waiting.number].state is OrderState.AWAITING_PAYMENT
    assert orders[cancelled.number].state is OrderState.CANCELLED
    assert orders[waiting.number].gross == Decimal(waiting.gross_cents) / 100
    assert orders[waiting.number].mailboxes == {"studio.ginepro@pec.it"}
    assert orders[waiting.number].placed_on == truth.clock.today()


def test_paid_order_moves_the_expiry_and_is_read_as_paid(visit: Visit) -> None:
    """VER-1: a later expiry and the state «Pagato» are both seen after a fresh load."""
    truth = visit.portal.truth
    before = truth.mailbox("studio.ginepro@pec.it").expiry
    truth.pay_order(truth.place_order_for("studio.ginepro@pec.it").number, after_sign_in=False)
    assert listed(visit)["studio.ginepro@pec.it"].expiry > before + timedelta(days=360)
    assert [order.state for order in visit.pages.ordini.read_orders()] == [OrderState.PAID]


def test_sign_in_form_in_place_of_the_list_is_a_session_that_ended(visit: Visit) -> None:
    """SES-2: where the list was expected and the sign-in form stands, the session is over; that is no drift."""
    pages = visit.list()
    visit.portal.end_sessions()
    pages.open()
    with pytest.raises(SessionEnded):
        pages.arrive(pages.home, pages.caselle)
