"""What goes along with a run and what follows it once the ledger has it; none of it changes what was done (NOT-2)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.cli.ending import complain
from pec_autorenew.cli.hooking import Attentive, Programs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pec_autorenew.cli.running import Look
    from pec_autorenew.engine.task import Progress
    from pec_autorenew.errors import PecAutorenewError
    from pec_autorenew.ledger import Run
    from pec_autorenew.model import Item
    from pec_autorenew.report.notes import Notes

#: The commands that are told of: the others are a person's, who is there.
TOLD: Final = frozenset({"renew", "reconcile"})
#: The event of a program that failed after a renewal; what came of the others stands in the items.
HOOK_FAILED: Final = "hook-failed"
#: The event of names in the folder of the runs that are none of ours.
STRANGE: Final = "strange-evidence"


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Whoever is told of a run, and what is written besides the ledger."""

    look: Look
    #: The run, once it stands in the ledger.
    _begun: list[Run] = field(default_factory=list)

    @property
    def programs(self) -> Programs:
        """The user's own, along the run."""
        return Programs(self.look.asked, self.look.config)

    def prelude(self, run_id: str) -> None:
        """Begin, once the run stands in the ledger; what is raised here ends it before anything is visited."""
        run = self.look.ledger.run(run_id)
        assert run is not None  # noqa: S101 - the runner wrote it
        self._begun.append(run)
        self.programs.before_run(run)

    def hearing(self, progress: Progress) -> Progress:
        """Return who watches the run: whoever watched it already, and whoever is told at once of what cannot wait."""
        return Attentive(progress, self._after_renewal)

    def broke(self, error: PecAutorenewError) -> None:
        """Tell that a run came to no report at all."""
        for run in self._begun:
            self._after_broken_run(run, error)

    def follow(self, document: dict[str, Any], notes: Notes) -> dict[str, Any]:
        """Do what follows a run; return its document, with exit code 8 where something was not delivered."""
        for problem in self._problems(document, notes):
            complain(self.look.asked, problem)
            document = _not_delivered(document)
        return document

    # -- the user's programs -------------------------------------------------------------------------------------------

    def _after_renewal(self, item: Item) -> None:
        """Tell the user's program; that it fails changes no order, and is told at the end."""
        from pec_autorenew.errors import HookFailed

        run = self._begun[-1]
        try:
            self.programs.after_renewal(run, item)
        except HookFailed as error:
            facts = {"mailbox": item.mailbox, "message": error.message}
            self.look.ledger.note(
                HOOK_FAILED, self.look.clock(), run_id=run.id, account=item.account or None, facts=facts
            )

    def _after_run(self, document: dict[str, Any]) -> None:
        if document["command"] in TOLD:
            self.programs.after_run(document)

    def _after_broken_run(self, run: Run, error: PecAutorenewError) -> None:
        from pec_autorenew.errors import HookFailed
        from pec_autorenew.report.document import error_document
        from pec_autorenew.results import exit_code_of_error

        code = exit_code_of_error(error)
        document = error_document(run.command, run.mode, code, error.message, error.next_step.value)
        try:
            self.programs.after_run(document | {"run_id": run.id, "started_at": run.started_at.isoformat()})
        except HookFailed as failed:
            complain(self.look.asked, failed.message)

    # -- the steps after a run -----------------------------------------------------------------------------------------

    def _problems(self, document: dict[str, Any], notes: Notes) -> Iterator[str]:  # noqa: ARG002 - the next step's
        """Do each step, whatever became of the one before; yield what could not be delivered."""
        from pec_autorenew.errors import HookFailed

        steps: tuple[Callable[[], None], ...] = (
            lambda: self._keep(document),
            lambda: self._prune(document),
            lambda: self._after_run(document),
        )
        for event in self.look.ledger.events(run_id=document["run_id"], kind=HOOK_FAILED):
            document = _not_delivered(document)
            yield f"{event.facts['mailbox']}: {event.facts['message']}"
        for step in steps:
            try:
                step()
            except OSError as error:
                document = _not_delivered(document)
                yield f"not everything could be written: {error}; the ledger has the report: `pec-autorenew show`"
            except HookFailed as error:
                document = _not_delivered(document)
                yield error.message

    def _keep(self, document: dict[str, Any]) -> None:
        text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
        write_private(self.look.folder(document["run_id"]) / "report.json", text)

    def _prune(self, document: dict[str, Any]) -> None:
        """Delete evidence that is too old, or too much; say once of a name that it is no run's."""
        if document["command"] not in TOLD:
            return
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


def _not_delivered(document: dict[str, Any]) -> dict[str, Any]:
    """Let the exit code say that something could not be delivered, unless it says worse."""
    from pec_autorenew.results import NOT_DELIVERED, worst_first

    codes = worst_first({*document["exit_codes"], NOT_DELIVERED})
    return document | {"exit_code": codes[0], "exit_codes": list(codes)}


def write_private(path: Path, text: str) -> None:
    """Write a file, and the folders that it needs, readable by their owner only. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
