"""A worker's lanes: lent one visit at a time, of one sweep after the other."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from pec_autorenew.engine.lanes import Lanes
from pec_autorenew.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 20.0


@dataclass
class Opened:
    """Portals with two lanes; remembers what was opened and closed."""

    story: list[str] = field(default_factory=list)

    @contextmanager
    def __call__(self, run_id: str) -> Iterator[Any]:
        """Open."""
        self.story.append(f"open {run_id}")

        class Two:
            lanes = (f"{run_id} 1", f"{run_id} 2")

        yield Two()
        self.story.append(f"close {run_id}")


def test_lanes_are_lent_and_come_back() -> None:
    """SES-5: two visits at a time have each their own; the portals are opened once for a sweep."""
    opened = Opened()
    lanes = Lanes(opened)
    with lanes("a") as one, lanes("a") as two:
        assert {str(one), str(two)} == {"a 1", "a 2"}
    with lanes("a"):
        pass
    lanes.close()
    assert opened.story == ["open a", "close a"]


def test_next_sweep_waits_until_the_visits_of_the_last_are_done() -> None:
    """SEC-4: its pictures go to a folder of its own, so the browsers are others."""
    opened = Opened()
    lanes = Lanes(opened)
    entered = threading.Event()

    def visit_next() -> None:
        with lanes("b"):
            opened.story.append("visit b")
        entered.set()

    with lanes("a"):
        other = threading.Thread(target=visit_next)
        other.start()
        assert not entered.wait(0.05)
        opened.story.append("visit a")
    assert entered.wait(PATIENCE_S)
    other.join()
    assert opened.story == ["open a", "visit a", "close a", "open b", "visit b"]


def test_nobody_waits_for_lanes_that_are_closed() -> None:
    """RES-2: a worker that was asked to end lends none any more, not even to who waits already."""
    lanes = Lanes(Opened())
    heard: list[BaseException] = []

    def wait() -> None:
        try:
            with lanes("b"):
                pass
        except Interrupted as error:
            heard.append(error)

    with lanes("a"):
        other = threading.Thread(target=wait)
        other.start()
        lanes.close()
        other.join(PATIENCE_S)
    assert len(heard) == 1
    with pytest.raises(Interrupted), lanes("a"):
        pass
