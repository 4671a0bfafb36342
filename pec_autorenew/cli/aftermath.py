"""What goes along with a run and what follows it once the ledger has it; none of it changes what was done (NOT-2)."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.cli.ending import complain
from pec_autorenew.cli.hooking import Attentive, Programs
from pec_autorenew.cli.telling import Telling, tell_broken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeAlias

    from pec_autorenew.cli.running import Look
    from pec_autorenew.engine.notifying import Alerts
    from pec_autorenew.engine.task import Progress
    from pec_autorenew.errors import PecAutorenewError
    from pec_autorenew.ledger import Run
    from pec_autorenew.model import Item
    from pec_autorenew.report.notes import Notes

    #: What follows a run: says what could not be delivered, if anything.
    Step: TypeAlias = Callable[[dict[str, Any]], Iterator[str] | None]

#: The commands that are told of: the others are a person's, who is there. So is a `check-portal` that nobody attends.
TOLD: Final = frozenset({"renew", "reconcile"})
#: The page of a run, in the run's folder; the calendar of all mailboxes, in the state folder.
PAGE: Final = "report.html"
CALENDAR: Final = "calendar.ics"
#: The event of a program that failed after a renewal; what came of the others stands in the items.
HOOK_FAILED: Final = "hook-failed"
#: The event of names in the folder of the runs that are none of ours.
STRANGE: Final = "strange-evidence"


@dataclass(slots=True)
class Aftermath:
    """Whoever is told of a run, and what is written besides the ledger."""

    look: Look
    #: A dry run is no sign of life, and its messages are marked (DRY-1).
    live: bool = True
    #: The run, once it stands in the ledger.
    _run: Run | None = field(default=None)
    _alerts: Alerts | None = field(default=None)

    # -- along the run -------------------------------------------------------------------------------------------------

    def prelude(self, run_id: str) -> None:
        """Begin, once the run stands in the ledger; what is raised here ends it before anything is visited."""
        run = self._go_along(run_id)
        if self.live:
            self._telling.begin(run_id)
        self.programs.before_run(run)

    def joining(self, run_id: str, progress: Progress) -> Progress:
        """Return who watches a part of a run that another worker may have begun."""
        progress = self.hearing(progress)
        self._go_along(run_id)
        return progress

    def _go_along(self, run_id: str) -> Run:
        run = self._run = self.look.ledger.run(run_id)
        assert run is not None  # noqa: S101 - whoever begins a run writes it down first
        if self._alerts is not None:
            self._alerts.herald.run_id = run_id
        return run

    def hearing(self, progress: Progress) -> Progress:
        """Return who watches the run: whoever did, whoever is told at once of what cannot wait, the user's programs."""
        herald = self._telling.herald(live=self.live)
        if herald is not None:
            from pec_autorenew.engine.notifying import Alerts

            progress = self._alerts = Alerts(progress, herald)
        return Attentive(progress, self._after_renewal)

    def broke(self, error: PecAutorenewError) -> None:
        """Tell that a run came to no report at all."""
        from pec_autorenew.errors import LedgerError

        if self._run is not None:
            self._after_broken_run(self._run, error)
        if not self.live:
            return
        if self._alerts is not None and not isinstance(error, LedgerError):
            with suppress(LedgerError):  # what ended the run is to be told all the same
                self._alerts.tell_the_rest()
        tell_broken(self.look.asked, self.look.config, error)

    @property
    def programs(self) -> Programs:
        """The user's own, along the run."""
        return Programs(self.look.asked, self.look.config)

    @property
    def _telling(self) -> Telling:
        return Telling(self.look.asked, self.look.config, self.look.ledger, self.look.clock)

    def _after_renewal(self, item: Item) -> None:
        """Tell the user's program; that it fails changes no order, and is told at the end."""
        from pec_autorenew.errors import HookFailed

        assert self._run is not None  # noqa: S101 - an order comes after the beginning
        try:
            self.programs.after_renewal(self._run, item)
        except HookFailed as error:
            facts = {"mailbox": item.mailbox, "message": error.message}
            self.look.ledger.note(
                HOOK_FAILED, self.look.clock(), run_id=self._run.id, account=item.account or None, facts=facts
            )

    def _after_broken_run(self, run: Run, error: PecAutorenewError) -> None:
        from pec_autorenew.report.document import error_document
        from pec_autorenew.results import exit_code_of_error

        code = exit_code_of_error(error)
        document = error_document(run.command, run.mode, code, error.message, error.next_step.value)
        for problem in self._program(document | {"run_id": run.id, "started_at": run.started_at.isoformat()}):
            complain(self.look.asked, problem)

    # -- after the run -------------------------------------------------------------------------------------------------

    def follow(self, document: dict[str, Any], notes: Notes) -> dict[str, Any]:
        """Do what follows a run, step by step; return its document, with exit code 8 where something was not delivered.

        Each step is given the document as the steps before it left it; the last one tells the exit code.
        """
        kept: list[Step] = [self._keep, self._page, self._metrics]
        steps = [*kept, self._calendar]
        if document["command"] in TOLD:
            steps += [self._prune, self._programs_that_failed, self._program]
            steps += [lambda document: self._telling.digest(document, notes.items)]
            if document["mode"] == "live":
                steps += [lambda document: self._telling.end(document["exit_code"])]
        return self._go(steps, kept, document)

    def follow_check(self, document: dict[str, Any], files: Iterable[Step], tell: Step | None) -> dict[str, Any]:
        """Do what follows a check of the portal: its `files`, then what follows a run; return its document likewise.

        Nobody is told where a person was there: then `tell` is None. It is no sign of life of the orders: no ping.
        """
        kept: list[Step] = [self._keep, *files, self._metrics]
        steps = [*kept, self._calendar, self._prune]
        if tell is not None:
            steps += [self._program, tell]
        return self._go(steps, kept, document)

    def _go(self, steps: Iterable[Step], kept: Sequence[Step], document: dict[str, Any]) -> dict[str, Any]:
        """Do the steps; then write anew what is `kept`, where something was not delivered."""
        failed = []
        for step in steps:
            for problem in self._done(step, document):
                complain(self.look.asked, problem)
                document = _not_delivered(document)
                failed.append(step)
        for step in [self._amend, *(one for one in kept if one not in failed)] if failed else []:
            for problem in self._done(step, document):
                complain(self.look.asked, problem)
        return document

    def _done(self, step: Step, document: dict[str, Any]) -> Iterator[str]:
        """Do one step, whatever became of those before; yield what could not be delivered."""
        from pec_autorenew.engine.visit import unexpected
        from pec_autorenew.errors import LedgerError

        try:
            yield from step(document) or ()
        except OSError as error:
            yield f"not everything could be written: {error}; the ledger has the report: `pec-autorenew show`"
        except LedgerError as error:
            yield f"after the run, the ledger: {error.message}"
        except Exception as error:  # noqa: BLE001 - the work is done and the other steps go on; it is told (SIL-4)
            yield f"after the run: {unexpected(error).message}"

    def _amend(self, document: dict[str, Any]) -> None:
        """Let ledger, report, page and figures end the run as the process ends."""
        self.look.ledger.amend_codes(document["run_id"], document["exit_code"], document["exit_codes"])

    def _keep(self, document: dict[str, Any]) -> None:
        """Write the report as JSON."""
        text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
        write_private(self.look.folder(document["run_id"]) / "report.json", text)

    def _page(self, document: dict[str, Any]) -> None:
        """Write it as a page."""
        from pec_autorenew.report.html import RunPage

        look, run_id = self.look, document["run_id"]
        run = look.ledger.run(run_id)
        assert run is not None  # noqa: S101 - the runner wrote it
        page = RunPage(look.config, look.ledger, run, look.folder(run_id))
        write_private(page.folder / PAGE, page.html(document))

    def _calendar(self, _: dict[str, Any]) -> None:
        """Write the calendar of all mailboxes; whoever reads it meanwhile reads the old one whole."""
        look = self.look
        path = look.config.state_dir / CALENDAR
        if not look.accounts and not look.mailboxes:
            write_private(path.with_suffix(".new"), look.calendar().decode())
            path.with_suffix(".new").replace(path)

    def _metrics(self, _: dict[str, Any]) -> Iterator[str]:
        """Write the figures for Prometheus's text-file collector, of all accounts, where they are wanted."""
        config, now = self.look.config, self.look.clock()
        if not config.monitoring.textfile:
            return
        from pec_autorenew.report.metrics import registry_of, write_metrics
        from pec_autorenew.report.standing import read_known, standing

        facts = standing(config, read_known(self.look.ledger, config.portal.base_url, now), now)
        registry = registry_of(facts, config.renewal.critical_days, config.limits.max_per_month)
        try:
            write_metrics(Path(config.monitoring.textfile), registry)
        except OSError as error:
            yield f"monitoring.textfile could not be written: {error}"

    def _prune(self, document: dict[str, Any]) -> None:
        """Delete evidence that is too old, or too much; say once of a name that it is no run's."""
        from pec_autorenew.report.keeping import prune

        look, ledger, run_id = self.look, self.look.config.ledger, document["run_id"]
        pruned = prune(look.folder(""), run_id, look.clock(), ledger.keep_evidence, ledger.max_evidence_mb)
        told = {event.facts["name"] for event in look.ledger.events(kind=STRANGE)} if pruned.strange else set()
        names = [name for name in pruned.strange if name not in told]
        for name in names:
            look.ledger.note(STRANGE, look.clock(), run_id=run_id, facts={"name": name})
        if names:
            complain(
                look.asked, f"{look.folder('')} holds what is no run's, and it stays: {', '.join(map(repr, names))}"
            )

    def _programs_that_failed(self, document: dict[str, Any]) -> Iterator[str]:
        """Tell which programs failed along the run."""
        for event in self.look.ledger.events(run_id=document["run_id"], kind=HOOK_FAILED):
            yield f"{event.facts['mailbox']}: {event.facts['message']}"

    def _program(self, document: dict[str, Any]) -> Iterator[str]:
        """Tell the user's program that the run has ended."""
        from pec_autorenew.errors import HookFailed

        try:
            self.programs.after_run(document)
        except HookFailed as error:
            yield error.message


def _not_delivered(document: dict[str, Any]) -> dict[str, Any]:
    """Let the exit code say that something could not be delivered, unless it says worse."""
    from pec_autorenew.results import NOT_DELIVERED, worst_first

    codes = worst_first({*document["exit_codes"], NOT_DELIVERED})
    return document | {"exit_code": codes[0], "exit_codes": list(codes)}


def write_private(path: Path, text: str) -> None:
    """Write a file, and the folders that it needs, readable by their owner only. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8", newline="")
