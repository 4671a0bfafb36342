"""`backup`: the ledger in a file that can be put back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pec_autorenew.cli.ending import ending
from pec_autorenew.cli.options import asking

if TYPE_CHECKING:
    from pec_autorenew.cli.options import Asked


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@asking()
def backup(asked: Asked, *, file: Path) -> None:
    """Copy the ledger into FILE, which must not be there yet, while runs may go on."""
    with ending(asked, "backup"):
        from pec_autorenew.ledger import Ledger

        with Ledger.open(asked.config().ledger_url, create=False) as ledger:
            ledger.back_up(file.absolute())
        if not asked.quiet:
            click.echo(f"{file}: the whole ledger, {file.stat().st_size // 1024} kB, readable by you only.")
