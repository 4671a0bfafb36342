"""A month of daily runs over forty mailboxes in real browsers, on the mock portal in all its layouts (issue 6).

Only with `PEC_MONTHS=1`, in `make torture`: it takes minutes.
"""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, Final

import pytest

from tests.year.cast import MONTH, cast
from tests.year.mock_stage import MockStage
from tests.year.world import World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MONTHS: Final = int(os.environ.get("PEC_MONTHS", "0"))


@pytest.mark.skipif(not MONTHS, reason="takes minutes: make torture")
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", range(1, max(MONTHS, 1) + 1))
def test_month_in_browsers_ends_with_every_mailbox_renewed_or_shouted_about(
    seed: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """SIL-3, ENV-3, BLK-2, PAY-4, VER-1: as in a year on the double, with pages, processes and sessions."""
    people = cast(MONTH, seed)
    with closing(MockStage(people, tmp_path, seed)) as stage:
        world = World(people, stage, seed)
        world.play()
        record_property("year", dict(world.tally))
    assert not world.findings, "\n".join(
        [*(f"{charge}: {words}" for charge, words in world.findings[:40]), _end(world)]
    )


def _end(world: World) -> str:
    """Return what the last run said, save of what it left alone: a finding after the last day may be its trouble."""
    items = world.books.runs[-1].told.document["items"]
    return "the last run: " + "; ".join(
        f"{item['mailbox']}: {item['outcome']}, {item['reason']}, {item['message']}"
        for item in items
        if item["outcome"] != "skipped"
    )
