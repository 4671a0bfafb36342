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
    "g3": ("sign-in", "home", "list", "cart", "holder", "form", "recalculation"),
    "g4": ("sign-in", "list", "cart", "recalculation"),
}
#: A sign-in by a script that got no answer at all looks like a refusal, and has a test of its own.
MUTE: Final[tuple[Layout, str, str]] = ("g4", "sign-in", "blank")
EVERY: Final = [
    case
    for layout, steps in STEPS.items()
    for step in steps
    for fault in SPOILT
    if (case := (layout, step, fault)) != MUTE
]
#: In `make test` every thirteenth of them: each layout, each kind of fault, most steps.
CASES: Final = EVERY if os.environ.get("PEC_EVERY_LAYOUT") else EVERY[::13]


@pytest.mark.parametrize(("layout", "step", "fault"), CASES)
def test_spoilt_answer_at_a_step_orders_at_most_once(scene: Scene, layout: Layout, step: str, fault: str) -> None:
    """DUP-2, SIL-4: whatever the first run says, the later ones leave exactly one order."""
    scene.tables = {"renewal": {"years": 2}}  # so that every layout calculates anew
    scene.begin(f"{fault}@{step}", layout=layout)
    scene.run()
    assert [one.name for one in scene.portal.faults.struck] == [fault]
    assert scene.later_runs()[DUE][0] == "awaiting-payment"
    assert len(scene.truth.orders) == 1


@pytest.mark.parametrize(("step", "reason"), [("sign-in", "timeout"), ("list", "timeout")])
def test_portal_that_does_not_answer_is_left_after_the_action_timeout(scene: Scene, step: str, reason: str) -> None:
    """SIL-4: a document that never comes is given up, and called late; the browser would wait for it for ever."""
    scene.begin(f"late@{step}*0", layout="g2")
    assert [one[1] for one in scene.run().values()] == [reason]


def test_server_error_at_the_sign_in_is_no_refusal_of_the_password(scene: Scene) -> None:
    """HUM-3: the page shows its form again after a 500; the password was not judged, and is tried in the next run."""
    scene.begin("error@sign-in", layout="g4")
    assert [one[1] for one in scene.run().values()] == ["portal-error"]
    assert scene.run() == {DUE: ("awaiting-payment", "ordered")}


def test_sign_in_that_is_answered_with_nothing_counts_as_refused(scene: Scene) -> None:
    """HUM-3: the form stands there again, empty and without a word; the password is not typed a second time."""
    layout, step, fault = MUTE
    scene.begin(f"{fault}@{step}", layout=layout)
    assert [one[1] for one in scene.run().values()] == ["sign-in-rejected"]
    assert [one[1] for one in scene.run().values()] == ["sign-in-rejected"]
    typed = [hit for hit in scene.truth.hits if (hit.method, hit.page) == ("POST", "accesso")]
    assert (len(typed), scene.truth.orders) == (1, {})
