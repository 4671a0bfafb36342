"""A spoilt answer at any step: the run ends in words, nothing is ordered twice, and the next runs order it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import pytest

from tests.faults.scene import DUE

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import Layout
    from tests.faults.scene import Scene

SPOILT: Final = ("error", "reset", "blank", "late")
#: Where each layout asks the portal for something; the click has tests of its own.
STEPS: Final = {
    "g2": ("sign-in", "home", "list", "cart", "kit", "holder", "form", "recalculation", "confirmation"),
    "g3": ("sign-in", "home", "list", "cart", "holder", "billing", "form", "recalculation", "confirmation"),
    "g4": ("sign-in", "list", "cart", "recalculation"),
}
EVERY: Final = [(layout, step, fault) for layout, steps in STEPS.items() for step in steps for fault in SPOILT]
#: In `make test` every fifth of them: each layout, each kind of fault, most steps.
CASES: Final = EVERY if os.environ.get("PEC_EVERY_LAYOUT") else EVERY[::5]


@pytest.mark.parametrize(("layout", "step", "fault"), CASES)
def test_spoilt_answer_at_a_step_orders_at_most_once(scene: Scene, layout: Layout, step: str, fault: str) -> None:
    """DUP-2, SIL-4: whatever the first run says, three more leave exactly one order."""
    scene.begin(f"{fault}@{step}", layout=layout)
    scene.run()
    assert [one.name for one in scene.portal.faults.struck] == [fault]
    assert scene.three_more_runs()[DUE][0] == "awaiting-payment"
    assert len(scene.truth.orders) == 1
