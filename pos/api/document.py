"""The POS API described: an OpenAPI 3.1 document, made of the operations and their shapes. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from core.reasons import Reason
from pos.api.examples import curl, python, request
from pos.api.operations import Operation
from pos.api.refusals import ALL, REFUSALS
from pos.api.shapes import Problem
from web.problems import API, MEDIA_TYPE

VERSION = "1.0"
Json = dict[str, Any]

ANY = (Reason.API_KEY_WRONG, Reason.TOO_MANY_REQUESTS, Reason.SERVER_BROKE, Reason.UNAVAILABLE)
WITH_A_BODY = (
    Reason.BODY_MALFORMED,
    Reason.IDEMPOTENCY_KEY_MALFORMED,
    Reason.SCOPE_MISSING,
    Reason.KEY_OF_ANOTHER_STORE,
    Reason.IDEMPOTENCY_KEY_REUSED,
    Reason.IDEMPOTENCY_KEY_IN_USE,
    Reason.BODY_TOO_LARGE,
    Reason.MEDIA_TYPE_WRONG,
    Reason.UNKNOWN_STORE,
    Reason.FIELDS_WRONG,
)
_ABOUT = """\
For POS machines and their vendors. Every request brings a key in `Authorization: Bearer`; the shop's owner makes it in
the console. Times are ISO 8601; those that are answered are in UTC. Errors are problem+json (RFC 9457) with a stable
`code`. Send an `Idempotency-Key` with everything that changes something: the same request with the same key is answered
byte for byte as the first time, for 48 hours."""
_RATE = {
    "RateLimit-Policy": ('How many requests of one key are taken in how many seconds: `"key";q=1200;w=60`.', "string"),
    "RateLimit": (
        'How many are left, and in how many seconds they are all there again: `"key";r=1199;t=60`.',
        "string",
    ),
}
_REPLAYED = {"Idempotent-Replayed": ("`true`: the answer to the same request that came before.", "string")}
_RETRY = {"Retry-After": ("Seconds to wait.", "integer")}
_WITH: Mapping[Reason, dict[str, tuple[str, str]]] = {
    Reason.API_KEY_WRONG: {"WWW-Authenticate": ("That a key is asked for.", "string")},
    Reason.IDEMPOTENCY_KEY_IN_USE: _RETRY,
    Reason.TOO_MANY_REQUESTS: _RETRY,
    Reason.UNAVAILABLE: _RETRY,
}


def build(operations: Sequence[Operation], server: str, shop: str) -> Json:
    """The document. `server` is the address that paths go behind."""
    shapes, schemas = _schemas(operations)
    paths: Json = defaultdict(dict)
    for operation in operations:
        paths[operation.path][operation.method.lower()] = _described(operation, shapes, server)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{shop}: POS API", "version": VERSION, "description": _ABOUT},
        "servers": [{"url": server + API}],
        "security": [{"key": []}],
        "paths": dict(paths),
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "A key of the shop's."}},
        },
    }


def refusals(operation: Operation) -> list[Reason]:
    """All that an operation may answer but a good answer."""
    with_body = WITH_A_BODY if operation.body else ()
    return list(dict.fromkeys([*operation.refusals, *with_body, *ANY]))


def _schemas(operations: Sequence[Operation]) -> tuple[dict[type[BaseModel], Json], Json]:
    """Where each shape stands in the document, and all of them."""
    asked: list[tuple[type[BaseModel], JsonSchemaMode]] = [(one.body, "validation") for one in operations if one.body]
    answered: list[tuple[type[BaseModel], JsonSchemaMode]] = [(one.answer, "serialization") for one in operations]
    shapes = [*asked, *answered, *_PROBLEMS]
    places, whole = models_json_schema(shapes, ref_template="#/components/schemas/{model}")
    return {shape: places[shape, mode] for shape, mode in shapes}, whole["$defs"]


def _described(operation: Operation, shapes: dict[type[BaseModel], Json], server: str) -> Json:
    told: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": _with_scope(operation),
        "responses": _responses(operation, shapes),
        "x-codeSamples": [
            {"lang": "Shell", "label": "curl", "source": curl(operation, server)},
            {"lang": "Python", "label": "Python", "source": python(operation, server)},
        ],
    }
    if operation.body:
        told["parameters"] = [_IDEMPOTENCY_KEY]
        content = {"schema": shapes[operation.body], "example": request(operation)}
        told["requestBody"] = {"required": True, "content": {"application/json": content}}
    return told


def _with_scope(operation: Operation) -> str:
    scope = f" The key needs the scope `{operation.scope}`." if operation.scope else ""
    return f"{operation.description}{scope}"


_PROBLEMS: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "validation")]
_IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Made by the caller for this request, such as a UUID; sent again with the same request.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}


def _responses(operation: Operation, shapes: dict[type[BaseModel], Json]) -> Json:
    good = {"application/json": {"schema": shapes[operation.answer]}}
    by_status: dict[int, list[Reason]] = defaultdict(list)
    for reason in refusals(operation):
        by_status[ALL[reason].status].append(reason)
    headers = _RATE | _REPLAYED if operation.body else _RATE
    return {
        "200": {"description": _sentence(operation.answer), "headers": _headers(headers), "content": good},
        **{str(status): _failed(status, by_status[status], shapes[Problem]) for status in sorted(by_status)},
    }


def _failed(status: int, reasons: Sequence[Reason], schema: Json) -> Json:
    lines = [f"- `{reason}`: {ALL[reason].title}. {ALL[reason].advice}" for reason in reasons]
    headers: dict[str, tuple[str, str]] = {} if status in _UNCOUNTED else dict(_RATE)
    for reason in reasons:
        headers |= _REPLAYED if reason in REFUSALS else _WITH.get(reason, {})
    return {
        "description": "\n".join(lines),
        "headers": _headers(headers),
        "content": {MEDIA_TYPE: {"schema": schema}},
    }


_UNCOUNTED = {ALL[Reason.SERVER_BROKE].status, ALL[Reason.UNAVAILABLE].status}


def _headers(told: dict[str, tuple[str, str]]) -> Json:
    return {name: {"description": about, "schema": {"type": kind}} for name, (about, kind) in told.items()}


def _sentence(shape: type[BaseModel]) -> str:
    return (shape.__doc__ or "").strip()
