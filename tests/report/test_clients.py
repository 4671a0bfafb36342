"""Reports for each client: totals, the plan's budget, the page, one client's part of a run and of the history."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from pec_autorenew.report.document import list_items, run_document
from pec_autorenew.report.history import Part, RunRecord, history_document, record_document
from pec_autorenew.report.notes import notes_on
from pec_autorenew.report.orders import order_lines
from pec_autorenew.report.text import print_run
from tests.engine.double import TODAY
from tests.engine.office import account
from tests.report.pages import page_of, read

if TYPE_CHECKING:
    from tests.engine.office import Office

LABELS = {"rossi": "Rossi", "verdi": "Verdi <b>", "solo": ""}


@pytest.fixture
def shop(office: Office) -> Office:
    """Return an office with two clients and an account without a label; Rossi's month has room for one more order."""
    office.configure(*(account(name, client=client) for name, client in LABELS.items()))
    office.tree["clients"] = [{"name": "Rossi", "max_per_month": "61.00"}]
    for number, (owner, address) in enumerate(
        [("rossi", "r1@pec.it"), ("rossi", "r2@pec.it"), ("rossi", "r3@pec.it"), ("verdi", "v@pec.it")]
    ):
        office.truth.add(address, 10 + number, owner)
    office.truth.add("s@pec.it", 300, "solo")
    office.send_canary_home()
    return office


def document_of(office: Office, run_id: str) -> dict[str, Any]:
    """Return the run's document."""
    run = office.ledger.run(run_id)
    assert run is not None
    return run_document(run)


def test_run_s_totals_are_told_by_client(shop: Office) -> None:
    """Issue 7, item 3: each order counts for the client whose account it is; each item says whose it is."""
    document = document_of(shop, shop.run().run_id)
    assert document["totals"] == {
        "ordered": 3,
        "gross": "91.50",
        "currency": "EUR",
        "clients": [
            {"client": "Rossi", "ordered": 2, "gross": "61.00", "currency": "EUR"},
            {"client": "Verdi <b>", "ordered": 1, "gross": "30.50", "currency": "EUR"},
        ],
    }
    assert {item["mailbox"]: item["client"] for item in document["items"]} == {
        "r1@pec.it": "Rossi",
        "r2@pec.it": "Rossi",
        "r3@pec.it": "Rossi",
        "v@pec.it": "Verdi <b>",
        "s@pec.it": "",
    }


def test_run_s_text_sums_up_by_client(shop: Office) -> None:
    """Issue 7, item 3: one line for a few clients; for one client there is none."""
    document = document_of(shop, shop.run().run_id)
    for items, line in ((document, True), (document | {"totals": document["totals"] | {"clients": [{}]}}, False)):
        console = Console(file=StringIO(), width=200)
        print_run(console, items)
        assert isinstance(console.file, StringIO)
        said = "By client: Rossi 2, 61,00 €; Verdi <b> 1, 30,50 €." in console.file.getvalue()
        assert said is line


@pytest.mark.parametrize(("number", "whole", "listed"), [(40, False, True), (41, False, False), (41, True, True)])
def test_many_that_are_not_due_are_counted(shop: Office, number: int, *, whole: bool, listed: bool) -> None:
    """Issue 7: over thousands of mailboxes, what needs somebody is not lost among what needs nobody."""
    document = document_of(shop, shop.run("plan", live=False).run_id)
    calm = next(item for item in document["items"] if item["reason"] == "not-due")
    loud = [item for item in document["items"] if item["reason"] != "not-due"]
    items = [*loud, *(calm | {"mailbox": f"m{one}@pec.it"} for one in range(number))]
    console = Console(file=StringIO(), width=200)
    print_run(console, document | {"items": items}, whole=whole)
    assert isinstance(console.file, StringIO)
    said = console.file.getvalue()
    assert ("m7@pec.it" in said, f"{number} mailboxes are not due: -v lists them." in said) == (listed, not listed)
    assert all(item["mailbox"] in said for item in loud)


def test_plan_says_what_a_client_s_own_budget_leaves(shop: Office) -> None:
    """INTERFACE: the budget after, that of all and that of each client with one for which something is due."""
    result = shop.run("plan", live=False)
    notes = notes_on(shop.config, shop.ledger, result.items, shop.clock())
    assert notes.facts("plan")["budget"] == {
        "left": "200.00",
        "left_afterwards": "200.00",
        "unpriced": 4,
        "currency": "EUR",
        "clients": [{"client": "Rossi", "left": "61.00", "left_afterwards": "61.00", "unpriced": 3, "currency": "EUR"}],
    }
    shop.run()
    result = shop.run("plan", live=False)
    notes = notes_on(shop.config, shop.ledger, result.items, shop.clock())
    lines = notes.lines(document_of(shop, result.run_id))
    assert any(line.startswith("Budget: 0,00 € left in this run and month for client Rossi") for line in lines)


def test_plan_without_clients_says_nothing_of_them(shop: Office) -> None:
    """INTERFACE: what has no table has the limits of all, and no line."""
    shop.tree["clients"] = []
    notes = notes_on(shop.config, shop.ledger, shop.run("plan", live=False).items, shop.clock())
    assert "clients" not in notes.facts("plan")["budget"]


def test_page_has_a_section_by_client(shop: Office) -> None:
    """Issue 7, item 3: what was ordered, what is to be paid and what went wrong, client by client, and no markup."""
    page = read(page_of(shop, shop.run().run_id).html())
    section = page.text.split("By client")[1].split("What was not recognised")[0].split("The year ahead")[0]
    assert "Rossi 3 mailboxes 1 61,00 € 2 mailboxes 61,00 € 2 orders 61,00 € of 61,00 €" in section
    assert "Verdi <b> 1 mailbox – 30,50 € 1 mailbox 30,50 € 1 order –" in section
    assert "Nothing to tell of those without a label." in section


def test_page_of_one_client_has_no_such_section(shop: Office) -> None:
    """Where all accounts have one label, or none, a table by client would say the same again."""
    shop.configure(account("rossi"), account("verdi"), account("solo"))
    shop.tree["clients"] = []
    assert "By client" not in read(page_of(shop, shop.run().run_id).html()).text


def test_run_is_shown_for_one_client(shop: Office) -> None:
    """Issue 7, item 3: a client's part of a run names nobody else's mailboxes, renewals and events."""
    run = shop.ledger.run(shop.run().run_id)
    assert run is not None
    record = RunRecord(run, shop.ledger.events(run_id=run.id), shop.renewals())
    rossi = record_document(Part(clients=frozenset({"Rossi"})).of(record))
    assert {item["mailbox"] for item in rossi["items"]} == {"r1@pec.it", "r2@pec.it", "r3@pec.it"}
    assert {one["mailbox"] for one in rossi["renewals"]} == {"r1@pec.it", "r2@pec.it"}
    assert rossi["events"]
    assert "v@pec.it" not in str([rossi["items"], rossi["renewals"], rossi["events"]])
    assert (rossi["exit_code"], rossi["totals"]["ordered"]) == (4, 3)
    assert record_document(Part().of(record)) == record_document(record)
    one = Part(frozenset({"verdi"}), frozenset({"Verdi <b>"}), frozenset({"v@pec.it"})).of(record)
    assert [item["mailbox"] for item in record_document(one)["items"]] == ["v@pec.it"]
    assert not record_document(Part(frozenset({"verdi"}), frozenset({"Rossi"})).of(record))["items"]


def test_history_sums_up_by_client(shop: Office) -> None:
    """Issue 7, item 3: what the accountant bills to whom; a cancelled order is nobody's."""
    shop.run()
    shop.truth.orders[0].state = type(shop.truth.orders[0].state)("cancelled")
    shop.run("reconcile")
    told = history_document((), shop.renewals(), order_lines(shop.renewals()))
    assert told["clients"] == [
        {"client": "Rossi", "orders": 1, "gross": "30.50", "currency": "EUR"},
        {"client": "Verdi <b>", "orders": 1, "gross": "30.50", "currency": "EUR"},
    ]


def test_inventory_says_whose_a_mailbox_is(shop: Office) -> None:
    """INTERFACE: `list --json` and `--csv` have the label."""
    shop.run("list", live=False)
    lines = list_items(shop.ledger.last_surveys(shop.config.portal.base_url), (), TODAY, LABELS)
    assert {line["mailbox"]: line["client"] for line in lines}["v@pec.it"] == "Verdi <b>"
