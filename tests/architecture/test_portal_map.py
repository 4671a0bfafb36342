"""`docs/portal-map.md` says what the pages' code looks for and what the mock portal's layouts show."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_portal_map_is_what_a_walk_finds_now() -> None:
    """A changed element, name or layout is in the map, or this fails: `make docs` makes it anew."""
    script = [sys.executable, "scripts/portal_map.py", "--check"]
    here = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(script, cwd=ROOT, env=here, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
