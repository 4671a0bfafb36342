"""For a suite of the kit: each test takes one layout, not always the same; with PEC_EVERY_LAYOUT all of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from zlib import crc32

from pec_autorenew.mock_portal import LAYOUTS

if TYPE_CHECKING:
    import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the other layouts out; a page that only one layout has is tested on that."""
    if os.environ.get("PEC_EVERY_LAYOUT"):
        return
    left_out = [item for item in items if not _is_its_turn(item.nodeid)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _is_its_turn(test: str) -> bool:
    layout = next(one for one in LAYOUTS if f"[{one}-" in test)
    if "kit" in test:
        return layout == "g2"
    return LAYOUTS[crc32(test.replace(f"[{layout}-", "[").encode()) % len(LAYOUTS)] == layout
