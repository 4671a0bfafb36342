"""Each engine test gets an office of its own: an empty ledger on SQLite, an empty portal, one account."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.ledger import Ledger
from tests.engine.office import Office

if TYPE_CHECKING:
    from collections.abc import Iterator


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
