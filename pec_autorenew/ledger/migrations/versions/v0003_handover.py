"""What only a person can do at the portal. Frozen: it repeats the words of its day instead of importing today's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"

_INSTANT = sa.DateTime(timezone=True)
_STATES = "state IN ('answered', 'asked', 'denied', 'expired', 'parked')"


def upgrade() -> None:
    """Add what is handed over."""
    op.create_table(
        "handover",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("portal", sa.String, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("wait_until", _INSTANT, nullable=False),
        sa.Column("settled_at", _INSTANT),
        sa.Column("run_id", sa.String),
        sa.PrimaryKeyConstraint("id", name="pk_handover"),
        sa.CheckConstraint(_STATES, name=op.f("ck_handover_state")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_handover_run_id"),
    )
    op.create_index("ix_handover_portal_account_state", "handover", ["portal", "account", "state"])
