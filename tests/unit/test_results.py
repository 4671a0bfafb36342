"""What a run came to: exit codes, the worst first, and its totals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import combinations, permutations

import pytest

from pec_autorenew import errors
from pec_autorenew.model import Item, Outcome, PaymentMethod, PortalAutorenewal
from pec_autorenew.results import (
    PlacedOrder,
    exit_code_of,
    exit_code_of_error,
    exit_codes,
    is_critical,
    item_as_json,
    item_from_json,
    totals,
    worst_first,
)

TODAY = date(2026, 12, 1)
FAR = date(2027, 6, 1)


def item(outcome: Outcome, reason: str = "", *, expiry: date | None = FAR, **facts: object) -> Item:
    """Return an item of the report."""
    return Item("studio", "a@pec.it", outcome, reason, "", expiry_before=expiry, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("outcome", "reason", "code"),
    [
        (Outcome.RENEWED, "renewed", 0),
        (Outcome.AWAITING_PAYMENT, "ordered", 0),
        (Outcome.AWAITING_PAYMENT, "waiting", 0),
        (Outcome.AWAITING_PAYMENT, "adopted", 0),
        (Outcome.AWAITING_PAYMENT, "bank-authentication", 3),
        (Outcome.WOULD_ORDER, "dry-run", 0),
        (Outcome.SKIPPED, "not-due", 0),
        (Outcome.FAILED, "sign-in-rejected", 1),
        (Outcome.FAILED, "order-cancelled", 1),
        (Outcome.FAILED, "maintenance", 75),
        (Outcome.FAILED, "unreachable", 75),
        (Outcome.FAILED, "too-many-requests", 75),
        (Outcome.NEEDS_PERSON, "captcha", 3),
        (Outcome.STOPPED, "budget", 4),
        (Outcome.UNKNOWN, "unknown", 5),
        (Outcome.DRIFT, "unexpected-page", 6),
    ],
)
def test_item_alone_gives_its_exit_code(outcome: Outcome, reason: str, code: int) -> None:
    """INTERFACE, outcomes: each has its exit code."""
    assert exit_code_of(item(outcome, reason)) == code
    assert exit_codes([item(outcome, reason)], TODAY, 7) == (code,)


def test_several_codes_are_listed_the_worst_first() -> None:
    """INTERFACE, exit codes: 5, 7, 6, 4, 3, 1, 75, 8; all of them, whatever order they came in."""
    order = (5, 7, 6, 4, 3, 1, 75, 8)
    for pair in combinations(order, 2):
        assert all(worst_first(set(two)) == pair for two in permutations(pair))
    assert worst_first(set(order) | {0}) == order
    assert worst_first({0}) == worst_first(set()) == (0,)


def test_all_codes_of_a_run_are_listed() -> None:
    """INTERFACE: the worst wins, the JSON lists all; a temporary trouble beside a failure too."""
    items = [item(Outcome.FAILED, "unreachable"), item(Outcome.FAILED, "timeout"), item(Outcome.UNKNOWN)]
    assert exit_codes(items, TODAY, 7) == (5, 1, 75)


@pytest.mark.parametrize(("days", "critical"), [(-91, False), (-90, True), (6, True), (7, False), (8, False)])
def test_mailbox_below_its_critical_days_is_critical(days: int, critical: bool) -> None:  # noqa: FBT001 - a fact
    """SIL-3: below means below, counted in dates."""
    expiry = date.fromordinal(TODAY.toordinal() + days)
    waiting = item(Outcome.AWAITING_PAYMENT, "waiting", expiry=expiry)
    assert is_critical(waiting, TODAY, 7) is critical
    assert exit_codes([waiting], TODAY, 7) == ((7,) if critical else (0,))


@pytest.mark.parametrize(
    ("outcome", "reason", "critical"),
    [
        (Outcome.SKIPPED, "excluded", False),
        (Outcome.SKIPPED, "cancelled", False),
        (Outcome.SKIPPED, "already-renewed", False),
        (Outcome.RENEWED, "renewed", False),
        (Outcome.SKIPPED, "portal-autorenewal-on", True),
        (Outcome.SKIPPED, "not-renewable-here", True),
        (Outcome.STOPPED, "budget", True),
        (Outcome.WOULD_ORDER, "dry-run", True),
    ],
)
def test_critical_whatever_the_reason_but_what_nobody_wants(
    outcome: Outcome,
    reason: str,
    critical: bool,  # noqa: FBT001 - a fact
) -> None:
    """SIL-3: excluded and cancelled apart, and what was just renewed."""
    assert is_critical(item(outcome, reason, expiry=TODAY), TODAY, 7) is critical


def test_item_without_expiry_is_never_critical() -> None:
    """SIL-3: an account that nobody could look at has no date."""
    assert not is_critical(item(Outcome.FAILED, "timeout", expiry=None), TODAY, 7)


def test_totals_count_each_order_of_this_run_once() -> None:
    """INTERFACE: `totals.gross` sums orders; what waits from before, or was adopted, is not this run's."""
    common: dict[str, object] = {"order_number": "1", "order_gross": Decimal("61.00")}
    items = [
        Item("s", "a@pec.it", Outcome.AWAITING_PAYMENT, "ordered", "", FAR, **common),  # type: ignore[arg-type]
        Item("s", "b@pec.it", Outcome.RENEWED, "expiry-differs", "", FAR, **common),  # type: ignore[arg-type]
        Item("s", "c@pec.it", Outcome.AWAITING_PAYMENT, "waiting", "", FAR, order_gross=Decimal(9)),
        Item("s", "d@pec.it", Outcome.UNKNOWN, "unknown", "", FAR, order_gross=Decimal(7)),
    ]
    order = PlacedOrder("click", Decimal("61.00"), "")
    placed = {f"{one.mailbox}/{FAR}": order for one in items if one.mailbox != "c@pec.it"}
    assert totals(items, placed) == {"ordered": 2, "gross": "61.00", "currency": "EUR"}
    assert totals(items, {}) == {"ordered": 0, "gross": "0.00", "currency": "EUR"}


@pytest.mark.parametrize(
    ("first", "second", "gross"),
    [
        (("1", "20.00"), ("2", "41.00"), "61.00"),
        (("1", "61.00"), ("2", "61.00"), "61.00"),
        ((None, "61.00"), (None, "61.00"), "61.00"),
        ((None, "20.00"), (None, "41.00"), "61.00"),
    ],
    ids=["two-orders", "as-the-ledger-has-them", "one-without-a-number", "two-without-a-number"],
)
def test_totals_count_a_click_once(first: tuple[str | None, str], second: tuple[str | None, str], gross: str) -> None:
    """INTERFACE: an order that was split, or one without a number, is what was clicked for; the next is another."""
    sums = {"a@pec.it": first, "b@pec.it": second, "z@pec.it": ("3", "5.00")}
    items = [
        Item("s", box, Outcome.AWAITING_PAYMENT, "ordered", "", FAR, order_number=number, order_gross=Decimal(of))
        for box, (number, of) in sums.items()
    ]
    clicks = {box: PlacedOrder("1st", Decimal("61.00"), "") for box in sums} | {
        "z@pec.it": PlacedOrder("2nd", Decimal(5), "")
    }
    placed = {f"{box}/{FAR}": order for box, order in clicks.items()}
    assert totals(items, placed)["gross"] == str(Decimal(gross) + 5)


@pytest.mark.parametrize(
    "one",
    [
        Item("s", None, Outcome.FAILED, "timeout", "late"),
        Item(
            "s", "a@pec.it", Outcome.AWAITING_PAYMENT, "ordered", "there", TODAY, FAR, 2, PaymentMethod.BONIFICO,
            Decimal("30.50"), Decimal("61.00"), "77", PortalAutorenewal.OFF, ("1.png",), TODAY,
            reminder=True, instructions="pay",
        ),
    ],
    ids=["bare", "whole"],
)  # fmt: skip
def test_item_comes_back_as_it_was_written_down(one: Item) -> None:
    """NOT-1: a sweep's report is put together from what its workers wrote down."""
    assert item_from_json(item_as_json(one)) == one


def test_item_as_json_writes_money_as_text_and_days_as_iso() -> None:
    """INTERFACE, the result of `renew --json`."""
    full = item(
        Outcome.AWAITING_PAYMENT,
        "ordered",
        gross=Decimal("30.5"),
        method=PaymentMethod.BONIFICO,
        autorenewal=PortalAutorenewal.OFF,
    )
    told = item_as_json(full)
    assert (told["id"], told["gross"], told["expiry_before"]) == ("a@pec.it/2027-06-01", "30.50", "2027-06-01")
    assert (told["payment_method"], told["portal_autorenewal"], told["order_gross"]) == ("bonifico", "off", None)
    assert item_as_json(Item("s", None, Outcome.FAILED, "timeout", ""))["id"] is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.NotRecorded(""), 5),
        (errors.LedgerError(""), 78),
        (errors.ConfigError(""), 78),
        (errors.AnotherRun(""), 75),
        (errors.PortalUnreachable(""), 75),
        (errors.TooManyRequests(""), 75),
        (errors.UnexpectedPage(""), 6),
        (errors.PersonNeeded(""), 3),
        (errors.FormChanged(""), 4),
        (errors.ForeignOrigin(""), 4),
        (errors.SignInLimit(""), 4),
        (errors.SignInRejected(""), 1),
        (errors.Unexpected(""), 1),
    ],
)
def test_error_that_ends_a_command_has_its_exit_code(error: errors.PecAutorenewError, code: int) -> None:
    """INTERFACE, exit codes: a ledger that fails after the click is 5, before it 78."""
    assert exit_code_of_error(error) == code
