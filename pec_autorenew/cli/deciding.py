"""A person's word, from the ledger alone: `approve`, `reject`, `pause`, `resume`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pec_autorenew.cli.ending import complain, ending, leave
from pec_autorenew.cli.options import asking
from pec_autorenew.cli.running import looking

if TYPE_CHECKING:
    from datetime import date

    from pec_autorenew.cli.options import Asked
    from pec_autorenew.ledger import Request


@click.command("approve")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@asking()
def approve(asked: Asked, *, ids: tuple[str, ...]) -> None:
    """Allow orders that wait for a person (ID: address/expiry); each for exactly what was shown, and for a while."""
    _decide(asked, ids, granted=True)


@click.command("reject")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@asking()
def reject(asked: Asked, *, ids: tuple[str, ...]) -> None:
    """Refuse orders that wait for a person (ID: address/expiry), at what was shown, for as long as approving holds."""
    _decide(asked, ids, granted=False)


def _decide(asked: Asked, ids: tuple[str, ...], *, granted: bool) -> None:
    with ending(asked, "approve" if granted else "reject"):
        from pec_autorenew.errors import NotApprovable
        from pec_autorenew.results import POLICY

        renewals = [_renewal(one) for one in ids]
        refused = False
        with looking(asked, asked.config()) as look:
            valid = look.config.renewal.approval_valid
            for address, expiry in renewals:
                try:
                    request = look.ledger.answer(
                        look.config.portal.base_url, address, expiry, look.clock(), valid, granted=granted
                    )
                except NotApprovable as error:
                    refused = True
                    complain(asked, error.message)
                    continue
                if not asked.quiet:
                    click.echo(_in_words(request, granted=granted))
        if refused:
            leave(POLICY)


def _renewal(identity: str) -> tuple[str, date]:
    from datetime import date

    address, _, expiry = identity.rpartition("/")
    try:
        return address, date.fromisoformat(expiry)
    except ValueError as error:
        raise click.UsageError(
            f"{identity!r} names no renewal: write it as address/expiry, as in name@pec.it/2026-12-10."
        ) from error


def _in_words(request: Request, *, granted: bool) -> str:
    from pec_autorenew.italian import format_money
    from pec_autorenew.planning import ROME

    facts = request.facts
    years = f"{facts.years} year{'s' if facts.years > 1 else ''}"
    what = f"{years} by {facts.method.value} for {format_money(facts.gross)}"
    until = f"{request.valid_until.astimezone(ROME):%d/%m/%Y %H:%M}"
    if granted:
        return f"{request.name}: approved, {what}, until {until}; the next `renew` orders it if nothing has changed."
    return f"{request.name}: rejected, {what}, until {until}; then, or at another price, it is asked again."


@click.command("pause")
@click.option("--reason", metavar="TEXT", default="", help="Why; `renew` says it.")
@asking()
def pause(asked: Asked, *, reason: str) -> None:
    """Stop new orders everywhere until `resume`; reading and settling go on."""
    with ending(asked, "pause"):
        from pec_autorenew.ledger import PAUSE

        with looking(asked, asked.config()) as look:
            look.ledger.set_flag(PAUSE, reason, look.clock())
        if not asked.quiet:
            click.echo("New orders are paused; `pec-autorenew resume` allows them again.")


@click.command("resume")
@asking()
def resume(asked: Asked) -> None:
    """Allow new orders again."""
    with ending(asked, "resume"):
        from pec_autorenew.ledger import PAUSE

        with looking(asked, asked.config()) as look:
            was_paused = look.ledger.clear_flag(PAUSE, look.clock())
        if not asked.quiet:
            click.echo("New orders are allowed again." if was_paused else "New orders were not paused.")
