"""The commands for what only a person can do: `login`, `handover`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pec_autorenew.cli.ending import ending, leave, print_json
from pec_autorenew.cli.options import asking
from pec_autorenew.cli.running import looking

if TYPE_CHECKING:
    from pec_autorenew.cli.options import Asked
    from pec_autorenew.cli.running import Look
    from pec_autorenew.config import Account
    from pec_autorenew.ledger import Handover
    from pec_autorenew.states import HandoverState

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("login")
@click.argument("account")
@click.option("--export", "export_file", type=_FILE, metavar="FILE", help="Then move the session, encrypted, to FILE.")
@click.option("--import", "import_file", type=_FILE, metavar="FILE", help="Take over a session from FILE; no browser.")
@asking()
def login(asked: Asked, *, account: str, export_file: Path | None, import_file: Path | None) -> None:
    """Sign in to ACCOUNT in a visible browser, with a person beside it, and save the session."""
    with ending(asked, "login", "dry-run"):
        if export_file and import_file:
            raise click.UsageError("--export and --import are two ends of one way: choose one.")
        config = asked.config()
        with looking(asked, config) as look:
            one = _account(look, account)
            if import_file:
                _take(look, one, import_file)
                return
            if export_file:
                from pec_autorenew.flows.portal import saved_sessions

                saved_sessions(config).require_portable(export_file)
            _sign_in(look, one)
            if export_file:
                _hand_out(look, one, export_file)


def _account(look: Look, name: str) -> Account:
    found = next((one for one in look.config.accounts if one.name == name), None)
    if found is None:
        known = ", ".join(sorted(one.name for one in look.config.accounts)) or "none"
        raise click.UsageError(f"There is no account {name!r}; known: {known}.")
    return found


def _sign_in(look: Look, account: Account) -> None:
    """Sign in attended; what stands against it is told as by a run, and ends the command."""
    from pec_autorenew.cli.attending import Standby, guide_for
    from pec_autorenew.engine.local import Command
    from pec_autorenew.errors import SessionUnusable
    from pec_autorenew.flows.portal import saved_sessions
    from pec_autorenew.results import OK

    only = replace(look, accounts=frozenset({account.name}))
    result = only.run(Command.LOGIN, attended=True, guide=guide_for(Standby), live=False)
    if result.surveys and not look.asked.quiet:
        boxes = len(result.surveys[0].mailboxes)
        click.echo(f"Signed in as {account.username}: {boxes} mailbox{'' if boxes == 1 else 'es'}.")
    if result.codes != (OK,):
        leave(look.report(result)["exit_code"])
    if saved_sessions(look.config).load(account.name, account.username) is None:
        raise SessionUnusable("The session could not be saved; `show` says why.")
    if not look.asked.quiet:
        click.echo("The session is saved.")


def _hand_out(look: Look, account: Account, target: Path) -> None:
    """Move the session to a file: it lives in one place only (SES-5)."""
    from pec_autorenew.flows.portal import saved_sessions

    sessions = saved_sessions(look.config)
    sessions.export(account.name, account.username, target)
    sessions.forget(account.name)
    if not look.asked.quiet:
        click.echo(
            f"Moved to {target}; on the other machine: pec-autorenew login {account.name} --import {target.name}"
        )


def _take(look: Look, account: Account, source: Path) -> None:
    from pec_autorenew.flows.portal import saved_sessions

    saved_sessions(look.config).take(account.name, account.username, source)
    if not look.asked.quiet:
        click.echo(f"The session of {account.name} is saved here; delete {source} everywhere else.")


@click.group("handover")
def handover() -> None:
    """List, answer or call off what the portal wants a person to do."""


@handover.command("list")
@asking(as_json=True)
def list_command(asked: Asked) -> None:
    """Show what the portal wants a person to do."""
    with ending(asked, "handover"), looking(asked, asked.config()) as look:
        standing = look.ledger.handovers(look.config.portal.base_url)
        if asked.as_json:
            print_json({"schema": "pec-autorenew/handover/1", "handovers": [_as_json(one) for one in standing]})
            return
        for one in standing:
            click.echo(_in_words(one))
        if not standing and not asked.quiet:
            click.echo("The portal wants nothing of a person.")


@handover.command("answer")
@click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True, type=click.IntRange(min=1))
@asking()
def answer(asked: Asked, *, numbers: tuple[int, ...]) -> None:
    """Say that what was asked has been done; a run that waits goes on as soon as the portal does."""
    from pec_autorenew.states import HandoverState

    _settle(asked, numbers, HandoverState.ANSWERED, "done")


@handover.command("cancel")
@click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True, type=click.IntRange(min=1))
@asking()
def cancel(asked: Asked, *, numbers: tuple[int, ...]) -> None:
    """Say that nobody will do it; a run that waits for it goes on with its other accounts."""
    from pec_autorenew.states import HandoverState

    _settle(asked, numbers, HandoverState.DENIED, "called off")


def _settle(asked: Asked, numbers: tuple[int, ...], state: HandoverState, words: str) -> None:
    with ending(asked, "handover"), looking(asked, asked.config()) as look:
        from pec_autorenew.errors import NotApprovable

        for number in numbers:
            try:
                settled = look.ledger.settle_handover(look.config.portal.base_url, number, state, look.clock())
            except NotApprovable as error:
                raise click.UsageError(error.message) from error
            if not asked.quiet:
                click.echo(f"{number} ({settled.account}, {settled.reason}): {words}.")


def _in_words(one: Handover) -> str:
    from pec_autorenew.planning import ROME

    when = f"{one.asked_at.astimezone(ROME):%d/%m/%Y %H:%M}"
    about = f", {one.subject}" if one.subject else ""
    return f"{one.id}  {one.account}{about}: {one.reason}, {one.state} on {when}. {one.message}"


def _as_json(one: Handover) -> dict[str, object]:
    return {
        "number": one.id,
        "account": one.account,
        "reason": one.reason,
        "subject": one.subject,
        "state": one.state.value,
        "message": one.message,
        "asked_at": one.asked_at.isoformat(),
        "wait_until": one.wait_until.isoformat(),
    }
