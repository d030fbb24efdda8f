"""What many conversations have in common: their states without the values, so that they can be counted by these.

The shape of a state is a JSON list: the step, the version of the flow that was called (0: none), whether a coupon was
sent, the names of the answers, and of each caller its version, its step and the names of its answers.
"""

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import String

_SQLITE_NAMES = "json((SELECT json_group_array(key) FROM (SELECT key FROM json_each({of}, '$.answers') ORDER BY key)))"
SQLITE = f"""
json_array(
  json_extract({{state}}, '$.step'),
  coalesce(json_extract({{state}}, '$.version_id'), 0),
  json(iif(coalesce(json_extract({{state}}, '$.coupon'), '{{{{}}}}') <> '{{{{}}}}', 'true', 'false')),
  {_SQLITE_NAMES.format(of="{state}")},
  json((
    SELECT json_group_array(json_array(
      json_extract(frame.value, '$.version_id'), json_extract(frame.value, '$.step'),
      {_SQLITE_NAMES.format(of="frame.value")}
    ))
    FROM (SELECT value FROM json_each({{state}}, '$.frames') ORDER BY key) AS frame
  ))
)"""  # noqa: S608 (our own words)

_POSTGRESQL_NAMES = (
    "(SELECT coalesce(jsonb_agg(name ORDER BY name), '[]') FROM jsonb_object_keys({of} -> 'answers') AS name)"
)
POSTGRESQL = f"""
jsonb_build_array(
  {{state}} -> 'step',
  coalesce({{state}} -> 'version_id', '0'),
  coalesce({{state}} -> 'coupon', '{{{{}}}}') <> '{{{{}}}}'::jsonb,
  {_POSTGRESQL_NAMES.format(of="{state}")},
  (
    SELECT coalesce(jsonb_agg(jsonb_build_array(
      frame -> 'version_id', frame -> 'step', {_POSTGRESQL_NAMES.format(of="frame")}
    ) ORDER BY place), '[]')
    FROM jsonb_array_elements(coalesce({{state}} -> 'frames', '[]')) WITH ORDINALITY AS frames(frame, place)
  )
)::text"""  # noqa: S608 (as above)


class _Shape(FunctionElement[str]):
    type = String()
    inherit_cache = True
    name = "shape"


def shape(state: InstrumentedAttribute[dict[str, Any]]) -> ColumnElement[str]:
    """The shape of a conversation's `state`, as JSON."""
    return _Shape(state)


@compiles(_Shape, "sqlite")
def _in_sqlite(element: _Shape, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 (SQLAlchemy's signature)
    return SQLITE.format(state=compiler.process(element.clauses, **more))


@compiles(_Shape, "postgresql")
def _in_postgresql(element: _Shape, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 (as above)
    return POSTGRESQL.format(state=compiler.process(element.clauses, **more))
