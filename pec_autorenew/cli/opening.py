"""`show --open` and `show --html`: the page of a run, made again from the ledger where it is not there any more."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from pec_autorenew.cli.aftermath import PAGE, write_private
from pec_autorenew.cli.ending import complain
from pec_autorenew.cli.since import PastCheck

if TYPE_CHECKING:
    from pathlib import Path

    from pec_autorenew.cli.options import Asked
    from pec_autorenew.ledger import Ledger, Run


def show_page(
    asked: Asked, ledger: Ledger, run: Run, copy: Path | None, *, opened: bool, since: str | None = None
) -> int:
    """Have the page where it belongs, or as `copy`; open it if that is asked for and can be; return the exit code."""
    from pec_autorenew.report.html import RunPage
    from pec_autorenew.results import NOT_DELIVERED

    config = asked.config()
    folder = config.state_dir / "runs" / run.id
    kept, past = folder / PAGE, PastCheck.of(ledger, config.portal.base_url, run, since)
    path = copy or kept
    try:
        if past.checks and kept.is_file() and not since:  # with its pictures, which the ledger has not
            text = kept.read_text("utf-8")
        else:
            text = past.page() or RunPage(config, ledger, run, folder).html()
        if copy or not path.is_file():
            write_private(path, text)
    except OSError as error:
        complain(asked, f"{path} could not be written: {error.strerror}")
        return NOT_DELIVERED
    click.echo(str(path))
    if opened and not _opens(path):
        click.echo(
            "It was not opened, for there is no display here: open it in a browser where there is one.", err=True
        )
    return 0


def _opens(path: Path) -> bool:
    """Open the page in the user's browser, where one can be seen; return whether that was possible."""
    if sys.platform == "linux" and not any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY"))):
        return False
    return click.launch(path.resolve().as_uri()) == 0
