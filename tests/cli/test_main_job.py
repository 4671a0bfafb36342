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


@pytest.mark.one_layout
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


@pytest.mark.one_layout
@pytest.mark.parametrize("seed", range(int(os.environ.get("PEC_RENAME_SEEDS", "1"))))
def test_renew_depends_on_no_id_or_class_of_the_markup(user: User, start: Start, layout: Layout, seed: int) -> None:
    """Issue 2, «Done when»: with all ids and classes renamed at random, everything still passes (DRF-2)."""
    portal = start(layout=layout, rename_seed=20_261_201 + seed)
    user.write(both(portal))
    assert user.run("renew", "--json").mailboxes("awaiting-payment") == set(DUE)
    assert ordered(portal) == DUE


@pytest.mark.one_layout
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
