"""INSERT ... ON CONFLICT DO NOTHING, which SQLite and PostgreSQL write alike and SQLAlchemy spells twice."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from db.base import Base


def insert_unless_there(
    session: Session,
    table: type[Base],
    values: dict[str, Any],
    conflict: Sequence[str],
    where: ColumnElement[bool] | None = None,
) -> int | None:
    """Insert one row unless the unique index over `conflict` (partial: `where`) already holds one.

    `where` is a constant: statements are kept by it. Returns the new row's first primary key column, or None where the
    row was there: the constraint has decided, and two that try at once get one row between them.
    """
    session.flush()
    statement = _statement(session.get_bind().dialect.name, table, tuple(values), tuple(conflict), where)
    found: int | None = session.connection().execute(statement, values).scalar_one_or_none()
    return found


def insert_all_unless_there(
    session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]], conflict: Sequence[str]
) -> set[tuple[Any, ...]]:
    """Insert those of `rows`, all with the same keys, that the unique index over `conflict` does not hold yet.

    Returns the values of `conflict` of those that were not there.
    """
    if not rows:
        return set()
    session.flush()
    statement = _statement_for_all(session.get_bind().dialect.name, table, tuple(rows[0]), tuple(conflict))
    return {tuple(row) for row in session.connection().execute(statement, list(rows))}


@cache
def _statement_for_all(
    dialect: str, table: type[Base], names: tuple[str, ...], conflict: tuple[str, ...]
) -> ReturningInsert[Any]:
    columns = table.__table__.columns
    return (  # type: ignore[no-any-return]  # FromClause in the stubs
        (sqlite if dialect == "sqlite" else postgresql)
        .insert(table)
        .values({name: bindparam(name) for name in names})
        .on_conflict_do_nothing(index_elements=conflict)
        .returning(*[columns[name] for name in conflict])
    )


@cache  # built and compiled once: that is more work than running it
def _statement(
    dialect: str,
    table: type[Base],
    names: tuple[str, ...],
    conflict: tuple[str, ...],
    where: ColumnElement[bool] | None,
) -> ReturningInsert[Any]:
    key = table.__table__.primary_key.columns.values()[0]  # type: ignore[attr-defined]  # FromClause in the stubs
    found: ReturningInsert[Any] = (
        (sqlite if dialect == "sqlite" else postgresql)
        .insert(table)
        .values({name: bindparam(name) for name in names})
        .on_conflict_do_nothing(index_elements=conflict, index_where=where)
        .returning(key)
    )
    return found
