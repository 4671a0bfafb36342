"""The client's process dies at every step of an order; whoever runs it again finds one order and a true ledger."""

from __future__ import annotations

import os
import signal
from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from pec_autorenew.mock_portal import LAYOUTS
from tests.faults.crashes import ASKED, TAKEN, Crash, three_due
from tests.faults.scene import DUE
from tests.faults.victim import PLACES, Way

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import Layout

#: Each place with one layout and one way in turn; in `make test` every fourth of them.
EVERY: Final = [
    (place, LAYOUTS[number % len(LAYOUTS)], tuple(Way)[number // len(LAYOUTS) % len(Way)])
    for number, place in enumerate((*PLACES, TAKEN))
]


PLACED: Final = EVERY if os.environ.get("PEC_EVERY_LAYOUT") else EVERY[::4]
#: How many drawn stories; `make torture` takes so many that 300 processes die.
STORIES: Final = int(os.environ.get("PEC_STORIES", "1"))
#: What may go wrong besides, and is over when the client is run again.
FAULTS: Final = (
    *("error", "error-after", "reset", "reset-after", "blank", "blank-after", "late"),
    *("session-ended@cart", "session-ended@confirm", "other-order@cart", "other-order@confirm"),
    *("order-without-success", "success-of-another", "every-post-orders", "orders-listed-late"),
)


@pytest.mark.parametrize(("place", "layout", "way"), PLACED)
def test_run_that_dies_is_made_good_by_the_next(crash: Crash, place: str, layout: Layout, way: Way) -> None:
    """DUP-1, DUP-2, DUP-4: wherever it died, there is one order after the later runs, and the ledger says so."""
    scene = crash.scene
    scene.begin(layout=layout)
    crash = Crash(scene, crash.home)
    code = crash.killed_at(place, way)
    assert (code == -signal.SIGKILL) is (way is not Way.TERM)
    assert scene.later_runs() == {DUE: ("awaiting-payment", "waiting")}
    assert len(scene.truth.orders) == 1


@pytest.mark.parametrize("seed", range(STORIES))
def test_runs_that_die_at_any_moment_order_each_mailbox_once(crash: Crash, seed: int) -> None:
    """DUP-2, PRC-4, VER-1: up to three deaths, at drawn moments and with drawn faults, then runs to their end."""
    draw, scene = Random(seed), crash.scene  # noqa: S311 - a story, not a secret
    scene.begin(*draw.sample(FAULTS, draw.randint(0, 2)), layout=draw.choice(LAYOUTS))
    crash = Crash(scene, crash.home)
    if draw.random() < 0.5:
        three_due(scene)
    for _ in range(draw.randint(1, 3)):
        place = draw.choice((*PLACES, TAKEN, *[ASKED] * 10))
        crash.killed_at(place, draw.choice(list(Way)), draw.randint(1, 60) if place == ASKED else draw.randint(1, 2))
        scene.truth.clock.advance(draw.choice((0, 60, 1_200)))
    scene.calm()
    said = scene.later_runs()
    assert {said[one][0] for one in scene.due} == {"awaiting-payment"}
    assert sorted(one for order in scene.truth.orders.values() for one in order.addresses) == sorted(scene.due)
