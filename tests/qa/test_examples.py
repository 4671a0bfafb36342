"""The example suite: it passes on the mock portal as it is, and finds each of the prepared changes."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

import pytest

from pec_autorenew.mock_portal import CHANGES, KINDS, LAYOUTS
from pec_autorenew.mock_portal.rendering import HERE, euro
from tests.qa.suite import EXAMPLES, ROOT, Report, run

if TYPE_CHECKING:
    from pathlib import Path

    from pec_autorenew.mock_portal import Change, Layout

pytestmark = pytest.mark.timeout(700)

FORM: Final = "test_modulo_ordine.py::test_form_has_the_documented_elements"
#: For each change the layout on which it is looked for, the test that finds it, and what the message says of page,
#: element and change.
FOUND: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "renamed-button": (
        "g4",
        FORM,
        ("it looks like «Modulo Ordine»", "modulo_ordine.confirm", "not on the page", "button «Invia la richiesta»"),
    ),
    "missing-consent": (
        "g2",
        FORM,
        ("«Modulo Ordine»: modulo_ordine.unfair_terms («clausole vessatorie») is missing",),
    ),
    "new-consent": (
        "g3",
        "test_modulo_ordine.py::test_documented_consents_are_all_that_must_be_given",
        ("page: «Modulo Ordine»", "wants a consent", "text: Autorizzo la conservazione digitale dei messaggi."),
    ),
    "missing-method": ("g3", FORM, ("«Modulo Ordine»: modulo_ordine.bonifico («Bonifico»", "is missing")),
    "extra-item": (
        "g4",
        "test_modulo_ordine.py::test_order_has_the_mailbox_and_nothing_else",
        ("«Modulo Ordine»: riepilogo has a line that nobody chose: Marca Temporale 50",),
    ),
    "total-format": (
        "g2",
        "test_modulo_ordine.py::test_total_is_net_and_vat",
        ("Modulo Ordine: riepilogo: the total to pay cannot be told", "shown is «Totale EUR 6.10»"),
    ),
    "new-field": (
        "g2",
        "test_ordine.py::test_holder_s_page_asks_for_nothing_new",
        ("«Dati Intestatario»: the field «Telefono cellulare *» must be filled, and is not documented",),
    ),
    "page-order": (
        "g4",
        "test_ordine.py::test_pages_come_in_the_documented_order",
        ("kit di Firma Digitale»: the page comes after «Dati Intestatario»; documented is before it",),
    ),
    "renamed-row-link": (
        "g3",
        "test_caselle.py::test_list_has_the_documented_elements",
        ("«Caselle PEC»: caselle.renew («Rinnova»", "is missing; nearest: link «Proroga»"),
    ),
    "state-word": (
        "g4",
        "test_caselle.py::test_order_is_listed_with_its_state",
        ("«Ordini associati al servizio»: ordini.awaiting_payment («Attesa pagamento»", "is missing"),
    ),
}
_WORDS_OF_ELEMENTS: Final = re.compile(r"get_by_|locator\(|query_selector")


def _node(change: str, scenario: str) -> str:
    layout, test, _ = FOUND[change]
    state = "-awaiting-payment" if change == "state-word" else ""
    return f"{test}[{layout}-{scenario}-chromium{state}]"


@pytest.fixture(scope="module")
def hunt(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Run the tests that find changes, each on the portal with its change and on the one without."""
    nodes = dict.fromkeys(_node(name, scenario) for name in FOUND for scenario in ("demo", f"demo+{name}"))
    scenarios = [f"--pec-scenario={one}" for one in ("demo", *(f"demo+{name}" for name in FOUND))]
    report = tmp_path_factory.mktemp("hunt") / "report.xml"
    return run(EXAMPLES, report, *scenarios, "--pec-timeout=4", *nodes)


def test_every_prepared_change_is_hunted() -> None:
    """Ten changes are prepared, and the test below knows each of them."""
    assert FOUND.keys() == CHANGES.keys()
    assert len(CHANGES) >= 10
    assert CHANGES.keys().isdisjoint(KINDS), "one name in a scenario means one thing"


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("change", [one for one in CHANGES.values() if not one.options], ids=lambda one: one.name)
def test_prepared_change_is_one_on_every_layout(change: Change, layout: Layout) -> None:
    """What a change says in other words, each layout says: a change that changes nothing cannot be found."""
    folders = (HERE / "templates" / layout, HERE / "static" / layout)
    texts = {file.stem: file.read_text("utf-8") for folder in folders for file in folder.rglob("*.[hj][ts]*")}
    texts[""] = euro(610)
    changed = {name for name, text in texts.items() for was, _ in change.words if re.search(was, text)}
    assert changed
    assert "kit" not in changed, "no change of words is about it"


@pytest.mark.parametrize("change", list(CHANGES))
def test_prepared_change_is_found_and_named(hunt: Report, change: str) -> None:
    """DRF-5: the suite finds a change of the portal, and says on which page it is, of which element, and what it is."""
    case = hunt.cases[_node(change, f"demo+{change}").partition("::")[2]]
    assert case.outcome in {"failed", "error"}, hunt.output
    assert [words for words in FOUND[change][2] if words not in case.text] == [], case.text


def test_portal_as_it_is_gives_no_finding(hunt: Report) -> None:
    """The same tests find nothing on the portal without changes."""
    plain = {case.name: case.outcome for case in hunt.cases.values() if "+" not in case.name}
    assert len(plain) == len({_node(name, "demo") for name in FOUND})
    assert set(plain.values()) == {"passed"}, hunt.output


def test_example_suite_passes_on_every_layout(tmp_path: Path) -> None:
    """The documented flow from the sign-in to the proof of an order, each test on one of the layouts at least."""
    report = run(
        EXAMPLES,
        tmp_path / "report.xml",
        *("-p", "tests.qa.thinned", "--pec-scenario=demo", "--pec-allow-orders=mock", "-rs"),
    )
    assert report.code == 0, report.output
    passed = [name for name, outcome in report.outcomes().items() if outcome == "passed"]
    assert len({name.partition("[")[0] for name in passed}) >= 25
    assert {layout for layout in LAYOUTS if any(f"[{layout}-" in name for name in passed)} == set(LAYOUTS)


def test_example_suite_uses_the_kit_and_finds_no_element_by_itself() -> None:
    """Whoever copies the examples imports the kit alone; types of pages and the mock stand below TYPE_CHECKING."""
    for path in sorted(EXAMPLES.glob("*.py")):
        text = path.read_text("utf-8")
        assert not _WORDS_OF_ELEMENTS.search(text), path.name
        imported = {node.module for node in ast.parse(text).body if isinstance(node, ast.ImportFrom)}
        assert {name for name in imported if name and name.startswith("pec_")} <= {"pec_autorenew.qa"}, path.name
    assert EXAMPLES.is_relative_to(ROOT)
