"""conversations by their flow's version."""

from alembic import op

revision = "b8e2f7316c04"
down_revision = "a41c0e9d5b27"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        op.f("ix_conversations_flow_version_id_contact_id"),
        "conversations",
        ["flow_version_id", "contact_id"],
        unique=False,
    )
