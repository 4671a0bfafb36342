"""`config init`, `config validate`, `config show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pec_autorenew.cli.ending import complain, ending, leave
from pec_autorenew.cli.options import asking, common
from pec_autorenew.cli.running import looking

if TYPE_CHECKING:
    from pec_autorenew.cli.options import Asked
    from pec_autorenew.config import Config


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
@click.option("--probe", is_flag=True, help="Also sign in to each account and look at its mailboxes.")
@asking()
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
            leave(_probe(asked, config))


def _probe(asked: Asked, config: Config) -> int:
    """Look at each account; say what it shows or what went wrong, and return the exit code."""
    from pec_autorenew.engine.local import Command
    from pec_autorenew.report.text import item_line, worth_saying
    from pec_autorenew.results import item_as_json

    with looking(asked, config) as look:
        result = look.run(Command.LIST, live=False)
    for survey in result.surveys:
        click.echo(f"Account {survey.account}: signed in, {len(survey.mailboxes)} mailbox(es).")
    for item in map(item_as_json, result.items):
        if worth_saying(item) and item["outcome"] != "awaiting-payment":
            complain(asked, item_line(item))
    return result.codes[0]


@config_group.command("show")
@asking()
def show(asked: Asked) -> None:
    """Show the values in force and where each comes from; secrets are masked."""
    with ending(asked, "config"):
        from pec_autorenew.config import effective

        for key, value, origin in effective(asked.config()):
            click.echo(f"{key} = {value}".rstrip() + f"  # {origin}")
