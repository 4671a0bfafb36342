"""The command line: parse, call one function, print, exit code. Imports nothing heavy at start."""

from __future__ import annotations

import click

from pec_autorenew import __version__
from pec_autorenew.cli.config import config_group
from pec_autorenew.cli.demo import demo
from pec_autorenew.cli.history import history, show
from pec_autorenew.cli.looking import list_command, plan, reconcile, renew
from pec_autorenew.cli.mock import mock_portal
from pec_autorenew.cli.options import common


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="pec-autorenew")
@common
def cli(**_: object) -> None:
    """Renew Aruba PEC mailboxes on the customer portal: never twice, never above a limit, never a false report."""


for command in (demo, list_command, plan, renew, reconcile, history, show, config_group, mock_portal):
    cli.add_command(command)


def main() -> None:
    """Run the command line."""
    cli(prog_name="pec-autorenew")
