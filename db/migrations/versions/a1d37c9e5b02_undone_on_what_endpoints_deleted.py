"""on which device or with which key a verification was undone, endpoints that are deleted, and notices about them."""

import sqlalchemy as sa
from alembic import op

from db.base import BigId, UtcDateTime

revision = "a1d37c9e5b02"
down_revision = "f6a1c0d29e10"
branch_labels = None
depends_on = None

ABOUT_ONE = (
    "(CASE WHEN contact_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN campaign_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN endpoint_id IS NULL THEN 0 ELSE 1 END) = 1"
)


def upgrade() -> None:
    # SQLite adds a column to a table that is there as long as everything about it stands with the column.
    for name, of in (("device_id", "devices"), ("api_key_id", "api_keys")):
        _add(
            "undone_verifications",
            sa.Column(name, BigId),
            f"CONSTRAINT fk_undone_verifications_{name}_{of} REFERENCES {of} (id)",
        )
    _add(
        "webhook_endpoints",
        sa.Column("deleted_at", UtcDateTime(timezone=True)),
        "CONSTRAINT ck_webhook_endpoints_deleted_is_disabled CHECK (deleted_at IS NULL OR disabled_at IS NOT NULL)",
    )
    with op.batch_alter_table("staff_notices") as notices:
        notices.add_column(sa.Column("endpoint_id", BigId))
        notices.create_foreign_key(
            "fk_staff_notices_endpoint_id_webhook_endpoints", "webhook_endpoints", ["endpoint_id"], ["id"]
        )
        notices.drop_constraint(op.f("ck_staff_notices_about_one"), type_="check")
        notices.create_check_constraint(op.f("ck_staff_notices_about_one"), ABOUT_ONE)


def _add(table: str, column: sa.Column[object], rule: str) -> None:
    words = sa.schema.CreateColumn(column).compile(op.get_bind())
    op.execute(f"ALTER TABLE {table} ADD COLUMN {words} {rule}")
