"""Runs: when they were, how they were configured, how they ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from pec_autorenew.errors import LedgerError
from pec_autorenew.ledger import schema
from pec_autorenew.ledger.records import Run, aware, origin
from pec_autorenew.ledger.rows import plain, to_run
from pec_autorenew.ledger.verbs import Verbs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pec_autorenew.ledger.records import Facts

_ROW = schema.run.c


def run_values(run_id: str, command: str, mode: str, portal: str, now: datetime, config: Facts) -> dict[str, object]:
    """Return the row of a run that begins."""
    return {
        "id": run_id,
        "command": command,
        "mode": mode,
        "portal": origin(portal),
        "started_at": aware(now),
        "exit_codes": [],
        "config": plain(config),
    }


class RunVerbs(Verbs):
    """The runs of commands."""

    def start_run(
        self, run_id: str, command: str, mode: str, portal: str, now: datetime, config: Facts | None = None
    ) -> None:
        """Write down that a run begins; `config` is masked by the caller."""
        values = run_values(run_id, command, mode, portal, now, config or {})
        with self._database.writing() as connection:
            connection.execute(insert(schema.run), values)

    def finish_run(
        self, run_id: str, now: datetime, exit_code: int, exit_codes: Iterable[int] = (), report: Facts | None = None
    ) -> None:
        """Write down how it ended."""
        values = {
            "finished_at": aware(now),
            "exit_code": exit_code,
            "exit_codes": list(exit_codes),
            "report": None if report is None else plain(report),
        }
        self._amend(run_id, values)

    def amend_codes(self, run_id: str, exit_code: int, exit_codes: Iterable[int]) -> None:
        """Write down that what followed the run changed its exit codes; all else stays as it ended."""
        self._amend(run_id, {"exit_code": exit_code, "exit_codes": list(exit_codes)})

    def _amend(self, run_id: str, values: dict[str, Any]) -> None:
        with self._database.writing() as connection:
            if connection.execute(update(schema.run).where(_ROW.id == run_id).values(values)).rowcount != 1:
                raise LedgerError(f"The ledger has no run {run_id}.")

    def run(self, run_id: str) -> Run | None:
        """Return one run."""
        with self._database.reading() as connection:
            row = connection.execute(select(schema.run).where(_ROW.id == run_id)).mappings().first()
            return None if row is None else to_run(row)

    def runs(
        self,
        limit: int = 20,
        *,
        portal: str | None = None,
        brief: bool = False,
        command: str | None = None,
        before: datetime | None = None,
    ) -> tuple[Run, ...]:
        """Return the newest runs, newest first: those of a `command`, those that began `before` an instant.

        `brief`: without configurations and reports, which may be large.
        """
        large: dict[str, Any] = {"config": {}, "report": None} if brief else {}
        columns = [column for column in schema.run.c if column.name not in large]
        query = select(*columns).order_by(_ROW.started_at.desc(), _ROW.id.desc()).limit(limit)
        if portal is not None:
            query = query.where(_ROW.portal == origin(portal))
        if command is not None:
            query = query.where(_ROW.command == command)
        if before is not None:
            query = query.where(_ROW.started_at < aware(before))
        with self._database.reading() as connection:
            return tuple(to_run({**row, **large}) for row in connection.execute(query).mappings())

    def last_run(self, portal: str, commands: Iterable[str]) -> Run | None:
        """Return the newest live run of one of these commands, without its report, which may be large."""
        columns = [column for column in schema.run.c if column is not _ROW.report]
        which = (_ROW.portal == origin(portal), _ROW.mode == "live", _ROW.command.in_(list(commands)))
        query = select(*columns).where(*which).order_by(_ROW.started_at.desc(), _ROW.id.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
            return None if row is None else to_run({**row, "report": None})

    def last_moment(self, portal: str, *, but: str, started_only: bool = False) -> datetime | None:
        """Return the latest instant that a run at this portal wrote down, its start or its end, other than run `but`.

        A clock that shows less is implausible (TIM-3); `started_only` leaves ends out, where runs may overlap.
        """
        instants = [func.max(_ROW.started_at)] + ([] if started_only else [func.max(_ROW.finished_at)])
        with self._database.reading() as connection:
            found = connection.execute(select(*instants).where(_ROW.portal == origin(portal), _ROW.id != but)).one()
        return max((instant for instant in found if instant is not None), default=None)
