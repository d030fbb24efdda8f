"""what was tried and undone at the counter can be changed by nobody.

The audit log has been so from its beginning; these three tables are the other half of what people did.
"""

from alembic import op

revision = "e5b4d1f20a66"
down_revision = "e5a6c0f18b33"
branch_labels = None
depends_on = None

KEPT = "keeps what it was told"
TABLES = ("verification_attempts", "undone_redemptions", "undone_verifications")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION row_kept() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '% {KEPT}', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
        )
        for table in TABLES:
            op.execute(
                f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION row_kept()"
            )
        return
    for table in TABLES:
        for event, name in (("UPDATE", "changed"), ("DELETE", "removed")):
            op.execute(
                f"CREATE TRIGGER {table}_not_{name} BEFORE {event} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} {KEPT}'); END"
            )
