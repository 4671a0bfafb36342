"""Each engine test gets an office of its own: an empty ledger on SQLite, an empty portal, one account."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from pec_autorenew.ledger import Ledger
from tests.engine.beside import accounts
from tests.engine.filed import Workshop
from tests.engine.office import Office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.terminal import TerminalReporter


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a migrated and empty ledger, to be copied."""
    path = tmp_path_factory.mktemp("engine") / "ledger.sqlite3"
    Ledger.open(path).close()
    return path


@pytest.fixture
def office(empty_ledger: Path, tmp_path: Path) -> Iterator[Office]:
    """Open an office with an empty ledger and one account, `studio`."""
    path = Path(shutil.copy(empty_ledger, tmp_path / "ledger.sqlite3"))
    with Ledger.open(path) as ledger:
        office = Office(tmp_path / "state", ledger)
        office.send_canary_home()
        yield office


@pytest.fixture
def two_lanes(office: Office, tmp_path: Path) -> Iterator[Workshop]:
    """Give a workshop of two lanes for four accounts; at the end no process of it is left."""
    accounts(office, 4)
    before = psutil.Process().children(recursive=True)
    yield Workshop(tmp_path, office.truth, width=2)
    assert psutil.Process().children(recursive=True) == before


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Say what the state machine did, and what it found wrong: all of these must be 0 (`make torture`)."""
    reports = [one for outcome in ("passed", "failed") for one in terminalreporter.stats.get(outcome, ())]
    told = [str(value) for one in reports for name, value in one.user_properties if name == "machine"]
    if told:
        terminalreporter.write_sep("=", "state machine")
        for line in sorted(told):
            terminalreporter.write_line(line)
