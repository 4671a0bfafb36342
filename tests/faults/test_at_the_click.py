"""The binding click, when the answer to it is lost, spoilt or a lie: one request, one order at most, a true report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.scene import DUE

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import Layout
    from tests.faults.scene import Scene

ORDERED = ("awaiting-payment", "ordered")
WAITING = ("awaiting-payment", "waiting")
UNKNOWN = ("unknown", "unknown")

#: fault -> whether the portal made the order all the same.
WIRE = {
    "error": False,
    "error-after": True,
    "reset": False,
    "reset-after": True,
    "blank": False,
    "blank-after": True,
    "late": True,
}


@pytest.mark.one_layout
@pytest.mark.parametrize("fault", [*WIRE, "reset+fresh-connections", "reset-after+fresh-connections"])
def test_lost_answer_is_one_request_and_one_order_in_the_end(scene: Scene, layout: Layout, fault: str) -> None:
    """DUP-2, DUP-3, DUP-4, VER-1: what the list shows is proved at once; what it does not show waits for `settle`.

    The connection is one that has served before, unless the portal keeps none alive.
    """
    scene.begin(fault, layout=layout)
    is_made = WIRE[fault.partition("+")[0]]
    assert scene.run() == {DUE: ORDERED if is_made else UNKNOWN}
    assert scene.truth.confirm_posts == 1
    assert len(scene.truth.orders) == is_made
    if not is_made:
        assert scene.run() == {DUE: UNKNOWN}, "before `settle` an empty list proves nothing"
        assert scene.codes[0] == 5
        assert scene.truth.confirm_posts == 1
    assert scene.later_runs() == {DUE: WAITING}
    assert (len(scene.truth.orders), scene.truth.confirm_posts) == (1, 1 if is_made else 2)
