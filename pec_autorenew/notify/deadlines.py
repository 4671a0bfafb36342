"""Calls to other people's servers, none of which can hold a run: what is not done in time is abandoned (NOT-2)."""

from __future__ import annotations

import time
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import timedelta


def all_within(timeout: timedelta, calls: Sequence[Callable[[], str]]) -> list[str]:
    """Do the calls side by side; return of each what is wrong, "" where nothing is.

    An error is told by its kind alone: its own words may hold the address, which is a secret. A call that is late goes
    on in a thread that ends with the process, and nobody waits for it.
    """
    late = f"no answer within {timeout.total_seconds():g} s"
    said = [late] * len(calls)

    def do(place: int) -> None:
        try:
            said[place] = calls[place]()
        except Exception as error:  # noqa: BLE001 - told, by its kind
            said[place] = type(error).__name__

    threads = [Thread(target=do, args=(place,), daemon=True) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    end = time.monotonic() + timeout.total_seconds()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return list(said)
