"""The one place that asks the machine for the time; everybody else is given a clock."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pec_autorenew.config.sources import CLOCK_VARIABLE
from pec_autorenew.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pec_autorenew.config.settings import Config


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells the instant, aware and in UTC, when it is called.

    A pretended clock starts at an instant of a test's choice and ticks from there by the monotonic clock, which all
    processes of a machine share: a worker that is given a copy reads the same time.
    """

    starts_at: datetime | None = None
    started: float = 0.0

    @property
    def pretended(self) -> bool:
        """Whether this is a test's clock, which no portal's Date header can be compared with."""
        return self.starts_at is not None

    def __call__(self) -> datetime:
        """Return the present instant."""
        if self.starts_at is None:
            return datetime.now(UTC)
        return self.starts_at + timedelta(seconds=time.monotonic() - self.started)


def clock_from_env(config: Config, environ: Mapping[str, str] | None = None) -> Clock:
    """Return the real clock, or the one that `PEC_AUTORENEW_CLOCK` starts: for a portal on loopback only."""
    text = (os.environ if environ is None else environ).get(CLOCK_VARIABLE, "").strip()
    if not text:
        return Clock()
    if not config.portal.is_loopback:
        raise _refused("is accepted only while portal.base_url is a loopback address")
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise _refused("is no instant: write it as 2026-12-01T08:00:00+01:00") from None
    if instant.tzinfo is None:
        raise _refused("has no offset: write it as 2026-12-01T08:00:00+01:00")
    return Clock(instant.astimezone(UTC), time.monotonic())


def _refused(why: str) -> ConfigError:
    return ConfigError(f"{CLOCK_VARIABLE} {why}.", problems=(f"{CLOCK_VARIABLE}: {why}",))
