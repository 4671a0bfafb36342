"""What a configuration must be beyond its form before anything is ordered with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pec_autorenew.config import require_for_renew
from pec_autorenew.errors import ConfigError

if TYPE_CHECKING:
    from pec_autorenew.config import Config
    from pec_autorenew.model import PaymentMethod


def require_ready(config: Config) -> None:
    """Raise ConfigError unless orders are allowed at all, and by settings that agree (PRC-2, DRY-2, PAY-1)."""
    require_for_renew(config)
    require_consistent(config)


def require_consistent(config: Config) -> None:
    """Raise ConfigError where settings contradict each other, naming every place (PAY-1)."""
    problems = [] if config.accounts else ["accounts: none is configured, so there is nothing to renew"]
    if not config.renewal.allow_portal_autorenewal:
        levels: list[tuple[str, PaymentMethod | None]] = [("renewal", config.renewal.payment_method)]
        for number, account in enumerate(config.accounts):
            place = config.place_of(number)
            levels.append((place, account.payment_method))
            levels += [(f"{place}.mailboxes.{i}", box.payment_method) for i, box in enumerate(account.mailboxes)]
        problems += [
            f"{place}.payment_method: {method.value} switches the portal's «Rinnovo automatico» on; "
            "allow it with renewal.allow_portal_autorenewal = true, or choose bonifico"
            for place, method in levels
            if method is not None and method.switches_autorenewal_on
        ]
    if problems:
        raise ConfigError("The configuration contradicts itself.", problems=tuple(problems))
