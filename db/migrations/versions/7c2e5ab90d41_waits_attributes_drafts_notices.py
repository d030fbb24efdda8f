"""waits, attributes, drafts and turns of flows, notices to staff, notes of channels."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "7c2e5ab90d41"
down_revision = "4e9f1c8f5d16"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "waits",
        sa.Column("contact_id", BIG, autoincrement=False, nullable=False),
        sa.Column("flow_version_id", BIG, nullable=False),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("happens", JSON, nullable=False),
        sa.Column("campaign_id", BIG, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_waits_campaign_id_campaigns")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_waits_contact_id_contacts")),
        sa.ForeignKeyConstraint(
            ["flow_version_id"], ["flow_versions.id"], name=op.f("fk_waits_flow_version_id_flow_versions")
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_waits")),
    )
    op.create_index(op.f("ix_waits_due_at"), "waits", ["due_at"], unique=False)

    op.create_table(
        "contact_attributes",
        sa.Column("contact_id", BIG, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=500), nullable=False),
        sa.Column("set_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_contact_attributes_contact_id_contacts")
        ),
        sa.PrimaryKeyConstraint("contact_id", "name", name=op.f("pk_contact_attributes")),
    )

    op.create_table(
        "staff_notices",
        sa.Column("id", BIG, nullable=False),
        sa.Column("contact_id", BIG, nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=True),
        sa.Column("user_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_staff_notices_contact_id_contacts")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_staff_notices_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_notices")),
    )
    op.create_index(op.f("ix_staff_notices_contact_id"), "staff_notices", ["contact_id"], unique=False)
    op.create_index(
        "ix_staff_notices_unseen",
        "staff_notices",
        ["id"],
        unique=False,
        sqlite_where=sa.text("seen_at IS NULL"),
        postgresql_where=sa.text("seen_at IS NULL"),
    )

    op.create_table(
        "flow_drafts",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("based_on", BIG, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("user_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_flow_drafts_user_id_users")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_flow_drafts")),
    )

    op.create_table(
        "flow_turns",
        sa.Column("id", BIG, nullable=False),
        sa.Column("contact_id", BIG, nullable=False),
        sa.Column("flow_version_id", BIG, nullable=False),
        sa.Column("steps", JSON, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_flow_turns_contact_id_contacts")),
        sa.ForeignKeyConstraint(
            ["flow_version_id"], ["flow_versions.id"], name=op.f("fk_flow_turns_flow_version_id_flow_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_turns")),
    )
    op.create_index(op.f("ix_flow_turns_flow_version_id_at"), "flow_turns", ["flow_version_id", "at"], unique=False)

    op.create_table(
        "channel_notes",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("noted_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("channel", "name", name=op.f("pk_channel_notes")),
    )

    op.create_index("ix_inbox_channel_account_id", "inbox", ["channel", "account_id"], unique=False)

    # Added in place, though SQLite is asked to rebuild a table for a foreign key: it would rebuild a million rows.
    op.add_column("conversations", sa.Column("stopped_at", TIME, nullable=True))
    op.add_column("conversations", sa.Column("stopped_reason", sa.String(length=40), nullable=True))
    op.add_column("conversations", sa.Column("stopped_detail", sa.String(length=500), nullable=True))
    op.add_column("outbox", sa.Column("urgency", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("flow_versions", sa.Column("via", sa.String(length=16), server_default="files", nullable=False))
    integer = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    for table in ("outbox", "flow_versions"):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN user_id {integer}"
            f" CONSTRAINT fk_{table}_user_id_users REFERENCES users (id)"
        )
