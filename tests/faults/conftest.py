"""A scene for each test: one portal and one browser for all, a ledger of its own.

The client starts its own Playwright, which cannot live beside pytest-playwright's in one thread: so the browser and
these tests have a thread of their own.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, cast

import pytest

from pec_autorenew.config.settings import Config, Layer
from pec_autorenew.flows.portal import browser_portals
from pec_autorenew.mock_portal import LAYOUTS, Layout, MockPortal
from pec_autorenew.mock_portal.scenarios import SINGLE
from tests.cli.users import MARKS
from tests.faults.crashes import Crash
from tests.faults.scene import PASSWORD, Scene, tree_for

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from pec_autorenew.engine.task import OpenPortal

_THREAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="faults")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool:
    """Run each test in the browser's thread."""
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    _THREAD.submit(pyfuncitem.obj, **arguments).result()
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let each report say what was done in its scene."""
    report = yield
    scene = item.funcargs.get("scene")
    if report.when == "call" and isinstance(scene, Scene):
        report.user_properties.append(("tally", dict(scene.tally())))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what all scenes came to."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, [])]
    tallies = [value for one in reports for name, value in getattr(one, "user_properties", ()) if name == "tally"]
    if tallies:
        terminalreporter.section("what went wrong, and what came of it")
        for name in tallies[0]:
            terminalreporter.line(f"{sum(one[name] for one in tallies):6} {name}")


@pytest.fixture(scope="session")
def running_portal() -> Iterator[MockPortal]:
    """Serve for the whole session: starting takes longer than a reset."""
    with MockPortal(scenario="empty") as portal:
        yield portal


@pytest.fixture(scope="session")
def open_portal(running_portal: MockPortal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenPortal]:
    """Start the client's browser once."""
    folder = tmp_path_factory.mktemp("faults")
    config = Config.from_layers((Layer("file", tree_for(running_portal, folder / "state")),))
    portals = browser_portals(config, running_portal.truth.clock.now, folder / "evidence")
    yield cast("OpenPortal", _THREAD.submit(portals.__enter__).result())
    _THREAD.submit(portals.__exit__, None, None, None).result()
    _THREAD.shutdown()


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest) -> Layout:
    """Give each layout in turn."""
    wanted: Layout = request.param
    return wanted


@pytest.fixture
def scene(
    running_portal: MockPortal,
    open_portal: OpenPortal,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Scene:
    """Give a scene with an empty ledger; a test begins it."""
    monkeypatch.setenv(PASSWORD, SINGLE.password)
    state = tmp_path / "state"
    state.mkdir()
    return Scene(running_portal, open_portal, state)


@pytest.fixture
def crash(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crash]:
    """Give a client that can be killed, on the scene's ledger."""
    monkeypatch.setenv(PASSWORD, MARKS["PEC_BIANCA"])
    scene.begin()
    crash = Crash(scene, tmp_path / "home")
    scene.state_dir = crash.user.state
    yield crash
    crash.user.keep_said()
