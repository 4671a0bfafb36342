"""The command line: parse, call one function, print, exit code. Imports nothing heavy at start."""

from __future__ import annotations

import gc
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

import click

from pec_autorenew import __version__
from pec_autorenew.cli.backing import backup
from pec_autorenew.cli.bundling import bundle
from pec_autorenew.cli.checking import check_portal
from pec_autorenew.cli.config import config_group
from pec_autorenew.cli.deciding import approve, pause, reject, resume
from pec_autorenew.cli.demo import demo
from pec_autorenew.cli.doctor import doctor
from pec_autorenew.cli.history import history, show
from pec_autorenew.cli.looking import list_command, plan, reconcile, renew
from pec_autorenew.cli.mock import mock_portal
from pec_autorenew.cli.notifying import notify
from pec_autorenew.cli.options import common
from pec_autorenew.cli.probing import check
from pec_autorenew.cli.scheduling import schedule
from pec_autorenew.cli.signing import handover, login
from pec_autorenew.cli.working import worker

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="pec-autorenew")
@common
def cli(**_: object) -> None:
    """Renew Aruba PEC mailboxes on the customer portal: never twice, never above a limit, never a false report."""


for command in (
    *(demo, list_command, plan, renew, reconcile, approve, reject, pause, resume, check_portal, history, show),
    *(login, handover, bundle, backup, check, doctor, notify, schedule, worker, config_group, mock_portal),
):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, or these arguments; a terminal that cannot write «→» gets a question mark, not a crash."""
    gc.disable()  # nothing of what is imported at start is ever garbage; whoever runs for long switches it on again
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    cli(arguments, prog_name="pec-autorenew")
