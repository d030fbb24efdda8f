"""undo, withdrawn packs, ended campaigns, merged persons."""

import sqlalchemy as sa
from alembic import op

revision = "4e9f1c8f5d16"
down_revision = "2633061fc458"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_merges",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kept_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gone_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("kept_id <> gone_id", name=op.f("ck_person_merges_two_persons")),
        sa.ForeignKeyConstraint(["gone_id"], ["persons.id"], name=op.f("fk_person_merges_gone_id_persons")),
        sa.ForeignKeyConstraint(["kept_id"], ["persons.id"], name=op.f("fk_person_merges_kept_id_persons")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_person_merges_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merges")),
        sa.UniqueConstraint("gone_id", name=op.f("uq_person_merges_gone_id")),
    )
    op.create_index(op.f("ix_person_merges_kept_id"), "person_merges", ["kept_id"], unique=False)

    op.create_table(
        "returned_serials",
        sa.Column("pack_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["pack_id"], ["packs.id"], name=op.f("fk_returned_serials_pack_id_packs")),
        sa.PrimaryKeyConstraint("pack_id", "position", name=op.f("pk_returned_serials")),
    )
    op.create_table(
        "undone_redemptions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("coupon_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pack_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("undone_at >= redeemed_at", name=op.f("ck_undone_redemptions_undone_after_redeemed")),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupons.id"], name=op.f("fk_undone_redemptions_coupon_id_coupons")),
        sa.ForeignKeyConstraint(["pack_id"], ["packs.id"], name=op.f("fk_undone_redemptions_pack_id_packs")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_undone_redemptions_person_id_persons")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_undone_redemptions_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undone_redemptions")),
    )
    op.create_index(op.f("ix_undone_redemptions_coupon_id"), "undone_redemptions", ["coupon_id"], unique=False)

    op.create_table(
        "undone_verifications",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("coupon_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("via", sa.String(length=8), nullable=False),
        sa.Column("verified_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("undone_at >= recorded_at", name=op.f("ck_undone_verifications_undone_after_recorded")),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupons.id"], name=op.f("fk_undone_verifications_coupon_id_coupons")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_undone_verifications_store_id_stores")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_undone_verifications_user_id_users")),
        sa.ForeignKeyConstraint(["verified_by"], ["users.id"], name=op.f("fk_undone_verifications_verified_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undone_verifications")),
    )
    op.create_index(op.f("ix_undone_verifications_coupon_id"), "undone_verifications", ["coupon_id"], unique=False)

    # Added in place, though SQLite is asked to rebuild a table for a foreign key: it would rebuild a million rows.
    op.add_column("campaigns", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("packs", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    integer = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE redemptions ADD COLUMN merge_id {integer}"
        " CONSTRAINT fk_redemptions_merge_id_person_merges REFERENCES person_merges (id)"
    )
