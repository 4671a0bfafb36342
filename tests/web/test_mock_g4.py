"""The JSON behind the layout of 2024."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

    from pec_autorenew.mock_portal import MockPortal

ADDRESS = "bianca.sorbo@pec.it"
CHOICE = {"address": ADDRESS, "type": "STANDARD", "extra_gb": 0, "years": 1, "kit": False}


@pytest.fixture
def single(portal: MockPortal, web: httpx.Client) -> httpx.Client:
    """Sign a customer with one mailbox in."""
    portal.reset(scenario="single", layout="g4")
    answer = web.post("/api/accesso", json={"username": "200001@aruba.it", "password": "single-password"})
    assert answer.json() == {"mailbox": None}
    return web


def _order(portal: MockPortal, **changes: object) -> dict[str, Any]:
    consents = [consent.text for consent in portal.truth.options.consents if consent.required]
    return {**CHOICE, "method": "bonifico", "consents": consents, "discount": "", **changes}


def test_g4_page_is_the_same_at_every_address(single: httpx.Client) -> None:
    """The server sends an empty page; scripts draw the rest."""
    assert single.get("/").text == single.get("/pec/rinnova/x/piano").text


def test_g4_without_session_answers_401(portal: MockPortal, web: httpx.Client) -> None:
    """The scripts learn that nobody is signed in."""
    portal.reset(layout="g4")
    answer = web.get("/api/caselle")
    assert (answer.status_code, answer.json()) == (401, {"ended": False})


def test_g4_wrong_password_answers_401(portal: MockPortal, web: httpx.Client) -> None:
    """Wrong data are refused in words."""
    portal.reset(layout="g4")
    answer = web.post("/api/accesso", json={"username": "100001@aruba.it", "password": "no"})
    assert answer.status_code == 401
    assert "non sono corretti" in answer.json()["message"]


def test_g4_api_to_the_end_places_one_order(single: httpx.Client, portal: MockPortal) -> None:
    """Offer, price, order and confirmation agree."""
    offer = single.get(f"/api/rinnovo/{ADDRESS}").json()
    assert (offer["selected_type"], offer["kit"], offer["methods_hidden"]) == ("STANDARD", "absent", True)
    assert single.post("/api/preventivo", json={**CHOICE, "years": 3}).json()["gross_cents"] == 1830
    answer = single.post("/api/ordini", json=_order(portal, years=3))
    number = answer.json()["number"]
    assert portal.truth.order(number).gross_cents == 1830
    assert single.get(f"/api/ordini/{number}").json()["state"] == "awaiting_payment"
    assert portal.truth.confirm_posts == 1
    assert single.get(f"/api/rinnovo/{ADDRESS}").status_code == 409


def test_g4_confirm_twice_places_one_order(single: httpx.Client, portal: MockPortal) -> None:
    """The second request is counted and refused."""
    single.post("/api/ordini", json=_order(portal))
    assert single.post("/api/ordini", json=_order(portal)).status_code == 409
    assert (len(portal.truth.orders), portal.truth.confirm_posts) == (1, 2)


def test_g4_confirm_without_method_is_refused(single: httpx.Client, portal: MockPortal) -> None:
    """Nothing is ordered without a way to pay."""
    answer = single.post("/api/ordini", json=_order(portal, method=None))
    assert "modalità di pagamento" in answer.json()["message"]
    assert portal.truth.orders == {}


def test_g4_order_can_be_cancelled_and_paid(single: httpx.Client, portal: MockPortal) -> None:
    """The list of orders acts on the truth."""
    first = portal.truth.place_order_for(ADDRESS).number
    assert single.post(f"/api/ordini/{first}/annullamento", json={}).json()["state"] == "cancelled"
    second = portal.truth.place_order_for(ADDRESS).number
    assert single.post(f"/api/ordini/{second}/pagamento", json={"method": "carta"}).json()["state"] == "paid"
    assert portal.truth.mailbox(ADDRESS).auto_renewal


def test_g4_mailbox_login_sees_only_itself(portal: MockPortal, web: httpx.Client) -> None:
    """A mailbox's own credentials list that mailbox alone."""
    portal.reset(layout="g4")
    web.post("/api/accesso", json={"username": "studio.ginepro@pec.it", "password": "password-della-casella"})
    assert [box["address"] for box in web.get("/api/caselle").json()["mailboxes"]] == ["studio.ginepro@pec.it"]
