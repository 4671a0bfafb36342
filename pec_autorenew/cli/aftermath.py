"""What goes along with a run and what follows it once the ledger has it; none of it changes what was done (NOT-2)."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.cli.ending import complain
from pec_autorenew.cli.telling import Telling, tell_broken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pec_autorenew.cli.running import Look
    from pec_autorenew.engine.notifying import Alerts
    from pec_autorenew.engine.task import Progress
    from pec_autorenew.errors import PecAutorenewError
    from pec_autorenew.report.notes import Notes

#: The commands that are told of: the others are a person's, who is there.
TOLD: Final = frozenset({"renew", "reconcile"})

#: The page of a run, in the run's folder; the calendar of all mailboxes, in the state folder.
PAGE: Final = "report.html"
CALENDAR: Final = "calendar.ics"


@dataclass(slots=True)
class Aftermath:
    """Whoever is told of a run, and what is written besides the ledger."""

    look: Look
    #: A dry run is no sign of life, and its messages are marked (DRY-1).
    live: bool = True
    _alerts: Alerts | None = field(default=None)

    def prelude(self, run_id: str) -> None:
        """Begin, once the run stands in the ledger; what is raised here ends it before anything is visited."""
        if self._alerts is not None:
            self._alerts.herald.run_id = run_id
        if self.live:
            self._telling.begin(run_id)

    def hearing(self, progress: Progress) -> Progress:
        """Return who watches the run: whoever watched it already, and whoever is told at once of what cannot wait."""
        herald = self._telling.herald(live=self.live)
        if herald is None:
            return progress
        from pec_autorenew.engine.notifying import Alerts

        self._alerts = Alerts(progress, herald)
        return self._alerts

    def broke(self, error: PecAutorenewError) -> None:
        """Tell that a run came to no report at all."""
        if not self.live:
            return
        from pec_autorenew.errors import LedgerError

        if self._alerts is not None and not isinstance(error, LedgerError):
            with suppress(LedgerError):  # what ended the run is to be told all the same
                self._alerts.tell_the_rest()
        tell_broken(self.look.asked, self.look.config, error)

    def follow(self, document: dict[str, Any], notes: Notes) -> dict[str, Any]:
        """Do what follows a run; return its document, with exit code 8 where something was not delivered."""
        for problem in self._problems(document, notes):
            complain(self.look.asked, problem)
            document = _not_delivered(document)
        if document["command"] in TOLD and document["mode"] == "live":
            for problem in self._telling.end(document["exit_code"]):
                complain(self.look.asked, problem)
                document = _not_delivered(document)
        return document

    @property
    def _telling(self) -> Telling:
        return Telling(self.look.asked, self.look.config, self.look.ledger, self.look.clock)

    def _problems(self, document: dict[str, Any], notes: Notes) -> Iterator[str]:
        """Do each step, whatever became of the one before; yield what could not be delivered."""
        steps: tuple[Callable[[], None], ...] = (
            lambda: self._keep(document),
            lambda: self._page(document),
            self._calendar,
        )
        for step in steps:
            try:
                step()
            except OSError as error:
                yield f"the report could not be written: {error}; the ledger has it: `pec-autorenew show`"
        if document["command"] in TOLD:
            yield from self._telling.digest(document, notes.items)

    def _keep(self, document: dict[str, Any]) -> None:
        text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
        write_private(self.look.folder(document["run_id"]) / "report.json", text)

    def _page(self, document: dict[str, Any]) -> None:
        """Write the run's page of HTML."""
        from pec_autorenew.report.html import RunPage

        look, run_id = self.look, document["run_id"]
        run = look.ledger.run(run_id)
        assert run is not None  # noqa: S101 - the runner wrote it
        page = RunPage(look.config, look.ledger, run, look.folder(run_id))
        write_private(page.folder / PAGE, page.html(document))

    def _calendar(self) -> None:
        """Write the calendar of all mailboxes; whoever reads it meanwhile reads the old one whole."""
        look = self.look
        path = look.config.state_dir / CALENDAR
        if not look.accounts and not look.mailboxes:
            write_private(path.with_suffix(".new"), look.calendar().decode())
            path.with_suffix(".new").replace(path)


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
