"""The knobs of the mock portal that a portal may turn: each changes what is on the screen, none the order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import Dialog, FrameLocator, Page, expect

from pec_autorenew.mock_portal import LAYOUTS, Identifier, IdentifierKind, Layout, MockPortal, OrderState, Subject
from tests.web.visitors import sign_in_on_screen

ADDRESS = "bianca.sorbo@pec.it"
ACCOUNT = ("200001@aruba.it", "single-password")
BOX = (ADDRESS, "password-della-casella")
pytestmark = pytest.mark.one_layout
EACH = pytest.mark.parametrize("layout", LAYOUTS)

NUMBER = re.compile("Numero ordine|ID ordine")
MODULO_ORDINE = re.compile("Modulo (d')?ordine", re.IGNORECASE)

if TYPE_CHECKING:
    from collections.abc import Callable


def _start(portal: MockPortal, layout: Layout, scenario: str = "single", **options: object) -> None:
    portal.reset(scenario=scenario, layout=layout)
    portal.truth.set_options(**{"kit": "absent", "methods_hidden": False, **options})


def _form(page: Page) -> Page | FrameLocator:
    """Return where the order form stands: the page itself, or the frame in it."""
    return page.frame_locator("iframe") if page.locator("iframe").count() else page


def _to_the_holder(page: Page, portal: MockPortal) -> None:
    """Sign the mailbox in and go as far as «Dati Intestatario»."""
    sign_in_on_screen(page, portal, *BOX)
    page.get_by_text("Rinnova", exact=True).click()
    page.get_by_role("button", name="Prosegui").click()
    expect(page.get_by_role("heading", name="Dati Intestatario")).to_be_visible()


def _to_the_form(page: Page, portal: MockPortal) -> None:
    _to_the_holder(page, portal)
    page.get_by_role("button", name="Prosegui").click()
    _expect_the_form(page)


def _expect_the_form(page: Page) -> None:
    page.wait_for_url(re.compile("/modulo"))
    expect(_form(page).get_by_role("heading", name=MODULO_ORDINE)).to_be_visible()
    page.wait_for_load_state()


def _fill_and_confirm(page: Page) -> None:
    form = _form(page)
    form.get_by_role("radio", name="Bonifico").click()
    for consent in form.get_by_role("checkbox").all()[:3]:
        consent.click()
    form.get_by_role("button", name="Conferma e completa l'ordine").click()


def _by_select(page: Page) -> None:
    _form(page).get_by_role("combobox").select_option("3 anni")


def _by_radio(page: Page) -> None:
    _form(page).get_by_role("radio", name="3 anni").click()


def _by_stepper(page: Page) -> None:
    for _press in range(2):
        with page.expect_response(lambda answer: "modulo-ordine" in answer.url or "preventivo" in answer.url):
            _form(page).get_by_role("button", name="+").click()


@EACH
@pytest.mark.parametrize(
    ("frequency", "choose"),
    [("select", _by_select), ("radio", _by_radio), ("stepper", _by_stepper)],
)
def test_frequency_is_chosen_by_the_control_of_the_option(
    portal: MockPortal,
    page: Page,
    layout: Layout,
    frequency: str,
    choose: Callable[[Page], None],
) -> None:
    """Drop-down, radios or stepper: three years cost three times as much."""
    _start(portal, layout, frequency=frequency)
    _to_the_form(page, portal)
    choose(page)
    expect(_form(page).get_by_text("18,30")).to_be_visible()
    _fill_and_confirm(page)
    expect(_form(page).get_by_text(NUMBER)).to_be_visible()
    assert [order.years for order in portal.truth.orders.values()] == [3]


@EACH
def test_list_in_pages_shows_the_next_one(portal: MockPortal, page: Page, layout: Layout) -> None:
    """«1 2 3 Successiva »» leads through three hundred mailboxes."""
    _start(portal, layout, "crowd", page_size=50)
    sign_in_on_screen(page, portal, "300001@aruba.it", "many-password")
    _open_list(page, layout)
    expect(page.get_by_text("socio001.corniolo@pec.it")).to_be_visible()
    expect(page.get_by_text("socio051.corniolo@pec.it")).to_be_hidden()
    page.get_by_text("Successiva »").click()
    expect(page.get_by_text("socio051.corniolo@pec.it")).to_be_visible()
    page.get_by_text("6", exact=True).click()
    expect(page.get_by_text("socio300.corniolo@pec.it")).to_be_visible()
    expect(page.get_by_text("Successiva »")).to_be_hidden()


@EACH
def test_list_with_more_keeps_what_it_showed(portal: MockPortal, page: Page, layout: Layout) -> None:
    """«Mostra altre» adds to the list."""
    _start(portal, layout, "many", page_size=8, paging="more")
    sign_in_on_screen(page, portal, "300001@aruba.it", "many-password")
    _open_list(page, layout)
    expect(page.get_by_text("sede05.corniolo@arubapec.it")).to_be_hidden()
    page.get_by_text("Mostra altre").click()
    expect(page.get_by_text("sede05.corniolo@arubapec.it")).to_be_visible()
    expect(page.get_by_text("socio01.corniolo@pec.it")).to_be_visible()
    expect(page.get_by_text("Mostra altre")).to_be_hidden()


def _open_list(page: Page, layout: Layout) -> None:
    if layout == "g2":
        page.get_by_role("cell", name="Posta certificata").get_by_text("GESTISCI").click()
    elif layout == "g3":
        page.get_by_role("link", name="Gestisci").first.click()
    else:
        page.get_by_role("region", name="Posta certificata").get_by_role("button", name="Gestisci").click()


def test_crowd_has_ten_mailboxes_due_within_a_month(portal: MockPortal) -> None:
    """Three hundred mailboxes, of which ten are due."""
    portal.reset(scenario="crowd")
    today = portal.truth.clock.today()
    due = [box for box in portal.truth.mailboxes.values() if (box.expiry - today).days <= 30]
    assert (len(portal.truth.mailboxes), len(due)) == (300, 10)


@EACH
def test_cookie_banner_stays_away_once_answered(portal: MockPortal, page: Page, layout: Layout) -> None:
    """Whoever answers the banner is not asked again."""
    _start(portal, layout, cookie_banner=True)
    page.goto(portal.url)
    page.get_by_role("button", name="Solo necessari").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("username o casella PEC")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


@EACH
def test_notice_window_covers_the_first_page(portal: MockPortal, page: Page, layout: Layout) -> None:
    """The window waits for «Ho capito», after signing in and not before."""
    _start(portal, layout, notice_window="Da oggi c'è una nuova app.")
    page.goto(portal.url)
    expect(page.get_by_role("dialog")).to_have_count(0)
    sign_in_on_screen(page, portal, *BOX)
    expect(page.get_by_role("dialog")).to_contain_text("nuova app")
    page.get_by_role("button", name="Ho capito").click()
    page.get_by_text("Rinnova", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


@EACH
def test_maintenance_closes_every_page(portal: MockPortal, web: httpx.Client, layout: Layout) -> None:
    """Every address answers 503 in words; the control API does not."""
    _start(portal, layout, maintenance=True)
    for path in ("/", "/login", "/api/caselle", "/modulo-ordine"):
        for site in (portal.url, portal.login_url):
            answer = web.get(f"{site}{path[1:]}")
            assert (answer.status_code, "manutenzione" in answer.text) == (503, True)
    assert httpx.post(f"{portal.control_url}options", json={"maintenance": False}, trust_env=False).status_code == 200
    assert web.get("/").status_code == 200


@EACH
@pytest.mark.parametrize("billing", ["inline", "separate"])
def test_billing_takes_the_identifier_where_the_option_says(
    portal: MockPortal,
    page: Page,
    layout: Layout,
    billing: str,
) -> None:
    """Inside the holder's page or after it, a company must answer; the answer is in the order."""
    _start(portal, layout, billing=billing)
    portal.truth.change_account(ACCOUNT[0], subject=Subject.AZIENDA)
    _to_the_holder(page, portal)
    if billing == "separate":
        page.get_by_role("button", name="Prosegui").click()
    expect(
        page.get_by_role("heading", name="Dati fatturazione").or_(page.get_by_text("DATI FATTURAZIONE", exact=True))
    ).to_be_visible()
    page.get_by_role("button", name="Prosegui").click()
    expect(page.get_by_text("Seleziona l'identificativo")).to_be_visible()
    page.get_by_label("Identificativo per l'invio").select_option(index=1)
    page.get_by_label(re.compile("Valore dell'identificativo|Codice o indirizzo")).fill("ABC0000")
    page.get_by_role("button", name="Prosegui").click()
    _expect_the_form(page)
    _fill_and_confirm(page)
    expect(_form(page).get_by_text(NUMBER)).to_be_visible()
    (order,) = portal.truth.orders.values()
    assert order.identifier == Identifier(kind=IdentifierKind.CODICE_DESTINATARIO, value="ABC0000")


@EACH
def test_billing_none_asks_nothing(portal: MockPortal, page: Page, layout: Layout) -> None:
    """The invoice's data come from the account."""
    _start(portal, layout, billing="none")
    portal.truth.change_account(ACCOUNT[0], subject=Subject.AZIENDA)
    _to_the_form(page, portal)


@EACH
def test_order_list_of_unpaid_orders_hides_the_others(portal: MockPortal, page: Page, layout: Layout) -> None:
    """Only what awaits its payment is listed."""
    _start(portal, layout)
    portal.truth.cancel_order(portal.truth.place_order_for(ADDRESS).number)
    open_order = portal.truth.place_order_for(ADDRESS)
    sign_in_on_screen(page, portal, *BOX)
    expect(page.get_by_text("Annullato")).to_be_visible()
    portal.truth.set_options(order_list="unpaid")
    page.reload()
    expect(page.get_by_text(open_order.number)).to_be_visible()
    expect(page.get_by_text("Annullato")).to_be_hidden()


@EACH
def test_mailbox_on_a_domain_says_so(portal: MockPortal, page: Page, layout: Layout) -> None:
    """«PEC su dominio» stands in the row, and «Rinnova» does not."""
    _start(portal, layout)
    portal.truth.change_mailbox(ADDRESS, on_domain=True)
    sign_in_on_screen(page, portal, *BOX)
    expect(page.get_by_text("PEC su dominio")).to_be_visible()
    expect(page.get_by_text("Rinnova", exact=True)).to_be_hidden()


@EACH
def test_notices_stand_in_the_cart(portal: MockPortal, page: Page, layout: Layout) -> None:
    """What the portal wants to be read is there before «Prosegui»."""
    _start(portal, layout, notices=("Lo spazio occupato supera il 70%.",))
    sign_in_on_screen(page, portal, *BOX)
    page.get_by_text("Rinnova", exact=True).click()
    expect(page.get_by_text("supera il 70%")).to_be_visible()


@EACH
@pytest.mark.parametrize("agree", [True, False])
def test_confirm_dialog_stands_before_the_binding_request(
    portal: MockPortal,
    page: Page,
    layout: Layout,
    agree: bool,  # noqa: FBT001 (a parameter of the test)
) -> None:
    """«Annulla» in the browser's question sends nothing."""
    _start(portal, layout, confirm_dialog="Confermi l'ordine?")
    asked = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        if agree:
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", answer)
    _to_the_form(page, portal)
    _fill_and_confirm(page)
    if agree:
        expect(_form(page).get_by_text(NUMBER)).to_be_visible()
    assert (asked, portal.truth.confirm_posts) == (["Confermi l'ordine?"], int(agree))


@EACH
def test_form_in_a_new_window_can_be_confirmed_there(portal: MockPortal, page: Page, layout: Layout) -> None:
    """«Prosegui» leaves the holder's page where it is and opens «Modulo Ordine» beside it."""
    _start(portal, layout, form_in_new_window=True)
    _to_the_holder(page, portal)
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Prosegui").click()
    window = opened.value
    _expect_the_form(window)
    expect(page.get_by_role("heading", name="Dati Intestatario")).to_be_visible()
    _fill_and_confirm(window)
    expect(_form(window).get_by_text(NUMBER)).to_be_visible()
    (order,) = portal.truth.orders.values()
    assert order.state is OrderState.AWAITING_PAYMENT
