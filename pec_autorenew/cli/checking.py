"""The command for QA: `check-portal`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pec_autorenew.cli.aftermath import write_private
from pec_autorenew.cli.ending import complain, ending, leave, print_json
from pec_autorenew.cli.options import asking
from pec_autorenew.cli.running import looking

if TYPE_CHECKING:
    from collections.abc import Callable

    from pec_autorenew.cli.options import Asked
    from pec_autorenew.cli.running import Look
    from pec_autorenew.engine.local import Result
    from pec_autorenew.ledger import Run

_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command("check-portal")
@click.option("--update-baseline", is_flag=True, help="What is seen now is right: later runs compare with it.")
@click.option("--junit", "junit_file", type=_FILE, metavar="FILE", help="Write the result for a test server.")
@click.option("--html", "html_file", type=_FILE, metavar="FILE", help="Write the result as one page, with pictures.")
@click.option("--attended", is_flag=True, help="With a visible browser, each step announced before it is done.")
@click.option(
    "--record",
    "recording",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep the pages, without anybody's data, for tests without the portal.",
)
@asking(as_json=True, narrowing=True)
def check_portal(
    asked: Asked,
    *,
    update_baseline: bool,
    junit_file: Path | None,
    html_file: Path | None,
    attended: bool,
    recording: Path | None,
) -> None:
    """Walk the portal up to, never past, the binding click, and compare what is there with what is documented."""
    with ending(asked, "check-portal", "dry-run"):
        from pec_autorenew.cli.attending import guide_for
        from pec_autorenew.engine.local import Command

        guide = guide_for(attended=attended)
        with looking(asked, asked.config()) as look:
            if recording is not None:
                _require_recordable(look, recording)
            result = look.run(
                Command.CHECK_PORTAL,
                live=False,
                attended=attended,
                guide=guide,
                update_baseline=update_baseline,
                pictures=html_file is not None,
                record=recording is not None,
            )
            leave(_report(look, result, junit_file, html_file, attended=attended, recording=recording))


def _require_recordable(look: Look, folder: Path) -> None:
    """Refuse, before anything is visited, what could not be recorded."""
    from pec_autorenew.errors import NotRecordable
    from pec_autorenew.report.recording import require_free

    if len(look.accounts or look.config.accounts) != 1:
        raise click.UsageError("--record takes the walk of one account: choose it by --account.")
    try:
        require_free(folder)
    except NotRecordable as error:
        raise click.UsageError(error.message) from error


def _report(
    look: Look,
    result: Result,
    junit_file: Path | None,
    html_file: Path | None,
    *,
    attended: bool,
    recording: Path | None,
) -> int:
    """Print what was found and write the files that were asked for; return the exit code."""
    from pec_autorenew.report.checking import check_document, html, junit, print_checks

    run = look.ledger.run(result.run_id)
    assert run is not None  # noqa: S101 - the runner wrote it
    if look.asked.as_json:
        print_json(check_document(run, result.checks))
    else:
        from rich.console import Console

        print_checks(Console(), result.checks, quiet=look.asked.quiet)
        _tell_failures(look, result)
    written = [
        *([(junit_file, lambda: junit(result.checks))] if junit_file else []),
        *([(html_file, lambda: html(run, result.checks))] if html_file else []),
    ]
    if attended:
        written += _record(look, run, result)
    code = run.exit_code or 0
    delivered = [_write(look, path, text) for path, text in written]
    if recording is not None:
        delivered.append(_keep_recording(look, run, result, recording))
    if not all(delivered):
        from pec_autorenew.results import NOT_DELIVERED

        code = code or NOT_DELIVERED
    if code != run.exit_code:
        look.ledger.amend_codes(run.id, code, (code,))
    return code


def _tell_failures(look: Look, result: Result) -> None:
    """Say on stderr what ended a walk early; what is not as documented stands in the tables."""
    from pec_autorenew.report.text import item_line
    from pec_autorenew.results import item_as_json

    for item in result.items:
        if not any(check.account == item.account and check.drift for check in result.checks):
            complain(look.asked, item_line(item_as_json(item)))


def _record(look: Look, run: Run, result: Result) -> list[tuple[Path, Callable[[], str]]]:
    """Return the record of an attended walk, as text for people and as JSON."""
    from pec_autorenew.report.first_run import record_as_json, record_as_text

    folder = look.folder(run.id)
    return [
        (folder / "first-live-run.md", lambda: record_as_text(run, result.checks)),
        (folder / "first-live-run.json", lambda: record_as_json(run, result.checks)),
    ]


def _keep_recording(look: Look, run: Run, result: Result, folder: Path) -> bool:
    """Keep the pages of the one account's walk for tests without the portal."""
    from pec_autorenew.checks import Looks
    from pec_autorenew.errors import NotRecordable
    from pec_autorenew.report.recording import Walked, write_recording

    names = look.accounts or {one.name for one in look.config.accounts}
    accounts = [one for one in look.config.accounts if one.name in names]
    own = frozenset(word for one in accounts for word in (one.username, one.shown_as, one.client) if word)
    portal = look.config.portal
    looks = result.walked[0] if result.walked else Looks()
    walked = Walked(looks, result.surveys, own, portal.names, tuple(portal.locators), run.started_at)
    try:
        pages = write_recording(folder, walked)
    except NotRecordable as error:
        complain(look.asked, error.message)
        return False
    if not look.asked.quiet:
        click.echo(f"Recorded: {folder} ({pages} pages)", err=True)
    return True


def _write(look: Look, path: Path, text: Callable[[], str]) -> bool:
    try:
        write_private(path, text())
    except OSError as error:
        complain(look.asked, f"{path} could not be written: {error.strerror}")
        return False
    if not look.asked.quiet:
        click.echo(f"Written: {path}", err=True)
    return True
