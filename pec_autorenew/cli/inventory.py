"""The inventory of `list`, from the ledger's last surveys."""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from pec_autorenew.cli.ending import complain, print_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import timedelta

    from pec_autorenew.cli.running import Look
    from pec_autorenew.config import Account
    from pec_autorenew.ledger import StoredSurvey

#: What a spreadsheet takes for the beginning of a formula, or of a cell with one.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the chosen accounts hold by their last surveys."""

    look: Look
    #: The run that has just looked; None where only the ledger is read.
    run_id: str | None

    def show(self, form: str) -> int:
        """Print the inventory as a table, as `json`, `csv` or `ics`; return the exit code."""
        from rich.console import Console

        from pec_autorenew.guidance import help_text, told_once
        from pec_autorenew.report.document import LIST_COLUMNS, document_without_run, run_document
        from pec_autorenew.report.text import print_list

        surveys = [self._survey_of(account) for account in self.look.chosen]
        items = self._items([one for one in surveys if one is not None])
        run = self.look.ledger.run(self.run_id) if self.run_id else None
        problems = self._problems((run.report or {}).get("items", []) if run else [])  # type: ignore[arg-type]
        if form == "json":
            document = run_document(run) if run else document_without_run("list", "dry-run", [])
            print_json(document | {"items": items, "problems": problems})
        elif form == "csv":
            write_csv(items, LIST_COLUMNS)
        elif form == "ics":
            click.echo(self.look.calendar(), nl=False)
        else:
            print_list(Console(), items)
        self._tell_ages(surveys)
        self._tell(problems)
        for drift in told_once(run_document(run).get("drift", ())) if run else ():
            complain(self.look.asked, help_text(drift))
        return (run.exit_code or 0) if run else 0

    def _survey_of(self, account: Account) -> StoredSurvey | None:
        return self.look.ledger.last_survey(self.look.config.portal.base_url, account.name)

    def _items(self, surveys: Sequence[StoredSurvey]) -> list[dict[str, Any]]:
        """Return the lines of the chosen mailboxes; without a run, a mailbox that nobody knows is a usage error."""
        from pec_autorenew.planning import today_in_rome
        from pec_autorenew.report.document import list_items

        renewals = self.look.ledger.renewals(self.look.config.portal.base_url)
        clients = {account.name: account.client for account in self.look.config.accounts}
        items = list_items(surveys, renewals, today_in_rome(self.look.clock()), clients)
        wanted = self.look.mailboxes
        unknown = sorted(wanted - {item["mailbox"] for item in items})
        if unknown and self.run_id is None:
            raise click.UsageError(f"The ledger knows no mailbox {', '.join(unknown)}; without --cached, list looks.")
        return [item for item in items if not wanted or item["mailbox"] in wanted]

    def _problems(self, items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        from pec_autorenew.report.text import worth_saying

        return [item for item in items if item["outcome"] != "awaiting-payment" and worth_saying(item)]

    def _tell(self, problems: Sequence[dict[str, Any]]) -> None:
        from pec_autorenew.report.text import item_line

        for problem in problems:
            complain(self.look.asked, item_line(problem))

    def _tell_ages(self, surveys: Sequence[StoredSurvey | None]) -> None:
        """Say how old it is where it was not seen just now (SIL-6)."""
        now = self.look.clock()
        for account, stored in zip(self.look.chosen, surveys, strict=True):
            if stored is None:
                click.echo(f"Account {account.name}: never seen; `pec-autorenew list` looks.", err=True)
            elif self.run_id is None or stored.run_id != self.run_id:
                click.echo(f"Account {account.name}: seen {age(now - stored.survey.taken_at)}.", err=True)


def age(passed: timedelta) -> str:
    """Return how long ago it was; a clock that was set back makes nothing younger than now."""
    hours, minutes = divmod(max(int(passed.total_seconds()), 0) // 60, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h ago"
    return f"{hours} h {minutes} min ago" if hours else f"{minutes} min ago" if minutes else "just now"


def write_csv(lines: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Write lines to stdout as comma-separated values, each column by its name."""
    writer = csv.DictWriter(sys.stdout, fieldnames=columns)
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in line.items()} for line in lines)


def _harmless(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: one that would be begins with an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
