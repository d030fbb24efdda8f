"""The POS API's description as it is asked for: the document, and a page made of it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, render_template

from pos.api import document
from pos.api.listing import OPERATIONS
from pos.api.refusals import ALL
from web.problems import API
from web.services import services

HOUR = 3_600  # seconds


@dataclass(frozen=True)
class Row:
    """A field of a shape, for people. `shape` is the name of what it is, or has in it, where that has fields itself."""

    name: str
    kind: str
    is_required: bool
    about: str
    shape: str


def as_json() -> Response:
    """The OpenAPI document."""
    response = Response(json.dumps(_built(), ensure_ascii=False, indent=1), mimetype="application/json")
    response.headers["Cache-Control"] = f"public, max-age={HOUR}"
    return response


def as_page() -> str:
    """The same for people."""
    told = _built()
    shapes = {name: list(_rows(schema)) for name, schema in told["components"]["schemas"].items()}
    return render_template(
        "api/docs.html",
        document=told,
        operations=OPERATIONS,
        refusals=document.refusals,
        codes=ALL,
        shapes=shapes,
        about={name: schema.get("description", "") for name, schema in told["components"]["schemas"].items()},
        api=API,
    )


def _built() -> document.Json:
    shop = services().shop
    return document.build(OPERATIONS, shop.public_url, shop.name)


def _rows(schema: Mapping[str, Any]) -> Iterator[Row]:
    required = schema.get("required", ())
    for name, told in schema.get("properties", {}).items():
        about = [one["description"] for one in (*told.get("anyOf", ()), told) if "description" in one]
        yield Row(name, _kind(told), name in required, " ".join(about), _shape(told))


def _kind(told: Mapping[str, Any]) -> str:
    """What a value is, in a few words: 'string, 1 to 64', 'array of UploadResult', 'integer or null'."""
    if "anyOf" in told:
        return " or ".join(_kind(one) for one in told["anyOf"])
    if "const" in told:
        return f'"{told["const"]}"'
    if "enum" in told:
        return " or ".join(f'"{one}"' for one in told["enum"])
    if "$ref" in told:
        return _shape(told)
    if told.get("type") == "array":
        most = f", {told['minItems']} to {told['maxItems']}" if "maxItems" in told else ""
        return f"array of {_kind(told['items'])}{most}"
    kind = told.get("format", told.get("type", "any"))
    return f"{kind}, {told['minLength']} to {told['maxLength']}" if "maxLength" in told else str(kind)


def _shape(told: Mapping[str, Any]) -> str:
    if "$ref" in told:
        return str(told["$ref"]).rpartition("/")[2]
    inner = [*told.get("anyOf", ()), *([told["items"]] if "items" in told else [])]
    return next((found for found in map(_shape, inner) if found), "")
