"""Who may know whom: the contracts hold, and what the command line needs for `--help` is little."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_import_contracts_hold() -> None:
    """HOUSE: top imports bottom, never the other way; import-linter's word is final."""
    done = subprocess.run(  # noqa: S603 - the tool beside this test's own Python
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["renew", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    """HOUSE: who asks for help does not wait for a browser's library, a database's or the configuration's."""
    script = (
        "import sys\n"
        "from pec_autorenew.cli import main\n"
        "try:\n"
        "    main(sys.argv[1:])\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        "heavy = {'playwright', 'sqlalchemy', 'alembic', 'pydantic', 'starlette', 'uvicorn', 'jinja2', 'rich'}\n"
        "sys.exit(' '.join(sorted(heavy & set(sys.modules))) or None)\n"
    )
    done = subprocess.run(  # noqa: S603 - this test's own script
        [sys.executable, "-c", script, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"loaded: {done.stderr}"
    assert done.stdout.strip()


def test_run_loads_no_calendar_before_a_payment_is_open() -> None:
    """ENV-3: all that a run imports; the library of holidays comes with the first order that waits."""
    script = "import sys, pec_autorenew.engine.local, pec_autorenew.report.notes; sys.exit('holidays' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)  # noqa: S603 - this test's own script
    assert done.returncode == 0
