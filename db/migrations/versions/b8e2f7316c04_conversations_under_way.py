"""an index of conversations that are not over."""

import sqlalchemy as sa
from alembic import op

revision = "b8e2f7316c04"
down_revision = "a41c0e9d5b27"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_conversations_under_way",
        "conversations",
        ["flow_version_id", "contact_id", "stopped_at", "handed_over_at"],
        unique=False,
        sqlite_where=sa.text("json_extract(state, '$.is_ended') IS NOT 1"),
        postgresql_where=sa.text("(state ->> 'is_ended') IS DISTINCT FROM 'true'"),
    )
    if op.get_bind().dialect.name == "postgresql":
        # Without it, PostgreSQL believes that hardly any conversation is over, and reads all of them.
        op.execute("CREATE STATISTICS st_conversations_under_way ON (state ->> 'is_ended') FROM conversations")
        op.execute("ANALYZE conversations")
