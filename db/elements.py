"""The elements of a JSON list as rows, which SQLite and PostgreSQL name differently."""

from sqlalchemy import ColumnElement, Integer, TableValuedAlias, cast, func
from sqlalchemy.orm import InstrumentedAttribute, Session


def numbers_in(
    session: Session, column: InstrumentedAttribute[list[int]]
) -> tuple[TableValuedAlias, ColumnElement[int]]:
    """What to join the column's table with, and each of the list's numbers."""
    each = func.json_each if session.get_bind().dialect.name == "sqlite" else func.jsonb_array_elements_text
    rows = each(column).table_valued("value")
    return rows, cast(rows.c.value, Integer)
