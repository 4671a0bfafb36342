"""The command for QA: `check-portal`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pec_autorenew.cli.aftermath import PAGE, Aftermath, write_private
from pec_autorenew.cli.ending import complain, ending, leave, print_json
from pec_autorenew.cli.options import asking
from pec_autorenew.cli.running import looking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pec_autorenew.checks import Since
    from pec_autorenew.cli.aftermath import Step
    from pec_autorenew.cli.options import Asked
    from pec_autorenew.cli.running import Look
    from pec_autorenew.engine.local import Result
    from pec_autorenew.ledger import Run

_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command("check-portal")
@click.option("--update-baseline", is_flag=True, help="What is seen now is right: later runs compare with it.")
@click.option("--junit", "junit_file", type=_FILE, metavar="FILE", help="Write the result for a test server.")
@click.option("--html", "html_file", type=_FILE, metavar="FILE", help="Write the result as one page, with pictures.")
@click.option("--since", metavar="RUN|DAY", help="Say what changed since then (else since the last check).")
@click.option("--attended", is_flag=True, help="With a visible browser, each step announced before it is done.")
@click.option("--jitter", is_flag=True, help="Wait up to renewal.jitter first, as schedulers should.")
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
    since: str | None,
    attended: bool,
    jitter: bool,
    recording: Path | None,
) -> None:
    """Walk the portal up to, never past, the binding click; say what is not as documented, and what has changed.

    A change is told to the channels of [notify] once, and its end once.
    """
    with ending(asked, "check-portal", "dry-run"):
        from pec_autorenew.cli.attending import guide_for
        from pec_autorenew.cli.since import checks_up_to
        from pec_autorenew.engine.local import Command

        guide = guide_for(attended=attended)
        with looking(asked, asked.config()) as look:
            portal = look.config.portal.base_url
            checks_up_to(look.ledger, portal, since, look.clock())  # a wrong name is told before anything is visited
            if recording is not None:
                _require_recordable(look, recording)
            result = look.run(
                Command.CHECK_PORTAL,
                live=False,
                attended=attended,
                guide=guide,
                jitter=jitter and not (attended or look.config.portal.is_loopback),
                update_baseline=update_baseline,
                pictures=html_file is not None,
                record=recording is not None,
            )
            run = look.ledger.run(result.run_id)
            assert run is not None  # noqa: S101 - the runner wrote it
            changed = checks_up_to(look.ledger, portal, since, run.started_at).since(result.checks)
            told = not (attended or update_baseline)
            checked = Checked(look, run, result, changed)
            leave(checked.report(junit_file, html_file, recording, attended=attended, told=told))


def _require_recordable(look: Look, folder: Path) -> None:
    """Refuse, before anything is visited, what could not be recorded."""
    from pec_autorenew.errors import NotRecordable
    from pec_autorenew.report.recording import require_free

    if len(look.chosen) != 1:
        raise click.UsageError("--record takes the walk of one account: choose it by --account.")
    try:
        require_free(folder)
    except NotRecordable as error:
        raise click.UsageError(error.message) from error


@dataclass(frozen=True, slots=True)
class Checked:
    """A check that is over, and what is made of it."""

    look: Look
    run: Run
    result: Result
    since: Since | None

    def report(
        self, junit_file: Path | None, html_file: Path | None, recording: Path | None, *, attended: bool, told: bool
    ) -> int:
        """Write the files that were asked for, tell whoever is told, print what was found; return the exit code."""
        from pec_autorenew.report.checking import check_document, html, junit

        page = html(self.run, self.result.checks, self.since)
        files: list[tuple[Path, Callable[[], str]]] = [(self._page, lambda: page)]
        if junit_file:
            files.append((junit_file, lambda: junit(self.result.checks, self.since)))
        if html_file:
            files.append((html_file, lambda: page))
        if attended:
            files += self._record()
        document = check_document(self.run, self.result.checks, self.since)
        steps = [self._written(path, text) for path, text in files]
        if recording is not None:
            steps.append(self._recorded(recording))
        document = Aftermath(self.look).follow_check(document, steps, self._tell if told else None)
        self._print(document)
        code: int = document["exit_code"]
        return code

    @property
    def _page(self) -> Path:
        """The page that `show --open` opens."""
        return self.look.folder(self.run.id) / PAGE

    def _record(self) -> list[tuple[Path, Callable[[], str]]]:
        """Return the record of an attended walk, as text for people and as JSON."""
        from pec_autorenew.report.first_run import record_as_json, record_as_text

        folder = self.look.folder(self.run.id)
        return [
            (folder / "first-live-run.md", lambda: record_as_text(self.run, self.result.checks)),
            (folder / "first-live-run.json", lambda: record_as_json(self.run, self.result.checks)),
        ]

    def _written(self, path: Path, text: Callable[[], str]) -> Step:
        """Return the step that writes a file, and says once where it is."""
        named = [] if self.look.asked.quiet or path == self._page else [path]

        def write(_: dict[str, Any]) -> Iterator[str]:
            try:
                write_private(path, text())
            except OSError as error:
                yield f"{path} could not be written: {error.strerror}"
                return
            while named:
                click.echo(f"Written: {named.pop()}", err=True)

        return write

    def _recorded(self, folder: Path) -> Step:
        """Return the step that keeps the pages of the one account's walk for tests without the portal."""
        look, recorded = self.look, False

        def record(_: dict[str, Any]) -> Iterator[str]:
            from pec_autorenew.checks import Looks
            from pec_autorenew.errors import NotRecordable
            from pec_autorenew.report.recording import Walked, write_recording

            nonlocal recorded
            if recorded:
                return
            own = frozenset(word for one in look.chosen for word in (one.username, one.shown_as, one.client) if word)
            portal, result = look.config.portal, self.result
            looks = result.walked[0] if result.walked else Looks()
            walked = Walked(looks, result.surveys, own, portal.names, tuple(portal.locators), self.run.started_at)
            try:
                pages = write_recording(folder, walked)
            except NotRecordable as error:
                yield error.message
                return
            recorded = True
            if not look.asked.quiet:
                click.echo(f"Recorded: {folder} ({pages} pages)", err=True)

        return record

    def _tell(self, _: dict[str, Any]) -> Iterator[str]:
        from pec_autorenew.cli.telling import Telling

        look = self.look
        telling = Telling(look.asked, look.config, look.ledger, look.clock)
        return telling.of_check(self.run, self.result.checks, self.result.items)

    def _print(self, document: dict[str, Any]) -> None:
        if self.look.asked.as_json:
            print_json(document)
            return
        from rich.console import Console

        from pec_autorenew.report.checking import print_checks

        print_checks(Console(), self.result.checks, self.since, quiet=self.look.asked.quiet)
        self._tell_failures()

    def _tell_failures(self) -> None:
        """Say on stderr what ended a walk early; what is not as documented stands in the tables."""
        from pec_autorenew.report.text import item_line
        from pec_autorenew.results import item_as_json

        for item in self.result.items:
            if not any(check.account == item.account and check.drift for check in self.result.checks):
                complain(self.look.asked, item_line(item_as_json(item)))
