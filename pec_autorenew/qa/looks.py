"""The fixtures `aria_baseline` and `accessibility`, their options, and what is told of them at the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from pec_autorenew.mock_portal import Layout
    from pec_autorenew.qa.accessibility import Accessibility
    from pec_autorenew.qa.snapshots import AriaBaselines

#: Writes them.
UPDATE: Final = "--pec-update-baselines"
#: Where baselines are kept without the option: beside the test's file.
FOLDER: Final = "baselines"
#: In a portal's folder: what is known of it and stays.
ACCEPTED: Final = "accepted.txt"
_TOLD: Final = "pec looks"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say where baselines are, and whether they are written."""
    group = parser.getgroup("pec", "tests of the PEC portal (pec-autorenew)")
    group.addoption(
        "--pec-baselines",
        metavar="DIR",
        default="",
        help=f"Where accessibility snapshots are kept; without it in «{FOLDER}» beside each test's file.",
    )
    group.addoption(
        UPDATE,
        action="store_true",
        help="Write the accessibility snapshots instead of comparing with them.",
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which baselines were written, and what was accepted."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, [])]
    told = [value for one in reports for name, value in getattr(one, "user_properties", ()) if name == _TOLD]
    if told:
        terminalreporter.section("looks of the portal")
        for line in dict.fromkeys(map(str, told)):
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def pec_personal() -> frozenset[str]:
    """Give words that belong to somebody and that no baseline may hold; to be overridden.

    Addresses, what fields hold, and whoever is greeted are found without it.
    """
    return frozenset()


@pytest.fixture
def pec_baselines(request: pytest.FixtureRequest, pec_setting: tuple[str, Layout] | Path | None) -> Path:
    """Give the folder of this portal's baselines: named after its host, the mock's scenario and layout, a recording."""
    asked = str(request.config.getoption("--pec-baselines"))
    folder = Path(asked) if asked else request.path.parent / FOLDER
    return folder / _portal(pec_setting, str(request.config.getoption("--pec-base-url")))


@pytest.fixture(scope="session")
def _pec_written() -> dict[Path, str]:
    """Remember what this run has written."""
    return {}


@pytest.fixture
def aria_baseline(
    request: pytest.FixtureRequest,
    pec_baselines: Path,
    pec_personal: frozenset[str],
    _pec_written: dict[Path, str],
) -> AriaBaselines:
    """Give what compares a page with its accessibility snapshot: `aria_baseline(modulo_ordine)`."""
    from pec_autorenew.qa.snapshots import AriaBaselines

    updating = bool(request.config.getoption(UPDATE))
    return AriaBaselines(pec_baselines, updating, pec_personal, _teller(request), _pec_written)


@pytest.fixture
def accessibility(
    request: pytest.FixtureRequest, pec_baselines: Path, pec_setting: tuple[str, Layout] | Path | None
) -> Accessibility:
    """Give what checks names, labels, colours, and the way of the Tab key: `accessibility(modulo_ordine)`.

    What the portal's folder of baselines has in `accepted.txt` is known and no failure. Skips on a recording.
    """
    if isinstance(pec_setting, Path):
        pytest.skip("a recording keeps neither the portal's colours nor its sizes")
    from pec_autorenew.qa.accessibility import Accessibility
    from pec_autorenew.qa.barriers import accepted_in

    file = pec_baselines / ACCEPTED
    return Accessibility(accepted_in(file), file, _teller(request))


def _portal(setting: tuple[str, Layout] | Path | None, base_url: str) -> str:
    """Return the name of the portal's folder; where no portal is named, a test shows pages of its own.

    With a fault or a change, which a scenario names after a «+», the mock is the portal that it was.
    """
    if isinstance(setting, Path):
        return f"recording-{setting.name}"
    if setting is not None:
        scenario, layout = setting
        return f"mock-{scenario.partition('+')[0]}-{layout}"
    return urlsplit(base_url).netloc.rpartition("@")[2].replace(":", "_") or "pages"


def _teller(request: pytest.FixtureRequest) -> Callable[[str], None]:
    return lambda line: request.node.user_properties.append((_TOLD, line))
