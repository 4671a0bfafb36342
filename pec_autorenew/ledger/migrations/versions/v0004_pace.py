"""At what pace the portal's pages are loaded. Frozen: it repeats the words of its day instead of importing today's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the pace of each portal."""
    op.create_table(
        "pace",
        sa.Column("portal", sa.String, nullable=False),
        sa.Column("free_at", _INSTANT, nullable=False),
        sa.Column("paused_until", _INSTANT, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("portal", name="pk_pace"),
    )
