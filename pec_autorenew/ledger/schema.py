"""The tables. One schema for SQLite and PostgreSQL; a test holds it equal to what the migrations build.

`renewal` is the present, `event` the past; every verb that changes the first writes the second in the same transaction.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeDecorator

from pec_autorenew.states import LIVE, HandoverState, RenewalState, RequestState

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import Dialect

#: The schemas that this version can bring up to date, oldest first; the last is the one it works with.
SCHEMA_VERSIONS: Final = ("0001", "0002", "0003", "0004", "0005")

#: From so many characters on a document is kept compressed, under this only key.
_LARGE: Final = 100_000
_PACKED: Final = "zlib"


class UtcInstant(TypeDecorator[datetime]):
    """An instant: aware, in UTC. SQLite has no zones, so a naive datetime would be kept as if it were UTC: refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Bring it to UTC."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"{value!r} is a naive datetime: the ledger keeps instants, aware and in UTC")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - likewise
        """Say that it is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Document(TypeDecorator[Any]):
    """A document as JSON; a large one, as of a run over thousands of mailboxes, is kept compressed, about an eighth."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 - SQLAlchemy's signature
        """Compress it if it is large."""
        text = json.dumps(value)
        if len(text) < _LARGE:
            return value
        return {_PACKED: b64encode(zlib.compress(text.encode())).decode("ascii")}

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 - likewise
        """Return it as it was."""
        if isinstance(value, dict) and value.keys() == {_PACKED}:
            return json.loads(zlib.decompress(b64decode(value[_PACKED])))
        return value


metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _json() -> JSON:
    return JSON(none_as_null=True)


def _one_of(column: str, words: list[str]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in sorted(words))})"


run: Final = Table(
    "run",
    metadata,
    Column("id", String, primary_key=True),
    Column("command", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("portal", String, nullable=False),
    Column("started_at", UtcInstant, nullable=False),
    Column("finished_at", UtcInstant),
    Column("exit_code", Integer),
    Column("exit_codes", _json(), nullable=False),
    Column("config", Document, nullable=False),
    Column("report", Document),
    Index(None, "portal", "started_at"),
)

renewal: Final = Table(
    "renewal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal", String, nullable=False),
    Column("account", String, nullable=False),
    Column("address", String, nullable=False),
    Column("expiry", Date, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("message", Text, nullable=False),
    Column("years", Integer),
    Column("method", String),
    Column("gross_cents", BigInteger),
    Column("order_gross_cents", BigInteger),
    Column("order_number", String),
    Column("order_numbers_before", _json(), nullable=False),
    Column("reserved_month", String),
    Column("submitted_at", UtcInstant),
    Column("settled_at", UtcInstant),
    Column("expiry_after", Date),
    Column("autorenewal", String),
    Column("client", String, nullable=False),
    Column("form", _json(), nullable=False),
    Column("run_id", String, ForeignKey("run.id")),
    Column("order_group", String, nullable=False),
    Column("counts", Boolean, nullable=False),
    Column("created_at", UtcInstant, nullable=False),
    Column("updated_at", UtcInstant, nullable=False),
    CheckConstraint(_one_of("state", [state.value for state in RenewalState]), name="state"),
    # What counts is never without a price and a month: no reservation can be forgotten by the sums of PRC-4.
    CheckConstraint(
        "NOT counts OR (order_gross_cents IS NOT NULL AND order_gross_cents >= 0 AND reserved_month IS NOT NULL)",
        name="reserved",
    ),
    Index(None, "portal", "account", "state"),
    Index(None, "order_group"),
    Index(None, "run_id"),
    Index(None, "reserved_month"),
    Index(None, "portal", "address"),
)

_LIVE: Final = text(_one_of("state", [state.value for state in LIVE]))

#: Two processes, two machines, one approval clicked twice: one live renewal per mailbox and expiry (DUP-7).
one_live_renewal: Final = Index(
    "uq_renewal_live",
    renewal.c.portal,
    renewal.c.address,
    renewal.c.expiry,
    unique=True,
    sqlite_where=_LIVE,
)


def speak_postgresql() -> None:
    """Say the index's condition to PostgreSQL too: naming its dialect loads it, which SQLite need not pay for."""
    one_live_renewal.dialect_options["postgresql"]["where"] = _LIVE


event: Final = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcInstant, nullable=False),
    Column("run_id", String, ForeignKey("run.id")),
    Column("renewal_id", Integer, ForeignKey("renewal.id")),
    Column("account", String),
    Column("kind", String, nullable=False),
    Column("from_state", String),
    Column("to_state", String),
    Column("facts", _json(), nullable=False),
    Index(None, "run_id", "kind"),
    Index(None, "renewal_id"),
)

survey: Final = Table(
    "survey",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal", String, nullable=False),
    Column("account", String, nullable=False),
    Column("taken_at", UtcInstant, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("mode", String, nullable=False),
    Column("run_id", String, ForeignKey("run.id")),
    Column("payload", _json(), nullable=False),
    Index(None, "portal", "account", "id"),
)

claim: Final = Table(
    "claim",
    metadata,
    Column("portal", String, primary_key=True),
    Column("account", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("acquired_at", UtcInstant, nullable=False),
    Column("heartbeat_at", UtcInstant, nullable=False),
    Column("lease_seconds", Integer, nullable=False),
)

sign_in: Final = Table(
    "sign_in",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal", String, nullable=False),
    Column("account", String, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("reason", String, nullable=False),
    Column("secret_mark", String),
    Index(None, "portal", "account", "at"),
)

#: What a person is asked: one row for each question, with exactly the facts that were shown (HUM-2).
request: Final = Table(
    "request",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal", String, nullable=False),
    Column("account", String, nullable=False),
    Column("address", String, nullable=False),
    Column("expiry", Date, nullable=False),
    Column("years", Integer, nullable=False),
    Column("method", String, nullable=False),
    Column("gross_cents", BigInteger, nullable=False),
    Column("question", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("asked_at", UtcInstant, nullable=False),
    Column("seen_at", UtcInstant, nullable=False),
    Column("answered_at", UtcInstant),
    Column("valid_until", UtcInstant, nullable=False),
    Column("run_id", String, ForeignKey("run.id")),
    Column("renewal_id", Integer, ForeignKey("renewal.id")),
    CheckConstraint(_one_of("state", [state.value for state in RequestState]), name="state"),
    Index(None, "portal", "address", "expiry"),
)

#: What only a person can do at the portal: one row for each thing, from the first asking until it is done (HUM-2).
handover: Final = Table(
    "handover",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal", String, nullable=False),
    Column("account", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("message", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("asked_at", UtcInstant, nullable=False),
    Column("wait_until", UtcInstant, nullable=False),
    Column("settled_at", UtcInstant),
    Column("run_id", String, ForeignKey("run.id")),
    CheckConstraint(_one_of("state", [state.value for state in HandoverState]), name="state"),
    Index(None, "portal", "account", "state"),
)

#: The accounts of a sweep, which is a run that many workers share: one row for each, open until it is done.
visit: Final = Table(
    "visit",
    metadata,
    Column("run_id", String, ForeignKey("run.id"), primary_key=True),
    Column("account", String, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("owners", _json(), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("done_at", UtcInstant),
    Column("report", _json()),
    Index(None, "run_id", "done_at"),
)

flag: Final = Table(
    "flag",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
)

#: At what pace the portal's pages are loaded, by all workers together: one row for each portal.
pace: Final = Table(
    "pace",
    metadata,
    Column("portal", String, primary_key=True),
    #: When everything that was promised so far has had its share of time, and the bucket would be full again.
    Column("free_at", UtcInstant, nullable=False),
    Column("paused_until", UtcInstant, nullable=False),
    #: The newest instant that whoever asked has named: a clock that is far behind it has been set back.
    Column("seen_at", UtcInstant, nullable=False),
)
