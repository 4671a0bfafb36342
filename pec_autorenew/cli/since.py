"""`--since`: which earlier check of the portal is meant; and a check of the past, as the ledger has it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from pec_autorenew.checks import AccountCheck, Since
    from pec_autorenew.engine.earlier import EarlierChecks
    from pec_autorenew.ledger import Ledger, Run
    from pec_autorenew.report.history import Part


@dataclass(frozen=True, slots=True)
class PastCheck:
    """What a run saw of the portal; nothing, where it was no check."""

    run: Run
    checks: tuple[AccountCheck, ...] = ()
    since: Since | None = None

    @classmethod
    def of(cls, ledger: Ledger, portal: str, run: Run, since: str | None, part: Part | None = None) -> PastCheck:
        """Return what a run saw, and what had changed by then; of the accounts that are asked for."""
        if run.command != "check-portal":
            return cls(run)
        from pec_autorenew.engine.earlier import checks_of

        checks = tuple(
            one for one in checks_of(run) if part is None or not part.accounts or one.account in part.accounts
        )
        return cls(run, checks, checks_up_to(ledger, portal, since, run.started_at).since(checks) if checks else None)

    def facts(self) -> dict[str, Any]:
        """Return what it adds to the document of the run."""
        if not self.checks:
            return {}
        from pec_autorenew.report.checking import check_facts

        return check_facts(self.checks, self.since)

    def print(self, console: Console) -> None:
        """Print every page, and what had changed."""
        if self.checks:
            from pec_autorenew.report.checking import print_checks

            print_checks(console, self.checks, self.since)

    def page(self) -> str:
        """Return it as a page of HTML; "" where there is none."""
        if not self.checks:
            return ""
        from pec_autorenew.report.checking import html

        return html(self.run, self.checks, self.since)


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
