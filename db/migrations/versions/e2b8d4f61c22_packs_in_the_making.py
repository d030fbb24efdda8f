"""packs in the making (imports, generated codes), levels of stock, and notices about campaigns.

On SQLite the table of serials is rebuilt: some seconds for each million.
"""

import sqlalchemy as sa
from alembic import op

from db.base import BigId, Json, UtcDateTime

revision = "e2b8d4f61c22"
down_revision = "e3c9e5a72d33"
branch_labels = None
depends_on = None

ABOUT_ONE = "(contact_id IS NULL) <> (campaign_id IS NULL)"


def upgrade() -> None:
    _free_serials()
    _create_imports()
    op.create_table(
        "stock_levels",
        sa.Column("campaign_id", BigId, autoincrement=False, nullable=False),
        sa.Column("level", BigId, autoincrement=False, nullable=False),
        sa.Column("warned_at", UtcDateTime(timezone=True)),
        sa.CheckConstraint("level >= 0", name=op.f("ck_stock_levels_level_not_negative")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_stock_levels_campaign_id_campaigns"),
        sa.PrimaryKeyConstraint("campaign_id", "level", name="pk_stock_levels"),
    )
    with op.batch_alter_table("staff_notices") as notices:
        notices.alter_column("contact_id", existing_type=BigId, nullable=True)
        notices.add_column(sa.Column("campaign_id", BigId))
        notices.create_foreign_key("fk_staff_notices_campaign_id_campaigns", "campaigns", ["campaign_id"], ["id"])
        notices.create_check_constraint(op.f("ck_staff_notices_about_one"), ABOUT_ONE)


def _free_serials() -> None:
    op.execute(
        "ALTER TABLE packs ADD COLUMN is_whole BOOLEAN DEFAULT true NOT NULL"
        " CONSTRAINT ck_packs_given_out_only_whole CHECK (is_whole OR withdrawn_at IS NOT NULL)"
    )
    with op.batch_alter_table("serials") as serials:
        serials.drop_constraint("fk_serials_pack_id_packs", type_="foreignkey")
        serials.drop_constraint("fk_serials_campaign_id_campaigns", type_="foreignkey")


def _create_imports() -> None:
    op.create_table(
        "imports",
        sa.Column("id", BigId, nullable=False),
        sa.Column("campaign_id", BigId, nullable=False),
        sa.Column("pack_id", BigId),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("pattern", Json),
        sa.Column("encoding", sa.String(12)),
        sa.Column("has_header", sa.Boolean()),
        sa.Column("first_row", sa.String(100), nullable=False),
        sa.Column("wants", sa.String(8), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(40)),
        *[sa.Column(name, BigId, nullable=False) for name in ("rows_total", "rows_done", "good", "bad")],
        sa.Column("user_id", BigId),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", UtcDateTime(timezone=True)),
        sa.CheckConstraint("source IN ('file', 'generated')", name=op.f("ck_imports_source_known")),
        sa.CheckConstraint("wants IN ('all', 'good')", name=op.f("ck_imports_wants_known")),
        sa.CheckConstraint(
            "state IN ('asking', 'loading', 'choosing', 'done', 'discarding', 'discarded')",
            name=op.f("ck_imports_state_known"),
        ),
        sa.CheckConstraint(
            "rows_done >= 0 AND good >= 0 AND bad >= 0 AND good + bad <= rows_done",
            name=op.f("ck_imports_counts_add_up"),
        ),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (state IN ('asking', 'loading', 'choosing', 'discarding'))",
            name=op.f("ck_imports_over_with_time"),
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_imports_campaign_id_campaigns"),
        sa.ForeignKeyConstraint(["pack_id"], ["packs.id"], name="fk_imports_pack_id_packs"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_imports_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_index("ix_imports_campaign_id", "imports", ["campaign_id"])
    op.create_index("ix_imports_pack_id", "imports", ["pack_id"])
    op.create_table(
        "import_chunks",
        sa.Column("import_id", BigId, autoincrement=False, nullable=False),
        sa.Column("number", BigId, autoincrement=False, nullable=False),
        sa.Column("first_row", BigId, nullable=False),
        sa.Column("rows", BigId, nullable=False),
        sa.Column("first_position", BigId),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_import_chunks_import_id_imports"),
        sa.PrimaryKeyConstraint("import_id", "number", name="pk_import_chunks"),
    )
    op.create_table(
        "import_bad_rows",
        sa.Column("import_id", BigId, autoincrement=False, nullable=False),
        sa.Column("row", BigId, autoincrement=False, nullable=False),
        sa.Column("code", sa.String(100), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("detail", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_import_bad_rows_import_id_imports"),
        sa.PrimaryKeyConstraint("import_id", "row", name="pk_import_bad_rows"),
    )
