"""Questions to a person, and the answers: each holds for exactly the facts that were shown, for a while (HUM-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, update

from pec_autorenew.errors import NotApprovable, PolicyStop
from pec_autorenew.ledger import schema
from pec_autorenew.ledger.records import aware, cents, origin
from pec_autorenew.ledger.rows import renewals_where, requests_where, write_event
from pec_autorenew.ledger.verbs import Verbs
from pec_autorenew.model import fold_address
from pec_autorenew.states import LIVE, RenewalState, RequestState

if TYPE_CHECKING:
    from datetime import date, datetime, timedelta

    from pec_autorenew.ledger.records import ApprovalFacts, Renewal, Request

_ROW = schema.request.c
_CURRENT = (RequestState.ASKED, RequestState.ANSWERED, RequestState.DENIED)


class RequestVerbs(Verbs):
    """Ask, answer, look up."""

    def ask(
        self, portal: str, facts: ApprovalFacts, question: str, now: datetime, valid: timedelta, run_id: str
    ) -> Request:
        """Ask a person, unless the same is asked or answered already; return the question as it stands.

        One that was asked or answered for other facts, or whose time is over, is `expired` from here on.
        """
        portal, now = origin(portal), aware(now)
        with self._database.writing() as connection:
            for current in _current(connection, portal, facts.address, facts.expiry):
                if current.facts == facts and current.valid_until > now:
                    return _seen_again(connection, current, question, now, valid)
                _set_state(connection, current, RequestState.EXPIRED, now, run_id=run_id)
            return _asked(connection, portal, facts, question, (now, now + valid, run_id))

    def answer(
        self, portal: str, address: str, expiry: date, now: datetime, valid: timedelta, *, granted: bool
    ) -> Request:
        """Write down a person's word on what is asked of this mailbox; saying it twice changes nothing.

        Raises NotApprovable where nothing is asked, its time is over, or what was shown is no longer so.
        """
        portal, now, address = origin(portal), aware(now), fold_address(address)
        name, wanted = f"{address}/{expiry}", RequestState.ANSWERED if granted else RequestState.DENIED
        with self._database.writing() as connection:
            current = _current(connection, portal, address, expiry)
            if not current:
                raise NotApprovable(f"{name}: nothing is asked of it.")
            request = current[-1]
            if request.state is wanted:
                return request
            if request.valid_until <= now:
                raise NotApprovable(f"{name}: the question is too old; the next `renew` asks again, at today's price.")
            _require_still_so(connection, request)
            return _set_state(connection, request, wanted, now, valid_until=now + valid)

    def requests(self, portal: str, *, current_only: bool = True) -> tuple[Request, ...]:
        """Return the questions at a portal, oldest first: those that still stand, or all that ever were."""
        which = [_ROW.portal == origin(portal)]
        if current_only:
            which.append(_ROW.state.in_([state.value for state in _CURRENT]))
        with self._database.reading() as connection:
            return requests_where(connection, *which)


def use_approvals(connection: Connection, approvals: tuple[int, ...], renewals: tuple[Renewal, ...]) -> None:
    """Use up the answers on which an order stands, in its own transaction; refuse where one no longer holds."""
    for renewal in renewals:
        for request in requests_where(connection, _ROW.id.in_(approvals)):
            if (request.facts.address, request.facts.expiry) != (renewal.address, renewal.expiry):
                continue
            if request.state is not RequestState.ANSWERED or request.valid_until <= renewal.updated_at:
                raise PolicyStop(
                    f"The approval of {request.name} does not hold any more ({request.state}).", reason="approval"
                )
            _set_state(connection, request, RequestState.USED, renewal.updated_at, renewal=renewal)


def _current(connection: Connection, portal: str, address: str, expiry: date) -> tuple[Request, ...]:
    states = [state.value for state in _CURRENT]
    return requests_where(
        connection, _ROW.portal == portal, _ROW.address == address, _ROW.expiry == expiry, _ROW.state.in_(states)
    )


def _asked(
    connection: Connection,
    portal: str,
    facts: ApprovalFacts,
    question: str,
    when: tuple[datetime, datetime, str],
) -> Request:
    now, valid_until, run_id = when
    written = connection.execute(
        insert(schema.request).returning(_ROW.id),
        {
            "portal": portal,
            "account": facts.account,
            "address": facts.address,
            "expiry": facts.expiry,
            "years": facts.years,
            "method": facts.method.value,
            "gross_cents": cents(facts.gross),
            "question": question,
            "state": RequestState.ASKED.value,
            "asked_at": now,
            "seen_at": now,
            "valid_until": valid_until,
            "run_id": run_id,
        },
    )
    (request,) = requests_where(connection, _ROW.id == written.scalar_one())
    _tell(connection, request, now, run_id)
    return request


def _seen_again(connection: Connection, request: Request, question: str, now: datetime, valid: timedelta) -> Request:
    """Note that a run found the same facts; a question that nobody has answered yet may be answered for longer."""
    longer = {"valid_until": now + valid} if request.state is RequestState.ASKED else {}
    connection.execute(
        update(schema.request).where(_ROW.id == request.id).values(seen_at=now, question=question, **longer)
    )
    (again,) = requests_where(connection, _ROW.id == request.id)
    return again


def _require_still_so(connection: Connection, request: Request) -> None:
    row = schema.renewal.c
    taken = [state.value for state in LIVE | {RenewalState.RENEWED}]
    same = (row.portal == request.portal, row.address == request.facts.address, row.expiry == request.facts.expiry)
    for found in renewals_where(connection, *same, row.state.in_(taken)):
        raise NotApprovable(f"{request.name}: it is {found.state} already; there is nothing to decide.")


def _set_state(
    connection: Connection,
    request: Request,
    state: RequestState,
    now: datetime,
    *,
    run_id: str | None = None,
    valid_until: datetime | None = None,
    renewal: Renewal | None = None,
) -> Request:
    said = state in {RequestState.ANSWERED, RequestState.DENIED}
    connection.execute(
        update(schema.request)
        .where(_ROW.id == request.id)
        .values(
            state=state.value,
            answered_at=now if said else request.answered_at,
            valid_until=valid_until or request.valid_until,
            renewal_id=renewal.id if renewal else None,
        )
    )
    (after,) = requests_where(connection, _ROW.id == request.id)
    _tell(connection, after, now, renewal.run_id if renewal else run_id)
    return after


def _tell(connection: Connection, request: Request, now: datetime, run_id: str | None) -> None:
    facts = request.facts
    write_event(
        connection,
        f"request-{request.state}",
        now,
        run_id=run_id,
        renewal_id=request.renewal_id,
        account=facts.account,
        facts={
            "request": request.id,
            "mailbox": request.name,
            "years": facts.years,
            "method": facts.method,
            "gross": facts.gross,
            "question": request.question,
            "valid_until": request.valid_until.isoformat(),
        },
    )
