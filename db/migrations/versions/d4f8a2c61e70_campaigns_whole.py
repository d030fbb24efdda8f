"""campaigns as a product has them, and the audit log.

Every new column has a default, so that the version before this one goes on adding campaigns meanwhile.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.base import BigId, Json, UtcDateTime

revision = "d4f8a2c61e70"
down_revision = "c7d10e5a9b43"
branch_labels = None
depends_on = None

COLUMNS: tuple[sa.Column[Any], ...] = (
    sa.Column("is_published", sa.Boolean(), server_default=sa.text("true"), nullable=False),
    sa.Column("used_in", sa.String(8), server_default="both", nullable=False),
    sa.Column("products_url", sa.String(500)),
    sa.Column("shown_until", UtcDateTime(timezone=True)),
    sa.Column("total_limit", BigId),
    sa.Column("total_left", BigId),
    sa.Column("language", sa.String(8), server_default="zh-TW", nullable=False),
    sa.Column("sold_out_text", sa.String(), server_default="", nullable=False),
    sa.Column("expired_text", sa.String(), server_default="", nullable=False),
    sa.Column("translations", Json, server_default="{}", nullable=False),
    sa.Column("archived_at", UtcDateTime(timezone=True)),
    sa.Column("revision", BigId, server_default="1", nullable=False),
    sa.Column("changed_in", sa.String(8), server_default="file", nullable=False),
)
CHECKS = {  # by the last of the columns that each is about
    "used_in": {"used_in_known": "used_in IN ('store', 'online', 'both')"},
    "total_limit": {"total_limit_positive": "total_limit >= 1"},
    "total_left": {
        "total_left_with_total_limit": "(total_limit IS NULL) = (total_left IS NULL)",
        "total_left_within_total_limit": "total_left >= 0 AND total_left <= total_limit",
    },
    "changed_in": {"changed_in_known": "changed_in IN ('file', 'console')"},
}
KEPT = "the audit log keeps what it was told"
TRIGGERS = {
    "sqlite": (
        (
            "CREATE TRIGGER audit_entries_not_changed BEFORE UPDATE ON audit_entries"
            f" BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
        ),
        (
            "CREATE TRIGGER audit_entries_not_removed BEFORE DELETE ON audit_entries"
            f" BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
        ),
    ),
    "postgresql": (
        (
            "CREATE FUNCTION audit_entries_kept() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'restrict_violation'; END $$"
        ),
        (
            "CREATE TRIGGER audit_entries_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_kept()"
        ),
    ),
}


def upgrade() -> None:
    _extend_campaigns()
    op.create_table(
        "audit_entries",
        sa.Column("id", BigId, nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("user_id", BigId),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject_kind", sa.String(24), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("detail", Json, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_audit_entries_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
    )
    op.create_index(
        "ix_audit_entries_subject_kind_subject_id", "audit_entries", ["subject_kind", "subject", "id"], unique=False
    )
    for trigger in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(trigger)


def _extend_campaigns() -> None:
    """Each check comes with its column: SQLite adds none to a table that is there."""
    for column in COLUMNS:
        words = sa.schema.CreateColumn(column).compile(op.get_bind())
        checks = CHECKS.get(column.name, {}).items()
        said = " ".join(f"CONSTRAINT ck_campaigns_{name} CHECK ({what})" for name, what in checks)
        op.execute(f"ALTER TABLE campaigns ADD COLUMN {words} {said}")
