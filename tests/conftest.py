"""For all tests: the browser that this machine has, started as the client starts it; the layouts that a test takes."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import pytest
from hypothesis import settings

from pec_autorenew.launching import find_browser
from pec_autorenew.mock_portal import LAYOUTS
from tests import postgres
from tests.markers import PLANTED, Planted, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: No test depends on the wall clock: a machine that is busy makes none of them fail.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

_TAKEN: Final = {"one_layout": 1, "two_layouts": 2, "every_layout": len(LAYOUTS)}


def pytest_configure(config: pytest.Config) -> None:
    """Look for markers in all that the tests wrote, at the end."""
    config.pluginmanager.register(Watch(), "markers")


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    """Give a function that says of a file that the test itself puts a marker there."""

    def plant(path: Path) -> Path:
        with (tmp_path / PLANTED).open("a", encoding="utf-8") as file:
            file.write(f"{path}\n")
        return path

    return plant


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Server]:
    """Run a PostgreSQL server for the tests of this process."""
    if postgres.PROGRAMS is None:
        pytest.skip("there is no PostgreSQL (Debian: postgresql)")
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Give pytest-playwright the executable that the client would take, where Playwright has no build of its own."""
    headless = bool(browser_type_launch_args.get("headless", True))
    executable = find_browser(headless=headless).executable
    return browser_type_launch_args | ({"executable_path": executable} if executable else {})


@pytest.fixture(scope="session")
def _engine(pec_engine: None) -> None:
    """Teach pytest-playwright's Playwright the selector engine, once, as the QA kit does."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let each test that is marked so take one layout, two or none, not always the same; with PEC_EVERY_LAYOUT all."""
    if os.environ.get("PEC_EVERY_LAYOUT"):
        return
    tests: dict[str, dict[str, pytest.Item]] = defaultdict(dict)
    for item in items:
        if _layouts_taken(item) and isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            layout = next((value for value in item.callspec.params.values() if value in LAYOUTS), None)
            if layout is not None:
                tests[item.nodeid.replace(layout, "")][layout] = item
    passed_over = [item for item in items if item.get_closest_marker("torture")]
    for test, by_layout in tests.items():
        if len(by_layout) == len(LAYOUTS):
            first = crc32(test.encode())
            turns = [by_layout[LAYOUTS[(first + turn) % len(LAYOUTS)]] for turn in range(len(LAYOUTS))]
            passed_over += turns[: len(LAYOUTS) - _layouts_taken(turns[0])]
    config.hook.pytest_deselected(items=passed_over)
    left_out = set(passed_over)
    items[:] = [item for item in items if item not in left_out]


def _layouts_taken(item: pytest.Item) -> int:
    """Return how many of the layouts a test takes in `make test`, by its own mark or its module's; 0 without one."""
    return next((_TAKEN[mark.name] for mark in item.iter_markers() if mark.name in _TAKEN), 0)
