"""`config init`, `config validate`, `config show`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from pec_autorenew.cli.doctor import source_of, tell
from pec_autorenew.cli.ending import complain, ending, leave
from pec_autorenew.cli.options import asking, common

if TYPE_CHECKING:
    from pec_autorenew.cli.options import Asked


@click.group("config")
@common
def config_group(**_: object) -> None:
    """Write, check and show the configuration."""


@config_group.command("init")
@asking()
def init(asked: Asked) -> None:
    """Write the commented example to where the configuration is looked for; never over an existing file."""
    with ending(asked, "config"):
        from pec_autorenew.config import default_path, example_text
        from pec_autorenew.results import NOT_FIT

        path = asked.config_path or default_path()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600, exist_ok=False)
            path.write_text(example_text(), encoding="utf-8")
        except FileExistsError:
            complain(asked, f"{path} exists already and stays as it is; -c names another file.")
            leave(NOT_FIT)
        except OSError as error:
            complain(asked, f"{path} cannot be written: {error.strerror}; -c names another file.")
            leave(NOT_FIT)
        click.echo(
            f"Written: {path}\nFill in [[accounts]], [limits] and [mandate], then: pec-autorenew config validate"
        )


@config_group.command("validate")
@click.option("--probe", is_flag=True, help="Also find the secrets and look at the portal's door; nobody is signed in.")
@asking(several=True)
def validate(asked: Asked, *, probe: bool) -> None:
    """Check the configuration and print every problem with its place."""
    with ending(asked, "config"):
        from pec_autorenew.config import require_for_renew
        from pec_autorenew.engine.readiness import require_consistent

        config = asked.config()
        require_consistent(config)
        require_for_renew(config)
        click.echo(f"The configuration is right: {len(config.accounts)} account(s), portal {config.portal.base_url}")
        if probe:
            from pec_autorenew.doctor.examining import PROBED, examine
            from pec_autorenew.doctor.findings import document_of

            tell(asked, document_of(list(examine(asked.config_path, source_of(asked), os.environ, PROBED))))


@config_group.command("show")
@asking()
def show(asked: Asked) -> None:
    """Show the values in force and where each comes from; secrets are masked."""
    with ending(asked, "config"):
        from pec_autorenew.config import effective

        for key, value, origin in effective(asked.config()):
            click.echo(f"{key} = {value}".rstrip() + f"  # {origin}")
