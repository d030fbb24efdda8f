"""Conversations that are not over: the words by which SQLite and PostgreSQL know the index of just these.

Most conversations of a shop are over. The index has the others only, and counts read nothing else; it is used where a
statement asks in exactly the words in which it was made.
"""

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

SQLITE = "json_extract({state}, '$.is_ended') IS NOT 1"
POSTGRESQL = "({state} ->> 'is_ended') IS DISTINCT FROM 'true'"


class _IsLive(FunctionElement[Any]):
    type = NullType()  # as a Boolean it would be compared with 1 in SQLite, which then uses no index
    inherit_cache = True
    name = "is_live"


def is_live(state: InstrumentedAttribute[dict[str, Any]]) -> ColumnElement[bool]:
    """Whether the conversation with this `state` is not over."""
    return _IsLive(state)


@compiles(_IsLive, "sqlite")
def _in_sqlite(element: _IsLive, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 (SQLAlchemy's signature)
    return SQLITE.format(state=compiler.process(element.clauses, **more))


@compiles(_IsLive, "postgresql")
def _in_postgresql(element: _IsLive, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 (as above)
    return POSTGRESQL.format(state=compiler.process(element.clauses, **more))
