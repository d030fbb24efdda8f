"""How Alembic reaches the database: the connection is handed over by db/schema.py."""

from typing import Any, Literal

from alembic import context

from db.base import Base, UtcDateTime
from db.tables import Campaign  # noqa: F401 (fills the metadata)


def render(kind: str, item: Any, _context: object) -> str | Literal[False]:  # noqa: ANN401 (Alembic's own signature)
    """Write our column types into a migration as plain ones: an old migration must not change with the code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return "JSON" if kind == "type" and type(item).__name__ == "JSON" else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite changes a table by rebuilding it
    compare_type=False,
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()
