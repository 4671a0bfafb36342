"""Chaos by seed: the same seed draws the same pages, and a person still finds the way to every order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.mock_portal import LAYOUTS, Layout, OrderState
from tests.web.clerk import Clerk, LostError

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from pec_autorenew.mock_portal import MockPortal

ADDRESS = "bianca.sorbo@pec.it"
CONSENTS = ("^dichiaro di aver letto", "^ai sensi degli artt", "^dichiaro di aver preso visione")
SAID = (
    ("ordered", r"^(numero ordine|n\. ordine)"),
    ("form", r"^modalità di pagamento$"),
    ("kit", r"^aggiungi al tuo ordine un kit"),
    ("onward", r"^(dati intestatario|dati titolare|profilo titolare|dati (di )?fatturazione)$"),
    ("onward", r"^(gestione caselle pec|rinnova la tua casella)$"),
    ("mailboxes", r"^rinnova$"),
    ("home", r"^i tuoi servizi$"),
    ("login", r"^accedi all"),
)


def _where(clerk: Clerk) -> str:
    """Say which page is on the screen, by what can be read on it."""
    for _turn in range(60):
        texts = [str(thing["text"]).rstrip(" :") for thing in clerk.see() if thing["kind"] == "text"]
        for place, pattern in SAID:
            if any(re.search(pattern, text, re.IGNORECASE) for text in texts):
                # The state of an order in a list of orders is no confirmation.
                if place == "ordered" and any(
                    re.match(r"rinnova$|nessun ordine", text, re.IGNORECASE) for text in texts
                ):
                    continue
                return place
        clerk.page.wait_for_timeout(50)
    raise LostError(f"what page is this? {texts}")


def _open_the_service(clerk: Clerk) -> None:
    if clerk.find(r"^rinnova caselle$"):
        clerk.press(r"^rinnova caselle$")
    else:
        clerk.press(r"^gestisci$", near=r"^(posta certificata|pec|pec - posta elettronica certificata)$")


def _fill_the_form(clerk: Clerk) -> None:
    if clerk.find(r"^bonifico") is None:
        clerk.press(r"^altre modalità$")
    clerk.choose(r"^bonifico")
    for text in CONSENTS:
        clerk.choose(text)
    clerk.press(r"^conferma e completa")


def _act(clerk: Clerk, place: str) -> None:
    match place:
        case "login":
            clerk.type_into("text", "200001@aruba.it")
            clerk.type_into("password", "single-password")
            clerk.press(r"^(accedi|login|entra)$")
        case "home":
            _open_the_service(clerk)
        case "mailboxes":
            clerk.press(r"^rinnova$")
        case "kit":
            clerk.choose(r"^no, non aggiungere")
            clerk.press(r"^prosegui")
        case "onward":
            clerk.press(r"^prosegui( e completa l'ordine)?$")
        case "form":
            _fill_the_form(clerk)


def order_as_a_person(page: Page, url: str) -> None:
    """Walk from the login page to the order number."""
    clerk = Clerk(page)
    page.goto(url)
    page.wait_for_load_state()
    for _step in range(12):
        place = _where(clerk)
        before = page.url
        if place == "ordered":
            return
        _act(clerk, place)
        for _turn in range(100):
            if page.url != before:
                break
            page.wait_for_timeout(50)
        else:
            raise LostError(f"{place}: pressing led nowhere")
    raise LostError("too many steps")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_chaos_leaves_the_way_to_the_order_open(portal: MockPortal, page: Page, layout: Layout, seed: int) -> None:
    """Whoever reads and points places the order."""
    portal.reset(scenario="single", layout=layout, chaos_seed=seed)
    order_as_a_person(page, portal.url)
    (order,) = portal.truth.orders.values()
    assert (order.addresses, order.years, order.state) == ((ADDRESS,), 1, OrderState.AWAITING_PAYMENT)
    assert (len(order.consents), order.marketing_consents, order.extras) == (3, (), ())
    assert portal.truth.holder_edits == []
