"""Chaos by seed: the same seed draws the same pages, and a person still finds the way to every order."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.mock_portal import DEFAULTS, LAYOUTS, Layout, OrderState
from tests.web.clerk import Clerk, LostError

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Page

    from pec_autorenew.mock_portal import MockPortal

ADDRESS = "bianca.sorbo@pec.it"
CONSENTS = ("^dichiaro di aver letto", "^ai sensi degli artt", "^dichiaro di aver preso visione")
SAID = (
    ("ordered", r"^(numero ordine|n\. ordine|id ordine)"),
    ("form", r"^modalità di pagamento$"),
    ("kit", r"^aggiungi al tuo ordine un kit"),
    ("onward", r"^(dati intestatario|dati titolare|profilo titolare|dati (di )?fatturazione)$"),
    ("onward", r"^(gestione caselle pec|rinnova la tua casella)$"),
    ("mailboxes", r"^rinnova$"),
    ("home", r"^(i tuoi servizi$|ciao, )"),
    ("login", r"^(accedi all|accesso unico$)"),
)


def _glance(clerk: Clerk) -> str:
    """Say which page is on the screen, by what can be read on it; nothing if that is not plain yet."""
    texts = [str(thing["text"]).rstrip(" :") for thing in clerk.see() if thing["kind"] == "text"]
    # The state of an order in a list of orders is no confirmation.
    listed = any(re.match(r"rinnova$|nessun ordine|non ci sono ordini", text, re.IGNORECASE) for text in texts)
    for place, pattern in SAID:
        if any(re.search(pattern, text, re.IGNORECASE) for text in texts) and not (place == "ordered" and listed):
            return place
    return ""


def _where(clerk: Clerk) -> str:
    """Wait until it is plain which page is on the screen."""
    for _turn in range(60):
        place = _glance(clerk)
        if place:
            return place
        clerk.page.wait_for_timeout(50)
    raise LostError(f"what page is this? {[thing['text'] for thing in clerk.see()]}")


def _open_the_service(clerk: Clerk) -> None:
    if clerk.find(r"^rinnova caselle$"):
        clerk.press(r"^rinnova caselle$")
    else:
        clerk.press(r"^gestisci$", near=r"^(posta certificata|pec|pec - posta elettronica certificata)$")


def _sign_in(clerk: Clerk) -> None:
    """Give the user name, the password, or both, as the page asks."""
    asked = [thing["kind"] for thing in clerk.see()]
    if "field text" in asked:
        clerk.type_into("text", "200001@aruba.it")
    if "field password" in asked:
        clerk.type_into("password", "single-password")
    clerk.press(r"^(accedi|login|entra|avanti)$")


def _fill_the_form(clerk: Clerk) -> None:
    offered = clerk.find(r"^bonifico") is not None
    for _press in range(3):  # a window may come between the look and the press: then press again
        if offered:
            break
        clerk.press(r"^altre modalità$")
        offered = clerk.appears(r"^bonifico")
    clerk.choose(r"^bonifico")
    for text in CONSENTS:
        clerk.choose(text)
    clerk.press(r"^conferma e completa")


def _act(clerk: Clerk, place: str) -> None:
    match place:
        case "login":
            _sign_in(clerk)
        case "home":
            _open_the_service(clerk)
        case "mailboxes":
            clerk.press(r"^rinnova$")
        case "kit":
            clerk.choose(r"^no, (non aggiungere|prosegui senza)")
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
    for _step in range(14):
        place = _where(clerk)
        before = page.url
        if place == "ordered":
            return
        _act(clerk, place)
        for _turn in range(60):  # a window may come between the look and the press: then press again
            if page.url != before or _glance(clerk) not in {place, ""}:
                break
            page.wait_for_timeout(50)
    raise LostError("too many steps")


@pytest.mark.one_layout
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("seed", [1, pytest.param(8, marks=pytest.mark.torture), 12])
def test_chaos_leaves_the_way_to_the_order_open(portal: MockPortal, page: Page, layout: Layout, seed: int) -> None:
    """Whoever reads and points places the order."""
    portal.reset(scenario="single", layout=layout, chaos_seed=seed)
    order_as_a_person(page, portal.url)
    (order,) = portal.truth.orders.values()
    assert (order.addresses, order.years, order.state) == ((ADDRESS,), 1, OrderState.AWAITING_PAYMENT)
    assert (len(order.consents), order.marketing_consents, order.extras) == (3, (), ())
    assert portal.truth.holder_edits == []


SERIALISE = """
() => {
  const write = (node) => {
    if (node instanceof Text) return node.data;
    if (!(node instanceof Element) || node.localName === "script") return "";
    const attributes = [...node.attributes].map(({ name, value }) => ` ${name}="${value}"`).join("");
    const inner = (parent) => [...parent.childNodes].map(write).join("");
    const shadow = node.shadowRoot ? `#shadow(${inner(node.shadowRoot)})` : "";
    return `<${node.localName}${attributes}>${shadow}${inner(node)}</${node.localName}>`;
  };
  return write(document.body);
}
"""


def _username_sent(page: Page) -> str:
    """Give the user name at the sign-in site; return the address of its form."""
    form = page.locator("form").first
    address: str = form.evaluate("form => form.action")
    page.request.post(address, form={"username": ADDRESS})
    return address


def _tree(page: Page) -> str:
    """Write down the whole tree, shadow roots and all, once nothing is still to come."""
    page.wait_for_function("window.chaos.pending === 0")
    text: str = page.evaluate(SERIALISE)
    return re.sub(r"/auth/[^/]+", "", text)  # each attempt to sign in has a name of its own


def _markup(page: Page, portal: MockPortal, layout: Layout, seed: int) -> str:
    """Sign in, open the list, and write down what came; the password's page too where it is one of its own."""
    portal.reset(scenario="single", layout=layout, chaos_seed=seed)
    page.context.clear_cookies()
    page.goto(portal.url)
    page.evaluate("sessionStorage.clear()")
    credentials: dict[str, str | float | bool] = {"username": ADDRESS, "password": "password-della-casella"}
    door = ""
    if layout == "g4":
        page.request.post(f"{portal.url}api/accesso", data=credentials)
    elif layout == "g3":
        asked = re.sub("utente$", "password", _username_sent(page))
        page.goto(asked)
        door = _tree(page)
        page.request.post(asked, form=credentials)
    else:
        page.request.post(f"{portal.url}login", form=credentials)
    page.goto(f"{portal.url}{'pec' if layout == 'g4' else 'caselle'}")
    page.get_by_text(re.compile("Nessun ordine|Non hai ordini|Non ci sono ordini")).wait_for()
    return door + _tree(page)


@pytest.mark.one_layout
@pytest.mark.parametrize("layout", LAYOUTS)
def test_chaos_is_the_same_by_the_same_seed_and_another_by_another(
    portal: MockPortal,
    page: Page,
    layout: Layout,
) -> None:
    """What comes out depends on the seed, and on nothing else."""
    first, again, other, third = (_markup(page, portal, layout, seed) for seed in (3, 3, 4, 6))
    assert first == again
    assert len({first, other, third}) == 3


@pytest.mark.parametrize("layout", LAYOUTS)
def test_chaos_turns_no_knob_that_changes_the_order(portal: MockPortal, layout: Layout) -> None:
    """Over many seeds, what is asked, offered and preselected for the order itself stays as the layout has it."""
    seen = set()
    for seed in range(60):
        portal.reset(layout=layout, chaos_seed=seed)
        options = portal.truth.options
        seen.add(options.frequency)
        kept = (options.consents, options.methods, options.max_years, options.default_years, options.default_method)
        default = DEFAULTS[layout]
        assert kept == (
            default.consents,
            default.methods,
            default.max_years,
            default.default_years,
            default.default_method,
        )
        assert (options.extra_line, options.preselected_type, options.preselected_extra_gb) == (None, None, 0)
    assert seen == {"select", "radio", "stepper"}


def test_option_of_the_caller_wins_over_the_seed(portal: MockPortal) -> None:
    """Chaos turns knobs at the reset; whoever turns one afterwards has it so."""
    portal.reset(chaos_seed=5)
    before = portal.truth.options
    portal.truth.set_options(frequency="radio", kit="absent")
    assert portal.truth.options == replace(before, frequency="radio", kit="absent")


def test_change_of_a_scenario_wins_over_the_seed(portal: MockPortal) -> None:
    """A change that is to be found is there, whoever drew the portal."""
    for seed in range(12):
        portal.reset(scenario="demo+page-order", chaos_seed=seed)
        assert portal.truth.options.kit == "offered"


def test_reset_without_a_seed_leaves_the_pages_alone(
    portal: MockPortal,
    control: httpx.Client,
    web: httpx.Client,
) -> None:
    """The control API starts chaos too, and the next reset ends it."""
    assert control.post("/reset", json={"chaos_seed": 9}).status_code == 200
    assert "seed: 9" in web.get("/login").text
    portal.reset()
    assert "chaos" not in web.get("/login").text


def test_chaos_is_renamed_like_everything_else(portal: MockPortal, web: httpx.Client) -> None:
    """No name of ours reaches the browser, by way of these scripts either."""
    portal.reset(chaos_seed=2, rename_seed=7)
    assert "mk-" not in web.get("/login").text
