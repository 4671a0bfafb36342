"""The browsers of a worker: lanes that visits take in turn, of one sweep after the other."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from pec_autorenew.engine.task import lanes_of
from pec_autorenew.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pec_autorenew.engine.task import OpenPortal, Portals


class Lanes:
    """Lends a lane to each visit, and opens the portals of a sweep when its first visit comes.

    The pictures of a sweep go to its own folder, so the browsers of one are closed before those of the next are opened.
    """

    def __init__(self, portals: Portals) -> None:
        self._portals = portals
        self._run_id = ""
        self._free: list[OpenPortal] = []
        self._lent = 0
        self._closed = False
        self._open = ExitStack()
        self._changed = threading.Condition()

    @contextmanager
    def __call__(self, run_id: str) -> Iterator[OpenPortal]:
        """Lend a lane for a visit of this run. Raises Interrupted where there are none any more."""
        lane = self._take(run_id)
        try:
            yield lane
        finally:
            with self._changed:
                self._lent -= 1
                self._free.append(lane)
                self._changed.notify_all()

    def _take(self, run_id: str) -> OpenPortal:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (self._free and self._run_id == run_id) or not self._lent)
            if self._closed:
                raise Interrupted("this worker was asked to end")
            if self._run_id != run_id:
                self._open.close()
                self._free = list(lanes_of(self._open.enter_context(self._portals(run_id))))
                self._run_id = run_id
            self._lent += 1
            return self._free.pop()

    def close(self) -> None:
        """Close the browsers; a visit that is under way loses its own, and none begins any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            self._open.close()
