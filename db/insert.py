"""INSERT ... ON CONFLICT DO NOTHING, which SQLite and PostgreSQL write alike and SQLAlchemy spells twice."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.base import Base


def insert_unless_there(
    session: Session,
    table: type[Base],
    values: dict[str, Any],
    conflict: Sequence[str],
    where: ColumnElement[bool] | None = None,
) -> int | None:
    """Insert one row unless the unique index over `conflict` (partial: `where`) already holds one.

    Returns the new row's first primary key column, or None where the row was there: the constraint has decided, and
    two that try at once get one row between them.
    """
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    key = table.__table__.primary_key.columns.values()[0]  # type: ignore[attr-defined]  # FromClause in the stubs
    statement = (
        dialect.insert(table)
        .values(values)
        .on_conflict_do_nothing(index_elements=conflict, index_where=where)
        .returning(key)
    )
    return session.execute(statement).scalar_one_or_none()
