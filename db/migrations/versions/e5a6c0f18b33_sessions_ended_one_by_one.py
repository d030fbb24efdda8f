"""sessions that were ended one by one, by logging out."""

import sqlalchemy as sa
from alembic import op

from db.base import UtcDateTime

revision = "e5a6c0f18b33"
down_revision = "e5a2b9d06f57"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ended_sessions",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("ends_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_ended_sessions"),
    )
