"""What the code of the package may not do, read from its syntax trees."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGE = Path(__file__).parents[2] / "pec_autorenew"

#: Every way in which Playwright finds an element, or acts on one by its selector.
LOCATING = frozenset(
    {
        *("locator", "frame_locator", "query_selector", "query_selector_all", "wait_for_selector", "eval_on_selector"),
        *(
            "eval_on_selector_all",
            "get_by_alt_text",
            "get_by_label",
            "get_by_placeholder",
            "get_by_role",
            "get_by_test_id",
        ),
        *("get_by_text", "get_by_title", "click", "dblclick", "tap", "fill", "check", "uncheck", "set_checked"),
        *("select_option", "press_sequentially", "dispatch_event", "drag_and_drop", "set_input_files"),
    }
)
#: Reading the machine's clock; everybody else is given one.
TELLING_TIME = frozenset({"now", "today", "utcnow"})
CLOCKS = frozenset({"config/clock.py"})
#: The false portal is a server with a page of its own; its own rules are in its contract.
MOCK = "mock_portal"
LONGEST = 400


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def place(path: Path) -> str:
    """Return the module's path inside the package."""
    return path.relative_to(PACKAGE).as_posix()


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return all of one module's syntax tree."""
    return tuple(ast.walk(ast.parse(path.read_text("utf-8"), str(path))))


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for such an expression, with "" for what is not a name."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call in a module, with the dotted name that is called."""
    for node in nodes(path):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node


def each_module(test: Callable[[Path], None]) -> Callable[[], None]:
    """Have a test look at every module, and tell of all that are not right at once."""

    def over_all() -> None:
        wrong = []
        for path in modules():
            try:
                test(path)
            except AssertionError as error:
                wrong.append(f"{place(path)}: {error}")
        assert not wrong, "\n".join(wrong)

    over_all.__name__, over_all.__doc__ = test.__name__, test.__doc__
    return over_all


@each_module
def test_module_outside_pages_locates_no_element(path: Path) -> None:
    """DRF-2: only `pages/` knows what is on screen; a click elsewhere would be a second way to order."""
    if place(path).split("/")[0] in {"pages", "qa", MOCK}:
        return
    found = [
        f"{place(path)}:{call.lineno} {name}"
        for name, call in calls(path)
        if "." in name and name.rpartition(".")[2] in LOCATING and not is_verb_of_a_page(name)
    ]
    assert not found


def is_verb_of_a_page(name: str) -> bool:
    """Whether `pages.dati_fatturazione.fill` or its like is called: a page's own verb, whatever it is called."""
    *_, pages, page, _verb = ("", "", *name.split("."))
    return pages == "pages" and (PACKAGE / "pages" / f"{page}.py").is_file()


@each_module
def test_module_waits_for_facts_and_never_for_time(path: Path) -> None:
    """HOUSE, «avoid»: sleeping hides a race, and an idle network is no fact about the page."""
    found = [
        f"{place(path)}:{call.lineno} {name}"
        for name, call in calls(path)
        if name.rpartition(".")[2] == "wait_for_timeout"
        or (name in {"time.sleep", "sleep"} and not place(path).startswith(MOCK))
    ]
    found += [
        f"{place(path)}:{node.lineno} networkidle"
        for node in nodes(path)
        if isinstance(node, ast.Constant) and node.value == "networkidle"
    ]
    assert not found


@each_module
def test_module_swallows_no_error_without_a_name(path: Path) -> None:
    """SIL-4: an `except` without a class, or one that catches everything and says nothing, hides failures."""
    found = [
        f"{place(path)}:{node.lineno}"
        for node in nodes(path)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (dotted(node.type) in {"Exception", "BaseException"} and says_nothing(node)))
    ]
    assert not found


def says_nothing(handler: ast.ExceptHandler) -> bool:
    """Whether a handler does nothing at all."""
    return all(isinstance(line, ast.Pass | ast.Continue) for line in handler.body)


@each_module
def test_module_asks_nobody_but_its_clock_for_the_time(path: Path) -> None:
    """TIM-1: today is an argument; one module reads the machine's clock."""
    if place(path) in CLOCKS or place(path).startswith(MOCK):
        return
    found = [
        f"{place(path)}:{call.lineno} {name}"
        for name, call in calls(path)
        if name == "time.time"
        or (name.rpartition(".")[2] in TELLING_TIME and set(name.split(".")) & {"date", "datetime"})
    ]
    assert not found


@each_module
def test_module_is_short_enough_to_be_read(path: Path) -> None:
    """HOUSE, «sizes that smell»: a longer module has a second thing in it."""
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST


def test_binding_click_has_one_call_site() -> None:
    """DUP-3: one line presses «CONFERMA e completa l'ordine», and one line of the engine leads to it."""
    sites = [
        (name.rpartition(".")[2], place(path))
        for path in modules()
        for name, _ in calls(path)
        if name.endswith("modulo_ordine.confirm") or name.rpartition(".")[2] == "place_order"
    ]
    assert [where for verb, where in sites if verb == "confirm"] == ["flows/renew.py"]
    assert len([where for verb, where in sites if verb == "place_order" and where.startswith("engine/")]) <= 1
    assert len(sites) == len(set(sites))


def test_environment_is_read_in_few_places() -> None:
    """HOUSE: what a clerk does, sees and plans depends on no variable; the configuration reads the settings."""
    readers = {
        place(path)
        for path in modules()
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and dotted(node) in {"os.environ", "os.getenv"}
    }
    assert {
        reader for reader in readers if reader.split("/")[0] in {"flows", "pages", "planning.py", "ledger", "report"}
    } == set()
