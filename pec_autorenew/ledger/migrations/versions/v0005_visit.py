"""Runs that many workers share. Frozen: it repeats the words of its day instead of importing today's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    """Add the accounts of a sweep, and what makes questions about one account quick among many."""
    op.create_table(
        "visit",
        sa.Column("run_id", sa.String, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("owners", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("report", sa.JSON(none_as_null=True)),
        sa.PrimaryKeyConstraint("run_id", "account", name="pk_visit"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_visit_run_id"),
    )
    op.create_index("ix_visit_run_id_done_at", "visit", ["run_id", "done_at"])
    op.create_index("ix_renewal_portal_address", "renewal", ["portal", "address"])
    op.drop_index("ix_event_run_id", "event")
    op.create_index("ix_event_run_id_kind", "event", ["run_id", "kind"])
