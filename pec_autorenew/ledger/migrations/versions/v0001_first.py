"""The first schema. Frozen: it repeats the words of its day instead of importing today's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None

_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON(none_as_null=True)
_STATES = "state IN ('awaiting-payment', 'cancelled', 'failed', 'planned', 'renewed', 'submitting', 'unknown')"
_LIVE = sa.text("state IN ('awaiting-payment', 'planned', 'submitting', 'unknown')")
_RESERVED = "NOT counts OR (order_gross_cents IS NOT NULL AND order_gross_cents >= 0 AND reserved_month IS NOT NULL)"


def upgrade() -> None:
    """Build everything."""
    _run()
    _renewal()
    _renewal_indexes()
    _event_and_survey()
    _claim_sign_in_and_flag()


def _run() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("command", sa.String, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("portal", sa.String, nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT),
        sa.Column("exit_code", sa.Integer),
        sa.Column("exit_codes", _JSON, nullable=False),
        sa.Column("config", _JSON, nullable=False),
        sa.Column("report", _JSON),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_index("ix_run_portal_started_at", "run", ["portal", "started_at"])


def _renewal() -> None:
    op.create_table(
        "renewal",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("portal", sa.String, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("expiry", sa.Date, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("years", sa.Integer),
        sa.Column("method", sa.String),
        sa.Column("gross_cents", sa.BigInteger),
        sa.Column("order_gross_cents", sa.BigInteger),
        sa.Column("order_number", sa.String),
        sa.Column("order_numbers_before", _JSON, nullable=False),
        sa.Column("reserved_month", sa.String),
        sa.Column("submitted_at", _INSTANT),
        sa.Column("settled_at", _INSTANT),
        sa.Column("expiry_after", sa.Date),
        sa.Column("autorenewal", sa.String),
        sa.Column("client", sa.String, nullable=False),
        sa.Column("form", _JSON, nullable=False),
        sa.Column("run_id", sa.String),
        sa.Column("order_group", sa.String, nullable=False),
        sa.Column("counts", sa.Boolean, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_renewal"),
        sa.CheckConstraint(_STATES, name=op.f("ck_renewal_state")),
        sa.CheckConstraint(_RESERVED, name=op.f("ck_renewal_reserved")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_renewal_run_id"),
    )


def _renewal_indexes() -> None:
    op.create_index("ix_renewal_portal_account_state", "renewal", ["portal", "account", "state"])
    op.create_index("ix_renewal_order_group", "renewal", ["order_group"])
    op.create_index("ix_renewal_run_id", "renewal", ["run_id"])
    op.create_index("ix_renewal_reserved_month", "renewal", ["reserved_month"])
    op.create_index(
        "uq_renewal_live",
        "renewal",
        ["portal", "address", "expiry"],
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )


def _event_and_survey() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("run_id", sa.String),
        sa.Column("renewal_id", sa.Integer),
        sa.Column("account", sa.String),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("from_state", sa.String),
        sa.Column("to_state", sa.String),
        sa.Column("facts", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_event_run_id"),
        sa.ForeignKeyConstraint(["renewal_id"], ["renewal.id"], name="fk_event_renewal_id"),
    )
    op.create_index("ix_event_run_id", "event", ["run_id"])
    op.create_index("ix_event_renewal_id", "event", ["renewal_id"])
    op.create_table(
        "survey",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("portal", sa.String, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("taken_at", _INSTANT, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("run_id", sa.String),
        sa.Column("payload", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_survey"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_survey_run_id"),
    )
    op.create_index("ix_survey_portal_account_id", "survey", ["portal", "account", "id"])


def _claim_sign_in_and_flag() -> None:
    op.create_table(
        "claim",
        sa.Column("portal", sa.String, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("acquired_at", _INSTANT, nullable=False),
        sa.Column("heartbeat_at", _INSTANT, nullable=False),
        sa.Column("lease_seconds", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("portal", "account", name="pk_claim"),
    )
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("portal", sa.String, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("ok", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("secret_mark", sa.String),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in"),
    )
    op.create_index("ix_sign_in_portal_account_at", "sign_in", ["portal", "account", "at"])
    op.create_table(
        "flag",
        sa.Column("key", sa.String, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_flag"),
    )
