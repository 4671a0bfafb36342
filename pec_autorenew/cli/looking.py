"""The commands that look at the portal: `list`, `plan`, `renew`, `reconcile`."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from pec_autorenew.cli.ending import ending, leave, print_json
from pec_autorenew.cli.options import Euro, chosen_accounts, common, narrowing, said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal
    from pathlib import Path

    from pec_autorenew.config import Config
    from pec_autorenew.engine.local import Progress, Result, Task
    from pec_autorenew.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Showing:
    """How a command talks: what was said with -q, -v, --json, --log-json."""

    as_json: bool
    quiet: bool
    verbose: bool
    log_json: bool

    @classmethod
    def of(cls, context: click.Context, /, *, as_json: bool) -> Showing:
        """Return what the command line said."""
        return cls(
            as_json, bool(said(context, "quiet")), bool(said(context, "verbose")), bool(said(context, "log_json"))
        )


@contextmanager
def watching(showing: Showing) -> Iterator[Progress]:
    """Yield whoever watches a run, as it was asked for."""
    import sys

    from pec_autorenew.cli.watching import Lines, Live, Silence

    if showing.log_json:
        yield Lines(as_json=True)
    elif showing.quiet or (showing.as_json and not showing.verbose):
        yield Silence()
    elif sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status("Starting …") as status:
            yield Live(status)
    else:
        yield Lines()


def do(
    config: Config,
    ledger: Ledger,
    task: Task,
    progress: Progress,
    *,
    headless: bool | None = None,
    jitter: bool = False,
) -> Result:
    """Run `task` with a browser of this machine; it is started when something has to be looked at, not before."""
    from pec_autorenew.config import clock_from_env
    from pec_autorenew.engine.local import Runner
    from pec_autorenew.engine.waiting import wait_a_while

    clock = clock_from_env(config)

    @contextmanager
    def portals(run_id: str) -> Iterator[Any]:
        from pec_autorenew.flows.portal import browser_portals

        if jitter:
            wait_a_while(config.renewal.jitter)
        with browser_portals(config, clock, run_folder(config, run_id), headless=headless) as opened:
            yield opened

    return Runner(config, ledger, portals, clock, progress).run(task)


def run_folder(config: Config, run_id: str) -> Path:
    """Return the folder of a run's report and evidence."""
    return config.state_dir / "runs" / run_id


def report(config: Config, ledger: Ledger, result: Result, showing: Showing) -> dict[str, Any]:
    """Make the document of a run from the ledger, keep it beside the evidence, print it."""
    import json

    from rich.console import Console

    from pec_autorenew.report.document import run_document
    from pec_autorenew.report.text import print_run

    stored = ledger.run(result.run_id)
    assert stored is not None  # noqa: S101 - the runner wrote it
    document = run_document(stored)
    folder = run_folder(config, result.run_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "report.json"
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    path.chmod(0o600)
    if showing.as_json:
        print_json(document)
    elif not (showing.quiet and document["exit_code"] == 0 and not document["totals"]["ordered"]):
        print_run(Console(width=None), document)
    return document


@click.command("renew")
@click.option("--dry-run", is_flag=True, help="Everything up to the binding click, and never that.")
@click.option("--attended", is_flag=True, help="With a visible browser.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document to stdout.")
@click.option("--within", type=click.IntRange(min=0), metavar="DAYS", help="Narrow the window; it never widens.")
@click.option("--max-total", type=Euro(), help="Lower the limit of this run.")
@click.option("--max-items", type=click.IntRange(min=0), metavar="N", help="Order at most so many mailboxes.")
@click.option("--renew-early", metavar="MAILBOX", help="Renew this mailbox before its window opens.")
@click.option("--reason", metavar="TEXT", help="Why it is renewed early.")
@click.option("--wait-human", metavar="DURATION", help="How long to wait for a person.")
@click.option("--no-jitter", is_flag=True, help="Start at once, even without a terminal.")
@narrowing
@common
@click.pass_context
def renew(  # noqa: PLR0913 - one argument for each option
    context: click.Context,
    /,
    *,
    dry_run: bool,
    attended: bool,
    as_json: bool,
    within: int | None,
    max_total: Decimal | None,
    max_items: int | None,
    renew_early: str | None,
    reason: str | None,
    wait_human: str | None,
    no_jitter: bool,
    accounts: tuple[str, ...],
    mailboxes: tuple[str, ...],
    clients: tuple[str, ...],
    **_: object,
) -> None:
    """Order what is due, inside the limits. Safe at any frequency."""
    if bool(renew_early) != bool(reason):
        raise click.UsageError("--renew-early and --reason go together.")
    showing = Showing.of(context, as_json=as_json)
    with ending("renew", as_json=as_json, mode="dry-run" if dry_run else "live"):
        import sys

        from pec_autorenew.config import load_config, require_for_renew
        from pec_autorenew.engine.local import Command, Task
        from pec_autorenew.engine.readiness import require_consistent
        from pec_autorenew.ledger import Ledger
        from pec_autorenew.model import fold_address

        overrides = {"sign_in": {"wait_human": wait_human}} if wait_human else {}
        config = load_config(said(context, "config_path"), overrides)
        require_for_renew(config)
        require_consistent(config)
        config = config.narrowed(within_days=within, max_total=max_total)
        task = Task(
            Command.RENEW,
            live=not dry_run,
            accounts=chosen_accounts(config, accounts, clients),
            mailboxes=frozenset(map(fold_address, mailboxes)),
            max_items=max_items,
            early={fold_address(renew_early): reason} if renew_early and reason else {},
        )
        jitter = not (no_jitter or sys.stdin.isatty() or config.portal.is_loopback)
        with Ledger.open(config.ledger_url) as ledger:
            with watching(showing) as progress:
                result = do(config, ledger, task, progress, headless=False if attended else None, jitter=jitter)
            report(config, ledger, result, showing)
        leave(result.codes[0])


@click.command("reconcile")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document to stdout.")
@click.option("--close", "close_id", metavar="ID", help="Close a renewal whose outcome stays unknown (address/expiry).")
@click.option("--reason", metavar="TEXT", help="Why it is closed.")
@narrowing
@common
@click.pass_context
def reconcile(
    context: click.Context,
    /,
    *,
    as_json: bool,
    close_id: str | None,
    reason: str | None,
    accounts: tuple[str, ...],
    mailboxes: tuple[str, ...],
    clients: tuple[str, ...],
    **_: object,
) -> None:
    """Settle what is open from the portal's orders and expiry dates; never orders."""
    if bool(close_id) != bool(reason):
        raise click.UsageError("--close and --reason go together.")
    showing = Showing.of(context, as_json=as_json)
    with ending("reconcile", as_json=as_json):
        from pec_autorenew.config import clock_from_env, load_config
        from pec_autorenew.engine.closing import close_unknown
        from pec_autorenew.engine.local import Command, Task
        from pec_autorenew.ledger import Ledger
        from pec_autorenew.model import fold_address

        config = load_config(said(context, "config_path"))
        with Ledger.open(config.ledger_url) as ledger:
            if close_id and reason:
                closed = close_unknown(ledger, config.portal.base_url, close_id, reason, clock_from_env(config)())
                click.echo(f"{closed.name} is closed as {closed.state.value}: {reason}", err=True)
                return
            task = Task(
                Command.RECONCILE,
                accounts=chosen_accounts(config, accounts, clients),
                mailboxes=frozenset(map(fold_address, mailboxes)),
            )
            with watching(showing) as progress:
                result = do(config, ledger, task, progress)
            report(config, ledger, result, showing)
        leave(result.codes[0])


@click.command("plan")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document to stdout.")
@narrowing
@common
@click.pass_context
def plan(
    context: click.Context,
    /,
    *,
    as_json: bool,
    accounts: tuple[str, ...],
    mailboxes: tuple[str, ...],
    clients: tuple[str, ...],
    **_: object,
) -> None:
    """Say what `renew` would order now, and why the rest is not due. Changes nothing."""
    showing = Showing.of(context, as_json=as_json)
    with ending("plan", as_json=as_json, mode="dry-run"):
        from pec_autorenew.config import load_config, require_for_renew
        from pec_autorenew.engine.local import Command, Task
        from pec_autorenew.ledger import Ledger
        from pec_autorenew.model import fold_address

        config = load_config(said(context, "config_path"))
        require_for_renew(config)
        task = Task(
            Command.PLAN,
            live=False,
            accounts=chosen_accounts(config, accounts, clients),
            mailboxes=frozenset(map(fold_address, mailboxes)),
        )
        with Ledger.open(config.ledger_url) as ledger:
            with watching(showing) as progress:
                result = do(config, ledger, task, progress)
            report(config, ledger, result, showing)
        leave(result.codes[0])


@click.command("list")
@click.option("--cached", is_flag=True, help="Read the ledger only; the age is printed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document to stdout.")
@click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values.")
@narrowing
@common
@click.pass_context
def list_command(
    context: click.Context,
    /,
    *,
    cached: bool,
    as_json: bool,
    as_csv: bool,
    accounts: tuple[str, ...],
    mailboxes: tuple[str, ...],
    clients: tuple[str, ...],
    **_: object,
) -> None:
    """Show the inventory: account, mailbox, type, expiry, days left, auto-renewal, open order."""
    showing = Showing.of(context, as_json=as_json or as_csv)
    with ending("list", as_json=as_json, mode="dry-run"):
        from pec_autorenew.cli.inventory import print_inventory
        from pec_autorenew.config import load_config
        from pec_autorenew.engine.local import Command, Task
        from pec_autorenew.ledger import Ledger
        from pec_autorenew.model import fold_address

        config = load_config(said(context, "config_path"))
        chosen = chosen_accounts(config, accounts, clients)
        wanted = frozenset(map(fold_address, mailboxes))
        with Ledger.open(config.ledger_url) as ledger:
            run_id, code = None, 0
            if not cached:
                with watching(showing) as progress:
                    result = do(config, ledger, Task(Command.LIST, live=False, accounts=chosen), progress)
                run_id, code = result.run_id, result.codes[0]
            print_inventory(
                config, ledger, chosen, wanted, run_id=run_id, as_json=as_json, as_csv=as_csv, cached=cached
            )
        leave(code)
