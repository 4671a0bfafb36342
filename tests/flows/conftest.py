"""A clerk in front of the mock portal: one browser for all flow tests, each layout in turn.

The client starts its own Playwright, which cannot live beside pytest-playwright's in one thread: so the browser and
the flow tests have a thread of their own.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.config.settings import Config, Layer
from pec_autorenew.flows.portal import browser_portals
from pec_autorenew.mock_portal import Layout, MockPortal
from tests.flows.clerk import PASSWORD_VARIABLE, Clerk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pec_autorenew.config import Account
    from pec_autorenew.flows.portal import BrowserPortal

#: Without g3 as long as the client knows no sign-in in two steps.
LAYOUTS: tuple[Layout, ...] = ("g2", "g4")
_THREAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="flows")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool:
    """Run each flow test in the browser's thread."""
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    _THREAD.submit(pyfuncitem.obj, **arguments).result()
    return True


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
