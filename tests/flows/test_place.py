"""The binding click: once, for what was checked, and never while the lock is closed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import AnotherRun, FormChanged
from pec_autorenew.mock_portal import Consent
from pec_autorenew.mock_portal.options import DEFAULT_CONSENTS
from pec_autorenew.model import OrderState
from pec_autorenew.pages.elements import Element
from pec_autorenew.paying import mail_sent_to
from tests.flows.clerk import SINGLE, wanted

if TYPE_CHECKING:
    from collections.abc import Callable

    from pec_autorenew.browser import Session
    from pec_autorenew.flows.renew import PreparedOrder
    from pec_autorenew.mock_portal import Layout
    from tests.flows.clerk import Clerk

pytestmark = pytest.mark.two_layouts

DUE = "bianca.sorbo@pec.it"

#: Replaces a text wherever it stands, in shadow roots too: a form that draws itself anew with other figures.
REDRAW = """([from, to]) => {
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) node.data = node.data.replaceAll(from, to);
    for (const child of node.childNodes) walk(child);
    if (node.shadowRoot) walk(node.shadowRoot);
  };
  walk(document.body);
}"""


@pytest.fixture
def bianca(clerk: Clerk, layout: Layout) -> Clerk:
    """Put the clerk in front of one person with one mailbox."""
    clerk.portal.reset(scenario="single", layout=layout)
    return clerk


def prepared_by(clerk: Clerk) -> PreparedOrder:
    """Sign in, look, and fill in the order."""
    visit = clerk.inside(SINGLE)
    return visit.prepare_renewal(wanted(visit.survey(), DUE))


def until(session: Session, fact: Callable[[], bool]) -> None:
    """Let the browser draw until a fact about the network is seen."""
    for _ in range(600):
        if fact():
            return
        session.next_frame()
    pytest.fail("it never happened")


def test_order_is_one_confirm_request_for_exactly_what_was_checked(bianca: Clerk) -> None:
    """DUP-3, PRC-5, PRC-10: one POST; the mailbox, a year, by transfer, the mandated consents, no marketing."""
    prepared = prepared_by(bianca)
    placed = bianca.visits[0].place_order(prepared)
    (order,) = bianca.truth.orders.values()
    assert bianca.truth.confirm_posts == 1
    assert placed.order_number == order.number
    assert order.number in placed.text
    assert mail_sent_to(placed.text) == "b…@posta.example", "PAY-5: where the ways to pay are sent"
    assert (order.addresses, order.years, order.method.value, order.extras) == ((DUE,), 1, "bonifico", ())
    assert prepared.form.gross == Decimal(order.gross_cents) / 100
    assert order.consents == tuple(consent.text for consent in DEFAULT_CONSENTS if consent.required)
    assert order.marketing_consents == ()
    assert bianca.truth.holder_edits == []


def test_marketing_consent_that_is_preticked_is_unticked(bianca: Clerk) -> None:
    """PRC-10: what the mandate does not name is not given, whoever ticked it."""
    text = "Acconsento a ricevere comunicazioni promozionali dai nostri partner."
    marketing = Consent(text=text, required=False, preticked=True, marketing=True)
    bianca.truth.set_options(consents=(*DEFAULT_CONSENTS[:3], marketing))
    prepared = prepared_by(bianca)
    bianca.visits[0].place_order(prepared)
    (order,) = bianca.truth.orders.values()
    assert order.marketing_consents == ()
    assert len(order.consents) == 3


def test_form_that_shows_another_total_is_not_confirmed(bianca: Clerk) -> None:
    """PRC-1: read again right before the click; the price moved, so nothing is pressed, and the error says what."""
    prepared = prepared_by(bianca)
    prepared.pages.screen.frame.evaluate(REDRAW, ["6,10", "6,11"])
    with pytest.raises(FormChanged, match=r"the total was 6\.10 and is 6\.11") as caught:
        bianca.visits[0].place_order(prepared)
    assert caught.value.reason == "price-changed"
    assert (bianca.truth.confirm_posts, bianca.truth.orders) == (0, {})


def test_form_that_names_another_mailbox_is_not_confirmed(bianca: Clerk) -> None:
    """PRC-5, PRC-11: a similar address is another mailbox."""
    prepared = prepared_by(bianca)
    prepared.pages.screen.frame.evaluate(REDRAW, [DUE, f"a{DUE}"])
    with pytest.raises(FormChanged):
        bianca.visits[0].place_order(prepared)
    assert (bianca.truth.confirm_posts, bianca.truth.orders) == (0, {})


def test_form_that_is_gone_is_not_confirmed(bianca: Clerk) -> None:
    """DRF-4: what cannot be read again is not pressed."""
    prepared = prepared_by(bianca)
    prepared.pages.screen.frame.evaluate("() => document.body.replaceChildren()")
    with pytest.raises(FormChanged, match="cannot be read again"):
        bianca.visits[0].place_order(prepared)
    assert bianca.truth.confirm_posts == 0


def test_ledger_has_the_last_word_before_the_click(bianca: Clerk) -> None:
    """DUP-7, DUP-8: it is asked when the form was read again, and what it raises prevents the click."""
    prepared = prepared_by(bianca)

    def no() -> None:
        raise AnotherRun("somebody else has the account now")

    with pytest.raises(AnotherRun):
        bianca.visits[0].place_order(prepared, no)
    assert (bianca.truth.confirm_posts, bianca.truth.orders) == (0, {})


def test_click_while_the_lock_is_closed_orders_nothing(bianca: Clerk) -> None:
    """Decision 0003, DRY-1: between reading back and the ledger's word nothing that binds leaves the browser."""
    prepared = prepared_by(bianca)
    prepared.pages.modulo_ordine.confirm()
    until(prepared.pages.session, lambda: bool(prepared.interlock.held))
    assert (bianca.truth.confirm_posts, bianca.truth.orders) == (0, {})
    with pytest.raises(FormChanged):
        bianca.visits[0].place_order(prepared)


def test_second_click_with_the_same_form_is_held(bianca: Clerk) -> None:
    """DUP-3: in one shot the same request leaves once, however often it is pressed."""
    prepared = prepared_by(bianca)
    lock, page = prepared.interlock, prepared.pages.session
    lock.arm()
    button = prepared.pages.screen.locate(Element("press", "modulo_ordine.confirm"))
    button.evaluate("(button) => { button.click(); button.click(); }")
    until(page, lambda: bool(lock.answers))
    prepared.pages.look_for(prepared.pages.conferma, timeout=1_000)  # whichever of the two the browser follows
    survey = bianca.visits[0].survey()
    assert (bianca.truth.confirm_posts, len(bianca.truth.orders), len(survey.orders)) == (1, 1, 1)


def test_order_shows_in_the_list_and_its_payment_moves_the_expiry(bianca: Clerk) -> None:
    """VER-1, PAY-4: the list, loaded afresh, shows the order; after the payment it shows the new date."""
    prepared = prepared_by(bianca)
    visit = bianca.visits[0]
    placed = visit.place_order(prepared)
    survey = visit.survey()
    (order,) = survey.orders
    assert (order.number, order.state) == (placed.order_number, OrderState.AWAITING_PAYMENT)
    assert order.gross == prepared.form.gross
    assert order.mailboxes == {DUE}
    before = survey.mailbox(DUE)
    bianca.truth.pay_order(order.number or "")
    after = visit.survey().mailbox(DUE)
    assert before is not None
    assert after is not None
    assert (before.renewable, after.renewable) == (False, True)
    assert after.expiry == before.expiry.replace(year=before.expiry.year + 1)
