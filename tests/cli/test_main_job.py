"""The main job as a user has it: a configuration, a scheduled command, and the portal's truth afterwards."""

from __future__ import annotations

import os
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.mock_portal import snapshot
from tests.cli.users import BIANCA, HEAD, both, ordered

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import Layout
    from tests.cli.users import Start, User

DUE = [
    "mirto.ginepro@arubapec.it",
    "officine.prugnolo@pec.it",
    "studio.ginepro@pec.it",
    "vecchia.ginepro@casellapec.com",
]
KEYS = {
    *("schema", "run_id", "command", "mode", "started_at", "finished_at", "exit_code", "exit_codes", "totals"),
    *("items", "next_due"),
}
ITEM_KEYS = {
    *("id", "account", "mailbox", "outcome", "reason", "message", "years", "payment_method", "gross", "order_gross"),
    *("order_number", "expiry_before", "expiry_after", "portal_autorenewal", "evidence"),
    *("pay_by", "reminder", "payment_instructions", "client"),
}


def test_renew_orders_each_due_mailbox_once_and_reconcile_sees_the_payment(
    user: User, start: Start, layout: Layout
) -> None:
    """Issue 2, «Done when»: exactly the due ones are ordered; again, nothing; paid, they are renewed (VER-1, PAY-4)."""
    portal = start(layout=layout)
    user.write(both(portal))

    first = user.run("renew", "--json")
    assert ordered(portal) == DUE
    assert first.mailboxes("awaiting-payment") == set(DUE)
    assert first.code == 7, "the expired mailbox is below its critical days until it is paid (SIL-3)"
    totals = first.json["totals"]
    assert {one["client"]: one["ordered"] for one in totals.pop("clients")} == {"": 1, "ginepro": 3}
    assert totals == {
        "ordered": 4,
        "gross": f"{sum(order.gross_cents for order in portal.truth.orders.values()) / 100:.2f}",
        "currency": "EUR",
    }
    assert len(first.json["items"]) == len(portal.truth.mailboxes)

    second = user.run("renew", "--json")
    assert ordered(portal) == DUE
    assert portal.truth.confirm_posts == len(portal.truth.orders)
    assert {second.items()[address] for address in DUE} == {("awaiting-payment", "waiting")}
    assert second.json["totals"]["ordered"] == 0

    before = {address: portal.truth.mailbox(address).expiry for address in DUE}
    for number in list(portal.truth.orders):
        portal.truth.pay_order(number)
    third = user.run("reconcile", "--json")
    assert third.code == 0
    renewed = {item["mailbox"]: item for item in third.json["items"]}
    assert set(renewed) == set(DUE) == third.mailboxes("renewed")
    for address, expiry in before.items():
        assert renewed[address]["expiry_before"] == expiry.isoformat()
        assert renewed[address]["expiry_after"] == expiry.replace(year=expiry.year + 1).isoformat()
    assert user.run("reconcile", "-q").out == ""


@pytest.mark.one_layout
def test_renew_with_one_mailbox_s_credentials_orders_that_mailbox(user: User, start: Start, layout: Layout) -> None:
    """Issue 2, item 5: the login of one mailbox is enough to renew it, and to see it renewed."""
    portal = start("single", layout)
    portal.truth.change_mailbox("bianca.sorbo@pec.it", password="S3gret0-Sorbo-43")
    user.write(HEAD.format(url=portal.url) + BIANCA.replace("200001@aruba.it", "bianca.sorbo@pec.it"))

    done = user.run("renew", "--json")
    assert done.code == 0
    assert done.items() == {"bianca.sorbo@pec.it": ("awaiting-payment", "ordered")}
    assert ordered(portal) == ["bianca.sorbo@pec.it"]
    assert [order.signed_in_as for order in portal.truth.orders.values()] == ["bianca.sorbo@pec.it"]

    portal.truth.pay_order(next(iter(portal.truth.orders)))
    assert user.run("reconcile", "--json").items() == {"bianca.sorbo@pec.it": ("renewed", "renewed")}


@pytest.mark.two_layouts
@pytest.mark.parametrize("seed", range(int(os.environ.get("PEC_RENAME_SEEDS", "1"))))
def test_renew_depends_on_no_id_or_class_of_the_markup(user: User, start: Start, layout: Layout, seed: int) -> None:
    """Issue 2, «Done when»: with all ids and classes renamed at random, everything still passes (DRF-2)."""
    portal = start(layout=layout, rename_seed=20_261_201 + seed)
    user.write(both(portal))
    assert user.run("renew", "--json").mailboxes("awaiting-payment") == set(DUE)
    assert ordered(portal) == DUE


@pytest.mark.two_layouts
def test_dry_run_goes_to_the_order_form_and_changes_nothing(user: User, start: Start, layout: Layout) -> None:
    """DRY-1: a dry run shows prices, and the portal's orders, mailboxes, accounts and consents stay as they were."""
    portal = start(layout=layout)
    user.write(both(portal))
    before = snapshot(portal.truth, portal.faults)
    done = user.run("renew", "--dry-run", "--json")
    after = snapshot(portal.truth, portal.faults)

    assert done.code == 7
    assert done.json["mode"] == "dry-run"
    assert done.mailboxes("would-order") == set(DUE)
    assert all(item["gross"] for item in done.json["items"] if item["outcome"] == "would-order")
    assert done.json["totals"] == {"ordered": 0, "gross": "0.00", "currency": "EUR"}
    assert {key: after[key] for key in ("orders", "mailboxes", "accounts", "holder_edits", "confirm_posts")} == {
        key: before[key] for key in ("orders", "mailboxes", "accounts", "holder_edits", "confirm_posts")
    }
    assert "No renewal yet." in user.run("history").out


def test_dry_run_without_anything_critical_exits_zero(user: User, start: Start) -> None:
    """DRY-1: what would be ordered is no complaint."""
    portal = start("single")
    user.write(HEAD.format(url=portal.url) + BIANCA)
    done = user.run("renew", "--dry-run")
    assert done.code == 0
    assert "Dry run: 1 would be ordered, 6,10 €; nothing was." in done.out
    assert ordered(portal) == []


def test_run_document_has_every_key_of_the_interface(user: User, start: Start) -> None:
    """INTERFACE: the document's keys are there, always, and `exit_code` is the first of `exit_codes`, the worst."""
    portal = start()
    user.write(both(portal))
    done = user.run("renew", "--json", "--max-items", "1", "--account", "studio")
    document = done.json
    assert document.keys() == KEYS
    assert document["schema"] == "pec-autorenew/run/1"
    assert all(item.keys() == ITEM_KEYS for item in document["items"])
    assert (done.code, document["exit_code"], document["exit_codes"]) == (7, 7, [7, 4])
    assert ordered(portal) == ["vecchia.ginepro@casellapec.com"], "the most urgent one (BLK-1)"
    (item,) = (one for one in document["items"] if one["reason"] == "ordered")
    (order,) = portal.truth.orders.values()
    assert item == item | {
        "id": f"vecchia.ginepro@casellapec.com/{item['expiry_before']}",
        "years": 1,
        "payment_method": "bonifico",
        "gross": f"{order.gross_cents / 100:.2f}",
        "order_gross": f"{order.gross_cents / 100:.2f}",
        "order_number": order.number,
        "expiry_after": None,
        "portal_autorenewal": "off",
        "evidence": [],
    }
    report = user.state / "runs" / document["run_id"] / "report.json"
    assert report.read_text("utf-8") == done.out
    assert report.stat().st_mode & 0o777 == 0o600
    assert document["next_due"] == {
        "mailbox": "archivio.ginepro@pec.it",
        "expiry": "2027-08-18",
        "due_from": "2027-07-19",
    }


def test_mailbox_below_its_critical_days_exits_seven_though_it_is_ordered(user: User, start: Start) -> None:
    """SIL-3: an unpaid order three days before the expiry is no renewal, and the message names the mailbox."""
    portal = start("single")
    today = portal.truth.clock.today()
    portal.truth.change_mailbox("bianca.sorbo@pec.it", expiry=today + timedelta(days=3))
    user.write(HEAD.format(url=portal.url) + BIANCA)
    done = user.run("renew")
    assert done.code == 7
    assert ordered(portal) == ["bianca.sorbo@pec.it"]
    assert "Below 7 days and not renewed: bianca.sorbo@pec.it (3 days left)." in done.out


@pytest.mark.one_layout
def test_max_total_never_raises_the_configured_limit(user: User, start: Start, layout: Layout) -> None:
    """PRC-2: a command line lowers limits only; what the budget does not cover is stopped, most urgent first."""
    portal = start(layout=layout)
    user.write(both(portal).replace('max_per_run = "200.00"', 'max_per_run = "13.00"'))
    done = user.run("renew", "--json", "--max-total", "999.00")
    assert sum(order.gross_cents for order in portal.truth.orders.values()) <= 1300
    assert done.json["exit_codes"] == [7, 4]
    assert done.items()["studio.ginepro@pec.it"] == ("stopped", "budget")


def test_max_total_lowers_the_limit_of_a_run(user: User, start: Start) -> None:
    """PRC-2: 6,10 € allow one mailbox of 6,10 €, and zero means zero."""
    portal = start("single")
    user.write(HEAD.format(url=portal.url) + BIANCA)
    none = user.run("renew", "--json", "--max-total", "0")
    assert (none.code, none.items()) == (4, {"bianca.sorbo@pec.it": ("stopped", "budget")})
    assert ordered(portal) == []
    assert user.run("renew", "--json", "--max-total", "6,10").code == 0
    assert ordered(portal) == ["bianca.sorbo@pec.it"]


@pytest.mark.parametrize(
    ("narrowing", "due"),
    [
        (("--account", "azienda"), {"officine.prugnolo@pec.it"}),
        (("--client", "ginepro"), {*DUE} - {"officine.prugnolo@pec.it"}),
        (("--mailbox", " Mirto.Ginepro@ARUBAPEC.it"), {"mirto.ginepro@arubapec.it"}),
    ],
)
def test_narrowing_options_leave_out_the_rest(
    user: User, start: Start, narrowing: tuple[str, ...], due: set[str]
) -> None:
    """INTERFACE: accounts, clients, and mailboxes in any spelling (DUP-9) choose what is planned."""
    user.write(both(start()))
    assert user.run("plan", "--json", *narrowing).mailboxes("would-order") == due


def test_within_narrows_the_window(user: User, start: Start) -> None:
    """INTERFACE: with ten days' window only what expires before is due."""
    user.write(both(start()))
    done = user.run("renew", "--dry-run", "--json", "--within", "10", "--client", "ginepro")
    assert done.mailboxes("would-order") == {"studio.ginepro@pec.it", "vecchia.ginepro@casellapec.com"}


def test_window_is_never_widened(user: User, start: Start) -> None:
    """INTERFACE: `--within` narrows; with 365 days the window is still 30."""
    portal = start("nothing-due")
    user.write(HEAD.format(url=portal.url) + BIANCA)
    done = user.run("renew", "--json", "--within", "365")
    assert done.mailboxes("skipped") == {"bianca.sorbo@pec.it", "sorbo.archivio@arubapec.it"}
    assert ordered(portal) == []


def test_renew_early_orders_that_mailbox_before_its_window(user: User, start: Start) -> None:
    """INTERFACE: `--renew-early` with its reason renews what is not due, even when a fresh survey would end the run."""
    portal = start("nothing-due")
    user.write(HEAD.format(url=portal.url) + BIANCA)
    assert user.run("renew").code == 0
    alone = user.run("renew", "--renew-early", "bianca.sorbo@pec.it")
    assert (alone.code, ordered(portal)) == (2, [])
    assert "--renew-early and --reason go together" in alone.err
    done = user.run("renew", "--json", "--renew-early", "Bianca.Sorbo@pec.it", "--reason", "closing the year")
    assert done.items()["bianca.sorbo@pec.it"] == ("awaiting-payment", "ordered")
    assert ordered(portal) == ["bianca.sorbo@pec.it"]


def test_nothing_due_starts_no_browser_and_says_what_is_next(user: User, start: Start) -> None:
    """ENV-3: after one look a run with nothing due needs no browser, asks the portal nothing, and says what comes."""
    portal = start("nothing-due")
    configuration = HEAD.format(url=portal.url) + BIANCA
    user.write(configuration)
    assert user.run("renew").code == 0
    hits = len(portal.truth.hits)

    user.write(configuration.replace("[browser]", '[browser]\nexecutable = "/nowhere/chromium"'))
    done = user.run("renew")
    assert done.code == 0
    assert len(portal.truth.hits) == hits
    assert "Nothing is due." in done.out
    archive = portal.truth.mailbox("sorbo.archivio@arubapec.it").expiry
    assert f"Next: sorbo.archivio@arubapec.it expires {archive:%d/%m/%Y} and is due from " in done.out
    assert f"{archive - timedelta(days=30):%d/%m/%Y}, in 170 days." in done.out
    quiet = user.run("renew", "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


def test_clock_that_starts_again_makes_no_survey_stale(user: User, start: Start) -> None:
    """INTERFACE: while `PEC_AUTORENEW_CLOCK` is set, run times that are equal or overlap are plausible."""
    portal = start("nothing-due")
    user.write(HEAD.format(url=portal.url) + BIANCA)
    instant = portal.truth.clock.now().isoformat()
    assert user.run("renew", PEC_AUTORENEW_CLOCK=instant).code == 0
    hits = len(portal.truth.hits)
    assert user.run("renew", PEC_AUTORENEW_CLOCK=instant).code == 0
    assert len(portal.truth.hits) == hits


def test_stale_survey_is_no_proof_that_nothing_is_due(user: User, start: Start) -> None:
    """Issue 2, item 10: after `survey_max_age` the portal is asked again; here the browser cannot be started."""
    portal = start("nothing-due")
    configuration = HEAD.format(url=portal.url) + BIANCA
    user.write(configuration)
    assert user.run("renew").code == 0
    portal.truth.clock.advance(timedelta(days=8).total_seconds())
    user.write(configuration.replace("[browser]", '[browser]\nexecutable = "/nowhere/chromium"'))
    done = user.run("renew")
    assert done.code == 78
    assert "browser.executable" in done.err


def test_plan_says_why_and_what_the_budget_leaves(user: User, start: Start) -> None:
    """INTERFACE: `plan` orders nothing, gives a reason for each mailbox, prices where known, and the budget after."""
    portal = start("single")
    user.write(HEAD.format(url=portal.url) + BIANCA)
    unknown = user.run("plan")
    assert (unknown.code, ordered(portal)) == (0, [])
    assert "1 due." in unknown.out
    assert "Budget: 200,00 € left in this run and month; the price of 1 shows only on the order form" in unknown.out

    assert user.run("renew").code == 0
    portal.truth.pay_order(next(iter(portal.truth.orders)))
    portal.truth.clock.advance(timedelta(days=360).total_seconds())
    assert user.run("reconcile").code == 0
    known = user.run("plan", "--json")
    assert known.json["schema"] == "pec-autorenew/plan/1"
    assert known.json["budget"] == {
        "left": "200.00",
        "left_afterwards": "193.90",
        "unpriced": 0,
        "currency": "EUR",
    }
    assert "193,90 € after it at the last orders' prices." in user.run("plan").out


def test_list_shows_the_portal_and_the_ledger(user: User, start: Start) -> None:
    """INTERFACE: `list` shows each mailbox as the portal has it; `--cached` says the same without a browser (SIL-6)."""
    portal = start()
    user.write(both(portal))
    live = user.run("list", "--json")
    assert live.code == 0
    assert live.json["schema"] == "pec-autorenew/list/1"
    assert live.json["problems"] == []
    lines = {line["mailbox"]: line for line in live.json["items"]}
    assert lines.keys() == portal.truth.mailboxes.keys()
    for address, mailbox in portal.truth.mailboxes.items():
        assert date.fromisoformat(lines[address]["expiry"]) == mailbox.expiry
        assert lines[address]["type"] == mailbox.type.value
        assert lines[address]["portal_autorenewal"] == ("on" if mailbox.auto_renewal else "off")
        assert lines[address]["days_left"] == (mailbox.expiry - portal.truth.clock.today()).days
    hits = len(portal.truth.hits)
    cached = user.run("list", "--cached", "--json")
    assert cached.json["items"] == live.json["items"]
    assert cached.json.keys() == live.json.keys()
    portal.truth.clock.advance(7200)
    text = user.run("list", "--cached", "--account", "azienda")
    assert text.out.splitlines()[0].startswith("officine.prugnolo@pec.it (azienda, STANDARD, attiva): expires ")
    assert "Account azienda: seen 2 h " in text.err
    table = user.run("list", "--cached", "--csv", "--mailbox", "studio.ginepro@pec.it").out.splitlines()
    assert len(table) == 2
    assert table[0].startswith("id,account,mailbox,type,state,expiry,days_left,")
    assert len(portal.truth.hits) == hits


def test_portal_s_own_renewer_is_left_alone(user: User, start: Start) -> None:
    """PAY-2: a mailbox with «Rinnovo automatico» on is never ordered, and is not announced as the next one."""
    portal = start()
    user.write(both(portal))
    done = user.run("renew", "--json", "--mailbox", "fatture.ginepro@gigapec.it")
    assert done.items() == {"fatture.ginepro@gigapec.it": ("skipped", "portal-autorenewal-on")}
    assert ordered(portal) == []
    assert done.json["next_due"]["mailbox"] == "gare.prugnolo@mypec.eu"
