"""The control API: the same truth, from outside."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

    from pec_autorenew.mock_portal import MockPortal


def _ok(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_truth_of_the_demo_is_complete(control: httpx.Client) -> None:
    """`GET /truth` tells everything, amounts as integers and days in ISO form."""
    truth = _ok(control.get("/truth"))
    assert set(truth) == {
        "clock",
        "layout",
        "scenario",
        "options",
        "accounts",
        "mailboxes",
        "orders",
        "hits",
        "sign_ins",
        "pushes",
        "codes_tried",
        "terms_accepted",
        "phished",
        "holder_edits",
        "confirm_posts",
        "refused_payments",
        "faults",
        "struck",
    }
    assert truth["scenario"] == "demo"
    assert truth["mailboxes"][0]["expiry"] == "2026-12-10"
    assert len(truth["options"]["consents"]) == 4


def test_round_trip_from_account_to_paid_order(control: httpx.Client, portal: MockPortal) -> None:
    """Account, mailbox, order and payment can all be made from outside."""
    _ok(control.post("/reset", json={"scenario": "empty", "layout": "g4", "clock": "2027-01-10T08:00:00+01:00"}))
    _ok(control.post("/accounts", json={"username": "1@aruba.it", "password": "p", "greeting": "G"}))
    _ok(control.post("/mailboxes", json={"address": "a@pec.it", "account": "1@aruba.it", "expiry": "2027-01-20"}))
    _ok(control.post("/mailboxes/a@pec.it", json={"type": "PRO", "yearly_net_cents": 2000}))
    order = _ok(control.post("/orders", json={"addresses": ["a@pec.it"], "years": 2, "method": "bollettino"}))
    assert order["gross_cents"] == 4880
    assert order["placed_at"].startswith("2027-01-10T08:00")
    paid = _ok(control.post(f"/orders/{order['number']}/pay"))
    assert paid["state"] == "paid"
    assert portal.truth.mailbox("a@pec.it").expiry == date(2029, 1, 20)
    assert portal.truth.layout == "g4"


def test_cancel_order_frees_the_mailbox(control: httpx.Client) -> None:
    """An order cancelled from outside is cancelled."""
    order = _ok(control.post("/orders", json={"addresses": ["studio.ginepro@pec.it"]}))
    assert _ok(control.post(f"/orders/{order['number']}/cancel"))["state"] == "cancelled"


def test_clock_can_be_set_and_moved(control: httpx.Client) -> None:
    """The clock obeys, and ticks on."""
    _ok(control.post("/clock", json={"now": "2027-03-01T12:00:00+01:00"}))
    moved = _ok(control.post("/clock", json={"advance": 86400}))
    assert datetime.fromisoformat(moved["clock"]).date() == date(2027, 3, 2)


def test_options_change_one_by_one(control: httpx.Client) -> None:
    """A knob that is not named keeps its place."""
    options = _ok(
        control.post("/options", json={"kit": "preselected", "extra_line": {"text": "Altro", "net_cents": 99}})
    )
    assert (options["kit"], options["max_years"]) == ("preselected", 5)
    assert options["extra_line"] == {"text": "Altro", "net_cents": 99}


def test_settings_change_the_latency(control: httpx.Client) -> None:
    """Latency is a setting of the server, not of the truth."""
    assert _ok(control.post("/settings", json={"latency_ms": 0})) == {"latency_ms": 0}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/reset", {"scenari": "demo"}),
        ("/reset", {"scenario": "none-such"}),
        ("/clock", {"now": "2027-03-01T12:00:00"}),
        ("/options", {"kits": "absent"}),
        ("/options", {"kit": "perhaps"}),
        ("/settings", {"latency": 1}),
        ("/accounts", {"username": "x"}),
        ("/mailboxes/nobody@pec.it", {"type": "PRO"}),
        ("/mailboxes/studio.ginepro@pec.it", {"expires": "2027-01-01"}),
        ("/orders", {"addresses": ["fatture.ginepro@gigapec.it"]}),
        ("/orders/12345678/pay", {}),
        ("/sessions/end", {"now": True}),
    ],
)
def test_bad_request_gets_400_and_a_sentence(control: httpx.Client, path: str, body: dict[str, object]) -> None:
    """Whatever the API does not know, it refuses aloud."""
    response = control.post(path, json=body)
    assert response.status_code == 400
    assert response.json()["error"]


def test_end_sessions_sends_the_visitor_to_the_login_page(control: httpx.Client, web: httpx.Client) -> None:
    """A session ended by the portal is over at the next click."""
    web.post("/login", data={"username": "100001@aruba.it", "password": "demo-password-studio"})
    assert _ok(control.post("/sessions/end")) == {"ended": 1}
    answer = web.get("/caselle")
    assert answer.url.path == "/login"
    assert "La sessione è scaduta" in answer.text
