"""Sweeps: runs over many accounts that workers on any number of machines share, account by account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, insert, select, update

from pec_autorenew.ledger import schema
from pec_autorenew.ledger.claims import keep_claim
from pec_autorenew.ledger.records import SweepVisit, aware, origin
from pec_autorenew.ledger.rows import plain
from pec_autorenew.ledger.runs import run_values
from pec_autorenew.ledger.verbs import Verbs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from pec_autorenew.ledger.records import Facts

_ROW = schema.visit.c


class SweepVerbs(Verbs):
    """What is still to be visited in a sweep, and what came of what was."""

    def begin_sweep(
        self,
        run_id: str,
        command: str,
        mode: str,
        portal: str,
        now: datetime,
        *,
        config: Facts,
        visits: Mapping[str, Mapping[str, str]],
        flag: str,
    ) -> bool:
        """Write down a run and its accounts, in the order in which they come; False where that run exists already.

        `visits` has for each account which of the mailboxes that it shows other accounts look after (DUP-9). `flag` is
        set in the same moment: whoever finds the sweep finds it.
        """
        values = run_values(run_id, command, mode, portal, now, config)
        rows = [
            {"run_id": run_id, "account": account, "place": place, "owners": dict(owners), "tries": 0}
            for place, (account, owners) in enumerate(visits.items())
        ]
        with self._database.writing() as connection:
            if connection.execute(select(schema.run.c.id).where(schema.run.c.id == run_id)).first() is not None:
                return False
            connection.execute(insert(schema.run), values)
            if rows:
                connection.execute(insert(schema.visit), rows)
            connection.execute(insert(schema.flag), {"key": flag, "value": "", "at": aware(now)})
            return True

    def sweeps_under_way(self, portal: str) -> tuple[str, ...]:
        """Return the names of the sweeps that have begun and not ended, oldest first."""
        run = schema.run.c
        swept = select(_ROW.run_id).where(_ROW.run_id == run.id).exists()
        query = select(run.id).where(run.portal == origin(portal), run.finished_at.is_(None), swept)
        with self._database.reading() as connection:
            return tuple(connection.scalars(query.order_by(run.started_at, run.id)))

    def visit(self, run_id: str, account: str) -> SweepVisit | None:
        """Return one account of a sweep."""
        with self._database.reading() as connection:
            query = select(schema.visit).where(_ROW.run_id == run_id, _ROW.account == account)
            row = connection.execute(query).mappings().first()
            return None if row is None else SweepVisit(**row)

    def visits(self, run_id: str) -> tuple[SweepVisit, ...]:
        """Return the accounts of a sweep, in their order."""
        with self._database.reading() as connection:
            rows = connection.execute(select(schema.visit).where(_ROW.run_id == run_id).order_by(_ROW.place))
            return tuple(SweepVisit(**row) for row in rows.mappings())

    def open_visits(self, run_id: str) -> tuple[str, ...]:
        """Return the accounts that are not done, in their order."""
        query = select(_ROW.account).where(_ROW.run_id == run_id, _ROW.done_at.is_(None)).order_by(_ROW.place)
        with self._database.reading() as connection:
            return tuple(connection.scalars(query))

    def count_open_visits(self, run_id: str) -> int:
        """Return how many accounts are not done."""
        query = select(func.count()).select_from(schema.visit).where(_ROW.run_id == run_id, _ROW.done_at.is_(None))
        with self._database.reading() as connection:
            return int(connection.scalar(query) or 0)

    def visit_begun(self, run_id: str, account: str) -> None:
        """Write down that a worker begins: one that dies may have been killed by what it found."""
        which = and_(_ROW.run_id == run_id, _ROW.account == account)
        with self._database.writing(f"account {account}") as connection:
            connection.execute(update(schema.visit).where(which).values(tries=_ROW.tries + 1))

    def visit_done(
        self, run_id: str, account: str, now: datetime, report: Facts, *, of: tuple[str, str] | None = None
    ) -> bool:
        """Write down what came of an account; False where somebody else has already.

        `of`: the portal and the holder who was there. AnotherRun where the account is no longer that one's.
        """
        which = and_(_ROW.run_id == run_id, _ROW.account == account, _ROW.done_at.is_(None))
        with self._database.writing(f"account {account}") as connection:
            if of is not None:
                keep_claim(connection, origin(of[0]), account, of[1], aware(now))
            done = connection.execute(
                update(schema.visit).where(which).values(done_at=aware(now), report=plain(report))
            )
            return bool(done.rowcount)

    def finish_sweep(self, run_id: str, now: datetime, exit_codes: Iterable[int], report: Facts) -> bool:
        """Write down how the sweep ended; False where an account is open, or somebody else has ended it already."""
        codes = list(exit_codes)
        values = {"finished_at": aware(now), "exit_code": codes[0], "exit_codes": codes, "report": plain(report)}
        row, still = schema.run.c, select(_ROW.account).where(_ROW.run_id == run_id, _ROW.done_at.is_(None)).exists()
        with self._database.writing() as connection:
            ended = connection.execute(
                update(schema.run).where(row.id == run_id, row.finished_at.is_(None), ~still).values(values)
            )
            return bool(ended.rowcount)
