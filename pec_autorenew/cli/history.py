"""`history` and `show`: what the ledger holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pec_autorenew.cli.ending import ending, print_json
from pec_autorenew.cli.options import common, said

if TYPE_CHECKING:
    from pec_autorenew.ledger import Ledger, Run


@click.command("history")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1), help="How many runs.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document to stdout.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the renewals as comma-separated values.")
@common
@click.pass_context
def history(context: click.Context, /, *, limit: int, as_json: bool, as_csv: bool, **_: object) -> None:
    """Show runs and renewals, the newest first."""
    with ending("history", as_json=as_json):
        from rich.console import Console

        from pec_autorenew.config import load_config
        from pec_autorenew.ledger import Ledger
        from pec_autorenew.report.history import history_document, print_history, write_renewals_csv

        config = load_config(said(context, "config_path"))
        with Ledger.open(config.ledger_url) as ledger:
            runs = ledger.runs(limit, portal=config.portal.base_url)
            renewals = ledger.renewals(config.portal.base_url)
            if as_json:
                print_json(history_document(runs, renewals))
            elif as_csv:
                write_renewals_csv(renewals)
            else:
                print_history(Console(), runs, renewals)


@click.command("show")
@click.argument("run_id", metavar="RUN", default="last")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document to stdout.")
@common
@click.pass_context
def show(context: click.Context, /, *, run_id: str, as_json: bool, **_: object) -> None:
    """Show one run with its items; without RUN, the last one."""
    with ending("show", as_json=as_json):
        from rich.console import Console

        from pec_autorenew.config import load_config
        from pec_autorenew.ledger import Ledger
        from pec_autorenew.report.document import run_document
        from pec_autorenew.report.text import print_run

        config = load_config(said(context, "config_path"))
        with Ledger.open(config.ledger_url) as ledger:
            run = _find(ledger, run_id, config.portal.base_url)
            if run is None:
                raise click.UsageError(f"There is no run {run_id!r}; `history` lists them.")
            if as_json:
                print_json(run_document(run))
            else:
                print_run(Console(), run_document(run))


def _find(ledger: Ledger, run_id: str, portal: str) -> Run | None:
    if run_id != "last":
        return ledger.run(run_id)
    runs = ledger.runs(1, portal=portal)
    return runs[0] if runs else None
