"""pictures: since when nothing needs one. All that are there get their time when it is looked for first."""

import sqlalchemy as sa
from alembic import op

from db.base import UtcDateTime

revision = "e5a2b9d06f57"
down_revision = "e2b8d4f61c22"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("images", sa.Column("unused_since", UtcDateTime(timezone=True)))
