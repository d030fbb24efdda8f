"""flows that begin at a time: each moment, and the contacts for whom it came."""

import sqlalchemy as sa
from alembic import op

revision = "a41c0e9d5b27"
down_revision = "7c2e5ab90d41"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "timed_starts",
        sa.Column("id", BIG, nullable=False),
        sa.Column("flow_id", BIG, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("found_at", TIME, nullable=False),
        sa.Column("audience", BIG, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "reason IS NULL OR finished_at IS NOT NULL", name=op.f("ck_timed_starts_reason_when_finished")
        ),
        sa.ForeignKeyConstraint(["flow_id"], ["flows.id"], name=op.f("fk_timed_starts_flow_id_flows")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timed_starts")),
        sa.UniqueConstraint("flow_id", "at", name=op.f("uq_timed_starts_flow_id_at")),
    )
    op.create_index(op.f("ix_timed_starts_finished_at"), "timed_starts", ["finished_at"], unique=False)

    op.create_table(
        "timed_start_contacts",
        sa.Column("start_id", BIG, autoincrement=False, nullable=False),
        sa.Column("contact_id", BIG, autoincrement=False, nullable=False),
        sa.Column("done_at", TIME, nullable=True),
        sa.Column("flow_version_id", BIG, nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "(done_at IS NULL AND flow_version_id IS NULL AND reason IS NULL)"
            " OR (done_at IS NOT NULL AND (flow_version_id IS NOT NULL OR reason IS NOT NULL))",
            name=op.f("ck_timed_start_contacts_done_with_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_timed_start_contacts_contact_id_contacts")
        ),
        sa.ForeignKeyConstraint(
            ["flow_version_id"],
            ["flow_versions.id"],
            name=op.f("fk_timed_start_contacts_flow_version_id_flow_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["start_id"], ["timed_starts.id"], name=op.f("fk_timed_start_contacts_start_id_timed_starts")
        ),
        sa.PrimaryKeyConstraint("start_id", "contact_id", name=op.f("pk_timed_start_contacts")),
    )
    op.create_index(
        "ix_timed_start_contacts_open",
        "timed_start_contacts",
        ["start_id", "contact_id"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
