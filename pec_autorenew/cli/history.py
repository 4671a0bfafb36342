"""`history` and `show`: what the ledger holds, and which run is meant."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pec_autorenew.cli.ending import ending, leave, print_json
from pec_autorenew.cli.options import Day, asking, require_known
from pec_autorenew.cli.since import PastCheck

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from pec_autorenew.cli.options import Asked
    from pec_autorenew.ledger import Ledger, Renewal, Run
    from pec_autorenew.report.orders import Chosen


#: The commands that are runs; not the engine's own list, which would be loaded for `--help`.
COMMANDS: Final = ("renew", "reconcile", "plan", "list", "check-portal", "login")


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
@click.option(
    "--by",
    type=click.Choice(["mailbox", "order"]),
    default="mailbox",
    show_default=True,
    help="With --csv: a line for each mailbox, or one for each order, to be summed up.",
)
@click.option("--command", type=click.Choice(COMMANDS), help="Only runs of this command, and no renewals.")
@click.option("--since", type=Day(), help="Only what was ordered on this day or later.")
@click.option("--until", type=Day(), help="Only what was ordered on this day or earlier.")
@asking(as_json=True, narrowing=True)
def history(
    asked: Asked, *, limit: int, as_csv: bool, by: str, command: str | None, since: date | None, until: date | None
) -> None:
    """Show runs and renewals, the newest first; --json and --csv hold every renewal that is asked for."""
    with ending(asked, "history"):
        if asked.as_json and as_csv:
            raise click.UsageError("--json and --csv are forms of one thing: choose one.")
        if command and as_csv:
            raise click.UsageError("--command chooses runs, and --csv holds renewals: choose one.")
        if by == "order" and not as_csv:
            raise click.UsageError("--by order is for --csv; --json holds the orders too.")
        with reading(asked) as (ledger, portal):
            from pec_autorenew.report.orders import Chosen

            renewals = ledger.renewals(portal)
            chosen = Chosen(*_narrowed(asked, renewals), asked.chosen_mailboxes(), since, until)
            runs = _with_their_checks(ledger, ledger.runs(limit, portal=portal, brief=True, command=command))
            if command and not asked.as_json:
                from rich.console import Console

                from pec_autorenew.report.history import print_runs

                print_runs(Console(), runs)
                return
            _tell(asked, runs, (renewals, chosen), limit, "" if not as_csv else by)


def _with_their_checks(ledger: Ledger, runs: Sequence[Run]) -> list[Run]:
    """Return the runs, those that checked the portal with their reports."""
    return [(run.command == "check-portal" and ledger.run(run.id)) or run for run in runs]


def _tell(asked: Asked, runs: Sequence[Run], of: tuple[Sequence[Renewal], Chosen], limit: int, csv_by: str) -> None:
    """Print runs and renewals in the form that is asked for."""
    from rich.console import Console

    from pec_autorenew.cli.inventory import write_csv
    from pec_autorenew.report import history as told
    from pec_autorenew.report.orders import ORDER_COLUMNS, order_lines

    renewals, chosen = of
    wanted, with_their_orders = chosen.of(renewals), chosen.orders_of(renewals)
    if csv_by == "order":
        write_csv(order_lines(with_their_orders), ORDER_COLUMNS)
    elif csv_by:
        write_csv([told.renewal_line(one) for one in wanted], told.RENEWAL_COLUMNS)
    elif asked.as_json:
        print_json(told.history_document(runs, wanted, order_lines(with_their_orders)))
    else:
        nothing = "No renewal that is asked for." if renewals else "No renewal yet."
        told.print_history(Console(), runs, wanted, limit, nothing)


def _narrowed(asked: Asked, renewals: Sequence[Renewal]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the accounts and the clients that are asked for; the ledger knows those of the past as well."""
    configured = asked.config().accounts if asked.accounts or asked.clients else ()
    accounts = {one.name for one in configured} | {one.account for one in renewals}
    clients = {one.client for one in configured} | {one.client for one in renewals}
    require_known("account", asked.accounts, accounts)
    require_known("client", asked.clients, clients - {""})
    return frozenset(asked.accounts), frozenset(asked.clients)


@click.command("show")
@click.argument("run_id", metavar="[RUN]", default="last")
@click.option("--open", "opened", is_flag=True, help="Open its page of HTML in a browser.")
@click.option(
    "--html", "copy", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write that page to a file."
)
@click.option("--since", metavar="RUN|DAY", help="Of a check of the portal: what had changed since then.")
@asking(as_json=True, narrowing=True)
def show(asked: Asked, *, run_id: str, opened: bool, copy: Path | None, since: str | None) -> None:
    """Show one run: its items, its renewals as they stand now, what happened. Without RUN, the last one.

    Of a `check-portal`, every page as it was seen, and what had changed since the check before.
    --account, --mailbox and --client leave the others out; totals and exit code stay those of the run.
    """
    with ending(asked, "show"), reading(asked) as (ledger, portal):
        from rich.console import Console

        from pec_autorenew.report.history import Part, RunRecord, print_record, record_document

        run = find_run(ledger, run_id, portal)
        if since and run.command != "check-portal":
            raise click.UsageError(f"--since is for checks of the portal, and {run.id} was a `{run.command}`.")
        if opened or copy:
            if asked.accounts or asked.clients or asked.mailboxes:
                raise click.UsageError("The page shows the whole run: leave out --account, --client and --mailbox.")
            if since and not copy:
                raise click.UsageError("With --since it is another page than the run's own: say where, by --html FILE.")
            from pec_autorenew.cli.opening import show_page

            leave(show_page(asked, ledger, run, copy, opened=opened, since=since))
        renewals = ledger.renewals(portal)
        part = Part(*_narrowed(asked, renewals), asked.chosen_mailboxes())
        record = part.of(RunRecord(run, ledger.events(run_id=run.id), renewals))
        past = PastCheck.of(ledger, portal, run, since, part)
        if asked.as_json:
            print_json(record_document(record) | past.facts())
        else:
            past.print(Console())
            print_record(Console(), record, whole=asked.verbose)


def find_run(ledger: Ledger, run_id: str, portal: str) -> Run:
    """Return the run; the beginning or the end of its name is enough where only one run has it."""
    if (exact := ledger.run(run_id)) is not None:
        return exact
    if run_id == "last":
        names = {run.id for run in ledger.runs(1, portal=portal, brief=True)}
    else:
        known = [run.id for run in ledger.runs(1000, portal=portal, brief=True)]
        names = {one for one in known if one.startswith(run_id) or one.endswith(run_id)}
    found = ledger.run(names.pop()) if len(names) == 1 else None
    if found is None:
        what = "is no run yet" if run_id == "last" else f"is {'more than one' if names else 'no'} run {run_id!r}"
        raise click.UsageError(f"There {what}; `pec-autorenew history` lists them.")
    return found
