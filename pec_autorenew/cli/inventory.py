"""The inventory of `list`, from the ledger's last surveys."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Any

import click

from pec_autorenew.cli.ending import print_json

if TYPE_CHECKING:
    from pec_autorenew.config import Config
    from pec_autorenew.ledger import Ledger


def print_inventory(
    config: Config,
    ledger: Ledger,
    accounts: frozenset[str],
    mailboxes: frozenset[str],
    *,
    run_id: str | None,
    as_json: bool,
    as_csv: bool,
    cached: bool,
) -> None:
    """Print the inventory as a table, as JSON or as comma-separated values."""
    from rich.console import Console

    from pec_autorenew.config import clock_from_env
    from pec_autorenew.planning import today_in_rome
    from pec_autorenew.report.document import LIST, list_items, run_document, with_items
    from pec_autorenew.report.text import print_list

    now = clock_from_env(config)()
    names = {account.name for account in config.accounts}
    surveys = [
        one
        for one in ledger.last_surveys(config.portal.base_url)
        if one.survey.account in names and (not accounts or one.survey.account in accounts)
    ]
    order = [account.name for account in config.accounts]
    surveys.sort(key=lambda one: order.index(one.survey.account))
    items = list_items(surveys, ledger.renewals(config.portal.base_url), today_in_rome(now))
    items = [item for item in items if not mailboxes or item["mailbox"] in mailboxes]
    if as_json:
        run = ledger.run(run_id) if run_id else None
        print_json(with_items(run_document(run) if run else _cached_document(LIST), items))
    elif as_csv:
        writer = csv.DictWriter(sys.stdout, fieldnames=list(items[0]) if items else ["mailbox"])
        writer.writeheader()
        writer.writerows(items)
    else:
        print_list(Console(), items)
        if cached:
            for one in surveys:
                age = now - one.survey.taken_at
                click.echo(
                    f"Account {one.survey.account}: seen {age.days} days and {age.seconds // 3600} hours ago.", err=True
                )


def _cached_document(schema: str) -> dict[str, Any]:
    return {"schema": schema, "run_id": None, "mode": "cached", "exit_code": 0, "exit_codes": [0]}
