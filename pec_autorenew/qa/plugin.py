"""What pytest loads: options, fixtures and markers for tests of the portal, on top of pytest-playwright.

It comes with every run in an environment that has this package, so nothing here does anything, or imports anything of
weight, unless an option names a portal or a test asks for one of the fixtures.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from playwright.sync_api import BrowserContext, Page, Playwright

    from pec_autorenew.mock_portal import Layout, MockPortal
    from pec_autorenew.pages.base import PortalPage
    from pec_autorenew.pages.caselle import CasellePage
    from pec_autorenew.pages.conferma import ConfermaPage
    from pec_autorenew.pages.dati_fatturazione import DatiFatturazionePage
    from pec_autorenew.pages.dati_intestatario import DatiIntestatarioPage
    from pec_autorenew.pages.gestione_caselle import GestioneCasellePage
    from pec_autorenew.pages.home import HomePage
    from pec_autorenew.pages.kit_firma import KitFirmaPage
    from pec_autorenew.pages.login import LoginPage, LoginUsernamePage
    from pec_autorenew.pages.modulo_ordine import ModuloOrdinePage
    from pec_autorenew.pages.ordini import OrdiniSection
    from pec_autorenew.pages.portal_pages import PortalPages
    from pec_autorenew.qa.guard import Guard
    from pec_autorenew.qa.target import Target
    from pec_autorenew.qa.walking import Riepilogo, Visitor

#: `aria_baseline`, `accessibility`, and their options.
pytest_plugins = ("pec_autorenew.qa.looks",)

MARKER: Final = "pec_orders"
_NOWHERE: Final = "which portal? Say --pec-base-url URL, or --pec-scenario NAME for the mock portal"


# -- options -----------------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say which portal is tested, and where a test may order."""
    group = parser.getgroup("pec", "tests of the PEC portal (pec-autorenew)")
    group.addoption("--pec-base-url", metavar="URL", default="", help="The portal's customer area.")
    group.addoption(
        "--pec-login-origin",
        metavar="ORIGIN",
        action="append",
        default=[],
        help="Where a password may be typed, if that is not the portal's own origin; may be repeated.",
    )
    group.addoption(
        "--pec-scenario",
        metavar="NAME",
        action="append",
        default=[],
        help="Start the mock portal with this scenario instead (docs/mock-portal.md); may be repeated.",
    )
    group.addoption(
        "--pec-layout",
        metavar="LAYOUT",
        action="append",
        default=[],
        help="A layout of the mock portal: g2, g3 or g4; may be repeated. Without it all of them.",
    )
    group.addoption(
        "--pec-recording",
        metavar="DIR",
        action="append",
        default=[],
        help="Instead of a portal, offline: what `check-portal --record` kept (docs/recordings.md); may be repeated.",
    )
    group.addoption(
        "--pec-allow-orders",
        metavar="ORIGIN",
        action="append",
        default=[],
        help=f"Where tests marked {MARKER} may press the binding click, never the live portal; `mock` is the portal "
        "that --pec-scenario starts.",
    )
    group.addoption(
        "--pec-timeout",
        metavar="SECONDS",
        type=float,
        default=0.0,
        help="For one action or arrival; 5 on loopback, else 30.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and refuse options that contradict each other or name the live portal for orders."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}: presses «CONFERMA e completa l'ordine», which orders; runs only where --pec-allow-orders names the "
        "portal's origin, and never on the live portal",
    )
    if is_used(config):
        from pec_autorenew.qa.setting import require_sound_options

        require_sound_options(config)


def is_used(config: pytest.Config) -> bool:
    """Whether an option names a portal: without one, nothing of the kit takes part in the run."""
    return any(config.getoption(f"--pec-{one}") for one in ("base-url", "scenario", "recording"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test of the kit on each scenario and layout of the mock portal that is wanted."""
    if "pec_setting" in metafunc.fixturenames and metafunc.config.getoption("--pec-recording"):
        from pec_autorenew.qa.setting import recordings

        kept = recordings(metafunc.config)
        metafunc.parametrize("pec_setting", list(kept.values()), ids=list(kept), indirect=True, scope="session")
    elif "pec_setting" in metafunc.fixturenames and metafunc.config.getoption("--pec-scenario"):
        from pec_autorenew.qa.setting import settings

        wanted = settings(metafunc.config)
        metafunc.parametrize("pec_setting", list(wanted.values()), ids=list(wanted), indirect=True, scope="session")


# -- the guard ---------------------------------------------------------------------------------------------------------

_GUARD: Final = pytest.StashKey["Guard"]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse a test that is marked to order where it may not."""
    if not is_used(item.config):
        return
    from pec_autorenew.qa.guard import Guard
    from pec_autorenew.qa.setting import refusal

    item.stash[_GUARD] = Guard()
    if item.get_closest_marker(MARKER) is not None and (why_not := refusal(item.config)):
        refuse = pytest.fail if item.config.getoption("--pec-allow-orders") else pytest.skip
        refuse(why_not)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, Any, Any]:
    """Let pytest-playwright's browser, context and arguments be what the guard and the pages need."""
    result = yield
    if is_used(request.config):
        from pec_autorenew.qa import browsing

        if fixturedef.argname == "browser_context_args":
            browsing.complete_context(result)
        elif fixturedef.argname == "browser_type_launch_args":
            browsing.complete_launch(result, request)
        elif fixturedef.argname == "browser":
            browsing.watch_contexts(result, lambda context: _watch(request.session, context))
    return result


_RUNNING: Final = pytest.StashKey[pytest.Item]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Remember which test runs: contexts that it opens by itself are guarded too."""
    item.session.stash[_RUNNING] = item
    return (yield)


def _watch(session: pytest.Session, context: BrowserContext) -> None:
    _guard_of(session.stash[_RUNNING]).watch(context)


def _guard_of(node: pytest.Item) -> Guard:
    return node.stash[_GUARD]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail a test that pressed the binding click without permission, whatever else became of it."""
    try:
        result = yield
    except BaseException as error:
        if verdict := _verdict(item):
            error.add_note(verdict)
        raise
    if verdict := _verdict(item):
        pytest.fail(verdict, pytrace=False)
    return result


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Say in the report on which page the portal did what stopped a test."""
    error = call.excinfo.value if call.excinfo is not None else None
    page = getattr(error, "page", "")
    if is_used(item.config) and error is not None and isinstance(page, str) and page:
        error.add_note(f"page: «{page}»")


def _verdict(item: pytest.Item) -> str:
    guard = item.stash.get(_GUARD, None)
    return guard.verdict() if guard is not None else ""


# -- the portal --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def pec_setting(request: pytest.FixtureRequest) -> tuple[str, Layout] | Path | None:
    """Give scenario and layout of the mock portal, or a recording's folder; None where the portal is another's."""
    return getattr(request, "param", None)


@pytest.fixture(scope="session")
def _pec_mocks() -> Iterator[Callable[[], MockPortal]]:
    """Serve the mock portal from when it is first wanted until the end of the session."""
    with ExitStack() as stack:
        running: list[MockPortal] = []

        def mock() -> MockPortal:
            if not running:
                from pec_autorenew.mock_portal import MockPortal

                running.append(stack.enter_context(MockPortal()))
            return running[0]

        yield mock


@pytest.fixture
def pec_target(
    pec_setting: tuple[str, Layout] | Path | None, _pec_mocks: Callable[[], MockPortal], pytestconfig: pytest.Config
) -> Target:
    """Give the portal under test; the mock portal as it is at its scenario's start."""
    from pec_autorenew.qa.setting import mock_target, recorded_target, target

    if isinstance(pec_setting, Path):
        return recorded_target(pytestconfig, pec_setting)
    if pec_setting is not None:
        return mock_target(pytestconfig, _pec_mocks(), *pec_setting)
    if not is_used(pytestconfig):
        pytest.fail(_NOWHERE, pytrace=False)
    return target(pytestconfig)


@pytest.fixture
def pec_mock(pec_target: Target) -> MockPortal:
    """Give the mock portal with its truth, knobs and clock; skip where the portal is somebody else's."""
    if pec_target.mock is None:
        pytest.skip("the test looks behind the mock portal, and this is another one")
    return pec_target.mock


@pytest.fixture(scope="session")
def pec_engine(playwright: Playwright) -> None:
    """Teach pytest-playwright's Playwright how the pages search, once."""
    from pec_autorenew.pages.asking import register

    register(playwright)


@pytest.fixture
def pec_guard(request: pytest.FixtureRequest, pec_target: Target) -> Guard:
    """Give what lets this test order, or not."""
    guard = _guard_of(request.node)
    if request.node.get_closest_marker(MARKER):
        guard.allow(pec_target.ordering)
    return guard


@pytest.fixture
def visitor(pec_target: Target, pec_guard: Guard, pec_engine: None, page: Page) -> Visitor:  # noqa: ARG001 - comes first
    """Put somebody in front of the portal who can walk it: nothing is loaded yet."""
    if pec_target.recording is not None:
        from pec_autorenew.qa.replaying import RecordedVisitor

        return RecordedVisitor(page, pec_target, pec_guard, pec_target.recording)
    from pec_autorenew.qa.walking import Visitor

    return Visitor(page, pec_target, pec_guard)


@pytest.fixture
def area(visitor: Visitor) -> PortalPages:
    """Sign in, and stand where the portal leads; give all pages."""
    return visitor.home()


# -- its pages ---------------------------------------------------------------------------------------------------------


def _order_page(visitor: Visitor, page: PortalPage) -> PortalPage:
    if not visitor.reach(page):
        pytest.skip(f"this portal has no page «{page.name}»")
    return page


@pytest.fixture
def login(visitor: Visitor) -> LoginPage | LoginUsernamePage:
    """Stand in front of «Accedi», or of the first of its two pages, with nothing typed."""
    return cast("LoginPage | LoginUsernamePage", visitor.at_the_door())


@pytest.fixture
def home(area: PortalPages) -> HomePage:
    """Stand at home in the customer area."""
    if area.here is not area.home:
        pytest.skip("this login's area opens with its list of mailboxes")
    return area.home


@pytest.fixture
def caselle(visitor: Visitor) -> CasellePage:
    """Stand in front of the list of mailboxes."""
    return visitor.list().caselle


@pytest.fixture
def ordini(visitor: Visitor) -> OrdiniSection:
    """Stand in front of «Ordini associati al servizio», below the list."""
    ordini = visitor.list().ordini
    if not ordini.is_shown():
        pytest.skip("this login sees no list of orders")
    return ordini


@pytest.fixture
def gestione_caselle(visitor: Visitor) -> GestioneCasellePage:
    """Stand in «Gestione caselle PEC» with one mailbox, by «Rinnova» on its row."""
    return visitor.cart().gestione_caselle


@pytest.fixture
def kit_firma(visitor: Visitor) -> KitFirmaPage:
    """Stand before the kit of «Firma Digitale»; skip where the portal does not offer it."""
    return cast("KitFirmaPage", _order_page(visitor, visitor.pages.kit_firma))


@pytest.fixture
def dati_intestatario(visitor: Visitor) -> DatiIntestatarioPage:
    """Stand before «Dati Intestatario»."""
    return cast("DatiIntestatarioPage", _order_page(visitor, visitor.pages.dati_intestatario))


@pytest.fixture
def dati_fatturazione(visitor: Visitor) -> DatiFatturazionePage:
    """Stand before «DATI FATTURAZIONE», in the holder's page or after it; skip where the portal asks for none."""
    return cast("DatiFatturazionePage", _order_page(visitor, visitor.pages.dati_fatturazione))


@pytest.fixture
def modulo_ordine(visitor: Visitor) -> ModuloOrdinePage:
    """Stand on «Modulo Ordine», with the kit refused and the holder's data as they stood."""
    return visitor.form().modulo_ordine


@pytest.fixture
def riepilogo(visitor: Visitor, modulo_ordine: ModuloOrdinePage) -> Riepilogo:
    """Give what reads lines and sums of the order on «Modulo Ordine»."""
    assert modulo_ordine is visitor.pages.modulo_ordine  # noqa: S101 - it is what stands there
    return visitor.riepilogo()


@pytest.fixture
def conferma(visitor: Visitor) -> ConfermaPage:
    """Place an order and stand before its confirmation: only for a test that is marked to order."""
    visitor.home()
    visitor.order()
    return visitor.pages.conferma
