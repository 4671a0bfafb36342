"""A run of a command: its task, whoever watches it, and the report that it leaves."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from pec_autorenew.cli.aftermath import TOLD, Aftermath
from pec_autorenew.cli.ending import print_json
from pec_autorenew.cli.telling import told_of_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from pec_autorenew.cli.options import Asked
    from pec_autorenew.config import Account, Clock, Config
    from pec_autorenew.engine.local import Command, Progress, Result
    from pec_autorenew.flows.check_portal import Guide
    from pec_autorenew.ledger import Ledger
    from pec_autorenew.report.notes import Notes


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the portal needs: configuration, ledger and clock, and how it is to be shown."""

    asked: Asked
    config: Config
    ledger: Ledger
    clock: Clock
    #: The accounts and mailboxes that were asked for; empty for all.
    accounts: frozenset[str]
    mailboxes: frozenset[str]

    @property
    def chosen(self) -> list[Account]:
        """The accounts that the look is about."""
        return self.config.accounts_named(self.accounts)

    def run(
        self,
        command: Command,
        *,
        attended: bool = False,
        jitter: bool = False,
        guide: Guide | None = None,
        **task: Any,  # noqa: ANN401 - fields of any type
    ) -> Result:
        """Run the command, with further fields of its `Task`, in a browser of this machine; `guide` goes along.

        The browser is started when something has to be looked at, and not before: in a process of its own that is
        killed when it is late (RES-1), but where a person sits before it, whose time it is, in this one.
        """
        from pec_autorenew.confirmations import read_confirmations
        from pec_autorenew.engine.local import Runner, Task
        from pec_autorenew.errors import PecAutorenewError

        require_display(attended=attended, headless=self.config.browser.headless)

        @contextmanager
        def portals(run_id: str) -> Iterator[Any]:
            gc.enable()  # from here on it is a long run
            if jitter:
                self._wait()
            with self._browsers(run_id, attended=attended, guide=guide) as opened:
                yield opened

        with watching(self.asked, plain=guide is not None) as progress:
            runner = Runner(
                self.config, self.ledger, portals, self.clock, progress, pretended_clock=self.clock.pretended
            )
            task = {"accounts": self.accounts, "mailboxes": self.mailboxes, "attended": guide is not None, **task}
            if command not in TOLD and (command != "check-portal" or guide is not None):
                return runner.run(Task(command, **task))
            runner.confirmations = read_confirmations
            aftermath = Aftermath(self, live=bool(task.get("live", True)))
            runner.prelude, runner.progress = aftermath.prelude, aftermath.hearing(progress)
            runner.before_renewal = aftermath.programs.before_renewal
            try:
                return runner.run(Task(command, **task))
            except PecAutorenewError as error:
                aftermath.broke(error)
                raise

    def _browsers(self, run_id: str, *, attended: bool, guide: Guide | None) -> AbstractContextManager[Any]:
        from pec_autorenew.engine.pacing import pace_of

        folder = self.folder(run_id)
        pace = pace_of(self.config, self.ledger, self.clock, run_id, has_time=guide is not None)
        if guide is None and not attended:
            from pec_autorenew.engine.crew import browsers

            return browsers(self.config, self.clock, folder, pace=pace)
        from pec_autorenew.flows.portal import browser_portals

        headless = False if attended else None
        return browser_portals(self.config, self.clock, folder, headless=headless, guide=guide, pace=pace)

    def folder(self, run_id: str) -> Path:
        """Return the folder of a run's report and evidence."""
        return self.config.state_dir / "runs" / run_id

    def report(self, result: Result) -> dict[str, Any]:
        """Make the document of a run from the ledger, keep it beside the evidence, print it."""
        from pec_autorenew.report.document import run_document
        from pec_autorenew.report.notes import notes_on

        stored = self.ledger.run(result.run_id)
        assert stored is not None  # noqa: S101 - the runner wrote it
        notes = notes_on(self.config, self.ledger, result.items, self.clock())
        document = run_document(stored) | notes.facts(stored.command)
        document = Aftermath(self).follow(document, notes)
        if self.asked.as_json:
            print_json(document)
        else:
            self._print(document, notes)
        return document

    def calendar(self) -> bytes:
        """Return the calendar of the chosen accounts and mailboxes, by what the ledger holds now."""
        from pec_autorenew.planning import today_in_rome
        from pec_autorenew.report.calendar import Almanac

        portal = self.config.portal.base_url
        last = {one.survey.account: one for one in self.ledger.last_surveys(portal)}
        surveys = [last[one.name] for one in self.config.accounts if one.name in last]
        today, renewals = today_in_rome(self.clock()), self.ledger.renewals(portal)
        return Almanac(self.config, surveys, renewals, today, self.accounts, self.mailboxes).calendar()

    def _wait(self) -> None:
        from pec_autorenew.engine.waiting import wait_a_while

        longest = self.config.renewal.jitter
        if longest and not self.asked.quiet:
            minutes = f"{longest.total_seconds() / 60:.0f} min"
            click.echo(f"Nobody watches: starting after a random time of up to {minutes} (--no-jitter).", err=True)
        wait_a_while(longest)

    def _print(self, document: dict[str, Any], notes: Notes) -> None:
        from pec_autorenew.report.text import print_run, worth_saying

        items: Sequence[dict[str, Any]] = document["items"]
        if self.asked.quiet:
            items = [item for item in items if worth_saying(item)]
            if not items and document["exit_code"] == 0:
                return
        from rich.console import Console

        shown = document | {"items": items}
        print_run(Console(), shown, notes.lines(shown), whole=self.asked.verbose)


@contextmanager
def looking(asked: Asked, config: Config, *, told: bool = False) -> Iterator[Look]:
    """Open what a look needs; an unknown account or client is refused before anything is touched.

    `told`: that the ledger does not open is told to whoever is told of runs.
    """
    from pec_autorenew.config import clock_from_env
    from pec_autorenew.ledger import Ledger

    clock = clock_from_env(config)
    accounts = asked.chosen_accounts(config)
    with told_of_errors(asked, config, live=told):
        opened = Ledger.open(config.ledger_url)
    with opened as ledger:
        yield Look(asked, config, ledger, clock, accounts, asked.chosen_mailboxes())


def require_display(*, attended: bool, headless: bool) -> None:
    """Raise ConfigError where a visible browser is wanted and there is nothing to show it on."""
    from pec_autorenew.errors import ConfigError

    visible = attended or not headless
    if visible and sys.platform == "linux" and not any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY"))):
        who = "--attended" if attended else "browser.headless = false"
        raise ConfigError(
            f"{who} shows a browser window, and this session has no display (neither DISPLAY nor WAYLAND_DISPLAY is "
            "set): run it in a desktop session or with `ssh -X`, or leave it out."
        )


def is_attended() -> bool:
    """Whether somebody sits at a terminal."""
    return sys.stdin.isatty() or sys.stderr.isatty()


@contextmanager
def watching(asked: Asked, *, plain: bool = False) -> Iterator[Progress]:
    """Yield whoever watches a run, as it was asked for; `plain` leaves the terminal to questions."""
    from pec_autorenew.cli.watching import Lines, Live, Silence

    if asked.quiet:
        yield Silence()
    elif asked.log_json:
        yield Lines(as_json=True)
    elif asked.as_json and not asked.verbose:
        yield Silence()
    elif sys.stderr.isatty() and not plain:
        from rich.console import Console

        with Console(stderr=True).status("Starting …") as status:
            yield Live(status, verbose=asked.verbose)
    else:
        yield Lines()
