"""PostgreSQL without indexes and constraints while it is filled: building them afterwards takes a fraction of the time.

They are made again exactly as they were, by the database's own words for them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

CONSTRAINTS = text(
    "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f') "
    "ORDER BY array_position(ARRAY['p', 'u', 'f'], contype::text), conname"  # a foreign key needs the key it points to
)
INDEXES = text(
    "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
    "JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'public'::regnamespace "
    "AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)"
)


@contextmanager
def absent(connection: Connection) -> Iterator[None]:
    """Take indexes and constraints away for the block, in the same transaction. On SQLite they stay."""
    if connection.dialect.name != "postgresql":
        yield
        return
    constraints = connection.execute(CONSTRAINTS).all()
    indexes = connection.execute(INDEXES).all()
    for table, name, _ in reversed(constraints):
        _do(connection, f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _ in indexes:
        _do(connection, f"DROP INDEX {name}")
    yield
    _do(connection, "SET LOCAL maintenance_work_mem = '512MB'")
    for table, name, words in constraints:
        _do(connection, f"ALTER TABLE {table} ADD CONSTRAINT {name} {words}")
    for _, words in indexes:
        _do(connection, words)


def _do(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)
