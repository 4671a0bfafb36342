"""`history` and `show`: what the ledger holds, and which run is meant."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from pec_autorenew.cli.ending import ending, print_json
from pec_autorenew.cli.options import asking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pec_autorenew.cli.options import Asked
    from pec_autorenew.ledger import Ledger, Run


@contextmanager
def reading(asked: Asked) -> Iterator[tuple[Ledger, str]]:
    """Open the ledger; yield it with the portal that is meant."""
    from pec_autorenew.ledger import Ledger

    config = asked.config()
    with Ledger.open(config.ledger_url) as ledger:
        yield ledger, config.portal.base_url


@click.command("history")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1), help="How many runs and renewals.")
@click.option("--csv", "as_csv", is_flag=True, help="Print all renewals as comma-separated values.")
@asking(as_json=True)
def history(asked: Asked, *, limit: int, as_csv: bool) -> None:
    """Show runs and renewals, the newest first; --json and --csv hold every renewal."""
    with ending(asked, "history"), reading(asked) as (ledger, portal):
        from rich.console import Console

        from pec_autorenew.cli.inventory import write_csv
        from pec_autorenew.report.history import history_document, print_history, renewal_line

        runs, renewals = ledger.runs(limit, portal=portal), ledger.renewals(portal)
        if asked.as_json:
            print_json(history_document(runs, renewals))
        elif as_csv:
            write_csv([renewal_line(one) for one in renewals], "id")
        else:
            print_history(Console(), runs, renewals, limit)


@click.command("show")
@click.argument("run_id", metavar="[RUN]", default="last")
@asking(as_json=True)
def show(asked: Asked, *, run_id: str) -> None:
    """Show one run: its items, its renewals as they stand now, what happened. Without RUN, the last one."""
    with ending(asked, "show"), reading(asked) as (ledger, portal):
        from rich.console import Console

        from pec_autorenew.report.history import RunRecord, print_record, record_document

        run = find_run(ledger, run_id, portal)
        record = RunRecord(run, ledger.events(run_id=run.id), ledger.renewals(portal))
        if asked.as_json:
            print_json(record_document(record))
        else:
            print_record(Console(), record)


def find_run(ledger: Ledger, run_id: str, portal: str) -> Run:
    """Return the run; the beginning or the end of its name is enough where only one run has it."""
    if run_id == "last":
        found = ledger.runs(1, portal=portal)
    elif (exact := ledger.run(run_id)) is not None:
        found = (exact,)
    else:
        found = tuple(run for run in ledger.runs(1000, portal=portal) if run.id.startswith(run_id))
        found += tuple(run for run in ledger.runs(1000, portal=portal) if run.id.endswith(run_id))
    if len(found) != 1:
        what = "is no run yet" if run_id == "last" else f"is {'more than one' if found else 'no'} run {run_id!r}"
        raise click.UsageError(f"There {what}; `pec-autorenew history` lists them.")
    return found[0]
