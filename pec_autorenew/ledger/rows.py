"""Rows to records, and the two writes that all verbs share: an event, and a renewal with its event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select

from pec_autorenew.errors import LedgerError
from pec_autorenew.ledger import schema
from pec_autorenew.ledger.records import ApprovalFacts, Claim, Event, Flag, Renewal, Request, Run, SignIn, euros
from pec_autorenew.model import PaymentMethod, PortalAutorenewal
from pec_autorenew.states import RenewalState, RequestState

if TYPE_CHECKING:
    from datetime import datetime

    from pec_autorenew.ledger.records import Facts


def to_renewal(row: RowMapping) -> Renewal:
    """Read a renewal."""
    values = dict(row)
    gross, order_gross = values.pop("gross_cents"), values.pop("order_gross_cents")
    method, autorenewal = values.pop("method"), values.pop("autorenewal")
    return Renewal(
        **{
            **values,
            "state": RenewalState(values["state"]),
            "method": None if method is None else PaymentMethod(method),
            "autorenewal": None if autorenewal is None else PortalAutorenewal(autorenewal),
            "gross": None if gross is None else euros(gross),
            "order_gross": None if order_gross is None else euros(order_gross),
            "order_numbers_before": tuple(values["order_numbers_before"]),
        }
    )


def to_event(row: RowMapping) -> Event:
    """Read an event."""
    values = dict(row)
    for column in ("from_state", "to_state"):
        values[column] = None if values[column] is None else RenewalState(values[column])
    return Event(**values)


def to_run(row: RowMapping | dict[str, Any]) -> Run:
    """Read a run."""
    values = dict(row)
    return Run(**{**values, "exit_codes": tuple(values["exit_codes"])})


def to_claim(row: RowMapping) -> Claim:
    """Read a claim."""
    values = dict(row)
    return Claim(lease=timedelta(seconds=values.pop("lease_seconds")), **values)


def to_sign_in(row: RowMapping) -> SignIn:
    """Read an attempt to sign in."""
    return SignIn(**{key: row[key] for key in ("at", "ok", "reason", "secret_mark")})


def to_flag(row: RowMapping) -> Flag:
    """Read a flag."""
    return Flag(**row)


def to_request(row: RowMapping) -> Request:
    """Read a question to a person."""
    values = dict(row)
    facts = ApprovalFacts(
        account=values.pop("account"),
        address=values.pop("address"),
        expiry=values.pop("expiry"),
        years=values.pop("years"),
        method=PaymentMethod(values.pop("method")),
        gross=euros(values.pop("gross_cents")),
    )
    return Request(facts=facts, **{**values, "state": RequestState(values["state"])})


def requests_where(connection: Connection, *criteria: ColumnElement[bool]) -> tuple[Request, ...]:
    """Return the questions that meet all criteria, oldest first."""
    rows = connection.execute(select(schema.request).where(*criteria).order_by(schema.request.c.id)).mappings()
    return tuple(to_request(row) for row in rows)


def renewals_where(connection: Connection, *criteria: ColumnElement[bool]) -> tuple[Renewal, ...]:
    """Return the renewals that meet all criteria, oldest first."""
    rows = connection.execute(select(schema.renewal).where(*criteria).order_by(schema.renewal.c.id)).mappings()
    return tuple(to_renewal(row) for row in rows)


def renewal_with(connection: Connection, renewal_id: int) -> Renewal:
    """Return the renewal with this id; that there is none is an error."""
    found = renewals_where(connection, schema.renewal.c.id == renewal_id)
    if not found:
        raise LedgerError(f"The ledger has no renewal {renewal_id}.")
    return found[0]


def write_event(
    connection: Connection,
    kind: str,
    now: datetime,
    *,
    run_id: str | None = None,
    renewal_id: int | None = None,
    account: str | None = None,
    step: tuple[RenewalState | None, RenewalState] | None = None,
    facts: Facts | None = None,
) -> int:
    """Append one event; events are never changed."""
    before, after = step or (None, None)
    written = connection.execute(
        insert(schema.event).returning(schema.event.c.id),
        {
            "at": now,
            "run_id": run_id,
            "renewal_id": renewal_id,
            "account": account,
            "kind": kind,
            "from_state": None if before is None else before.value,
            "to_state": None if after is None else after.value,
            "facts": plain(facts or {}),
        },
    )
    return int(written.scalar_one())


def insert_renewal(connection: Connection, values: Mapping[str, object]) -> Renewal:
    """Insert one renewal."""
    written = connection.execute(insert(schema.renewal).returning(schema.renewal), dict(values))
    return to_renewal(written.mappings().one())


def plain(facts: Facts) -> dict[str, object]:
    """Return the facts as JSON can hold them: money and dates as strings, enumerations as their words."""
    return {str(key): _plain(value) for key, value in facts.items()}


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, set | frozenset):
        value = sorted(value, key=str)
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
