"""The random delay before an unattended run's first visit, so that not everybody comes at the full hour."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta


def wait_a_while(longest: timedelta, pause: Callable[[float], object] = time.sleep) -> None:
    """Wait for a random time up to `longest`."""
    pause(random.uniform(0, longest.total_seconds()))  # noqa: S311 - no secret depends on it
