"""people with roles, links, one-time codes and mails.

Every new column has a default, so that the version before this one goes on adding users meanwhile.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db import sqlite_tables
from db.base import BigId, UtcDateTime

revision = "e4d0f6b83e44"
down_revision = "e1a7c3d50b11"
branch_labels = None
depends_on = None

OLD, NEW = "role IN ('marketer', 'staff')", "role IN ('owner', 'marketer', 'staff')"
COLUMNS: tuple[sa.Column[Any], ...] = (
    sa.Column("email", sa.String(254)),
    sa.Column("language", sa.String(8), server_default="", nullable=False),
    sa.Column("time_zone", sa.String(64), server_default="", nullable=False),
    sa.Column("logged_in_at", UtcDateTime(timezone=True)),
    sa.Column("session_number", BigId, server_default="1", nullable=False),
    sa.Column("code_salt", sa.String(64)),
    sa.Column("code_step", BigId, server_default="0", nullable=False),
    sa.Column("codes_since", UtcDateTime(timezone=True)),
)
WITH_SALT = "CONSTRAINT ck_users_codes_have_a_salt CHECK (codes_since IS NULL OR code_salt IS NOT NULL)"
OPEN = sa.text("state IN ('pending', 'sending')")


def upgrade() -> None:
    _let_owners_in()
    for column in COLUMNS:  # the check comes with its column: SQLite adds none to a table that is there
        words = sa.schema.CreateColumn(column).compile(op.get_bind())
        op.execute(f"ALTER TABLE users ADD COLUMN {words} {WITH_SALT if column.name == 'codes_since' else ''}")
    op.create_index("ix_users_email", "users", ["email"], unique=True)
    _add_links()
    _add_mails()


def _let_owners_in() -> None:
    """The check grows."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_users_role_known"), "users", type_="check")
        op.create_check_constraint("role_known", "users", NEW)
        return
    sqlite_tables.say(connection, "users", sqlite_tables.said(connection, "users").replace(OLD, NEW))


def _add_links() -> None:
    op.create_table(
        "login_links",
        sa.Column("id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("made_by", BigId),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", UtcDateTime(timezone=True)),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_login_links_user_id_users"),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name="fk_login_links_made_by_users"),
        sa.PrimaryKeyConstraint("id", name="pk_login_links"),
        sa.UniqueConstraint("digest", name="uq_login_links_digest"),
    )
    op.create_index("ix_login_links_user_id", "login_links", ["user_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("used_at", UtcDateTime(timezone=True)),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_recovery_codes_user_id_users"),
        sa.PrimaryKeyConstraint("user_id", "digest", name="pk_recovery_codes"),
    )


def _add_mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("user_id", BigId),
        sa.Column("asked", sa.String(254)),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(8), server_default="pending", nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("attempts", BigId, server_default="0", nullable=False),
        sa.Column("sent_at", UtcDateTime(timezone=True)),
        sa.Column("detail", sa.String(300), server_default="", nullable=False),
        sa.CheckConstraint("kind IN ('forgotten', 'invitation', 'changed')", name="kind_known"),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'failed', 'unknown', 'nobody')", name="state_known"
        ),
        sa.CheckConstraint("asked IS NOT NULL OR user_id IS NOT NULL", name="to_somebody"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_mails_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
    )
    op.create_index("ix_mails_due", "mails", ["due_at"], postgresql_where=OPEN, sqlite_where=OPEN)
