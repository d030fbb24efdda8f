"""The JSON Schema of flow files, made from the model: editors complete and check by it while one types."""

import json
from typing import Any

from bot.language.model import Flow

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def text() -> str:
    """The schema as it stands in flows/flow.schema.json."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


def schema() -> dict[str, Any]:
    """The schema. What only the whole file shows (an unknown step, a circle) is found by `flask flows check`."""
    made = Flow.model_json_schema(mode="validation", by_alias=True)
    return {"$schema": DIALECT, **_open(made)}


def _open(part: Any) -> Any:  # noqa: ANN401 (any part of a schema)
    """Without pydantic's titles, which editors would show; a text may look like a number, as the reader has it."""
    if isinstance(part, list):
        return [_open(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    kept = {name: _open(inner) for name, inner in part.items() if not (name == "title" and isinstance(inner, str))}
    if kept.get("type") == "string" and not {"pattern", "enum", "const"} & kept.keys():
        kept["type"] = ["string", "number", "boolean"]
    return kept
