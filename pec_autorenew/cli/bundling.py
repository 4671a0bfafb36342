"""`bundle`: an archive of one run that is safe to send."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pec_autorenew.cli.ending import complain, ending, leave, print_json
from pec_autorenew.cli.history import find_run, reading
from pec_autorenew.cli.options import asking

if TYPE_CHECKING:
    from pec_autorenew.cli.options import Asked
    from pec_autorenew.report.bundle import Bundle


@click.command("bundle")
@click.argument("run_id", metavar="[RUN]", default="last")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to write it; a file that is there is never written over.",
)
@asking(as_json=True)
def bundle(asked: Asked, *, run_id: str, output: Path | None) -> None:
    """Make an archive of one run that is safe to send, and say what it leaves out. Without RUN, of the last one."""
    with ending(asked, "bundle"):
        from pec_autorenew.report.bundle import bundle_of
        from pec_autorenew.report.history import RunRecord

        config = asked.config()
        with reading(asked) as (ledger, portal):
            run = find_run(ledger, run_id, portal)
            record = RunRecord(run, ledger.events(run_id=run.id), ledger.renewals(portal))
        made = bundle_of(record, config.state_dir / "runs" / run.id, _versions(config.browser.executable))
        path = output or Path(f"pec-autorenew-{run.id}.zip")
        if not _written(asked, path, made.archive()):
            from pec_autorenew.results import NOT_DELIVERED

            leave(NOT_DELIVERED)
        _tell(asked, made, path)


def _written(asked: Asked, path: Path, content: bytes) -> bool:
    """Write a new file that only its owner can read; what is there already stays, and is a usage error."""
    try:
        # In one step: nobody can put a file or a link there between a look and the writing.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, no path
            file.write(content)
    except FileExistsError as error:
        raise click.UsageError(f"{path} is there already: name another file with --output.") from error
    except OSError as error:
        complain(asked, f"{path} could not be written: {error.strerror}")
        return False
    return True


def _tell(asked: Asked, made: Bundle, path: Path) -> None:
    if asked.as_json:
        print_json(made.document(path))
        return
    click.echo(str(path))
    if asked.quiet:
        return
    click.echo("Inside:", err=True)
    for name, holds in made.holds.items():
        click.echo(f"  {name}: {holds}", err=True)
    click.echo("Left out:", err=True)
    for one in made.left_out:
        click.echo(f"  {one.what}: {one.why}", err=True)


def _versions(executable: str) -> dict[str, str]:
    """Return what runs are made with on this machine."""
    import platform
    from importlib.metadata import version

    from pec_autorenew import __version__
    from pec_autorenew.errors import BrowserUnavailable
    from pec_autorenew.launching import find_browser

    try:
        browser = find_browser(executable).executable or "Playwright's own"
    except BrowserUnavailable as error:
        browser = error.message
    return {
        "pec-autorenew": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "playwright": version("playwright"),
        "browser": browser,
    }
