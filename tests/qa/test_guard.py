"""Nothing presses the binding click without permission, and a test that tries is told so."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Final

import pytest

from pec_autorenew.qa.guard import Guard
from tests.qa.suite import Report, run

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.timeout(700)

#: Ways to press, each without permission; what the portal has then goes into a file.
ATTEMPTS: Final = """
    import json
    import os
    import pytest
    from pec_autorenew.qa import EVERY_CONSENT, PaymentMethod

    BUTTON = "CONFERMA e completa l'ordine"


    @pytest.fixture(autouse=True)
    def truth(pec_mock, request):
        yield
        with open(os.environ["TRUTH"], "a") as file:
            told = [request.node.name, pec_mock.truth.confirm_posts, len(pec_mock.truth.orders)]
            file.write(json.dumps(told) + chr(10))


    @pytest.fixture
    def ready(modulo_ordine):
        modulo_ordine.choose_method(PaymentMethod.BONIFICO)
        modulo_ordine.give_consents(EVERY_CONSENT)
        return modulo_ordine


    def test_verb(ready):
        ready.confirm()

    def test_flow(visitor):
        visitor.home()
        visitor.order()

    def test_click(ready, page):
        page.get_by_role("button", name=BUTTON).click()

    def test_key(ready, page):
        page.get_by_role("button", name=BUTTON).press("Enter")

    def test_script(ready, page):
        page.get_by_role("button", name=BUTTON).evaluate("(button) => button.click()")

    def test_request_of_a_script(ready, page):
        page.evaluate("fetch(location.href, { method: 'POST' })")

    def test_other_name(ready, page):
        page.get_by_role("button", name=BUTTON).evaluate(
            "(button) => { button.value = 'Avanti'; button.form.requestSubmit(button) }"
        )

    def test_another_context(visitor, browser, page):
        visitor.form()
        page = browser.new_context(storage_state=page.context.storage_state()).new_page()
        page.goto(visitor.session.page.url)
        page.get_by_role("button", name=BUTTON).click()

    def test_fixture_that_orders(conferma):
        raise AssertionError("nobody comes here")

    def test_looks_only(ready):
        assert ready.can_confirm()
"""
MARKED: Final = """
    import pytest

    @pytest.mark.pec_orders
    def test_order(visitor):
        visitor.home()
        visitor.order()

    @pytest.mark.pec_orders
    def test_order_by_hand(modulo_ordine, page, pec_mock):
        modulo_ordine.choose_method(__import__("pec_autorenew.qa").qa.PaymentMethod.BONIFICO)
        modulo_ordine.give_consents(__import__("pec_autorenew.qa").qa.EVERY_CONSENT)
        page.get_by_role("button", name="CONFERMA e completa l'ordine").click()
        page.wait_for_url("**/conferma/**")
        assert len(pec_mock.truth.orders) == 1
"""


def _written(folder: Path, text: str) -> Path:
    (folder / "test_it.py").write_text(textwrap.dedent(text), "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def attempts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, dict[str, tuple[int, int]]]:
    """Try to order in every way on a portal that --pec-allow-orders names, by tests that are not marked."""
    folder = _written(tmp_path_factory.mktemp("attempts"), ATTEMPTS)
    truth = folder / "truth"
    report = run(
        folder,
        folder / "report.xml",
        *("--pec-scenario=single", "--pec-layout=g2", "--pec-allow-orders=mock"),
        environ={"TRUTH": str(truth)},
    )
    told = [json.loads(line) for line in truth.read_text("utf-8").splitlines()]
    return report, {name.partition("[")[0]: (posts, orders) for name, posts, orders in told}


#: Which of the three guards stops it: the verb, the script in the page, or the lock at the network.
STOPPED: Final = {
    "verb": "and nothing was pressed",
    "flow": "and nothing was pressed",
    "click": "the test pressed",
    "key": "the test pressed",
    "script": "the test pressed",
    "another_context": "the test pressed",
    "request_of_a_script": "it was held",
    "other_name": "it was held",
}


@pytest.mark.parametrize("way", list(STOPPED))
def test_attempt_without_permission_orders_nothing_and_fails(
    attempts: tuple[Report, dict[str, tuple[int, int]]], way: str
) -> None:
    """DUP-3: however the binding click is pressed, the portal hears nothing, and the test fails with the reason."""
    report, truth = attempts
    case = report.cases[f"test_{way}[g2-chromium]"]
    assert truth[f"test_{way}"] == (0, 0)
    assert case.outcome == "failed", report.output
    assert STOPPED[way] in case.text
    assert "«Modulo Ordine»" in case.text or "modulo_ordine.confirm" in case.text
    assert "--pec-allow-orders names the origin; the live portal is never allowed" in case.text


#: The control as other hands build it; each is pressed.
BUILDS: Final = """
    <button><b>CONFERMA</b><span>e completa</span> l&acute;ordine &raquo;</button>
    <input type=image alt="Conferma e completa l'ordine">
    <button><img alt="Conferma e completa l&#700;ordine"></button>
    <i id=name hidden>Conferma e completa l'ordine</i><button aria-labelledby=name>OK</button>
    <x-press tabindex=0><template shadowrootmode=open><style>i { color: red }</style>
    <i>Conferma e <slot></slot></i></template>completa l'ordine</x-press>
"""


def test_binding_click_is_known_however_it_is_built(page: Page) -> None:
    """DUP-3: by split words, other apostrophes, a picture's words, a label elsewhere, a component that is focused."""
    guard = Guard()
    guard.watch(page.context)
    page.route(
        "**/*",
        lambda route: route.fulfill(body=f"<html><body>{BUILDS}<button>Avanti</button>", content_type="text/html"),
    )
    page.goto("http://127.0.0.1:9/")
    heard = page.evaluate(
        """() => {
            const heard = [];
            const all = [...document.querySelectorAll('button, input, x-press')];
            const hear = (event) => heard.push(event.target.outerHTML);
            for (const type of ['click', 'keydown']) addEventListener(type, hear);
            for (const one of all) one.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
            for (const one of all) one.click();
            return heard;
        }"""
    )
    assert heard == ["<button>Avanti</button>"] * 2
    page.context.cookies()
    assert len(guard.pressed) == 10


def test_fixture_that_orders_is_refused_to_a_test_that_is_not_marked(
    attempts: tuple[Report, dict[str, tuple[int, int]]],
) -> None:
    """DUP-3: `conferma` places an order, and so needs the mark."""
    report, truth = attempts
    assert report.cases["test_fixture_that_orders[g2-chromium]"].outcome == "error"
    assert "OrderRefused" in report.cases["test_fixture_that_orders[g2-chromium]"].text
    assert truth["test_fixture_that_orders"] == (0, 0)


def test_guard_is_no_hindrance_to_a_test_that_only_looks(
    attempts: tuple[Report, dict[str, tuple[int, int]]],
) -> None:
    """A test that sets the form and reads it passes."""
    report, _ = attempts
    assert report.cases["test_looks_only[g2-chromium]"].outcome == "passed", report.output


def test_marked_test_orders_where_it_was_allowed(tmp_path: Path) -> None:
    """By the flow or by hand: a test that is marked may press where its portal was named."""
    options = ("--pec-scenario=single", "--pec-layout=g2", "--pec-allow-orders=mock")
    report = run(_written(tmp_path, MARKED), tmp_path / "report.xml", *options)
    assert set(report.outcomes().values()) == {"passed"}, report.output


@pytest.mark.parametrize(
    ("allowed", "outcome", "words"),
    [
        ((), "skipped", "--pec-allow-orders names no portal"),
        (("--pec-allow-orders=https://other.example",), "error", "does not name `mock`"),
    ],
)
def test_marked_test_is_refused_before_anything_is_done(
    tmp_path: Path, allowed: tuple[str, ...], outcome: str, words: str
) -> None:
    """DUP-3: where its portal was not named, a marked test does not even sign in."""
    report = run(
        _written(tmp_path, MARKED), tmp_path / "report.xml", "--pec-scenario=single", "--pec-layout=g2", *allowed
    )
    assert len(report.cases) == 2
    for case in report.cases.values():
        assert case.outcome == outcome
        assert words in case.text


def test_live_portal_is_refused_for_orders_even_if_it_is_named(tmp_path: Path) -> None:
    """DUP-3: no test runs at all where the live portal is named for orders."""
    live = "https://areaclienti.pec.it"
    options = (f"--pec-base-url={live}", f"--pec-allow-orders={live}")
    report = run(_written(tmp_path, MARKED), tmp_path / "report.xml", *options)
    assert report.code == 4
    assert "is the live portal, where no test may order" in report.output
    assert not report.cases
