"""`docs/portal-map.md` says what the pages' code looks for and what the mock portal's layouts show."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_portal_map_is_what_a_walk_finds_now() -> None:
    """A changed element, name or layout is in the map, or this fails: `make docs` makes it anew."""
    script = importlib.util.spec_from_file_location("portal_map", ROOT / "scripts" / "portal_map.py")
    assert script is not None
    assert script.loader is not None
    module = importlib.util.module_from_spec(script)
    script.loader.exec_module(module)
    assert (ROOT / "docs" / "portal-map.md").read_text("utf-8") == module.portal_map()
