"""The only place that tries again: named errors, a few times, never around the binding click."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar

from pec_autorenew.errors import NextStep, PecAutorenewError, TooManyRequests

if TYPE_CHECKING:
    from collections.abc import Callable

_ATTEMPTS: Final = 3
_LONGEST_WAIT: Final = 8.0

T = TypeVar("T")


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, TooManyRequests):
        return error.passes
    return isinstance(error, PecAutorenewError) and error.next_step is NextStep.RETRY


def retrying(act: Callable[[], T], *, again: Callable[[], object], sleep: Callable[[float], None] = time.sleep) -> T:
    """Return what `act` returns; after an error that may pass, do `again` (sign in if need be) and try once more.

    `act` must bind nothing. The last error is raised as it is.
    """
    # Here, because a run with nothing due need not load it.
    from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

    attempts = Retrying(
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_random_exponential(max=_LONGEST_WAIT),
        retry=retry_if_exception(_may_pass),
        sleep=sleep,
        reraise=True,
    )

    def attempt() -> T:
        if attempts.statistics["attempt_number"] > 1:
            again()
        return act()

    return attempts(attempt)
