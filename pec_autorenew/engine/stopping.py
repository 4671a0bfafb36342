"""A request to end is heard between two steps of ours, as an exception: the run is finished in the ledger (RES-2)."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

#: What a supervisor, a closed terminal and Ctrl-C send.
_REQUESTS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


@contextmanager
def requests_heard() -> Iterator[None]:
    """Turn the first request to end into KeyboardInterrupt; while the run is being finished, only Ctrl-C is heard."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def hear(_number: int, _frame: FrameType | None) -> None:
        for request in _REQUESTS:
            signal.signal(request, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        raise KeyboardInterrupt

    before = {request: signal.signal(request, hear) for request in _REQUESTS}
    try:
        yield
    finally:
        for request, handler in before.items():
            signal.signal(request, handler)
