"""Whoever looks at accounts: one after the other, or several at a time where there are browsers for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Semaphore
from typing import TYPE_CHECKING, Final, Self, TypeVar

from pec_autorenew.engine.task import lanes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

    from pec_autorenew.config import Account
    from pec_autorenew.engine.task import OpenPortal
    from pec_autorenew.engine.visit import Visit
    from pec_autorenew.model import Survey

#: So many looks for each lane may be done or under way before the first of them is received: each has a window open.
_AHEAD: Final = 2

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of the first look at an account: a survey, or why there is none."""

    account: Account
    lane: OpenPortal
    visit: Visit | None = None
    survey: Survey | None = None
    error: Exception | None = None

    def seen(self) -> Survey | None:
        """Return what was seen; raise what was raised."""
        if self.error is not None:
            raise self.error
        return self.survey


class Lookers:
    """Looks at accounts, each in a lane of its own; what was seen comes back in the order of the accounts.

    It is left after the browsers: a look that is under way then ends because its browser is gone.
    """

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Begin with nobody."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Wait for whoever still looks; nobody begins any more."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def looked(
        self, accounts: Iterable[Account], portals: OpenPortal, look: Callable[[Account, OpenPortal], T]
    ) -> Iterator[T]:
        """Yield what `look` returns for each account, which it does not raise."""
        lanes = lanes_of(portals)
        if len(lanes) == 1:
            yield from (look(account, lanes[0]) for account in accounts)
            return
        free: SimpleQueue[OpenPortal] = SimpleQueue()
        for lane in lanes:
            free.put(lane)
        ahead = Semaphore(_AHEAD * len(lanes))

        def in_a_free_lane(account: Account) -> T:
            ahead.acquire()
            lane = free.get()
            try:
                return look(account, lane)
            finally:
                free.put(lane)

        self._pool = ThreadPoolExecutor(len(lanes), thread_name_prefix="look")
        for under_way in [self._pool.submit(in_a_free_lane, account) for account in accounts]:
            yield under_way.result()
            ahead.release()
