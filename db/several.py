"""Many values in one parameter, which SQLite and PostgreSQL spell differently: statements whose text never changes.

`IN (?, ?, ...)` is another statement for every number of values: compiled, sent and planned anew. Measured with 64
taps a batch on PostgreSQL: one array is four times as fast.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, String, Text, bindparam, cast, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import Insert
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine

from db.base import Base


class _Several(TypeDecorator[Sequence[Any]]):
    """A list of whole numbers or texts: an array in PostgreSQL, JSON in SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, of: type[int] | type[str]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """What carries the list."""
        one: TypeEngine[Any] = BigInteger() if self.of is int else String()
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(one))

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:  # noqa: ANN401 (by dialect)
        """The list as the dialect takes it."""
        values = list(value or ())
        return json.dumps(values) if dialect.name == "sqlite" else values


class _Among(FunctionElement[Any]):
    type = NullType()  # as a Boolean it would be compared with 1 in SQLite, which then uses no index
    inherit_cache = True
    name = "among"


def among(column: InstrumentedAttribute[Any], name: str) -> ColumnElement[bool]:
    """Whether `column` is one of the values in the parameter `name`, a list of whole numbers or of texts."""
    of = str if isinstance(column.type, String) else int
    return _Among(column, bindparam(name, type_=_Several(of)))


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 (SQLAlchemy's signature)
    column, values = element.clauses
    return f"{compiler.process(column, **more)} = ANY ({compiler.process(values, **more)})"


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 (SQLAlchemy's signature)
    column, values = element.clauses
    listed = f"SELECT value FROM json_each({compiler.process(values, **more)})"  # noqa: S608 (a compiled parameter)
    return f"{compiler.process(column, **more)} IN ({listed})"


def insert_all(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`, all with the same keys, in one statement."""
    if not rows:
        return
    names, first = tuple(rows[0]), rows[0]
    if session.get_bind().dialect.name == "sqlite":  # its driver goes through the rows in C
        session.connection().execute(insert(table), list(rows))
        return
    # A value that all rows share is sent once: putting values into an array costs more than inserting them.
    differing = tuple(name for name in names if any(row[name] != first[name] for row in rows)) or names[:1]
    values = {name: [row[name] for row in rows] if name in differing else first[name] for name in names}
    session.connection().execute(_from_arrays(table, names, differing), values)


@cache
def _from_arrays(table: type[Base], names: tuple[str, ...], differing: tuple[str, ...]) -> Insert:
    columns = table.__table__.columns

    def of(name: str) -> ColumnElement[Any]:
        kind = columns[name].type
        if name in differing:
            return func.unnest(bindparam(name, type_=ARRAY(kind)))
        return cast(bindparam(name, type_=kind), kind)

    return insert(table).from_select(list(names), select(*[of(name) for name in names]))
