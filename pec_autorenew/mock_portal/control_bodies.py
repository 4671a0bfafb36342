"""What the control API accepts, body by body; pydantic reads the annotations, so they are not postponed."""

from dataclasses import dataclass
from datetime import datetime

from pec_autorenew.mock_portal.options import Layout
from pec_autorenew.mock_portal.values import Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """Body of `POST /reset`; what is missing is as the portal was started."""

    scenario: str | None = None
    layout: Layout | None = None
    clock: datetime | None = None
    chaos_seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChange:
    """Body of `POST /clock`."""

    now: datetime | None = None
    advance: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SomebodysOrder:
    """Body of `POST /orders`."""

    addresses: tuple[str, ...]
    years: int = 1
    method: Method = Method.BONIFICO


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Body of `POST /orders/{number}/pay`."""

    method: Method | None = None
    after_sign_in: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Body of `POST /settings`."""

    latency_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """Body of what needs none."""
