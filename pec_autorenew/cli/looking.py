"""The commands that look at the portal: `list`, `plan`, `renew`, `reconcile`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from pec_autorenew.cli.ending import ending, leave, print_json
from pec_autorenew.cli.options import Euro, asking, go_together
from pec_autorenew.cli.running import is_attended, looking
from pec_autorenew.cli.telling import told_of_errors

if TYPE_CHECKING:
    from decimal import Decimal

    from pec_autorenew.cli.options import Asked
    from pec_autorenew.cli.running import Look


@click.command("renew")
@click.option("--dry-run", is_flag=True, help="Everything up to the binding click, and never that.")
@click.option("--attended", is_flag=True, help="With a visible browser.")
@click.option("--within", type=click.IntRange(min=0), metavar="DAYS", help="Narrow the window; it never widens.")
@click.option("--max-total", type=Euro(), help="Lower the limit of this run; it never rises.")
@click.option("--max-items", type=click.IntRange(min=0), metavar="N", help="Order at most so many mailboxes.")
@click.option("--renew-early", metavar="MAILBOX", help="Renew this mailbox before its window opens.")
@click.option("--reason", metavar="TEXT", help="Why it is renewed early.")
@click.option("--wait-human", metavar="DURATION", help="How long to wait for an approval on a device, as in '5 min'.")
@click.option("--no-jitter", is_flag=True, help="Start at once, even without a terminal.")
@asking(as_json=True, narrowing=True, several=True)
def renew(  # noqa: PLR0913 - one argument for each option
    asked: Asked,
    *,
    dry_run: bool,
    attended: bool,
    within: int | None,
    max_total: Decimal | None,
    max_items: int | None,
    renew_early: str | None,
    reason: str | None,
    wait_human: str | None,
    no_jitter: bool,
) -> None:
    """Order what is due, inside the limits. Safe at any frequency."""
    with ending(asked, "renew", "dry-run" if dry_run else "live"):
        go_together("--renew-early and --reason", renew_early, reason)
        from pec_autorenew.cli.attending import Standby, guide_for
        from pec_autorenew.engine.local import Command
        from pec_autorenew.engine.readiness import require_ready
        from pec_autorenew.model import fold_address

        config = asked.config({"sign_in": {"wait_human": wait_human}})
        with told_of_errors(asked, config, live=not dry_run):
            require_ready(config)  # as it stands: an option may lower a limit, and never be one
        config = config.narrowed(within_days=within, max_total=max_total)
        with looking(asked, config, told=not dry_run) as look:
            result = look.run(
                Command.RENEW,
                live=not dry_run,
                max_items=max_items,
                early={fold_address(renew_early): reason} if renew_early and reason else {},
                attended=attended,
                guide=guide_for(Standby, attended=attended and sys.stdin.isatty()),
                jitter=not (no_jitter or attended or is_attended() or config.portal.is_loopback),
            )
            leave(look.report(result)["exit_code"])


@click.command("plan")
@asking(as_json=True, narrowing=True, several=True)
def plan(asked: Asked) -> None:
    """Say what `renew` would order now, why the rest is not due, and what the budget would be afterwards."""
    with ending(asked, "plan", "dry-run"):
        from pec_autorenew.engine.local import Command

        with looking(asked, asked.config()) as look:
            leave(look.report(look.run(Command.PLAN, live=False))["exit_code"])


@click.command("reconcile")
@click.option("--close", "close_id", metavar="ID", help="Close a renewal whose outcome stays unknown (address/expiry).")
@click.option("--reason", metavar="TEXT", help="Why it is closed.")
@asking(as_json=True, narrowing=True, several=True)
def reconcile(asked: Asked, *, close_id: str | None, reason: str | None) -> None:
    """Settle what is open from the portal's orders and expiry dates; never orders."""
    with ending(asked, "reconcile"):
        go_together("--close and --reason", close_id, reason)
        from pec_autorenew.engine.local import Command

        config = asked.config()
        with looking(asked, config, told=not close_id) as look:
            if close_id and reason:
                close(look, close_id, reason)
                return
            leave(look.report(look.run(Command.RECONCILE))["exit_code"])


def close(look: Look, close_id: str, reason: str) -> None:
    """Close a renewal by a person's word, and say so."""
    from pec_autorenew.engine.closing import close_unknown
    from pec_autorenew.errors import NotClosable
    from pec_autorenew.report.document import closed_document

    try:
        closed = close_unknown(look.ledger, look.config.portal.base_url, close_id, reason, look.clock())
    except NotClosable as error:
        raise click.UsageError(error.message) from error
    if look.asked.as_json:
        print_json(closed_document(closed))
    elif not look.asked.quiet:
        click.echo(f"{closed.name} is closed as {closed.state.value}: {reason}")


@click.command("list")
@click.option("--cached", is_flag=True, help="Read the ledger only; the age is printed.")
@click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values.")
@click.option("--ics", "as_ics", is_flag=True, help="Print a calendar of expiries and payment deadlines (iCalendar).")
@asking(as_json=True, narrowing=True, several=True)
def list_command(asked: Asked, *, cached: bool, as_csv: bool, as_ics: bool) -> None:
    """Show the inventory: account, mailbox, type, expiry, days left, auto-renewal, open order."""
    with ending(asked, "list", "dry-run"):
        from pec_autorenew.cli.inventory import Inventory
        from pec_autorenew.engine.local import Command

        forms = [form for form, wanted in (("json", asked.as_json), ("csv", as_csv), ("ics", as_ics)) if wanted]
        if len(forms) > 1:
            said = " and ".join(f"--{form}" for form in forms)
            raise click.UsageError(f"{said} are forms of one thing: choose one.")
        config = asked.config()
        with looking(asked, config) as look:
            run_id = None if cached else look.run(Command.LIST, live=False).run_id
            leave(Inventory(look, run_id).show(*forms or ("",)))
