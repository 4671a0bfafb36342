"""What is due, what may be ordered, what the forms must say: pure, from values to values."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pec_autorenew.acceptance import (
    Left,
    form_differences,
    needs_splitting,
    price_of,
    refusals,
    require_acceptable,
    require_identifier,
    require_price_as_told,
    require_same_cart,
    rise_in_percent,
)
from pec_autorenew.config import Account, Config, Limits
from pec_autorenew.config.settings import Layer
from pec_autorenew.errors import PolicyStop
from pec_autorenew.model import (
    Consent,
    FormLine,
    IdentifierKind,
    InvoiceIdentifier,
    Mailbox,
    MailboxState,
    MailboxType,
    Mandate,
    OrderForm,
    OrderState,
    Outcome,
    PaymentMethod,
    PortalAutorenewal,
    PortalOrder,
    Survey,
    WantedMailbox,
    WantedOrder,
)
from pec_autorenew.planning import (
    OVERLAP,
    days_left,
    most_urgent_first,
    nothing_can_be_due,
    plan_account,
    single_orders,
    today_in_rome,
)

TODAY = date(2026, 12, 1)
NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)


def config(*, account: dict[str, Any] | None = None, **tables: dict[str, Any]) -> Config:
    """Return a configuration with one account."""
    tree: dict[str, Any] = {
        "limits": {"max_per_mailbox": "40.00", "max_per_run": "200.00", "max_per_month": "500.00"},
        "mandate": {"given_by": "Prova", "given_on": "2026-11-01", "accept": ["condizioni-generali"]},
        "accounts": [{"name": "studio", "username": "u", "password": {"env": "X"}, **(account or {})}],
    }
    return Config.from_layers((Layer("file", {**tree, **tables}),))


def box(address: str = "a@pec.it", days: int = 10, **facts: object) -> Mailbox:
    """Return a mailbox that expires in so many days."""
    plain = Mailbox(
        address,
        TODAY + timedelta(days=days),
        MailboxState.ACTIVE,
        MailboxType.STANDARD,
        PortalAutorenewal.OFF,
        renewable=True,
    )
    return replace(plain, **facts)  # type: ignore[arg-type]


def survey(*boxes: Mailbox, orders: tuple[PortalOrder, ...] = (), flags: bool = True) -> Survey:
    """Return a fresh look."""
    return Survey("studio", NOW, boxes, orders, orders_visible=True, offers_flags=flags)


def due(of: Config, look: Survey, today: date = TODAY, **told: Any) -> list[list[str]]:  # noqa: ANN401 - as planned
    """Return the addresses of the planned orders."""
    plan = plan_account(of, of.accounts[0], look, today, **told)
    return [[one.address for one in order.mailboxes] for order in most_urgent_first(plan.orders)]


def why(of: Config, look: Survey, today: date = TODAY, **told: Any) -> dict[str | None, tuple[str, str]]:  # noqa: ANN401
    """Return outcome and reason of what is not ordered."""
    plan = plan_account(of, of.accounts[0], look, today, **told)
    return {item.mailbox: (item.outcome.value, item.reason) for item in plan.items}


# -- days --------------------


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-12-01T22:59:59+00:00", date(2026, 12, 1)),
        ("2026-12-01T23:00:00+00:00", date(2026, 12, 2)),
        ("2026-07-01T21:59:59+00:00", date(2026, 7, 1)),
        ("2026-07-01T22:00:00+00:00", date(2026, 7, 2)),
        ("2026-03-28T23:00:00+00:00", date(2026, 3, 29)),
        ("2026-03-29T21:59:59+00:00", date(2026, 3, 29)),
        ("2026-03-29T22:00:00+00:00", date(2026, 3, 30)),
        ("2026-10-24T22:00:00+00:00", date(2026, 10, 25)),
        ("2026-10-25T22:59:59+00:00", date(2026, 10, 25)),
        ("2026-10-25T23:00:00+00:00", date(2026, 10, 26)),
        ("2026-12-01T23:59:00+14:00", date(2026, 12, 1)),
        ("2026-12-01T12:01:00-11:00", date(2026, 12, 2)),
    ],
)
def test_today_is_the_day_in_rome(instant: str, day: date) -> None:
    """TIM-1: at midnight, on the days of both clock changes, from hosts far east and west."""
    assert today_in_rome(datetime.fromisoformat(instant)) == day


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(-500, 500))
def test_days_left_are_dates_counted(today: date, days: int) -> None:
    """TIM-1: no hour, no clock change, no leap day moves them."""
    assert days_left(today + timedelta(days=days), today) == days


# -- what is due --------------------


@pytest.mark.parametrize(("days", "is_due"), [(31, False), (30, True), (0, True), (-1, True), (-85, True)])
def test_window_opens_on_its_day_and_lasts_through_the_grace_days(days: int, is_due: bool) -> None:  # noqa: FBT001
    """Issue 2, 6: the window includes its first day; expired mailboxes are due until deletion is near."""
    assert due(config(), survey(box(days=days))) == ([["a@pec.it"]] if is_due else [])


def test_not_due_says_from_when() -> None:
    """Issue 2, 10: days left and the first day of the window."""
    of = config()
    (item,) = plan_account(of, of.accounts[0], survey(box(days=40)), TODAY).items
    assert (item.reason, item.message) == ("not-due", "Expires in 40 days; due from 11/12/2026.")


@pytest.mark.parametrize(
    ("mailbox", "told"),
    [
        (box(days=-91), ("skipped", "cancelled")),
        (box(state=MailboxState.CANCELLED), ("skipped", "cancelled")),
        (box(state=MailboxState.ON_DOMAIN), ("skipped", "not-renewable-here")),
        (box(autorenewal=PortalAutorenewal.ON), ("skipped", "portal-autorenewal-on")),
        (box(autorenewal=PortalAutorenewal.ON, days=100), ("skipped", "portal-autorenewal-on")),
        (box(renewable=False), ("needs-person", "renewal-not-offered")),
        (box(renewable=False, days=100), ("skipped", "not-due")),
        (box("b@pec.it"), ("skipped", "excluded")),
    ],
)
def test_mailbox_that_is_not_ordered_has_its_reason(mailbox: Mailbox, told: tuple[str, str]) -> None:
    """INTERFACE, reasons: one for each mailbox that is not due, never none."""
    of = config(account={"include": ["a@pec.it"]})
    assert due(of, survey(mailbox)) == []
    assert why(of, survey(mailbox)) == {mailbox.address: told}


def test_portals_own_charge_that_is_overdue_is_said() -> None:
    """PAY-2: the charging day is 7 days before the expiry; after it, an unmoved expiry means a failed charge."""
    of = config()
    for days, overdue in ((7, False), (6, True)):
        look = survey(box(days=days, autorenewal=PortalAutorenewal.ON))
        (item,) = plan_account(of, of.accounts[0], look, TODAY).items
        assert ("look at it" in item.message) is overdue


@pytest.mark.parametrize(
    ("method", "left", "asks"),
    [("bonifico", 3, False), ("bonifico", 2, True), ("bollettino", 10, False), ("bollettino", 9, True)],
)
def test_payment_that_may_come_too_late_asks_a_person(method: str, left: int, *, asks: bool) -> None:
    """PAY-7: fewer working days to deletion than registration takes (8 December is none); planned all the same."""
    of = config(renewal={"payment_method": method})
    (order,) = plan_account(of, of.accounts[0], survey(box(days=left - 90)), TODAY).orders
    (wanted,) = order.mailboxes
    message = f"{left} days to deletion: a payment by {method} may come too late (PAY-7)."
    assert wanted.question == (message if asks else "")


def test_early_mailbox_is_due_before_its_window() -> None:
    """INTERFACE, `--renew-early`: only that mailbox, and nothing else is overruled."""
    look = survey(box(days=200), box("b@pec.it", 200), box("c@pec.it", 200, autorenewal=PortalAutorenewal.ON))
    assert due(config(), look, early={"a@pec.it", "c@pec.it"}) == [["a@pec.it"]]


def test_cancelled_order_holds_the_next_one_back_until_it_would_be_due() -> None:
    """DUP-10: a question for what is due; what is not due has its ordinary reason."""
    look, held = survey(box(), box("b@pec.it", 100)), dict.fromkeys(("a@pec.it", "b@pec.it"), "It was cancelled.")
    of = config()
    (order,) = plan_account(of, of.accounts[0], look, TODAY, held=held).orders
    assert [(one.address, "was cancelled" in one.question) for one in order.mailboxes] == [("a@pec.it", True)]
    assert why(of, look, held=held) == {"b@pec.it": ("skipped", "not-due")}


def test_mailbox_that_has_its_item_already_gets_no_second() -> None:
    """DUP-9: what was settled before is passed over."""
    assert due(config(), survey(box()), settled={"a@pec.it"}) == []
    assert why(config(), survey(box()), settled={"a@pec.it"}) == {}


def order(state: OrderState, *addresses: str, age: int = 0) -> PortalOrder:
    """Return an order of the list."""
    placed = TODAY - timedelta(days=age)
    return PortalOrder("77", placed, state, Decimal("6.10"), frozenset(addresses), "a row")


def test_unpaid_order_that_names_nobody_is_asked_about_where_rinnova_is_gone() -> None:
    """VER-2: a person, never a guess; where «Rinnova» is offered the order is another one's."""
    orders = (order(OrderState.AWAITING_PAYMENT),)
    look = survey(box(renewable=False), box("b@pec.it"), orders=orders)
    assert why(config(), look) == {"a@pec.it": ("needs-person", "foreign-order")}
    assert due(config(), look) == [["b@pec.it"]]


@pytest.mark.parametrize(("age", "is_due"), [(0, False), (14, False), (15, True), (365, True)])
def test_paid_order_of_these_days_is_asked_about(age: int, is_due: bool) -> None:  # noqa: FBT001 - a fact
    """DUP-6: a payment that the expiry does not show yet; last year's order is no reason."""
    look = survey(box(), orders=(order(OrderState.PAID, "a@pec.it", age=age),))
    assert bool(due(config(), look)) is is_due


def test_exclude_is_stronger_than_include() -> None:
    """Issue 2, 6: patterns over the folded address."""
    of = config(account={"include": ["*@pec.it"], "exclude": ["B@PEC.IT"]})
    assert due(of, survey(box(), box("b@pec.it"), box("c@arubapec.it"))) == [["a@pec.it"]]


# -- orders --------------------


def test_due_mailboxes_are_grouped_by_what_an_order_has_in_common() -> None:
    """INTERFACE, `grouping`: one order for the same years, method, tab and identifier; the rest apart."""
    billing = {"identifier": "codice-destinatario", "value": "ABC1234"}
    of = config(
        account={
            "mailboxes": [
                {"address": "years@pec.it", "years": 3},
                {"address": "method@pec.it", "payment_method": "bollettino"},
                {"address": "billing@pec.it", "billing": billing},
            ]
        }
    )
    look = survey(
        box("b@pec.it", 9), box("a@pec.it", 9), box("c@pec.it", 3), box("tab@pec.it", 4, tab="caselle.tab_others"),
        box("years@pec.it", 5), box("method@pec.it", 6), box("billing@pec.it", 7),
    )  # fmt: skip
    assert due(of, look) == [
        ["c@pec.it", "a@pec.it", "b@pec.it"],
        ["tab@pec.it"],
        ["years@pec.it"],
        ["method@pec.it"],
        ["billing@pec.it"],
    ]
    plan = plan_account(of, of.accounts[0], look, TODAY)
    by_first = {order.mailboxes[0].address: order for order in plan.orders}
    assert by_first["years@pec.it"].years == 3
    assert by_first["method@pec.it"].method is PaymentMethod.BOLLETTINO
    assert by_first["billing@pec.it"].identifier == InvoiceIdentifier(IdentifierKind.CODICE_DESTINATARIO, "ABC1234")
    assert by_first["c@pec.it"].all_addresses == {one.address for one in look.mailboxes}


@pytest.mark.parametrize(("grouping", "flags"), [("single", True), ("together", False)])
def test_mailboxes_are_ordered_one_by_one_where_told_or_where_there_are_no_flags(
    grouping: str,
    flags: bool,  # noqa: FBT001 - a fact
) -> None:
    """INTERFACE, `grouping`: `single` always, `together` only where the portal offers flags."""
    of = config(renewal={"grouping": grouping})
    look = survey(box("a@pec.it", 9), box("b@pec.it", 3), flags=flags)
    assert due(of, look) == [["b@pec.it"], ["a@pec.it"]]


@given(st.permutations([box(f"{name}@pec.it", days) for name, days in zip("abcdef", (3, 3, 9, 1, 9, 30), strict=True)]))
def test_most_urgent_first_whatever_order_the_list_has(boxes: list[Mailbox]) -> None:
    """BLK-1: by expiry, then address: deterministic."""
    of = config(renewal={"grouping": "single"})
    expected = [["d@pec.it"], ["a@pec.it"], ["b@pec.it"], ["c@pec.it"], ["e@pec.it"], ["f@pec.it"]]
    assert due(of, survey(*boxes)) == expected


def test_single_orders_are_the_same_order_for_each() -> None:
    """PRC-1: one by one, everything else unchanged."""
    whole = WANTED
    assert [one.mailboxes for one in single_orders(whole)] == [(box,) for box in whole.mailboxes]
    assert {replace(one, mailboxes=()) for one in single_orders(whole)} == {replace(whole, mailboxes=())}


def test_plan_without_a_mandate_says_what_is_due_and_may_accept_nothing() -> None:
    """DRY-2: `plan` needs no mandate, and what it plans could accept nothing; `renew` does not begin without one."""
    nobody = config().model_copy(update={"mandate": None})
    assert due(nobody, survey(box())) == [["a@pec.it"]]
    (order,) = plan_account(nobody, nobody.accounts[0], survey(box()), TODAY).orders
    assert (order.mandate.accept, order.mandate.texts) == (frozenset(), frozenset())


# -- nothing due without a look --------------------


def proves(of: Config, look: Survey, after: timedelta) -> bool:
    """Whether the look proves, so much later, that nothing is due."""
    return nothing_can_be_due(of, of.accounts[0], look, NOW + after)


@pytest.mark.parametrize(
    ("mailbox", "after", "proved"),
    [
        (box(days=100), timedelta(days=7), True),
        (box(days=100), timedelta(days=7, seconds=1), False),
        (box(days=100), -OVERLAP, True),
        (box(days=100), -OVERLAP - timedelta(seconds=1), False),
        (box(days=31), timedelta(0), True),
        (box(days=31), timedelta(days=1), False),
        (box(days=-100), timedelta(0), False),
        (box(days=-100, state=MailboxState.CANCELLED), timedelta(0), True),
        (box("other@pec.it", days=5), timedelta(0), True),
        (box(days=5, autorenewal=PortalAutorenewal.ON), timedelta(0), False),
    ],
)
def test_survey_proves_only_while_fresh_and_far_from_every_window(
    mailbox: Mailbox,
    after: timedelta,
    proved: bool,  # noqa: FBT001 - a fact
) -> None:
    """Issue 2, 10, ENV-3: never after `survey_max_age`, never from the future, never inside a window."""
    assert proves(config(account={"exclude": ["other@pec.it"]}), survey(mailbox), after) is proved


def test_survey_without_a_named_mailbox_proves_nothing() -> None:
    """SIL-2: a mailbox that the configuration names has to be looked for."""
    of = config(account={"include": ["a@pec.it", "b@pec.it"]})
    assert not proves(of, survey(box(days=100)), timedelta(0))


def test_survey_counts_the_window_of_each_mailbox() -> None:
    """Issue 2, 6: per-mailbox overrides of the window."""
    of = config(account={"mailboxes": [{"address": "a@pec.it", "window_days": 60}]})
    assert not proves(of, survey(box(days=50)), timedelta(0))


# -- the cart and the form --------------------

MANDATE = Mandate("Prova", TODAY, frozenset({"condizioni-generali"}))
WANTED = WantedOrder(
    "studio",
    (
        WantedMailbox("a@pec.it", TODAY, MailboxType.STANDARD),
        WantedMailbox("b@pec.it", TODAY + timedelta(days=1), MailboxType.PRO),
    ),
    1,
    PaymentMethod.BONIFICO,
    MANDATE,
)
CART = {"a@pec.it": MailboxType.STANDARD, "b@pec.it": MailboxType.PRO}
LINES = (
    FormLine("a@pec.it", "Casella a@pec.it STANDARD", MailboxType.STANDARD, 1, Decimal("6.10")),
    FormLine("b@pec.it", "Casella b@pec.it PRO", MailboxType.PRO, 1, Decimal("30.50")),
)
FORM = OrderForm(
    LINES,
    1,
    PaymentMethod.BONIFICO,
    Decimal("36.60"),
    Decimal("30.00"),
    Decimal("6.60"),
    (Consent("Condizioni generali", ticked=True),),
)


def test_cart_with_exactly_the_wanted_mailboxes_is_right() -> None:
    """PRC-5: also where the cart shows no type."""
    require_same_cart({"a@pec.it": (MailboxType.STANDARD, ""), "b@pec.it": (None, "")}, WANTED)


@pytest.mark.parametrize(
    ("cart", "reason", "words"),
    [
        ({"a@pec.it": (MailboxType.STANDARD, "")}, "form-mismatch", "b@pec.it is missing"),
        (
            {**dict.fromkeys(CART, (None, "")), "aa@pec.it": (None, "")},
            "form-mismatch",
            "aa@pec.it is in the order and not wanted",
        ),
        (
            {"a@pec.it": (MailboxType.PRO, ""), "b@pec.it": (None, "")},
            "type-changed",
            "a@pec.it is STANDARD and the cart says PRO",
        ),
        ({"a@pec.it": (None, "1 GB"), "b@pec.it": (None, "")}, "upsell-not-refusable", "has «1 GB» for a@pec.it"),
    ],
)
def test_cart_that_differs_stops(cart: dict[str, Any], reason: str, words: str) -> None:
    """PRC-5, PRC-8, PRC-11: each difference is named."""
    with pytest.raises(PolicyStop, match=words) as caught:
        require_same_cart(cart, WANTED)
    assert caught.value.reason == reason


def test_form_that_is_the_wanted_order_is_acceptable() -> None:
    """PRC-5: types from the lines, or from the cart where the lines show none."""
    require_acceptable(FORM, WANTED, CART)
    bare = replace(FORM, lines=tuple(replace(line, type=None, years=None) for line in LINES))
    require_acceptable(bare, WANTED, CART)


@pytest.mark.parametrize(
    ("form", "cart", "reason", "words"),
    [
        (replace(FORM, lines=LINES[:1]), CART, "form-mismatch", "b@pec.it is missing"),
        (replace(FORM, lines=(*LINES, FormLine("c@pec.it", "c"))), CART, "form-mismatch", "c@pec.it is in the order"),
        (replace(FORM, lines=(*LINES, FormLine("", "Supporto"))), CART, "form-mismatch", "an extra line: Supporto"),
        (
            replace(FORM, lines=(*LINES, FormLine("", "2 GB aggiuntivi"))),
            CART,
            "form-mismatch",
            "line: 2 GB aggiuntivi$",
        ),
        (
            replace(FORM, lines=(replace(LINES[0], text="a@pec.it con Firma  Digitale"), LINES[1])),
            CART,
            "form-mismatch",
            "the line of a@pec.it holds «firma digitale»",
        ),
        (replace(FORM, years=2), CART, "form-mismatch", "2 years instead of 1"),
        (
            replace(FORM, lines=(replace(LINES[0], years=3), LINES[1])),
            CART,
            "form-mismatch",
            "3 years for a@pec.it instead of 1",
        ),
        (replace(FORM, method=PaymentMethod.CARTA), CART, "form-mismatch", "paid by carta instead of bonifico"),
        (
            replace(FORM, lines=(replace(LINES[0], type=MailboxType.PREMIUM), LINES[1])),
            CART,
            "type-changed",
            "a@pec.it is STANDARD and the form says PREMIUM",
        ),
        (
            replace(FORM, lines=(replace(LINES[0], type=None), LINES[1])),
            {},
            "form-mismatch",
            "the type of a@pec.it cannot be compared",
        ),
    ],
)
def test_form_that_differs_stops(form: OrderForm, cart: dict[str, Any], reason: str, words: str) -> None:
    """PRC-5, PRC-6, PRC-8: mailboxes, lines, upsells, years, method, type: each stops, and is named."""
    with pytest.raises(PolicyStop, match=words) as caught:
        require_acceptable(form, WANTED, cart)
    assert caught.value.reason == reason


@pytest.mark.parametrize("shown", ["10/12/2027 - 31/12/2028", "nuova scadenza 01/06/2028"])
def test_form_that_renews_a_later_expiry_stops(shown: str) -> None:
    """DUP-5: its line tells what the list did not yet: somebody else has renewed this mailbox meanwhile."""
    form = replace(FORM, lines=(replace(LINES[0], text=f"a@pec.it {shown}"), LINES[1]))
    with pytest.raises(PolicyStop, match=r"the form renews a@pec\.it until"):
        require_acceptable(form, WANTED, CART)


def test_form_with_a_day_that_does_not_exist_stops() -> None:
    """LOC-1: nobody guesses what it was to be."""
    form = replace(FORM, lines=(replace(LINES[0], text="a@pec.it fino al 31/02/2028"), LINES[1]))
    with pytest.raises(PolicyStop, match=r"the line of a@pec\.it shows a day that does not exist"):
        require_acceptable(form, WANTED, CART)


def test_form_with_more_years_is_not_told_twice() -> None:
    """PRC-5: more years than wanted end later of themselves."""
    form = replace(FORM, lines=(replace(LINES[0], years=3, text="a@pec.it 10/12/2029"), LINES[1]))
    with pytest.raises(PolicyStop, match=r"3 years for a@pec\.it instead of 1$"):
        require_acceptable(form, WANTED, CART)


def test_form_that_counts_days_otherwise_is_acceptable() -> None:
    """DUP-5: an expired mailbox may be renewed from today on, and a month be rounded up."""
    form = replace(FORM, lines=(replace(LINES[0], text="a@pec.it 10/12/2026 - 31/03/2028"), LINES[1]))
    require_acceptable(form, WANTED, CART)


@pytest.mark.parametrize(
    ("told", "years", "stops"),
    [("36.60", 1, False), ("36.58", 1, False), ("30.50", 1, True), ("30.50", 2, False), ("50.00", 1, False)],
)
def test_form_that_wants_more_than_the_cart_said_stops(told: str, years: int, *, stops: bool) -> None:
    """PRC-1: what was shown earlier in the visit holds, to the cent of each line, and for each year."""
    form = replace(FORM, years=years)
    require_price_as_told(form, None)
    with pytest.raises(PolicyStop, match="the cart said 30,50") if stops else nullcontext():
        require_price_as_told(form, Decimal(told))


def test_form_with_several_differences_names_them_all() -> None:
    """PRC-5: any difference stops the order and is shown line by line."""
    form = replace(FORM, years=2, method=PaymentMethod.PAYPAL, lines=(*LINES, FormLine("", "Supporto")))
    with pytest.raises(PolicyStop, match=r"an extra line: Supporto; 2 years instead of 1; paid by paypal"):
        require_acceptable(form, WANTED, CART)


def test_type_that_the_list_did_not_show_stops() -> None:
    """PRC-5: not readable is not the same."""
    unseen = replace(WANTED, mailboxes=(replace(WANTED.mailboxes[0], type=None), WANTED.mailboxes[1]))
    with pytest.raises(PolicyStop, match="cannot be compared"):
        require_acceptable(FORM, unseen, CART)


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (replace(FORM, gross=Decimal("36.61")), "the total was 36.60 and is 36.61"),
        (replace(FORM, net=None), "the net sum was 30.00 and is not shown"),
        (replace(FORM, years=2), "the number of years was 1 and is 2"),
        (replace(FORM, method=PaymentMethod.CARTA), "the method was bonifico and is carta"),
        (replace(FORM, lines=LINES[:1]), "gone: Casella b@pec.it PRO"),
        (replace(FORM, lines=(*LINES, FormLine("", "Supporto"))), "new: Supporto"),
        (replace(FORM, consents=()), "a consent is no longer ticked: Condizioni generali"),
        (replace(FORM, consents=(*FORM.consents, Consent("Altro", ticked=False))), "a consent is new: Altro"),
        (replace(FORM, lines=LINES[::-1]), "the order of its lines"),
    ],
)
def test_form_that_changed_says_what(now: OrderForm, words: str) -> None:
    """PRC-1, PRC-5: every difference between two readings is told; the same form has none."""
    assert form_differences(FORM, FORM) == []
    assert words in form_differences(FORM, now)


# -- the e-invoice identifier --------------------

CODE = InvoiceIdentifier(IdentifierKind.CODICE_DESTINATARIO, "ABC1234")
NONE = InvoiceIdentifier(IdentifierKind.NESSUNO)


@pytest.mark.parametrize(
    ("shown", "configured", "to_type"),
    [
        (None, CODE, CODE),
        (None, NONE, NONE),
        (CODE, None, None),
        (CODE, CODE, None),
        (replace(CODE, value="abc1234"), CODE, None),
    ],
)
def test_identifier_is_typed_only_where_it_is_missing(
    shown: InvoiceIdentifier | None, configured: InvoiceIdentifier | None, to_type: InvoiceIdentifier | None
) -> None:
    """PRC-9: kept where it stands, filled from the configuration where it is asked for and empty."""
    assert require_identifier(shown, configured) == to_type


@pytest.mark.parametrize(
    ("shown", "configured", "reason"),
    [
        (None, None, "identifier-missing"),
        (CODE, NONE, "identifier-mismatch"),
        (CODE, replace(CODE, value="ZZZ9999"), "identifier-mismatch"),
    ],
)
def test_identifier_that_does_not_fit_stops(
    shown: InvoiceIdentifier | None, configured: InvoiceIdentifier | None, reason: str
) -> None:
    """PRC-9: never guessed, never typed over."""
    with pytest.raises(PolicyStop) as caught:
        require_identifier(shown, configured)
    assert caught.value.reason == reason


# -- limits --------------------


def limits(**told: str) -> Limits:
    """Return limits."""
    return Limits.model_validate(
        {"max_per_mailbox": "40.00", "max_per_run": "200.00", "max_per_month": "500.00", **told}
    )


def refused(of: Limits, left: str, form: OrderForm = FORM) -> dict[str, str]:
    """Return the reasons by address."""
    return {address: one.reason for address, one in refusals(form, WANTED, of, Left(Decimal(left))).items()}


@pytest.mark.parametrize(
    ("told", "left", "expected"),
    [
        ({}, "200.00", {}),
        ({}, "36.60", {}),
        ({}, "36.59", {"b@pec.it": "budget"}),
        ({}, "6.09", {"a@pec.it": "budget", "b@pec.it": "budget"}),
        ({"max_per_mailbox": "30.50"}, "200.00", {}),
        ({"max_per_mailbox": "30.49"}, "200.00", {"b@pec.it": "over-limit"}),
        ({"max_per_mailbox": "0"}, "200.00", {"a@pec.it": "over-limit", "b@pec.it": "over-limit"}),
        ({"min_per_mailbox": "6.10"}, "200.00", {}),
        ({"min_per_mailbox": "6.11"}, "200.00", {"a@pec.it": "under-limit"}),
        ({}, "0", {"a@pec.it": "budget", "b@pec.it": "budget"}),
    ],
)
def test_limits_refuse_each_mailbox_by_itself(told: dict[str, str], left: str, expected: dict[str, str]) -> None:
    """PRC-1, PRC-2, PRC-3: to the cent, the most urgent first, and 0 means zero."""
    assert refused(limits(**told), left) == expected


def test_free_order_is_refused() -> None:
    """PRC-3: a total of 0 stops the order, whatever the configured minimum."""
    free = replace(FORM, lines=(replace(LINES[0], amount=Decimal(0)), LINES[1]))
    assert refused(limits(min_per_mailbox="0"), "200.00", free) == {"a@pec.it": "under-limit"}


def test_limit_that_is_not_configured_stops() -> None:
    """PRC-2: no limit is no order."""
    with pytest.raises(PolicyStop, match="max_per_mailbox"):
        refusals(FORM, WANTED, limits().model_copy(update={"max_per_mailbox": None}), Left(Decimal(200)))


def test_budget_passes_over_what_does_not_fit_and_takes_what_does() -> None:
    """BLK-1: in the order of urgency, each with what is left then."""
    dear_first = replace(FORM, lines=(replace(LINES[0], amount=Decimal("39.00")), replace(LINES[1], amount=Decimal(5))))
    assert refused(limits(), "20.00", dear_first) == {"a@pec.it": "budget"}


def test_price_of_one_mailbox_is_its_line_or_the_whole() -> None:
    """PRC-1: without an amount on its line, an order for one costs what the order costs."""
    assert price_of(FORM, "b@pec.it") == Decimal("30.50")
    single = replace(FORM, lines=(replace(LINES[0], amount=None),), gross=Decimal("6.10"))
    assert price_of(single, "a@pec.it") == Decimal("6.10")
    assert not needs_splitting(single)
    assert not needs_splitting(FORM)
    assert needs_splitting(replace(FORM, lines=(replace(LINES[0], amount=None), LINES[1])))


@pytest.mark.parametrize(
    ("amount", "years", "percent"), [("37.50", 1, "25"), ("75.00", 2, "25"), ("30.00", 1, "0"), ("15.00", 1, "-50")]
)
def test_rise_is_per_year(amount: str, years: int, percent: str) -> None:
    """PRC-7: two years for twice the price is no rise."""
    assert rise_in_percent(Decimal(amount), years, Decimal("60.00"), 2) == Decimal(percent)


def test_account_is_a_model_of_the_configuration() -> None:
    """Issue 2, 6: planning takes the configuration's own values."""
    assert isinstance(config().accounts[0], Account)
    assert plan_account(config(), config().accounts[0], survey(), TODAY).orders == ()
    assert Outcome("skipped") is Outcome.SKIPPED
