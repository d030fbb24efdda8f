"""counts by the hour, and by the hour and store: together they were a row for nearly every verification."""

import sqlalchemy as sa
from alembic import op

from db.base import BigId, UtcDateTime

revision = "e6c3d1a08f68"
down_revision = "e5a2b9d06f57"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "record_hours",
        sa.Column("group_id", BigId, autoincrement=False, nullable=False),
        sa.Column("hour", UtcDateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("count", BigId, nullable=False),
        sa.CheckConstraint(
            "kind IN ('sent', 'opened', 'redeemed', 'verified', 'preview', 'prefetch')",
            name=op.f("ck_record_hours_kind_known"),
        ),
        sa.CheckConstraint("count >= 0", name=op.f("ck_record_hours_count_positive")),
        sa.ForeignKeyConstraint(["group_id"], ["record_groups.id"], name="fk_record_hours_group_id_record_groups"),
        sa.PrimaryKeyConstraint("group_id", "hour", "kind", name="pk_record_hours"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "record_stores",
        sa.Column("campaign_id", BigId, autoincrement=False, nullable=False),
        sa.Column("hour", UtcDateTime(timezone=True), nullable=False),
        sa.Column("store_id", BigId, autoincrement=False, nullable=False),
        sa.Column("count", BigId, nullable=False),
        sa.CheckConstraint("count >= 0", name=op.f("ck_record_stores_count_positive")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_record_stores_campaign_id_campaigns"),
        sa.PrimaryKeyConstraint("campaign_id", "hour", "store_id", name="pk_record_stores"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO record_hours (group_id, hour, kind, count)"
        " SELECT group_id, hour, kind, sum(count) FROM record_counts GROUP BY group_id, hour, kind"
    )
    op.execute(
        "INSERT INTO record_stores (campaign_id, hour, store_id, count)"
        " SELECT campaign_id, hour, store_id, sum(count) FROM record_counts"
        " JOIN record_groups ON record_groups.id = group_id"
        " WHERE kind = 'verified' GROUP BY campaign_id, hour, store_id"
    )
    op.drop_table("record_counts")
