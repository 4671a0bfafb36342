"""Every layout walked in a browser, as a person would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from pec_autorenew.mock_portal import LAYOUTS, OrderState

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import Layout, MockPortal

ADDRESS = "bianca.sorbo@pec.it"


def _sign_in(page: Page, portal: MockPortal, username: str, password: str) -> None:
    page.goto(portal.url)
    page.get_by_label("username o casella PEC").fill(username)
    if portal.truth.layout == "g3":
        page.get_by_role("button", name="Avanti").click()
    page.get_by_label("password", exact=True).fill(password)
    page.get_by_role("button", name="Accedi").click()


def _assert_ordered(portal: MockPortal, years: int) -> None:
    (order,) = portal.truth.orders.values()
    assert (order.addresses, order.years, order.state) == ((ADDRESS,), years, OrderState.AWAITING_PAYMENT)
    assert (len(order.consents), order.marketing_consents) == (3, ())
    assert portal.truth.confirm_posts == 1


@pytest.mark.parametrize("rename_seed", [None, 11])
def test_g2_walk_in_a_browser_places_the_order(portal: MockPortal, page: Page, rename_seed: int | None) -> None:
    """From «Rinnova caselle» to the order number, whatever the names in the markup."""
    portal.reset(scenario="single", layout="g2", rename_seed=rename_seed)
    _sign_in(page, portal, "200001@aruba.it", "single-password")
    page.get_by_role("link", name="Rinnova caselle").click()
    page.get_by_role("button", name="Prosegui e completa l'ordine").click()
    page.get_by_role("row", name="No, non aggiungere").get_by_role("radio").check()
    page.get_by_role("button", name="Prosegui e completa l'ordine").click()
    page.get_by_role("button", name="PROSEGUI e completa l'ordine").click()
    page.get_by_label("Bonifico").check()
    page.get_by_role("row", name="Frequenza di Rinnovo").get_by_role("combobox").select_option("3 anni")
    expect(page.get_by_role("row", name="Totale")).to_contain_text("€ 18,30")
    for consent in page.get_by_role("checkbox").all()[:3]:
        consent.check()
    page.get_by_role("button", name="CONFERMA e completa l'ordine").click()
    expect(page.get_by_text("Numero ordine")).to_be_visible()
    _assert_ordered(portal, years=3)


@pytest.mark.parametrize("rename_seed", [None, 11])
def test_g3_walk_in_a_browser_places_the_order(portal: MockPortal, page: Page, rename_seed: int | None) -> None:
    """From the sign-in site to the order number in the frame; a reload of the frame orders again, with a new number."""
    portal.reset(scenario="single", layout="g3", rename_seed=rename_seed)
    _sign_in(page, portal, "200001@aruba.it", "single-password")
    page.get_by_role("link", name="Gestisci").first.click()
    expect(page.get_by_role("row", name=ADDRESS)).to_contain_text("11 dicembre 2026")
    page.get_by_role("link", name="Rinnova", exact=True).click()
    expect(page.get_by_role("radio", name="Standard € 5,00 + IVA")).to_be_checked()
    page.get_by_role("button", name="Prosegui e completa l'ordine").click()
    expect(page.get_by_role("heading", name="Dati intestatario")).to_be_visible()
    page.get_by_role("button", name="Prosegui e completa l'ordine").click()
    form = page.frame_locator("iframe")
    form.get_by_text("Altre modalità").click()
    form.get_by_role("radio", name="Bonifico bancario").check()
    form.get_by_role("group", name="Frequenza di rinnovo").get_by_role("radio", name="3 anni").check()
    expect(form.get_by_text("€ 18,30")).to_be_visible()
    expect(form.get_by_role("radio", name="Bonifico bancario")).to_be_checked()
    for consent in form.get_by_role("checkbox").all()[:3]:
        consent.check()
    form.get_by_role("button", name="Conferma e completa l'ordine").click()
    expect(form.get_by_text("ID ordine")).to_be_visible()
    _assert_ordered(portal, years=3)
    first = form.get_by_role("definition").first.inner_text()
    page.frames[1].evaluate("location.reload()")
    expect(form.get_by_text(first)).to_be_hidden()
    expect(form.get_by_text("ID ordine")).to_be_visible()
    assert [order.addresses for order in portal.truth.orders.values()] == [(ADDRESS,), (ADDRESS,)]
    assert portal.truth.confirm_posts == 2


@pytest.mark.parametrize("rename_seed", [None, 11])
def test_g4_walk_in_a_browser_places_the_order(portal: MockPortal, page: Page, rename_seed: int | None) -> None:
    """From «Gestisci» to the order number, through nested shadow roots, whatever the names in the markup."""
    portal.reset(scenario="single", layout="g4", rename_seed=rename_seed)
    _sign_in(page, portal, "200001@aruba.it", "single-password")
    page.get_by_role("region", name="Posta certificata").get_by_role("button", name="Gestisci").click()
    page.get_by_role("button", name="Rinnova", exact=True).click()
    expect(page.get_by_role("radio", name="STANDARD")).to_be_checked()
    page.get_by_role("button", name="Prosegui e completa l'ordine").click()
    expect(page.get_by_role("heading", name="Dati Intestatario")).to_be_visible()
    page.get_by_role("button", name="Prosegui e completa l'ordine").click()
    expect(page.get_by_role("radio", name="Bonifico")).to_be_hidden()
    page.get_by_role("button", name="Altre modalità").click()
    page.get_by_role("radio", name="Bonifico").click()
    page.get_by_role("button", name="+").click()
    expect(page.get_by_text("12,20\xa0€")).to_be_visible()
    for consent in page.get_by_role("checkbox").all()[:3]:
        consent.click()
    page.get_by_role("button", name="Conferma e completa l'ordine").click()
    expect(page.get_by_text("Numero ordine")).to_be_visible()
    _assert_ordered(portal, years=2)


def test_g4_tabs_divide_the_mailboxes(portal: MockPortal, page: Page) -> None:
    """Each tab lists its own holders' mailboxes."""
    portal.reset(layout="g4")
    _sign_in(page, portal, "100001@aruba.it", "demo-password-studio")
    page.get_by_role("region", name="Posta certificata").get_by_role("button", name="Gestisci").click()
    expect(page.get_by_role("article")).to_have_count(4)
    page.get_by_role("tab", name="PEC di altri titolari").click()
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_role("article")).to_contain_text("Scadenza 25/12/2026")


def test_g4_kit_offered_must_be_answered(portal: MockPortal, page: Page) -> None:
    """A kit page, where the option asks for one, wants a yes or a no."""
    portal.reset(scenario="single", layout="g4")
    portal.truth.set_options(kit="offered")
    _sign_in(page, portal, ADDRESS, "password-della-casella")
    page.get_by_role("button", name="Rinnova", exact=True).click()
    page.get_by_role("button", name="Prosegui e completa l'ordine").click()
    expect(page.get_by_role("heading", name="kit di Firma Digitale")).to_be_visible()
    page.get_by_role("button", name="Prosegui e completa l'ordine").click()
    expect(page.get_by_role("alert")).to_contain_text("Indica se vuoi acquistare")
    page.get_by_role("radio", name="No, non aggiungere").click()
    page.get_by_role("button", name="Prosegui e completa l'ordine").click()
    expect(page.get_by_role("heading", name="Dati Intestatario")).to_be_visible()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_ended_session_says_so_at_the_next_page(portal: MockPortal, page: Page, layout: Layout) -> None:
    """Who was signed in is told that the session is over."""
    portal.reset(scenario="single", layout=layout)
    _sign_in(page, portal, ADDRESS, "password-della-casella")
    expect(page.get_by_text("Rinnova", exact=True)).to_be_visible()
    portal.end_sessions()
    page.reload()
    expect(page.get_by_text("sessione è scaduta")).to_be_visible()
