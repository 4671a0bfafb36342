"""`--since`: which earlier check is meant."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime

    from pec_autorenew.engine.earlier import EarlierChecks
    from pec_autorenew.ledger import Ledger, Run


def checks_up_to(ledger: Ledger, portal: str, since: str | None, before: datetime) -> EarlierChecks:
    """Return the checks of the portal before an instant, up to the one that is meant: a run, or the last before a day.

    The last of all where none is; a day before which there was none means the first check. Raises UsageError.
    """
    from pec_autorenew.engine.earlier import EarlierChecks
    from pec_autorenew.engine.task import Command

    if since is None:
        return EarlierChecks(ledger, portal, before)
    known = ledger.runs(1000, portal=portal, brief=True, command=Command.CHECK_PORTAL, before=before)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", since):
        return EarlierChecks(ledger, portal, before, _last_before(_day(since), known))
    found = [run for run in known if run.id.startswith(since) or run.id.endswith(since)]
    if len(found) != 1:
        what = f"{'more than one' if found else 'no'} earlier check of the portal {since!r}"
        raise click.UsageError(f"There is {what}; `pec-autorenew history --command check-portal` lists them.")
    return EarlierChecks(ledger, portal, before, found[0].id)


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise click.UsageError(f"{said!r} is no day: write it as 2026-12-31.") from None


def _last_before(day: date, newest_first: tuple[Run, ...]) -> str:
    from pec_autorenew.planning import today_in_rome

    earlier = [run.id for run in newest_first if today_in_rome(run.started_at) < day]
    return earlier[0] if earlier else newest_first[-1].id if newest_first else ""
