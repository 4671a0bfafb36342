"""`doctor`: everything that a run needs, looked at before it is needed (ENV-1)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pec_autorenew.cli.ending import ending, leave, print_json
from pec_autorenew.cli.options import asking

if TYPE_CHECKING:
    from pec_autorenew.cli.options import Asked


@click.command("doctor")
@click.option("--as-service", is_flag=True, help="With an empty environment and no terminal, as systemd and cron do.")
@asking(as_json=True, several=True)
def doctor(asked: Asked, *, as_service: bool) -> None:
    """Look at everything that a run needs; nothing is changed, nobody is signed in, nothing is sent. Exits 0 or 78."""
    with ending(asked, "doctor"):
        document = _as_service(asked) if as_service else _here(asked)
        tell(asked, document)


def tell(asked: Asked, document: dict[str, Any]) -> None:
    """Show what was found, as it was asked for, and leave with the exit code that follows."""
    if asked.as_json:
        print_json(document)
    else:
        from rich.console import Console

        from pec_autorenew.doctor.showing import print_document

        print_document(Console(), document, quiet=asked.quiet)
    leave(document["exit_code"])


def source_of(asked: Asked) -> str:
    """Return where the configuration is looked for."""
    from pec_autorenew.config import default_path
    from pec_autorenew.config.sources import CONFIG_VARIABLE

    return str(Path(asked.config_path or os.environ.get(CONFIG_VARIABLE) or default_path()).absolute())


def _here(asked: Asked) -> dict[str, Any]:
    from pec_autorenew.doctor.examining import examine
    from pec_autorenew.doctor.findings import document_of
    from pec_autorenew.engine.stopping import requests_heard

    with requests_heard():  # the browser ends with this process (RES-2)
        return document_of(list(examine(asked.config_path, source_of(asked), os.environ)))


def _as_service(asked: Asked) -> dict[str, Any]:
    from pec_autorenew.doctor.service import examine_as_service

    document, said = examine_as_service(asked.config_path, os.environ)
    if said:
        click.echo(said.rstrip(), err=True)
    return document
