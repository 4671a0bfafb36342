"""What a fresh look proves about renewals, row by row of VER-1, VER-2, DUP-4, DUP-6 and DUP-10."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from pec_autorenew.engine.clocks import CLOCKS_DIFFER
from pec_autorenew.engine.proof import (
    Click,
    Verdict,
    autorenewal_changed,
    cut_short,
    expected_expiries,
    judge_click,
    judge_waiting,
    not_looked_up,
    not_pressed,
)
from pec_autorenew.errors import FormChanged, PortalTimeout
from pec_autorenew.ledger import Renewal
from pec_autorenew.model import (
    Mailbox,
    MailboxState,
    MailboxType,
    OrderState,
    Outcome,
    PaymentMethod,
    PortalAutorenewal,
    PortalOrder,
    Survey,
)
from pec_autorenew.states import RenewalState

NOON = datetime(2026, 12, 1, 11, 0, tzinfo=UTC)
TODAY = date(2026, 12, 1)
EXPIRY = date(2026, 12, 10)
SETTLE = timedelta(minutes=15)
GROSS = Decimal("30.50")
JUST_NOW = Click(just_now=True)
S, O = RenewalState, Outcome  # noqa: E741 - short, in tables


def renewal(address: str = "a@pec.it", number: int = 1, **facts: object) -> Renewal:
    """Return a renewal whose order was clicked at noon."""
    plain = Renewal(
        id=number, portal="http://127.0.0.1", account="studio", address=address, expiry=EXPIRY, state=S.SUBMITTING,
        reason="", message="", years=1, method=PaymentMethod.BONIFICO, gross=GROSS, order_gross=GROSS,
        order_number=None, order_numbers_before=("100",), reserved_month="2026-12", submitted_at=NOON, settled_at=None,
        expiry_after=None, autorenewal=PortalAutorenewal.OFF, client="", form={}, run_id="run", order_group="click",
        counts=True, created_at=NOON, updated_at=NOON,
    )  # fmt: skip
    return replace(plain, **facts)  # type: ignore[arg-type]


def box(address: str = "a@pec.it", expiry: date = EXPIRY, *, offered: bool = True) -> Mailbox:
    """Return a mailbox of the list."""
    return Mailbox(address, expiry, MailboxState.ACTIVE, MailboxType.STANDARD, PortalAutorenewal.OFF, renewable=offered)


def order(number: str | None = "200", *addresses: str, **facts: object) -> PortalOrder:
    """Return an unpaid order of the list, for `a@pec.it` unless told otherwise."""
    plain = PortalOrder(
        number, TODAY, OrderState.AWAITING_PAYMENT, GROSS, frozenset(addresses or ("a@pec.it",)), "a row"
    )
    return replace(plain, **facts)  # type: ignore[arg-type]


NAMELESS = frozenset[str]()


def survey(
    *orders: PortalOrder, boxes: tuple[Mailbox, ...] = (box(),), visible: bool = True, after: timedelta = timedelta(0)
) -> Survey:
    """Return a look, so long after the click."""
    return Survey("studio", NOON + after, boxes, orders, orders_visible=visible)


def judged(look: Survey, click: Click = JUST_NOW, one: Renewal | None = None) -> Verdict:
    """Return the verdict for one renewal."""
    of = one or renewal()
    return judge_click([of], look, SETTLE, click)[of.id]


# -- an order is ours --------------------


@pytest.mark.parametrize(
    "shown",
    [
        order(),
        order(gross=None),
        order(mailboxes=NAMELESS),
        order(mailboxes=NAMELESS, gross=None),
        order(placed_on=None),
        order(number=None),
        order(number=None, placed_on=None),
        order(placed_on=TODAY + timedelta(days=1)),
        order(state=OrderState.PAID),
    ],
    ids=lambda one: repr((one.number, one.placed_on, one.gross, sorted(one.mailboxes), one.state.value)),
)
def test_new_order_that_agrees_where_shown_is_ours(shown: PortalOrder) -> None:
    """VER-2: number not listed before, date not before the intent, amount and mailboxes agree where shown."""
    verdict = judged(survey(shown, boxes=(box(offered=False),)))
    assert (verdict.state, verdict.outcome, verdict.reason) == (S.AWAITING_PAYMENT, O.AWAITING_PAYMENT, "ordered")
    assert verdict.order_number == shown.number


@pytest.mark.parametrize(
    "shown",
    [
        order("100"),
        order(placed_on=TODAY - timedelta(days=1)),
        order("200", "b@pec.it"),
        order("200", "aa@pec.it"),
        order("200", "a@pec.it.example"),
        order("200", mailboxes=NAMELESS, gross=Decimal("30.51")),
        order(number=None, placed_on=None, state=OrderState.PAID),
        order(number=None, placed_on=None, mailboxes=NAMELESS),
    ],
    ids=["listed before", "too early", "other", "similar", "longer", "amount", "old and bare", "nothing to go by"],
)
def test_order_that_differs_is_not_ours(shown: PortalOrder) -> None:
    """VER-2, PRC-11: it proves nothing, and the renewal stays `unknown`."""
    verdict = judged(survey(shown))
    assert (verdict.state, verdict.outcome) == (S.UNKNOWN, O.UNKNOWN)


@pytest.mark.parametrize("shown", [order(gross=Decimal("30.51")), order("200", "a@pec.it", "b@pec.it")])
def test_new_order_for_the_mailbox_at_other_terms_needs_a_person(shown: PortalOrder) -> None:
    """VER-2, PRC-1: it is there, and is not what was confirmed: a person looks, and nothing is ordered meanwhile."""
    verdict = judged(survey(shown, boxes=(box(), box("b@pec.it")), after=timedelta(days=1)))
    assert (verdict.state, verdict.outcome, verdict.reason) == (S.UNKNOWN, O.NEEDS_PERSON, "foreign-order")


@pytest.mark.parametrize(
    ("after_midnight", "ours"),
    [(timedelta(0), True), (CLOCKS_DIFFER - timedelta(seconds=1), True), (CLOCKS_DIFFER, False)],
)
def test_date_of_the_day_before_is_ours_only_while_clocks_may_differ(
    after_midnight: timedelta,
    ours: bool,  # noqa: FBT001 - a fact
) -> None:
    """VER-2: the day counts in Rome, with the minutes by which two clocks may differ."""
    clicked = renewal(submitted_at=datetime(2026, 12, 1, 23, 0, tzinfo=UTC) + after_midnight)
    verdict = judged(survey(order(placed_on=TODAY), after=timedelta(hours=14)), one=clicked)
    assert (verdict.state is S.AWAITING_PAYMENT) is ours


def test_two_orders_that_may_be_ours_are_no_proof() -> None:
    """VER-2: more than one reading: `needs-person`, `foreign-order`, with both numbers."""
    verdict = judged(survey(order("200"), order("201")))
    assert (verdict.state, verdict.outcome, verdict.reason) == (S.UNKNOWN, O.NEEDS_PERSON, "foreign-order")
    assert "200, 201" in verdict.message


@pytest.mark.parametrize(
    ("click", "one"), [(Click("201", just_now=True), renewal()), (Click(), renewal(order_number="201"))]
)
def test_number_of_the_confirmation_tells_two_orders_apart(click: Click, one: Renewal) -> None:
    """VER-2: the list shows both; the number that the confirmation, or the ledger, has is one of them."""
    assert judged(survey(order("200"), order("201")), click, one).order_number == "201"


def test_number_of_the_confirmation_alone_proves_nothing() -> None:
    """VER-1: a thank-you page is no order."""
    verdict = judged(survey(), Click("200", just_now=True))
    assert (verdict.state, verdict.order_number) == (S.UNKNOWN, "200")


def test_order_of_an_earlier_click_waits() -> None:
    """INTERFACE, reasons: `ordered` is of this run, `waiting` of an earlier one."""
    assert judged(survey(order()), Click()).reason == "waiting"


@pytest.mark.parametrize("method", [PaymentMethod.CARTA, PaymentMethod.PAYPAL])
def test_order_by_card_is_a_persons_to_pay(method: PaymentMethod) -> None:
    """PAY-1, PAY-6: `bank-authentication`, with what the portal will do by itself."""
    verdict = judged(survey(order()), one=renewal(method=method, years=2))
    assert verdict.reason == "bank-authentication"
    assert "charges 2 years by itself" in verdict.message


# -- several mailboxes, several orders --------------------

PAIR = (renewal(order_gross=Decimal("61.00")), renewal("b@pec.it", 2, order_gross=Decimal("61.00")))
BOTH = (box(), box("b@pec.it"))


def test_one_order_settles_all_renewals_of_its_click() -> None:
    """VER-2: one order may settle several renewals."""
    look = survey(order("200", "a@pec.it", "b@pec.it", gross=Decimal("61.00")), boxes=BOTH)
    verdicts = judge_click(PAIR, look, SETTLE, JUST_NOW)
    assert {one.order_number for one in verdicts.values()} == {"200"}
    assert {one.state for one in verdicts.values()} == {S.AWAITING_PAYMENT}


def test_several_orders_settle_a_click_when_their_amounts_add_up() -> None:
    """VER-2: each renewal gets the order that names it."""
    look = survey(order("200"), order("201", "b@pec.it"), boxes=BOTH)
    verdicts = judge_click(PAIR, look, SETTLE, JUST_NOW)
    assert [verdicts[one.id].order_number for one in PAIR] == ["200", "201"]


@pytest.mark.parametrize(
    "orders",
    [
        (order("200"), order("201", "b@pec.it", gross=Decimal("30.49"))),
        (order("200"),),
        (order("200"), order("201", mailboxes=NAMELESS)),
    ],
    ids=["sum", "only one", "one without a name"],
)
def test_several_orders_that_do_not_add_up_prove_nothing(orders: tuple[PortalOrder, ...]) -> None:
    """VER-2: a part of it is no proof of the whole."""
    verdicts = judge_click(PAIR, survey(*orders, boxes=BOTH), SETTLE, JUST_NOW)
    assert {one.state for one in verdicts.values()} == {S.UNKNOWN}


def test_two_ways_to_add_up_need_a_person() -> None:
    """VER-2: three orders of which two would do."""
    look = survey(order("200"), order("201"), order("202", "b@pec.it"), boxes=BOTH)
    verdicts = judge_click(PAIR, look, SETTLE, JUST_NOW)
    assert {one.outcome for one in verdicts.values()} == {O.NEEDS_PERSON}


def test_each_renewal_of_a_click_has_its_own_state() -> None:
    """VER-1: one is renewed already, the other waits."""
    look = survey(
        order("200", "a@pec.it", "b@pec.it", gross=Decimal("61.00"), state=OrderState.PAID),
        boxes=(box(expiry=date(2027, 12, 10)), box("b@pec.it")),
    )
    verdicts = judge_click(PAIR, look, SETTLE, JUST_NOW)
    assert [verdicts[one.id].state for one in PAIR] == [S.RENEWED, S.AWAITING_PAYMENT]


def test_order_of_a_click_is_recognised_by_a_login_that_sees_one_of_its_mailboxes() -> None:
    """VER-2: a mailbox's own login sees only itself on the row of the common order."""
    look = survey(order("200", gross=Decimal("61.00")), boxes=(box(),))
    assert judge_click(PAIR[:1], look, SETTLE, JUST_NOW)[1].state is S.AWAITING_PAYMENT


# -- no order --------------------


@pytest.mark.parametrize(
    ("look", "failed"),
    [
        (survey(after=SETTLE), True),
        (survey(after=SETTLE - timedelta(seconds=1)), False),
        (survey(after=SETTLE, boxes=(box(offered=False),)), False),
        (survey(after=SETTLE, boxes=()), False),
        (survey(after=SETTLE, visible=False), False),
    ],
    ids=["proved", "too soon", "«Rinnova» gone", "not listed", "no order list"],
)
def test_no_order_is_proved_by_list_time_rinnova_and_expiry_together(look: Survey, failed: bool) -> None:  # noqa: FBT001
    """DUP-4: each of them is needed; what lacks one stays `unknown`."""
    verdict = judged(look, Click())
    expected = (S.FAILED, O.FAILED, "portal-error") if failed else (S.UNKNOWN, O.UNKNOWN, "unknown")
    assert (verdict.state, verdict.outcome, verdict.reason) == expected


def test_settle_is_counted_to_the_look_not_to_the_judgement() -> None:
    """DUP-4: the list must have been loaded so long after the click."""
    assert judged(survey(after=timedelta(minutes=14, seconds=59)), Click()).state is S.UNKNOWN


@pytest.mark.parametrize(("offered", "state"), [(True, S.FAILED), (False, S.UNKNOWN)])
def test_form_that_sent_nothing_ordered_nothing(offered: bool, state: RenewalState) -> None:  # noqa: FBT001 - a fact
    """HOUSE, states: at once where «Rinnova» is offered, and never against what the list shows."""
    refused = Click(nothing_sent=True, just_now=True, why="the form did not send the order")
    assert judged(survey(boxes=(box(offered=offered),)), refused).state is state
    assert judged(survey(order()), refused).state is S.AWAITING_PAYMENT


@pytest.mark.parametrize(
    ("click", "offered", "state"),
    [(Click("200"), False, S.AWAITING_PAYMENT), (Click("200"), True, S.UNKNOWN), (Click(), False, S.UNKNOWN)],
)
def test_login_without_an_order_list_needs_number_and_withdrawn_rinnova(
    click: Click,
    offered: bool,  # noqa: FBT001 - a fact
    state: RenewalState,
) -> None:
    """VER-1: a confirmation with a number, and «Rinnova» gone: marked `list-not-visible`."""
    verdict = judged(survey(visible=False, boxes=(box(offered=offered),)), click)
    assert verdict.state is state
    assert ("list-not-visible" in verdict.message) is (state is S.AWAITING_PAYMENT)


@pytest.mark.parametrize("after", [timedelta(0), timedelta(hours=1)])
def test_list_without_the_order_proves_more_than_its_confirmation(after: timedelta) -> None:
    """VER-1: where there is an order list, thanks with a number and «Rinnova» gone are no order yet."""
    verdict = judged(survey(boxes=(box(offered=False),), after=after), Click("200", just_now=True))
    assert (verdict.state, verdict.outcome, verdict.order_number) == (S.UNKNOWN, O.UNKNOWN, "200")


def test_order_that_was_seen_once_is_never_proved_away() -> None:
    """DUP-4: it was in the list; that it has gone is a person's matter, however long."""
    seen = renewal(state=S.UNKNOWN, order_number="200", settled_at=NOON)
    assert judged(survey(after=timedelta(days=9)), Click(), seen).state is S.UNKNOWN
    assert judged(survey(order("200"), after=timedelta(days=9)), Click(), seen).state is S.AWAITING_PAYMENT


def test_adopted_order_is_only_its_number() -> None:
    """DUP-6: of somebody else's order nothing but the number tells; last year's order is not it."""
    adopted = renewal(
        state=S.UNKNOWN, order_number="300", submitted_at=None, settled_at=NOON, order_numbers_before=(), years=None
    )
    old = order("90", state=OrderState.PAID, placed_on=TODAY - timedelta(days=360))
    assert judged(survey(old), Click(), adopted).state is S.UNKNOWN
    assert judged(survey(old, order("300")), Click(), adopted).state is S.AWAITING_PAYMENT


# -- cancelled, paid, renewed --------------------


def test_cancelled_order_is_told_and_frees_the_renewal() -> None:
    """DUP-10: `failed`, `order-cancelled`: it bears our number, or the list is complete by now."""
    cancelled = order(state=OrderState.CANCELLED)
    told = Click("200", just_now=True)
    for verdict in (judged(survey(cancelled), told), judged(survey(cancelled, after=SETTLE))):
        assert (verdict.state, verdict.outcome, verdict.reason) == (S.CANCELLED, O.FAILED, "order-cancelled")


@pytest.mark.parametrize("click", [JUST_NOW, Click("201", just_now=True)])
def test_cancelled_order_that_may_be_another_one_proves_nothing_yet(click: Click) -> None:
    """VER-2, DUP-4: the list may still be late with ours."""
    verdict = judged(survey(order(state=OrderState.CANCELLED), after=SETTLE - timedelta(seconds=1)), click)
    assert (verdict.state, verdict.outcome, verdict.reason) == (S.UNKNOWN, O.UNKNOWN, "unknown")


@pytest.mark.parametrize(
    ("expiry", "years", "after", "reason"),
    [
        (EXPIRY, 1, date(2027, 12, 10), "ordered"),
        (EXPIRY, 3, date(2029, 12, 10), "ordered"),
        (EXPIRY, 1, date(2027, 12, 11), "expiry-differs"),
        (EXPIRY, 2, date(2027, 12, 10), "expiry-differs"),
        (date(2028, 2, 29), 1, date(2029, 2, 28), "ordered"),
        (date(2028, 2, 29), 1, date(2029, 3, 1), "ordered"),
        (date(2028, 2, 29), 1, date(2029, 2, 27), "expiry-differs"),
        (date(2028, 2, 29), 4, date(2032, 2, 29), "ordered"),
        (date(2028, 2, 29), 4, date(2032, 2, 28), "expiry-differs"),
    ],
)
def test_later_expiry_is_renewed(expiry: date, years: int, after: date, reason: str) -> None:
    """VER-1: a later expiry on a fresh load; if it is not old plus years, also `expiry-differs`."""
    verdict = judged(survey(boxes=(box(expiry=after),)), one=renewal(expiry=expiry, years=years))
    assert (verdict.state, verdict.reason, verdict.expiry_after) == (S.RENEWED, reason, after)


def test_earlier_expiry_is_no_renewal() -> None:
    """VER-1: later means later."""
    assert judged(survey(boxes=(box(expiry=EXPIRY - timedelta(days=1)),), after=SETTLE)).state is S.UNKNOWN


def test_renewed_mailbox_whose_order_still_waits_is_told() -> None:
    """DUP-6: somebody else's payment moved the expiry, and our order would renew once more."""
    verdict = judged(survey(order(), boxes=(box(expiry=date(2027, 12, 10)),)))
    assert verdict.state is S.RENEWED
    assert "Order 200 still waits for a payment" in verdict.message


@pytest.mark.parametrize(
    ("expiry", "years", "expected"),
    [
        (date(2027, 2, 28), 1, (date(2028, 2, 28),)),
        (date(2028, 2, 29), 1, (date(2029, 2, 28), date(2029, 3, 1))),
        (date(2028, 2, 29), 4, (date(2032, 2, 29),)),
        (date(2096, 2, 29), 4, (date(2100, 2, 28), date(2100, 3, 1))),
        (date(2026, 12, 31), 5, (date(2031, 12, 31),)),
    ],
)
def test_expected_expiries(expiry: date, years: int, expected: tuple[date, ...]) -> None:
    """VER-1: 29 February leads to 28 February or 1 March, unless that year has one too."""
    assert expected_expiries(expiry, years) == expected


# -- while it waits --------------------

WAITING = renewal(state=S.AWAITING_PAYMENT, order_number="200", settled_at=NOON)
BARE = renewal(state=S.AWAITING_PAYMENT, order_number=None, settled_at=NOON)


@pytest.mark.parametrize(
    ("one", "look", "state", "reason"),
    [
        (WAITING, survey(order()), S.AWAITING_PAYMENT, "waiting"),
        (WAITING, survey(order(), boxes=()), S.AWAITING_PAYMENT, "waiting"),
        (WAITING, survey(order(state=OrderState.PAID)), S.AWAITING_PAYMENT, "waiting"),
        (WAITING, survey(order(state=OrderState.OTHER)), S.AWAITING_PAYMENT, "waiting"),
        (WAITING, survey(order(state=OrderState.CANCELLED)), S.CANCELLED, "order-cancelled"),
        (WAITING, survey(), S.UNKNOWN, "unknown"),
        (WAITING, survey(order("201")), S.UNKNOWN, "unknown"),
        (WAITING, survey(visible=False, boxes=(box(offered=False),)), S.AWAITING_PAYMENT, "waiting"),
        (WAITING, survey(visible=False), S.UNKNOWN, "unknown"),
        (WAITING, survey(boxes=(box(expiry=date(2027, 12, 10)),)), S.RENEWED, "renewed"),
        (BARE, survey(order(number=None)), S.AWAITING_PAYMENT, "waiting"),
        (BARE, survey(boxes=(box(offered=False),)), S.AWAITING_PAYMENT, "waiting"),
        (BARE, survey(), S.UNKNOWN, "unknown"),
    ],
)
def test_waiting_order_is_followed(one: Renewal, look: Survey, state: RenewalState, reason: str) -> None:
    """PAY-4, DUP-10: open until the expiry moves; cancelled, or gone, is told."""
    verdict = judge_waiting(one, look)
    assert (verdict.state, verdict.reason) == (state, reason)


def test_paid_order_says_that_the_expiry_is_missing() -> None:
    """PAY-4: an order is not a renewal."""
    verdict = judge_waiting(WAITING, survey(order(state=OrderState.PAID)))
    assert verdict.message == "Order 200 is paid; the new expiry date does not show yet."


# -- the other verdicts --------------------


@pytest.mark.parametrize(("drift", "outcome"), [(False, O.STOPPED), (True, O.DRIFT)])
def test_form_that_was_not_pressed_is_failed(drift: bool, outcome: Outcome) -> None:  # noqa: FBT001 - a fact
    """HOUSE, states: FormChanged means that nothing was ordered."""
    verdict = not_pressed(FormChanged("the total moved", reason="price-changed"), drift=drift)
    assert (verdict.state, verdict.outcome, verdict.reason) == (S.FAILED, outcome, "price-changed")


def test_list_that_cannot_be_read_leaves_unknown() -> None:
    """DUP-4: with the number, if the confirmation had one."""
    verdict = not_looked_up(Click("200", why="the answer was lost"), PortalTimeout("slow"))
    assert (verdict.state, verdict.outcome, verdict.order_number) == (S.UNKNOWN, O.UNKNOWN, "200")
    assert "the answer was lost" in verdict.message


def test_run_that_was_cut_short_tells_what_the_ledger_has() -> None:
    """RES-1: `submitting` is `unknown`; what was proved before is told as it is."""
    assert cut_short(renewal()).state is S.UNKNOWN
    proved = cut_short(replace(WAITING, reason="ordered", message="Order 200."))
    assert (proved.outcome, proved.reason, proved.message) == (O.AWAITING_PAYMENT, "ordered", "Order 200.")


@pytest.mark.parametrize(
    ("before", "after", "method", "told"),
    [
        (PortalAutorenewal.OFF, PortalAutorenewal.OFF, PaymentMethod.BONIFICO, False),
        (PortalAutorenewal.OFF, PortalAutorenewal.ON, PaymentMethod.BONIFICO, True),
        (PortalAutorenewal.OFF, PortalAutorenewal.ON, PaymentMethod.CARTA, False),
        (PortalAutorenewal.ON, PortalAutorenewal.OFF, PaymentMethod.CARTA, True),
        (PortalAutorenewal.NOT_SHOWN, PortalAutorenewal.ON, PaymentMethod.BONIFICO, False),
        (None, PortalAutorenewal.ON, None, False),
    ],
)
def test_autorenewal_that_changed_by_itself_is_told(
    before: PortalAutorenewal | None,
    after: PortalAutorenewal,
    method: PaymentMethod | None,
    told: bool,  # noqa: FBT001 - a fact
) -> None:
    """PAY-2: read before and after; what paying by card does was asked for."""
    one = renewal(autorenewal=before, method=method)
    assert bool(autorenewal_changed(one, replace(box(), autorenewal=after))) is told
    assert autorenewal_changed(one, None) == ""
