"""wrong PINs that are borne in mind whatever right ones come in between, of a person and on a device."""

import sqlalchemy as sa
from alembic import op

from db.base import BigId

revision = "d5e2a9f31b07"
down_revision = "d2b8f4c6a190"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("users", "devices"):
        op.add_column(table, sa.Column("pin_wrong_until", BigId, nullable=False, server_default="0"))
