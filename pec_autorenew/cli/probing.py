"""`check`: a monitoring plug-in that reads the ledger, and nothing else (SIL-6)."""

from __future__ import annotations

import traceback
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import click

from pec_autorenew.cli.ending import leave, print_json
from pec_autorenew.cli.options import asking

if TYPE_CHECKING:
    from pec_autorenew.cli.options import Asked
    from pec_autorenew.report.probe import Verdict

#: A plug-in that waits is killed, commonly after ten seconds.
_PATIENCE: Final = timedelta(seconds=5)
_below = click.IntRange(min=0)


@click.command("check")
@click.option("--warn", default=30, show_default=True, type=_below, metavar="DAYS", help="WARNING below.")
@click.option("--crit", default=7, show_default=True, type=_below, metavar="DAYS", help="CRITICAL below.")
@asking(as_json=True, narrowing=True, several=True)
def check(asked: Asked, *, warn: int, crit: int) -> None:
    """Say for a monitoring system how everything stands, from the ledger: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.

    One line with figures as Nagios and its kin read them, then a line for each problem. No browser, no network.
    """
    from pec_autorenew.report.probe import Level, unknown_document, unknown_text

    try:
        verdict = _verdict(asked, warn, crit)
    except Exception as error:  # noqa: BLE001 - a plug-in that breaks off with 1 would be read as a warning
        why = _why(error)
        print_json(unknown_document(why)) if asked.as_json else click.echo(unknown_text(why))
        leave(Level.UNKNOWN)
    print_json(verdict.document()) if asked.as_json else click.echo(verdict.text())
    leave(verdict.level)


def _verdict(asked: Asked, warn: int, crit: int) -> Verdict:
    from pec_autorenew.config import clock_from_env
    from pec_autorenew.ledger import Ledger
    from pec_autorenew.report.probe import Judge
    from pec_autorenew.report.standing import read_known, standing

    if warn < crit:
        raise click.UsageError(f"--warn {warn} is below --crit {crit}: a warning comes first.")
    config = asked.config()
    accounts, mailboxes = asked.chosen_accounts(config), asked.chosen_mailboxes()
    now = clock_from_env(config)()
    with Ledger.open(config.ledger_url, create=False, patience=_PATIENCE) as ledger:
        known = read_known(ledger, config.portal.base_url, now)
    facts = standing(config, known, now, accounts=accounts, mailboxes=mailboxes)
    if unknown := sorted(mailboxes - {one.address for one in facts.boxes} - {one for _, one in facts.not_shown}):
        raise click.UsageError(f"The ledger knows no mailbox {', '.join(unknown)}.")
    return Judge(config, warn, crit).verdict(facts)


def _why(error: Exception) -> str:
    """Return what kept the probe from its verdict; what nobody foresaw goes to stderr as well."""
    from pec_autorenew.errors import ConfigError, PecAutorenewError

    if isinstance(error, ConfigError) and error.problems:
        return f"{error.message} {'; '.join(error.problems)}"
    if isinstance(error, PecAutorenewError):
        return error.message
    if isinstance(error, click.UsageError):
        return error.message
    traceback.print_exception(error)
    return f"{type(error).__name__}: something that nobody foresaw; stderr says where."
