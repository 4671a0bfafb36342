"""What a person is asked. Frozen: it repeats the words of its day instead of importing today's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"

_INSTANT = sa.DateTime(timezone=True)
_STATES = "state IN ('answered', 'asked', 'denied', 'expired', 'used')"


def upgrade() -> None:
    """Add the questions."""
    op.create_table(
        "request",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("portal", sa.String, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("expiry", sa.Date, nullable=False),
        sa.Column("years", sa.Integer, nullable=False),
        sa.Column("method", sa.String, nullable=False),
        sa.Column("gross_cents", sa.BigInteger, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.Column("answered_at", _INSTANT),
        sa.Column("valid_until", _INSTANT, nullable=False),
        sa.Column("run_id", sa.String),
        sa.Column("renewal_id", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_request"),
        sa.CheckConstraint(_STATES, name=op.f("ck_request_state")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_request_run_id"),
        sa.ForeignKeyConstraint(["renewal_id"], ["renewal.id"], name="fk_request_renewal_id"),
    )
    op.create_index("ix_request_portal_address_expiry", "request", ["portal", "address", "expiry"])
