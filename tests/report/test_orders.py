"""What the accountant gets: every order once, with its money, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.cli.inventory import write_csv
from pec_autorenew.model import OrderState, PaymentMethod
from pec_autorenew.report.document import LIST_COLUMNS, list_items
from pec_autorenew.report.history import RENEWAL_COLUMNS, renewal_line
from pec_autorenew.report.orders import ORDER_COLUMNS, Chosen, net_and_vat, order_lines
from pec_autorenew.results import item_as_json
from pec_autorenew.states import RenewalState
from tests.engine.double import TODAY
from tests.engine.office import account

if TYPE_CHECKING:
    from typing import Any

    from pec_autorenew.ledger import Renewal
    from tests.engine.office import Office

DOCUMENT = Path(__file__).parents[2] / "docs" / "reports.md"


@pytest.fixture
def shared(office: Office) -> Office:
    """Return an office after a run: an order of two mailboxes, and one of a client's."""
    office.truth.flags = True
    office.configure(account("studio"), account("other", client="ginepro"))
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 20, price=Decimal("6.10"))
    office.truth.add("c@pec.it", 12, "other")
    office.run()
    return office


def printed(lines: list[dict[str, Any]], columns: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> list[Any]:
    """Return the rows as a program reads them back."""
    write_csv(lines, columns)
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_sum_over_orders_is_what_the_portal_asks_for(shared: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """Issue 6, item 6: by order, money is summed up once; by mailbox, an order's money stands in each line."""
    asked_for = sum((order.gross for order in shared.truth.orders), Decimal(0))
    rows = printed(order_lines(shared.renewals()), ORDER_COLUMNS, capsys)
    assert sum(Decimal(row["gross"]) for row in rows) == asked_for == Decimal("67.10")
    assert {row["order_number"]: row["mailboxes"] for row in rows} == {
        order.number: " ".join(order.lines) for order in shared.truth.orders
    }
    by_mailbox = printed([renewal_line(one) for one in shared.renewals()], RENEWAL_COLUMNS, capsys)
    assert sum(Decimal(row["gross"]) for row in by_mailbox) == asked_for
    assert sum(Decimal(row["order_gross"]) for row in by_mailbox) > asked_for


def test_order_s_line_holds_what_an_invoice_is_matched_by(shared: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """Issue 6, item 6: ISO dates, amounts with a point, the client's label, the currency."""
    row = next(
        row for row in printed(order_lines(shared.renewals()), ORDER_COLUMNS, capsys) if row["client"] == "ginepro"
    )
    expected = {
        "order_number": shared.truth.orders_for("c@pec.it")[0].number,
        "order_date": "2026-12-01",
        "gross": "30.50",
        "currency": "EUR",
        "account": "other",
        "mailboxes": "c@pec.it",
        "years": "1",
        "payment_method": "bonifico",
        "state": "awaiting-payment",
        "expiry_before": "2026-12-13",
    }
    assert {name: row[name] for name in expected} == expected


def test_click_that_the_portal_split_is_one_line(office: Office) -> None:
    """VER-2: two orders of one click share a form, and so its money; both numbers are told."""
    office.truth.flags, office.truth.split_into = True, 1
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 20)
    office.run()
    (line,) = order_lines(office.renewals())
    assert line["order_number"] == " ".join(str(order.number) for order in office.truth.orders)
    assert Decimal(line["gross"]) == sum((order.gross for order in office.truth.orders), Decimal(0))


def test_only_what_may_be_an_order_has_a_line(shared: Office) -> None:
    """DUP-10: a cancelled order keeps its line and says so; what failed before the click never was an order."""
    gone, paid = shared.truth.orders
    gone.state = OrderState.CANCELLED
    shared.truth.pay(paid)
    shared.truth.add("d@pec.it", 9, "other")
    shared.clock.advance(timedelta(hours=2))
    shared.run("reconcile")
    states = {line["order_number"]: line["state"] for line in order_lines(shared.renewals())}
    assert states == {gone.number: "cancelled", paid.number: "renewed"}
    shared.truth.script["form"].append(lambda: setattr(shared.truth.boxes["d@pec.it"], "price", Decimal(31)))
    shared.run()
    assert [one.state for one in shared.renewals("d@pec.it")] == [RenewalState.FAILED]
    assert not [line for line in order_lines(shared.renewals()) if "d@pec.it" in line["mailboxes"]]


def test_net_and_vat_are_the_form_s(shared: Office) -> None:
    """LOC-2: where «Modulo Ordine» showed none, there is none; nothing is computed."""
    (renewal,) = shared.renewals("c@pec.it")
    assert net_and_vat(renewal) == (None, None)
    assert net_and_vat(_with_form(renewal, {"net": "25.00", "vat": "5.5"})) == ("25.00", "5.50")


def _with_form(renewal: Renewal, form: dict[str, object]) -> Renewal:
    return replace(renewal, form=form)


@pytest.mark.parametrize(
    ("chosen", "mailboxes"),
    [
        (Chosen(), {"a@pec.it", "b@pec.it", "c@pec.it"}),
        (Chosen(accounts=frozenset({"other"})), {"c@pec.it"}),
        (Chosen(clients=frozenset({"ginepro"})), {"c@pec.it"}),
        (Chosen(mailboxes=frozenset({"b@pec.it"})), {"b@pec.it"}),
        (Chosen(since=TODAY), {"a@pec.it", "b@pec.it", "c@pec.it"}),
        (Chosen(until=TODAY), {"a@pec.it", "b@pec.it", "c@pec.it"}),
        (Chosen(since=TODAY + timedelta(days=1)), set()),
        (Chosen(until=TODAY - timedelta(days=1)), set()),
    ],
)
def test_choice_leaves_out_what_is_not_asked_for(shared: Office, chosen: Chosen, mailboxes: set[str]) -> None:
    """Issue 6, item 6: by account, client, mailbox, and the day of the order, its ends included."""
    assert {one.address for one in chosen.of(shared.renewals())} == mailboxes


def test_choice_of_a_mailbox_takes_its_whole_order(shared: Office) -> None:
    """Issue 6, item 6: an order's money is not split."""
    (line,) = order_lines(Chosen(mailboxes=frozenset({"b@pec.it"})).orders_of(shared.renewals()))
    assert (line["mailboxes"], line["gross"]) == ("a@pec.it b@pec.it", "36.60")


@pytest.mark.parametrize("cell", ["=1+1", "+39", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_cell_is_no_formula(cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Issue 6, item 6: what somebody else wrote is text in a spreadsheet; figures of ours stay figures."""
    (row,) = printed([{"client": cell, "days_left": -5, "gross": "6.10"}], ("client", "days_left", "gross"), capsys)
    assert row == {"client": f"'{cell}", "days_left": "-5", "gross": "6.10"}


def test_columns_are_those_that_the_document_names(shared: Office) -> None:
    """INTERFACE: names stay; each column is explained, in its order."""
    lines = order_lines(shared.renewals())
    inventory = list_items(shared.ledger.last_surveys(shared.config.portal.base_url), (), date(2026, 12, 1), {})
    for columns, line, heading in (
        (RENEWAL_COLUMNS, renewal_line(shared.renewals()[0]), "By mailbox"),
        (ORDER_COLUMNS, lines[0], "By order"),
        (LIST_COLUMNS, inventory[0], "The inventory"),
    ):
        assert tuple(line) == columns
        section = DOCUMENT.read_text("utf-8").split(f"### {heading}\n")[1].split("\n#")[0]
        assert tuple(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == columns


def test_keys_of_an_item_are_those_that_the_document_names(shared: Office) -> None:
    """INTERFACE: whoever reads `renew --json` finds each key explained, and none that is not there."""
    section = DOCUMENT.read_text("utf-8").split("## For a program\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.+?`) \| ", section, re.MULTILINE)
    named = {key for row in rows for key in re.findall(r"`(\w+)`", row)}
    assert named == set(item_as_json(shared.run().items[0]))


def test_empty_table_still_has_its_head(capsys: pytest.CaptureFixture[str]) -> None:
    """INTERFACE: a program that reads the columns finds them on the first day too."""
    write_csv([], ORDER_COLUMNS)
    assert capsys.readouterr().out.strip() == ",".join(ORDER_COLUMNS)


def test_adopted_order_has_no_day_of_ours(office: Office) -> None:
    """DUP-6: nobody here saw somebody else's click; its amount is the list's."""
    office.truth.add("a@pec.it", 10)
    theirs = office.truth.place("a@pec.it")
    office.run()
    (line,) = order_lines(office.renewals())
    assert (line["order_number"], line["order_date"], line["gross"]) == (theirs.number, None, "30.50")
    assert office.renewals()[0].method in {None, PaymentMethod.BONIFICO}
