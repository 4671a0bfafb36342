"""A year of daily runs over forty mailboxes on the portal's double, with faults by seed (issue 6).

`PEC_YEARS=20` plays twenty years.
"""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, Final

import pytest

from tests.year.cast import YEAR, cast
from tests.year.charges import Charge
from tests.year.double_stage import DoubleStage
from tests.year.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

YEARS: Final = int(os.environ.get("PEC_YEARS", "1"))


@pytest.mark.timeout(900)  # seconds, where the machine is free
@pytest.mark.parametrize("seed", range(1, YEARS + 1))
def test_year_ends_with_every_mailbox_renewed_or_shouted_about(
    seed: int, record_property: Callable[[str, object], None]
) -> None:
    """SIL-3, TIM-2, NOT-1, PAY-4, VER-1: renewed in time or shouted about, never twice, and what is told is so."""
    people = cast(YEAR, seed)
    with closing(DoubleStage(people, flags=seed % 2 == 0)) as stage:
        world = World(people, stage, seed)
        world.play()
        record_property("year", dict(world.tally))
        findings = world.findings + [(Charge.OTHER_JUDGES, f"{kind}: {what}") for kind, what in stage.findings]
    assert not findings, "\n".join(f"{charge}: {words}" for charge, words in findings[:40])
