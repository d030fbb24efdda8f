"""The later of two times, which SQLite and PostgreSQL spell differently."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import InstrumentedAttribute, Session


def later(session: Session, column: InstrumentedAttribute[Any], at: datetime) -> ColumnElement[datetime]:
    """`column` or `at`, whichever is later: a clock that was set back turns no order of times around."""
    function = func.max if session.get_bind().dialect.name == "sqlite" else func.greatest
    return function(column, at, type_=column.type)
