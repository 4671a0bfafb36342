"""From the binding click to its proof: for a portal that --pec-allow-orders names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.qa import OrderState, PaymentMethod

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import MockPortal
    from pec_autorenew.pages.conferma import ConfermaPage
    from pec_autorenew.qa import Visitor

pytestmark = pytest.mark.pec_orders


def test_confirmation_tells_the_number_of_the_order(conferma: ConfermaPage, pec_mock: MockPortal) -> None:
    """The portal thanks for the order that it has."""
    number, text = conferma.read()
    assert number in pec_mock.truth.orders
    assert text


def test_order_is_proved_by_the_list(visitor: Visitor) -> None:
    """A fresh load of the list shows the order, for the mailbox, waiting for its payment."""
    wanted = visitor.want(years=2)
    visitor.order(wanted)
    waiting = [one for one in visitor.survey().orders if one.state is OrderState.AWAITING_PAYMENT]
    (order,) = [one for one in waiting if one.mailboxes & wanted.addresses]
    assert order.mailboxes == wanted.addresses


def test_ordered_mailbox_is_not_offered_again(visitor: Visitor) -> None:
    """While its order waits, a mailbox has no «Rinnova»."""
    wanted = visitor.want()
    visitor.order(wanted)
    (address,) = wanted.addresses
    box = visitor.survey().mailbox(address)
    assert box is not None
    assert not box.renewable


def test_order_is_what_the_form_showed(visitor: Visitor, pec_mock: MockPortal) -> None:
    """One order, by the method that was chosen, for the years that were chosen, without a consent to advertising."""
    visitor.order(visitor.want(years=3, method=PaymentMethod.BOLLETTINO))
    (order,) = pec_mock.truth.orders.values()
    assert (order.years, order.method.value) == (3, "bollettino")
    assert order.marketing_consents == ()
