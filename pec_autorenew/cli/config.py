"""`config init`, `config validate`, `config show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pec_autorenew.cli.ending import ending, leave
from pec_autorenew.cli.options import common, said

if TYPE_CHECKING:
    from pathlib import Path


@click.group("config")
def config_group() -> None:
    """Write, check and show the configuration."""


@config_group.command("init")
@common
@click.pass_context
def init(context: click.Context, /, **_: object) -> None:
    """Write the commented example to where the configuration is looked for; never over an existing file."""
    with ending("config"):
        from pec_autorenew.config import default_path, example_text

        path: Path = said(context, "config_path") or default_path()
        if path.exists():
            click.echo(f"pec-autorenew: {path} exists already and stays as it is.", err=True)
            leave(78)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(example_text(), encoding="utf-8")
        click.echo(
            f"Written: {path}\nFill in [[accounts]], [limits] and [mandate], then: pec-autorenew config validate"
        )


@config_group.command("validate")
@common
@click.pass_context
def validate(context: click.Context, /, **_: object) -> None:
    """Check the configuration and print every problem with its place."""
    with ending("config"):
        from pec_autorenew.config import load_config, require_for_renew
        from pec_autorenew.engine.readiness import require_consistent

        config = load_config(said(context, "config_path"))
        require_consistent(config)
        require_for_renew(config)
        click.echo(f"The configuration is right: {len(config.accounts)} account(s), portal {config.portal.base_url}")


@config_group.command("show")
@common
@click.pass_context
def show(context: click.Context, /, **_: object) -> None:
    """Show the values in force and where each comes from; secrets are masked."""
    with ending("config"):
        from pec_autorenew.config import effective, load_config

        config = load_config(said(context, "config_path"))
        for key, value, origin in effective(config):
            click.echo(f"{key} = {value}  # {origin}")
