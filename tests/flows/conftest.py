"""A clerk in front of the mock portal: one browser for all flow tests, each layout in turn.

The client starts its own Playwright, which cannot live beside pytest-playwright's in one thread: so the browser and
the flow tests have a thread of their own.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.config.settings import Config, Layer
from pec_autorenew.flows.portal import browser_portals
from pec_autorenew.mock_portal import LAYOUTS, Layout, MockPortal
from tests.flows.clerk import PASSWORD_VARIABLE, Clerk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pec_autorenew.config import Account
    from pec_autorenew.flows.portal import BrowserPortal

_THREAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="flows")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool:
    """Run each flow test in the browser's thread."""
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    _THREAD.submit(pyfuncitem.obj, **arguments).result()
    return True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many portals by seed were walked to the end, and why the others stopped."""
    reports = [one for kind in ("passed", "xfailed", "failed") for one in terminalreporter.stats.get(kind, [])]
    told = [(name, str(value)) for one in reports for name, value in getattr(one, "user_properties", ())]
    ends = Counter(value for name, value in told if name == "chaos")
    if ends:
        terminalreporter.section("portals by seed")
        for end, count in sorted(ends.items()):
            terminalreporter.line(f"{count:5} {end}")
        for line in sorted(value for name, value in told if name == "stop"):
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def running_portal() -> Iterator[MockPortal]:
    """Serve for the whole session: starting takes longer than a reset."""
    with MockPortal(scenario="empty") as portal:
        yield portal


@pytest.fixture(scope="session")
def config(running_portal: MockPortal, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Return a configuration for this portal, with short patience."""
    state = tmp_path_factory.mktemp("flows") / "state"
    tree = {
        "portal": {"base_url": running_portal.url, "login_origins": list(running_portal.login_origins)},
        "browser": {"action_timeout": "10 s"},
        "ledger": {"state_dir": str(state)},
    }
    return Config.from_layers((Layer("file", tree),))


@pytest.fixture(scope="session")
def open_portal(running_portal: MockPortal, config: Config) -> Iterator[Callable[[Account], BrowserPortal]]:
    """Start the client's browser once, in the thread of the flow tests."""
    portals = browser_portals(config, running_portal.truth.clock.now, config.state_dir / "evidence")
    yield _THREAD.submit(portals.__enter__).result()
    _THREAD.submit(portals.__exit__, None, None, None).result()
    _THREAD.shutdown()


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest) -> Layout:
    """Give each layout in turn."""
    wanted: Layout = request.param
    return wanted


@pytest.fixture
def clerk(
    running_portal: MockPortal,
    open_portal: Callable[[Account], BrowserPortal],
    layout: Layout,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Clerk]:
    """Put a clerk in front of the «demo» portal; a test may arrange another."""
    running_portal.reset(scenario="demo", layout=layout)
    somebody = Clerk(running_portal, open_portal, lambda secret: monkeypatch.setenv(PASSWORD_VARIABLE, secret))
    yield somebody
    _THREAD.submit(somebody.leave).result()
