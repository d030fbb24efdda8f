"""The later of two times, which SQLite and PostgreSQL spell differently."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.sql.functions import FunctionElement


class _Later(FunctionElement[datetime]):
    inherit_cache = True
    name = "later"


def later(column: InstrumentedAttribute[Any], name: str) -> ColumnElement[datetime]:
    """`column` or the time in the parameter `name`, whichever is later: a clock set back turns no order around."""
    function = _Later(column, bindparam(name, type_=column.type))
    function.type = column.type
    return function


@compiles(_Later, "postgresql")
def _greatest(element: _Later, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 (SQLAlchemy's signature)
    return f"greatest({compiler.process(element.clauses, **more)})"


@compiles(_Later, "sqlite")
def _max(element: _Later, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 (SQLAlchemy's signature)
    return f"max({compiler.process(element.clauses, **more)})"
