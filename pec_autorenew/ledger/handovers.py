"""What is handed over to a person, and what became of it (HUM-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, insert, select, update

from pec_autorenew.errors import NotApprovable
from pec_autorenew.ledger import schema
from pec_autorenew.ledger.records import Handover, aware, origin
from pec_autorenew.ledger.rows import write_event
from pec_autorenew.ledger.verbs import Verbs
from pec_autorenew.states import STANDING, HandoverState

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

_ROW = schema.handover.c
_STANDING = [state.value for state in STANDING]


class HandoverVerbs(Verbs):
    """Hand over, settle, look up."""

    def hand_over(
        self,
        portal: str,
        account: str,
        reason: str,
        message: str,
        now: datetime,
        wait_until: datetime,
        *,
        run_id: str | None = None,
        subject: str = "",
    ) -> Handover:
        """Ask a person; what is asked already is asked again, under the number that it has."""
        portal, now, wait_until = origin(portal), aware(now), aware(wait_until)
        same = (_ROW.portal == portal, _ROW.account == account, _ROW.reason == reason, _ROW.subject == subject)
        asked = {
            "message": message,
            "state": HandoverState.ASKED.value,
            "asked_at": now,
            "wait_until": wait_until,
            "run_id": run_id,
        }
        with self._database.writing() as connection:
            standing = _handovers_where(connection, *same, _ROW.state.in_(_STANDING))
            if standing:
                connection.execute(update(schema.handover).where(_ROW.id == standing[-1].id).values(asked))
                return _told(connection, standing[-1].id, now, run_id)
            facts = {"portal": portal, "account": account, "reason": reason, "subject": subject}
            written = connection.execute(insert(schema.handover).returning(_ROW.id), facts | asked)
            return _told(connection, written.scalar_one(), now, run_id)

    def settle_handover(
        self, portal: str, number: int, state: HandoverState, now: datetime, *, run_id: str | None = None
    ) -> Handover:
        """Write down what became of it. Raises NotApprovable where nothing of this number is asked any more."""
        now = aware(now)
        with self._database.writing() as connection:
            return _settle(connection, _standing(connection, origin(portal), number), state, now, run_id)

    def park_overdue(self, portal: str, now: datetime) -> None:
        """Note that nobody waits any more for what a run that died was waiting for."""
        now = aware(now)
        waiting = (_ROW.state == HandoverState.ASKED.value, _ROW.wait_until < now)
        with self._database.writing() as connection:
            for one in _handovers_where(connection, _ROW.portal == origin(portal), *waiting):
                _settle(connection, one, HandoverState.PARKED, now, None)

    def handovers_met(
        self,
        portal: str,
        account: str,
        reasons: Collection[str],
        now: datetime,
        *,
        run_id: str | None = None,
        subject: str = "",
    ) -> None:
        """Note that what was asked for an account has been done: the portal went on."""
        now = aware(now)
        which = (_ROW.portal == origin(portal), _ROW.account == account, _ROW.subject == subject)
        with self._database.writing() as connection:
            for one in _handovers_where(connection, *which, _ROW.reason.in_(reasons), _ROW.state.in_(_STANDING)):
                _settle(connection, one, HandoverState.ANSWERED, now, run_id)

    def handovers(self, portal: str, account: str | None = None, *, standing_only: bool = True) -> tuple[Handover, ...]:
        """Return what is handed over at a portal, oldest first: what can still be done, or all that ever was."""
        which = [_ROW.portal == origin(portal)]
        if account is not None:
            which.append(_ROW.account == account)
        if standing_only:
            which.append(_ROW.state.in_(_STANDING))
        with self._database.reading() as connection:
            return _handovers_where(connection, *which)

    def handover(self, number: int) -> Handover | None:
        """Return what was handed over under this number."""
        with self._database.reading() as connection:
            found = _handovers_where(connection, _ROW.id == number)
            return found[0] if found else None


def _handovers_where(connection: Connection, *criteria: ColumnElement[bool]) -> tuple[Handover, ...]:
    rows = connection.execute(select(schema.handover).where(*criteria).order_by(_ROW.id)).mappings()
    return tuple(Handover(**{**row, "state": HandoverState(row["state"])}) for row in rows)


def _standing(connection: Connection, portal: str, number: int) -> Handover:
    found = _handovers_where(connection, _ROW.id == number, _ROW.portal == portal)
    if not found:
        raise NotApprovable(f"Nothing was ever asked under number {number}.")
    if found[0].state not in STANDING:
        raise NotApprovable(f"Number {number} ({found[0].account}, {found[0].reason}) is {found[0].state} already.")
    return found[0]


def _settle(
    connection: Connection, handover: Handover, state: HandoverState, now: datetime, run_id: str | None
) -> Handover:
    settled_at = None if state in STANDING else now
    values = {"state": state.value, "settled_at": settled_at}
    connection.execute(update(schema.handover).where(_ROW.id == handover.id).values(values))
    return _told(connection, handover.id, now, run_id)


def _told(connection: Connection, number: int, now: datetime, run_id: str | None) -> Handover:
    (handover,) = _handovers_where(connection, _ROW.id == number)
    facts = {"handover": number, "reason": handover.reason, "subject": handover.subject, "message": handover.message}
    write_event(connection, f"handover-{handover.state}", now, run_id=run_id, account=handover.account, facts=facts)
    return handover
