"""What the options say: which portal, in which scenarios and layouts, and where a test may order."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import pytest

from pec_autorenew.config import origin_of
from pec_autorenew.config.values import read_base_url, read_origin
from pec_autorenew.errors import ConfigError
from pec_autorenew.qa.target import MOCK, Target, default_timeout, ordering_origins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pec_autorenew.mock_portal import Layout, MockPortal

_ANY: Final = "https://portal.example/"

#: Nothing has to be waited for.
_OFFLINE_MS: Final = 5_000


def require_sound_options(config: pytest.Config) -> None:
    """Raise UsageError for options that contradict each other, or that nobody understands."""
    from pec_autorenew.mock_portal import LAYOUTS, understood

    base_url, scenarios, layouts = (config.getoption(f"--pec-{one}") for one in ("base-url", "scenario", "layout"))
    if config.getoption("--pec-recording") and (base_url or scenarios):
        raise pytest.UsageError("--pec-recording stands in a portal's place: name none besides")
    if base_url and scenarios:
        raise pytest.UsageError("--pec-base-url and --pec-scenario are two portals: name one of them")
    if layouts and not scenarios:
        raise pytest.UsageError("--pec-layout is the mock portal's: it goes with --pec-scenario")
    unknown = set(layouts) - set(LAYOUTS)
    if unknown:
        raise pytest.UsageError(f"--pec-layout: no layout {min(unknown)!r}; there are {', '.join(LAYOUTS)}")
    with _told("--pec-scenario"):
        for scenario in scenarios:
            understood(scenario)
    with _told("--pec-base-url"):
        read_base_url(base_url or _ANY)
    with _told("--pec-login-origin"):
        for origin in config.getoption("--pec-login-origin"):
            read_origin(origin)
    with _told("--pec-allow-orders"):
        ordering_origins(config.getoption("--pec-allow-orders"))
    for folder in recordings(config).values():
        try:
            recorded_target(config, folder)
        except ConfigError as error:
            raise pytest.UsageError(f"--pec-recording: {error.message}") from error


@contextmanager
def _told(option: str) -> Iterator[None]:
    """Say of what is wrong with an option that it is this one's."""
    try:
        yield
    except ValueError as error:
        raise pytest.UsageError(f"{option}: {error}") from error


def settings(config: pytest.Config) -> dict[str, tuple[str, Layout]]:
    """Return scenario and layout for each run of a test, by the name that the run gets."""
    from pec_autorenew.mock_portal import LAYOUTS

    scenarios: list[str] = list(dict.fromkeys(config.getoption("--pec-scenario")))
    layouts = cast("list[Layout]", list(dict.fromkeys(config.getoption("--pec-layout") or LAYOUTS)))
    several = len(scenarios) > 1
    return {f"{layout}-{one}" if several else layout: (one, layout) for one, layout in product(scenarios, layouts)}


def refusal(config: pytest.Config) -> str:
    """Return why no test may order on this portal, "" where it may."""
    named: list[str] = config.getoption("--pec-allow-orders")
    if not named:
        return "refused: this test orders, and --pec-allow-orders names no portal"
    if config.getoption("--pec-scenario"):
        return "" if MOCK in named else f"refused: this test orders, and --pec-allow-orders does not name `{MOCK}`"
    if config.getoption("--pec-recording"):
        return "refused: this test orders, and a recording is no portal"
    origin = origin_of(config.getoption("--pec-base-url"))
    if origin in ordering_origins(named):
        return ""
    return f"refused: this test orders, and --pec-allow-orders does not name {origin}"


def target(config: pytest.Config) -> Target:
    """Return the portal that --pec-base-url names."""
    base_url = read_base_url(config.getoption("--pec-base-url"))
    origins = tuple(read_origin(one) for one in config.getoption("--pec-login-origin")) or (origin_of(base_url),)
    return Target(
        base_url, origins, _timeout(config, base_url), ordering_origins(config.getoption("--pec-allow-orders"))
    )


def mock_target(config: pytest.Config, mock: MockPortal, scenario: str, layout: Layout) -> Target:
    """Return the mock portal, which begins afresh with this scenario and layout."""
    mock.reset(scenario=scenario, layout=layout)
    ordering = ordering_origins(config.getoption("--pec-allow-orders"), origin_of(mock.url))
    return Target(mock.url, mock.login_origins, _timeout(config, mock.url), ordering, mock)


def recordings(config: pytest.Config) -> dict[str, Path]:
    """Return the recordings on which a test runs, by the name that the run gets."""
    folders = [Path(one).resolve() for one in config.getoption("--pec-recording")]
    names = [one.name for one in folders]
    return {one.name if names.count(one.name) == 1 else str(one): one for one in folders}


def recorded_target(config: pytest.Config, folder: Path) -> Target:
    """Return a recording in the portal's place. Raises ConfigError where there is none."""
    from pec_autorenew.qa.recording import Recording
    from pec_autorenew.report.recording import ORIGIN

    seconds: float = config.getoption("--pec-timeout")
    return Target(ORIGIN, (ORIGIN,), seconds * 1000 or _OFFLINE_MS, recording=Recording.open(folder))


def _timeout(config: pytest.Config, base_url: str) -> float:
    seconds: float = config.getoption("--pec-timeout")
    return seconds * 1000 if seconds else default_timeout(base_url)
