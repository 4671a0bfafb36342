"""Named faults: each strikes at its step, as often as it is set to, and leaves the truth as it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from pec_autorenew.mock_portal import KINDS, LAYOUTS, BadValueError, Consent, MailboxType, Method, OrderState
from tests.web.visitors import Orderer

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import Layout, MockPortal, Order
    from pec_autorenew.mock_portal.faults import Step

ADDRESS = Orderer.address
Start = Callable[..., Orderer]


pytestmark = pytest.mark.one_layout


@pytest.fixture(params=LAYOUTS)
def start(portal: MockPortal, web: httpx.Client, request: pytest.FixtureRequest) -> Start:
    """Give what sets the scenario up, in one layout, and brings the customer to the door."""

    def begin(*faults: str) -> Orderer:
        portal.reset(scenario="+".join(("single", *faults)), layout=request.param)
        return Orderer(web, portal)

    return begin


def ordered(customer: Orderer) -> list[Order]:
    """Return the orders that exist."""
    return list(customer.portal.truth.orders.values())


def is_sent(customer: Orderer, step: Step) -> int | None:
    """Take a step; return the state of the answer, or None where the connection broke."""
    try:
        return customer.take(step).status_code
    except httpx.TransportError:
        return None


# -- the wire ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "orders"), [("error", 0), ("error-after", 1)])
def test_error_answers_500_once(start: Start, fault: str, orders: int) -> None:
    """Before or after the order is made; the next request is served."""
    customer = start(fault)
    assert customer.walk().status_code == 500
    assert len(ordered(customer)) == orders
    assert customer.take("list").status_code == 200
    assert [one.name for one in customer.portal.faults.struck] == [fault]


@pytest.mark.parametrize(("fault", "orders"), [("reset", 0), ("reset-after", 1)])
@pytest.mark.parametrize("kept_alive", [True, False], ids=["kept alive", "fresh"])
def test_reset_breaks_the_connection(start: Start, fault: str, orders: int, *, kept_alive: bool) -> None:
    """On a connection that served before, and on a fresh one."""
    customer = start(fault)
    if not kept_alive:
        customer.web.headers["connection"] = "close"
    with pytest.raises(httpx.TransportError):
        customer.walk()
    assert len(ordered(customer)) == orders
    assert customer.portal.truth.confirm_posts == 1


def test_connection_serves_one_request(start: Start) -> None:
    """What a portal does that keeps none alive; else it does not say that it will close."""
    assert start("fresh-connections").walk().headers["connection"] == "close"
    assert "connection" not in start().walk().headers


@pytest.mark.parametrize(("fault", "orders"), [("blank", 0), ("blank-after", 1)])
def test_blank_answers_with_an_empty_page(start: Start, fault: str, orders: int) -> None:
    """200, and nothing on it."""
    customer = start(fault)
    answer = customer.walk()
    assert (answer.status_code, answer.text) == (200, "")
    assert len(ordered(customer)) == orders


def test_late_answers_when_nobody_waits_any_more(start: Start) -> None:
    """The order is made at once."""
    customer = start("late")
    customer.web.timeout = httpx.Timeout(0.5)
    with pytest.raises(httpx.ReadTimeout):
        customer.walk()
    assert len(ordered(customer)) == 1


def test_late_answers_at_last(start: Start, portal: MockPortal) -> None:
    """Whoever waits long enough gets the answer."""
    customer = start()
    portal.set_fault("late", seconds=0.05)
    assert customer.walk().is_success
    assert len(ordered(customer)) == 1


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("fault", ["error", "reset", "blank"])
def test_fault_of_the_wire_strikes_at_every_step(
    portal: MockPortal, web: httpx.Client, layout: Layout, fault: str
) -> None:
    """Whatever the layout asks the portal for can be spoilt."""
    portal.reset(scenario="single", layout=layout)
    steps = Orderer(web, portal).steps()
    for step in steps:
        web.cookies.clear()
        portal.reset(scenario=f"single+{fault}@{step}", layout=layout)
        customer = Orderer(web, portal)
        for taken in steps[: steps.index(step) + 1]:
            is_sent(customer, taken)  # a redirect may lead there before its turn
        assert [(one.name, one.step) for one in portal.faults.struck] == [(fault, step)]
        assert ordered(customer) == []


@pytest.mark.parametrize(("fault", "status", "again"), [("too-many-requests", 429, "120"), ("unavailable", 503, None)])
def test_portal_that_serves_nobody_says_no_more(start: Start, fault: str, status: int, again: str | None) -> None:
    """At every step: a state, when to come again, and no word of maintenance; nothing is done."""
    for step in start().steps():
        customer = start()
        customer.web.cookies.clear()
        for taken in customer.steps()[: customer.steps().index(step)]:
            customer.take(taken)
        customer.portal.set_fault(fault, step=step, seconds=120)
        seen: list[httpx.Response] = []
        customer.web.event_hooks["response"] = [seen.append]
        last = customer.take(step)
        (answer,) = [one for one in seen if one.status_code == status]
        assert (answer.headers.get("retry-after"), "manutenzione" in last.text) == (again, False)
        assert ordered(customer) == []


def test_login_page_itself_may_not_be_served(start: Start) -> None:
    """The step before the password; the next visitor sees it."""
    customer = start("too-many-requests@login")
    page = "/api/accesso" if customer.layout == "g4" else "/login"
    assert [customer.web.get(page).status_code for _visit in range(2)] == [429, 200]


def test_fault_strikes_as_often_as_it_is_set_to(start: Start) -> None:
    """Once, several times, or each time."""
    customer = start("error@list*2")
    customer.take("sign-in")
    assert [customer.take("list").status_code for _ in range(3)] == [500, 500, 200]
    customer.portal.set_fault("error", step="list", times=0)
    assert [customer.take("list").status_code for _ in range(4)] == [500] * 4
    assert customer.portal.clear_faults() == 1
    assert customer.take("list").status_code == 200


# -- what happens meanwhile --------------------------------------------------------------------------------------------


def test_price_goes_up_between_two_steps(start: Start) -> None:
    """At the list it was 6,10; at the last recalculation it is a fifth more."""
    customer = start("price-up@recalculation")
    before = customer.portal.truth.mailbox(ADDRESS).yearly_net_cents
    customer.walk("cart")
    assert customer.portal.truth.mailbox(ADDRESS).yearly_net_cents == before
    for step in customer.steps()[customer.steps().index("cart") + 1 :]:
        customer.take(step)
    (order,) = ordered(customer)
    assert (order.net_cents, order.gross_cents) == (600, 732)


def test_session_ends_at_a_step(start: Start) -> None:
    """Whoever comes to the list is a stranger."""
    customer = start("session-ended@list")
    customer.take("sign-in")
    answer = customer.take("list")
    assert answer.status_code == 401 or "password" in answer.text or "username" in answer.text
    assert ordered(customer) == []


def test_somebody_else_orders_meanwhile(start: Start) -> None:
    """The customer's own order is refused."""
    customer = start("other-order@confirm")
    customer.walk()
    (order,) = ordered(customer)
    assert customer.portal.truth.confirm_posts == 1
    assert not customer.portal.truth.renewable(customer.portal.truth.mailbox(ADDRESS))
    assert order.addresses == (ADDRESS,)


@pytest.mark.parametrize(
    ("fault", "option", "value"),
    [
        ("extra-line", "extra_line", None),
        ("kit-preselected", "kit", "absent"),
        ("gb-preselected", "preselected_extra_gb", 0),
        ("type-preselected", "preselected_type", None),
        ("flags-preselected", "preselected_flags", "clicked"),
        ("unknown-consent", "consents", None),
        ("method-withdrawn", "methods", tuple(Method)),
        ("years-withdrawn", "max_years", 5),
    ],
)
def test_portal_changes_its_offer_at_a_step(start: Start, fault: str, option: str, value: object) -> None:
    """As it was until the step, and another one from there on."""
    customer = start(f"{fault}@list")
    before = getattr(customer.portal.truth.options, option)
    customer.take("sign-in")
    assert getattr(customer.portal.truth.options, option) == before
    customer.take("list")
    assert getattr(customer.portal.truth.options, option) not in {value, before}


def test_unknown_consent_is_wanted(start: Start) -> None:
    """The form cannot be sent without it."""
    customer = start("unknown-consent@list")
    customer.walk("list")
    last: Consent = customer.portal.truth.options.consents[-1]
    assert last.required
    assert "soggetti terzi" in last.text


def test_automatic_renewal_is_switched_on_meanwhile(start: Start) -> None:
    """«Rinnova» is offered no more."""
    customer = start("autorenewal-on@list")
    customer.walk("list")
    box = customer.portal.truth.mailbox(ADDRESS)
    assert (box.auto_renewal, customer.portal.truth.renewable(box)) == (True, False)


@pytest.mark.parametrize(
    ("fault", "state", "refused"),
    [("order-cancelled", OrderState.CANCELLED, 0), ("payment-refused", OrderState.AWAITING_PAYMENT, 1)],
)
def test_order_is_cancelled_or_its_payment_refused(start: Start, fault: str, state: OrderState, refused: int) -> None:
    """Right after it was made."""
    customer = start(fault)
    customer.walk()
    (order,) = ordered(customer)
    assert (order.state, len(customer.portal.truth.refused_payments)) == (state, refused)


# -- habits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "asked"),
    [
        ("two-step", "/verifica"),
        ("code", "/codice"),
        ("password-expired", "/cambio-password"),
        ("new-terms", "/nuove-condizioni"),
    ],
)
def test_door_asks_for_more_than_a_password(start: Start, fault: str, asked: str) -> None:
    """Whoever gave the right one stands before a page that must be passed."""
    customer = start(fault)
    customer.take("sign-in")
    answer = customer.take("list")
    assert asked in (answer.json()["held_at"] if customer.layout == "g4" else answer.url.path)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("captcha", "non essere un robot"),
        ("captcha-frame", "Verifica non|Completa la verifica|non completato"),
        ("captcha-widget", "Verifica non|Completa la verifica|non completato"),
        ("locked", "bloccato|bloccata|sospeso"),
    ],
)
def test_door_refuses_the_right_password(start: Start, fault: str, said: str) -> None:
    """In words, and nobody is in."""
    customer = start(fault)
    assert re.search(said, customer.take("sign-in").text)
    answer = customer.take("list")
    assert answer.status_code == 401 or "password" in answer.text or "username" in answer.text


def test_maintenance_closes_the_portal(start: Start) -> None:
    """In words, which `unavailable` has not."""
    answer = start("maintenance").web.get("/")
    assert (answer.status_code, "in manutenzione" in answer.text) == (503, True)


def test_door_tells_that_the_password_will_expire(start: Start) -> None:
    """In so many days."""
    customer = start("password-notice")
    answer = customer.take("sign-in")
    if customer.layout == "g4":
        assert customer.web.get("/api/sessione").json()["notice_days"] == 5
    else:
        assert re.search("(scadrà|scade) tra (<b>)?5 giorni", answer.text)


@pytest.mark.parametrize(
    "fault", ["door-foreign", "door-lookalike", "door-outside", "door-foreign-form", "door-frame", "door-open-redirect"]
)
def test_door_is_not_the_portals_own(start: Start, fault: str) -> None:
    """It leads elsewhere, now or afterwards; nothing is caught before somebody types."""
    customer = start(fault)
    customer.web.follow_redirects = False
    assert customer.portal.truth.options.door == fault.removeprefix("door-")
    door = customer.web.get("/api/accesso" if customer.layout == "g4" else "/login")
    if door.is_redirect and door.headers["location"].startswith(f"{customer.portal.login_url}auth"):
        door = customer.web.get(door.headers["location"])
    elsewhere = f"{customer.portal.foreign_url}|http(://|%3A%2F%2F)(localhost|phish.example|127.0.0.1%3A)"
    asks_there_later = fault == "door-foreign-form" and customer.layout == "g3"
    assert bool(re.search(elsewhere, door.headers.get("location", "") + door.text)) is not asks_there_later
    assert customer.portal.truth.phished == []


def thanks(customer: Orderer, answer: httpx.Response) -> str:
    """Return what the customer sees after the order."""
    if customer.layout != "g4":
        return answer.text
    number = answer.json()["number"]
    return customer.web.get(f"/api/ordini/{number}").text if number else ""


def test_thanks_for_an_order_that_does_not_exist(start: Start) -> None:
    """A number, and nothing behind it."""
    customer = start("success-without-order")
    assert "4100" in thanks(customer, customer.walk())
    assert ordered(customer) == []


def test_order_without_thanks(start: Start) -> None:
    """The list instead."""
    customer = start("order-without-success")
    seen = thanks(customer, customer.walk())
    assert len(ordered(customer)) == 1
    assert "Grazie" not in seen


def test_thanks_for_the_order_of_another_mailbox(start: Start) -> None:
    """Another number, and another address where one is shown."""
    customer = start("success-of-another")
    seen = thanks(customer, customer.walk())
    (order,) = ordered(customer)
    assert order.number not in seen
    assert order.addresses == (ADDRESS,)


@pytest.mark.parametrize("habit", [True, False])
def test_form_that_is_sent_twice_may_order_twice(start: Start, *, habit: bool) -> None:
    """The layout of about 2022 does so anyway."""
    customer = start(*(["every-post-orders"] if habit else []))
    customer.walk()
    customer.web.follow_redirects = False
    customer.take("confirm")
    assert customer.portal.truth.confirm_posts == 2
    assert len(ordered(customer)) == (2 if habit and customer.layout != "g3" else 1)


def test_order_is_listed_a_minute_late(start: Start) -> None:
    """Until then the list does not have it; «Rinnova» is gone at once."""
    customer = start("orders-listed-late")
    customer.walk()
    (order,) = ordered(customer)
    assert order.number not in customer.take("list").text
    customer.portal.truth.clock.advance(61)
    assert order.number in customer.take("list").text


def test_expiry_moves_an_hour_after_the_payment(start: Start) -> None:
    """Paid is not renewed."""
    customer = start("expiry-moves-late")
    customer.walk()
    (order,) = ordered(customer)
    truth = customer.portal.truth
    before = truth.mailbox(ADDRESS).expiry
    truth.pay_order(order.number)
    assert (truth.order(order.number).state, truth.mailbox(ADDRESS).expiry) == (OrderState.PAID, before)
    truth.clock.advance(timedelta(hours=1).total_seconds())
    assert truth.mailbox(ADDRESS).expiry == before.replace(year=before.year + 1)


# -- naming ------------------------------------------------------------------------------------------------------------


def test_every_fault_is_tried(request: pytest.FixtureRequest) -> None:
    """No named fault is left out of this module."""
    module = request.path.read_text(encoding="utf-8")
    assert [name for name in KINDS if f'"{name}' not in module] == []


@pytest.mark.parametrize(
    ("scenario", "complaint"),
    [
        ("single+no-such", "no fault 'no-such'; there are error"),
        ("single+error@nowhere", "step"),
        ("single+error@list*x", "no number of times"),
        ("single+every-post-orders@list", "has no step"),
        ("none+error", "no scenario 'none'"),
    ],
)
def test_unknown_fault_is_an_error(portal: MockPortal, scenario: str, complaint: str) -> None:
    """A misspelt fault never passes in silence."""
    with pytest.raises(BadValueError, match=complaint):
        portal.reset(scenario=scenario)


def test_faults_can_be_set_from_outside(portal: MockPortal, control: httpx.Client, web: httpx.Client) -> None:
    """`POST /faults` sets one, `GET /truth` tells which wait and which struck, `POST /faults/clear` ends it."""
    portal.reset(scenario="single")
    assert control.post("/faults", json={"name": "error", "step": "list", "times": 2}).is_success
    web.post("/login", data={"username": "200001@aruba.it", "password": "single-password"})
    assert web.get("/caselle").status_code == 500
    told = control.get("/truth").json()
    assert [(one["name"], one["times"]) for one in told["faults"]] == [("error", 1)]
    assert [one["name"] for one in told["struck"]] == ["error"]
    assert control.post("/faults/clear").json() == {"cleared": 1}
    assert web.get("/caselle").status_code == 200
    assert control.post("/faults", json={"name": "no-such"}).status_code == 400


def test_premium_is_what_is_chosen_beforehand(start: Start) -> None:
    """The dearest type."""
    customer = start("type-preselected@list")
    customer.walk("list")
    assert customer.portal.truth.options.preselected_type is MailboxType.PREMIUM
