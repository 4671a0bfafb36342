"""A request to end is heard between two steps of ours, as an exception: the run is finished in the ledger (RES-2)."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

#: What a supervisor, a closed terminal and Ctrl-C send.
_REQUESTS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


@contextmanager
def requests_heard() -> Iterator[Callable[[], None]]:
    """Turn the first request to end into KeyboardInterrupt; yield what makes deaf to all, for the run's last lines.

    After the first, only Ctrl-C is heard, so that a browser that does not close can be left.
    """
    if threading.current_thread() is not threading.main_thread():
        yield _nothing
        return
    heeded = [request for request in _REQUESTS if signal.getsignal(request) is not signal.SIG_IGN]  # «nohup»

    def be_deaf() -> None:
        for request in heeded:
            signal.signal(request, signal.SIG_IGN)

    def hear(_number: int, _frame: FrameType | None) -> None:
        be_deaf()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        raise KeyboardInterrupt

    before = {request: signal.signal(request, hear) for request in heeded}
    try:
        yield be_deaf
    finally:
        for request, handler in before.items():
            signal.signal(request, handler)


def _nothing() -> None:
    """Do nothing: only the main thread hears signals."""
