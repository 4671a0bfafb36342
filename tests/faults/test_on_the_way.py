"""What goes wrong between «Gestione caselle» and the click, and what somebody else does meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.mock_portal import OrderState
from tests.faults.scene import DUE

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import Layout
    from tests.faults.scene import Scene

ORDERED = ("awaiting-payment", "ordered")
WAITING = ("awaiting-payment", "waiting")
ADOPTED = ("awaiting-payment", "adopted")

#: Other years than those that the form begins with, so that every layout calculates anew.
TWO_YEARS = {"renewal": {"years": 2}}
#: What the portal asks for more, or offers less; and what is said of it.
STOPPED = {
    "extra-line@recalculation": ("stopped", "form-mismatch"),
    "type-preselected": ("stopped", "type-changed"),
    "gb-preselected": ("stopped", "upsell-not-refusable"),
    "unknown-consent@cart": ("needs-person", "unknown-consent"),
    "method-withdrawn@cart": ("stopped", "method-not-offered"),
}


@pytest.mark.one_layout
@pytest.mark.parametrize("fault", STOPPED)
def test_offer_that_was_not_asked_for_stops_the_order(scene: Scene, layout: Layout, fault: str) -> None:
    """PRC-5, PRC-6, PRC-8, PRC-10, PAY-3: nothing is pressed, and the report says which of them it was."""
    scene.tables = TWO_YEARS
    scene.begin(fault, layout=layout)
    assert scene.run() == {DUE: STOPPED[fault]}
    assert (scene.truth.orders, scene.truth.confirm_posts) == ({}, 0)


@pytest.mark.one_layout
def test_years_that_are_withdrawn_stop_the_order(scene: Scene, layout: Layout) -> None:
    """PRC-5: three years were wanted, one is all that is left."""
    scene.tables = {"renewal": {"years": 3}}
    scene.begin("years-withdrawn@cart", layout=layout)
    assert scene.run() == {DUE: ("stopped", "years-not-offered")}
    assert (scene.truth.orders, scene.truth.confirm_posts) == ({}, 0)


@pytest.mark.one_layout
@pytest.mark.parametrize("step", ["cart", "recalculation"])
def test_price_that_went_up_on_the_way_is_held_against_the_limit(scene: Scene, layout: Layout, step: str) -> None:
    """PRC-1: the gross is read on the page that bears the click, and 14,64 is more than 14,00."""
    limits = {"max_per_mailbox": "14.00", "max_per_run": "200.00", "max_per_month": "500.00"}
    scene.tables = {"limits": limits, **TWO_YEARS}
    scene.begin(f"price-up@{step}", layout=layout)
    assert scene.run() == {DUE: ("stopped", "over-limit")}
    assert (scene.truth.orders, scene.truth.confirm_posts) == ({}, 0)


@pytest.mark.one_layout
def test_order_at_another_price_than_confirmed_is_for_a_person(scene: Scene, layout: Layout) -> None:
    """VER-2, DUP-4: the price went up as the click arrived: one order, at another sum, and never a second."""
    scene.begin("price-up@confirm", layout=layout)
    assert scene.run() == {DUE: ("needs-person", "foreign-order")}
    scene.truth.clock.advance(3600)
    assert scene.run() == {DUE: ("needs-person", "foreign-order")}
    (order,) = scene.truth.orders.values()
    assert (order.gross_cents, scene.truth.confirm_posts) == (732, 1)


@pytest.mark.one_layout
def test_flags_that_were_set_beforehand_are_taken_away(scene: Scene, layout: Layout) -> None:
    """PRC-5: exactly the wanted mailbox, whatever was flagged."""
    scene.begin("flags-preselected", layout=layout)
    scene.truth.add_mailbox(
        type(scene.truth.mailbox(DUE))(
            address="sorbo.altra@pec.it",
            account="200001@aruba.it",
            expiry=scene.truth.mailbox(DUE).expiry.replace(year=2027),
            holder="Bianca Sorbo",
        )
    )
    assert scene.run()[DUE] == ORDERED
    (order,) = scene.truth.orders.values()
    assert order.addresses == (DUE,)


@pytest.mark.one_layout
@pytest.mark.parametrize("step", ["list", "cart", "recalculation", "confirm"])
def test_session_that_ends_is_begun_again_before_the_click_and_not_after_it(
    scene: Scene, layout: Layout, step: str
) -> None:
    """SES-2, DUP-3: before the click the renewal starts over; the click itself is made once and looked up."""
    scene.tables = TWO_YEARS
    scene.begin(f"session-ended@{step}", layout=layout)
    said = scene.run()
    assert said == {DUE: ("unknown", "unknown") if step == "confirm" else ORDERED}
    assert scene.truth.confirm_posts == 1
    assert scene.later_runs() == {DUE: WAITING}
    assert len(scene.truth.orders) == 1


@pytest.mark.one_layout
@pytest.mark.parametrize("step", ["list", "cart", "confirm"])
def test_somebody_who_orders_at_the_same_time_leaves_one_order(scene: Scene, layout: Layout, step: str) -> None:
    """DUP-5, DUP-6, VER-2: whoever was first, there is one order, and it is reported as waiting for its payment."""
    scene.begin(f"other-order@{step}", layout=layout)
    assert scene.run()[DUE][0] == "awaiting-payment"
    assert len(scene.truth.orders) == 1
    assert scene.later_runs()[DUE] == WAITING
    assert len(scene.truth.orders) == 1


@pytest.mark.one_layout
def test_renewer_of_the_portal_that_is_on_leaves_nothing_to_order(scene: Scene, layout: Layout) -> None:
    """PAY-2: somebody switched it on just before the look."""
    scene.begin("autorenewal-on@list", layout=layout)
    assert scene.run() == {DUE: ("skipped", "portal-autorenewal-on")}
    assert (scene.codes[0], scene.truth.confirm_posts, scene.truth.orders) == (0, 0, {})


@pytest.mark.one_layout
def test_click_that_the_portal_refuses_for_its_own_renewer_stays_unknown(scene: Scene, layout: Layout) -> None:
    """DUP-4, PAY-2: no order and no «Rinnova» prove nothing, so a person looks; nothing is pressed again."""
    scene.begin("autorenewal-on@confirm", layout=layout)
    assert scene.run() == {DUE: ("unknown", "unknown")}
    scene.truth.clock.advance(3600)
    assert scene.run() == {DUE: ("unknown", "unknown")}
    assert (scene.codes[0], scene.truth.confirm_posts, scene.truth.orders) == (5, 1, {})


@pytest.mark.one_layout
def test_order_that_the_customer_cancels_is_not_placed_again(scene: Scene, layout: Layout) -> None:
    """DUP-10: told once, and then a person is asked."""
    scene.begin("order-cancelled", layout=layout)
    assert scene.run() == {DUE: ("failed", "order-cancelled")}
    assert scene.later_runs() == {DUE: ("needs-person", "approval")}
    (order,) = scene.truth.orders.values()
    assert (order.state, scene.truth.confirm_posts) == (OrderState.CANCELLED, 1)


@pytest.mark.one_layout
def test_order_whose_payment_is_refused_waits_for_another(scene: Scene, layout: Layout) -> None:
    """PAY-4: an order is not a renewal."""
    scene.begin("payment-refused", layout=layout)
    assert scene.run() == {DUE: ORDERED}
    assert scene.later_runs() == {DUE: WAITING}
    assert scene.truth.confirm_posts == 1


@pytest.mark.one_layout
def test_thanks_for_an_order_that_does_not_exist_prove_nothing(scene: Scene, layout: Layout) -> None:
    """VER-1: a page of thanks alone is no order; when the list still has none after `settle`, none was made."""
    scene.begin("success-without-order", layout=layout)
    assert scene.run() == {DUE: ("unknown", "unknown")}
    scene.truth.set_options(thanks="own")
    assert scene.later_runs() == {DUE: WAITING}
    assert len(scene.truth.orders) == 1


@pytest.mark.one_layout
@pytest.mark.parametrize("fault", ["order-without-success", "success-of-another", "every-post-orders"])
def test_list_tells_what_was_ordered_whatever_the_answer_says(scene: Scene, layout: Layout, fault: str) -> None:
    """VER-1, VER-2, DUP-3: the number is that of the list, and the form is sent once."""
    scene.begin(fault, layout=layout)
    assert scene.run() == {DUE: ORDERED}
    assert [one.order_number for one in scene.renewals()] == list(scene.truth.orders)
    assert scene.later_runs() == {DUE: WAITING}
    assert (len(scene.truth.orders), scene.truth.confirm_posts) == (1, 1)


@pytest.mark.one_layout
def test_order_that_is_listed_late_is_unknown_until_then(scene: Scene, layout: Layout) -> None:
    """DUP-4: an empty list right after the click proves nothing."""
    scene.begin("orders-listed-late", layout=layout)
    assert scene.run() == {DUE: ("unknown", "unknown")}
    assert scene.later_runs() == {DUE: WAITING}
    assert (len(scene.truth.orders), scene.truth.confirm_posts) == (1, 1)


@pytest.mark.one_layout
def test_payment_whose_expiry_moves_late_is_not_called_renewed_before(scene: Scene, layout: Layout) -> None:
    """PAY-4, VER-1: paid is not renewed; the later expiry is."""
    scene.begin("expiry-moves-late", layout=layout)
    scene.run()
    scene.truth.pay_order(next(iter(scene.truth.orders)))
    assert scene.run("reconcile") == {DUE: WAITING}
    scene.truth.clock.advance(3_700)
    assert scene.run("reconcile") == {DUE: ("renewed", "renewed")}
    assert scene.truth.confirm_posts == 1
