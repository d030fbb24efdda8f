"""records that stay quick: each coupon as it was last counted, the counts, and who sent a coupon by hand.

Nothing is counted here: the periodic process looks at all coupons from the first on, some hundreds a second.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.base import BigId, UtcDateTime

revision = "e3c9e5a72d33"
down_revision = "e4d0f6b83e44"
branch_labels = None
depends_on = None

# Of these only what comes is looked at: what they did to coupons before is seen with the coupons themselves.
FROM_NOW = ("claims", "redemptions", "undone_redemptions", "verification_attempts", "undone_verifications")
FROM_THE_FIRST = ("coupons", "page_hits")
LISTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("group_id", "stage", "sent_at", "coupon_id"), ""),
    (("group_id", "stage", "redeemed_at", "coupon_id"), "redeemed_at IS NOT NULL"),
    (("group_id", "stage", "verified_at", "coupon_id"), "verified_at IS NOT NULL"),
    (("store_id", "group_id", "sent_at", "coupon_id"), "store_id IS NOT NULL"),
    (("store_id", "group_id", "redeemed_at", "coupon_id"), "store_id IS NOT NULL"),
    (("store_id", "group_id", "verified_at", "coupon_id"), "store_id IS NOT NULL"),
)


def upgrade() -> None:
    _create_tables()
    _extend("coupons", "user_id", "users")
    # A message by a person that carries a coupon says who sent it.
    op.execute(
        "UPDATE coupons SET user_id = sender.user_id FROM"
        " (SELECT coupon_id, min(user_id) AS user_id FROM outbox"
        " WHERE coupon_id IS NOT NULL AND user_id IS NOT NULL GROUP BY coupon_id) AS sender"
        " WHERE sender.coupon_id = coupons.id"
    )
    op.add_column(
        "undone_redemptions", sa.Column("is_burnt", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    _index("undone_redemptions", ("pack_id", "position"), "is_burnt", name="uq_undone_redemptions_burnt", unique=True)
    op.drop_index("ix_send_refusals_campaign_id", "send_refusals")
    _index("send_refusals", ("campaign_id", "id"))
    _index("claims", ("campaign_id", "id"), "outcome <> 'redeemed'", name="ix_claims_campaign_id_refused")
    op.create_index("ix_contacts_name", "contacts", ["name"], postgresql_ops={"name": "text_pattern_ops"})
    for columns in (("actor", "id"), ("action", "id"), ("at",)):
        _index("audit_entries", columns)


def _create_tables() -> None:
    op.create_table(
        "record_groups",
        sa.Column("id", BigId, nullable=False),
        sa.Column("campaign_id", BigId, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("flow_id", BigId),
        *[sa.Column(name, BigId, nullable=False) for name in ("sent", "opened", "redeemed", "verified")],
        sa.CheckConstraint(
            "verified >= 0 AND redeemed >= verified", name=op.f("ck_record_groups_verified_within_redeemed")
        ),
        sa.CheckConstraint("opened >= redeemed AND sent >= opened", name=op.f("ck_record_groups_opened_within_sent")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_record_groups_campaign_id_campaigns"),
        sa.ForeignKeyConstraint(["flow_id"], ["flows.id"], name="fk_record_groups_flow_id_flows"),
        sa.PrimaryKeyConstraint("id", name="pk_record_groups"),
    )
    of_flow = ("campaign_id", "channel", "flow_id")
    _index("record_groups", of_flow, "flow_id IS NOT NULL", name="uq_record_groups_of_flow", unique=True)
    _index("record_groups", of_flow[:2], "flow_id IS NULL", name="uq_record_groups_of_people", unique=True)
    op.create_table(
        "records",
        sa.Column("coupon_id", BigId, autoincrement=False, nullable=False),
        sa.Column("group_id", BigId, nullable=False),
        sa.Column("stage", sa.SmallInteger(), nullable=False),
        sa.Column("sent_at", UtcDateTime(timezone=True), nullable=False),
        *[sa.Column(name, UtcDateTime(timezone=True)) for name in ("opened_at", "redeemed_at", "verified_at")],
        sa.Column("store_id", BigId),
        sa.CheckConstraint("stage IN (0, 1, 2, 3)", name=op.f("ck_records_stage_known")),
        sa.CheckConstraint("(stage >= 2) = (redeemed_at IS NOT NULL)", name=op.f("ck_records_redeemed_with_time")),
        sa.CheckConstraint("(stage = 3) = (verified_at IS NOT NULL)", name=op.f("ck_records_verified_with_time")),
        sa.CheckConstraint("store_id IS NULL OR stage = 3", name=op.f("ck_records_store_of_verified")),
        sa.ForeignKeyConstraint(["group_id"], ["record_groups.id"], name="fk_records_group_id_record_groups"),
        sa.PrimaryKeyConstraint("coupon_id", name="pk_records"),
    )
    for columns, where in LISTS:
        _index("records", columns, where)
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
    op.create_table(
        "record_feeds",
        sa.Column("name", sa.String(24), nullable=False),
        sa.Column("seen", BigId, nullable=False),
        sa.Column("seen_at", UtcDateTime(timezone=True)),
        sa.Column("goal", BigId, nullable=False),
        sa.Column("goal_at", UtcDateTime(timezone=True)),
        sa.Column("goal_transaction", BigId, nullable=False),
        sa.CheckConstraint("seen <= goal", name=op.f("ck_record_feeds_seen_within_goal")),
        sa.PrimaryKeyConstraint("name", name="pk_record_feeds"),
    )
    for name in FROM_NOW + FROM_THE_FIRST:
        newest = f"(SELECT coalesce(max(id), 0) FROM {name})" if name in FROM_NOW else "0"  # noqa: S608 (our own names)
        op.execute(
            "INSERT INTO record_feeds (name, seen, goal, goal_transaction)"  # noqa: S608 (as above)
            f" VALUES ('{name}', {newest}, {newest}, 0)"
        )


def _index(table: str, columns: tuple[str, ...], where: str = "", name: str = "", *, unique: bool = False) -> None:
    condition: dict[str, Any] = {f"{kind}_where": sa.text(where) for kind in ("sqlite", "postgresql") if where}
    op.create_index(name or f"ix_{table}_{'_'.join(columns)}", table, list(columns), unique=unique, **condition)


def _extend(table: str, column: str, target: str) -> None:
    """A foreign key in place: SQLite would be asked to rebuild a table of a million rows."""
    integer = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} {integer}"
        f" CONSTRAINT fk_{table}_{column}_{target} REFERENCES {target} (id)"
    )
