"""All that is looked at, in order, as data; and the look itself, which one broken check does not end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pec_autorenew.config import clock_from_env, load_config
from pec_autorenew.doctor import machine, reach, secrecy, wiring
from pec_autorenew.doctor.findings import Check, Surroundings, defect, ok
from pec_autorenew.engine.readiness import require_ready
from pec_autorenew.engine.visit import unexpected
from pec_autorenew.errors import ConfigError, PecAutorenewError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pec_autorenew.doctor.findings import Finding


def configuration(around: Surroundings) -> Iterator[Finding]:
    """Look whether settings agree with each other, and whether limits and mandate allow orders (PRC-2)."""
    try:
        require_ready(around.config)
    except ConfigError as error:
        for problem in error.problems or (error.message,):
            yield defect(f"{problem}.", "`renew` would end with 78.")
    else:
        number = len(around.config.accounts)
        yield ok(f"{around.source}: {number} account{'' if number == 1 else 's'}, {around.config.portal.base_url}")


CONFIGURATION: Final = Check("configuration", "Reads the configuration as `renew` does.", configuration)
SECRETS: Final = Check("secrets", "Finds every secret, and shows none.", secrecy.secrets)
NAMES: Final = Check("names", "Looks up the portal's hosts.", reach.names)
BROWSER: Final = Check("browser", "Starts the browser, tries it, and looks at the portal's door.", reach.browser)

#: What a run needs.
CHECKS: Final = (
    CONFIGURATION,
    Check("state folder", "Writes into the state folder, and looks how much room there is.", machine.state_folder),
    Check("ledger", "Opens the ledger, and looks whether it is sound.", machine.ledger),
    SECRETS,
    Check("sessions", "Looks whether saved sessions are private.", secrecy.sessions),
    Check("clock", "Compares the clock with the last run, and asks whether the network sets it.", machine.clock),
    NAMES,
    BROWSER,
    Check("notifications", "Finds the addresses for messages; sends nothing.", secrecy.notifiers),
    Check("mail witness", "Finds the passwords of the ordinary mailboxes.", secrecy.mail),
    Check("hooks", "Finds your programs; runs none.", wiring.hooks),
    Check("monitoring", "Looks whether the metrics can be written.", wiring.monitoring),
    Check("schedule", "Looks when `renew` ran last.", machine.schedule),
)
#: What `config validate --probe` looks at besides the file.
PROBED: Final = (CONFIGURATION, SECRETS, NAMES, BROWSER)


def examine(
    path: Path | None, source: str, environ: Mapping[str, str], checks: tuple[Check, ...] = CHECKS
) -> Iterator[tuple[Check, Finding]]:
    """Look at everything; without a configuration that can be read there is nothing else to be looked at."""
    try:
        config = load_config(path, environ=environ)
        clock = clock_from_env(config, environ)
    except ConfigError as error:
        for problem in error.problems or (error.message,):
            yield CONFIGURATION, defect(f"{problem}.", "`pec-autorenew config validate` reads it again.")
        return
    around = Surroundings(config, source, environ, clock, clock.pretended)
    for check in checks:
        for finding in findings_of(check, around):
            yield check, finding


def findings_of(check: Check, around: Surroundings) -> Iterator[Finding]:
    """Make one check; what it stumbles over is a defect, and the others are made all the same."""
    try:
        yield from check.look(around)
    except PecAutorenewError as error:
        yield defect(f"{error.message}.")
    except OSError as error:
        yield defect(f"{error.strerror or type(error).__name__}: {error.filename or check.name}.")
    except Exception as error:  # noqa: BLE001 - told as what it is, without its words (SIL-4, SEC-1)
        yield defect(f"{unexpected(error).message}.", "That is a fault of this program: report it.")
