"""A request to end, and the end of the run's time, are heard between two steps of ours, as an exception.

So the run is finished in the ledger whatever it was at (RES-1, RES-2).
"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

#: What a supervisor, a closed terminal and Ctrl-C send.
_REQUESTS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
#: Seconds in which a run whose time is over, or that is done, must have closed its browsers and written its end.
LAST_WORDS_S: Final = 120.0


#: Set once somebody has asked this process to end: whoever has more runs to do leaves them.
asked_to_end: Final = threading.Event()


class Overtime(KeyboardInterrupt):
    """The run has taken all the time that it may: nobody pressed a key, and it ends as if somebody had."""


def _nothing(_: float = 0) -> None:
    """Do nothing: only the main thread hears signals."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a run can say about being heard."""

    #: Makes deaf to every request, for the run's last lines.
    be_deaf: Callable[[], None] = _nothing
    #: Lets the run's time begin anew, with so many seconds.
    give: Callable[[float], None] = _nothing


@contextmanager
def requests_heard() -> Iterator[Hearing]:
    """Turn the first request to end into KeyboardInterrupt, and the end of the time, if one is given, into Overtime.

    After the first, only Ctrl-C is heard, so that a browser that does not close can be left, and the end of a last
    time.
    """
    if threading.current_thread() is not threading.main_thread():
        yield Hearing()
        return
    timed = False
    heeded = [request for request in _REQUESTS if signal.getsignal(request) is not signal.SIG_IGN]  # «nohup»

    def be_deaf() -> None:
        for request in heeded:
            signal.signal(request, signal.SIG_IGN)
        if timed:
            give(LAST_WORDS_S)

    def give(seconds: float) -> None:
        nonlocal timed
        timed = True
        signal.setitimer(signal.ITIMER_REAL, min(seconds, others_time or seconds))  # whoever set it first is not late

    def hear(number: int, _frame: FrameType | None) -> None:
        be_deaf()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if number == signal.SIGALRM:
            raise Overtime
        asked_to_end.set()
        raise KeyboardInterrupt

    before = {request: signal.signal(request, hear) for request in (*heeded, signal.SIGALRM)}
    others_time, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        yield Hearing(be_deaf, give)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for request, handler in before.items():
            signal.signal(request, handler)
        signal.setitimer(signal.ITIMER_REAL, others_time)
