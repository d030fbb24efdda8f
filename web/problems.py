"""Errors for programs: problem+json (RFC 9457), each with a stable code. The POS API's, in place of pages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from werkzeug.exceptions import HTTPException

from core.reasons import Reason
from web.services import services

API = "/api/v1"
MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    """A kind of error: its HTTP status, its title, and what whoever called should do."""

    status: int
    title: str
    advice: str


# What can come of any request, whatever it asks for.
KINDS: Mapping[Reason, Kind] = {
    Reason.API_KEY_WRONG: Kind(
        401, "The key lets nobody in", "Send `Authorization: Bearer KEY` with the whole key; ask the shop for another."
    ),
    Reason.SCOPE_MISSING: Kind(403, "The key may not do this", "Ask the shop for a key with the scope that is named."),
    Reason.KEY_OF_ANOTHER_STORE: Kind(
        403, "The key belongs to another store", "Leave `store_id` out, or use that store's own key."
    ),
    Reason.UNKNOWN_STORE: Kind(422, "No such store", "Name one of `GET /stores` as `store_id`."),
    Reason.BODY_MALFORMED: Kind(400, "The body is no JSON object", "Mend the program; nothing was done."),
    Reason.BODY_TOO_LARGE: Kind(413, "The body is too large", "Send fewer verifications at once."),
    Reason.MEDIA_TYPE_WRONG: Kind(415, "The body is not called JSON", "Send `Content-Type: application/json`."),
    Reason.FIELDS_WRONG: Kind(422, "Fields are wrong", "Each is named in `errors`; nothing was done."),
    Reason.IDEMPOTENCY_KEY_MALFORMED: Kind(
        400, "The Idempotency-Key is malformed", "1 to 255 printable ASCII characters without spaces, such as a UUID."
    ),
    Reason.IDEMPOTENCY_KEY_REUSED: Kind(
        409, "The Idempotency-Key was used for another request", "Make a new key for each new request."
    ),
    Reason.IDEMPOTENCY_KEY_IN_USE: Kind(
        409, "The same request is being answered", "Send it again after `Retry-After` seconds, with the same key."
    ),
    Reason.TOO_MANY_REQUESTS: Kind(429, "Too many requests", "Wait for `Retry-After` seconds."),
    Reason.NO_SUCH_ADDRESS: Kind(404, "There is no such address", "See the list of operations."),
    Reason.METHOD_WRONG: Kind(405, "The address takes another method", "See `Allow`."),
    Reason.SERVER_BROKE: Kind(
        500, "Something broke here", "It was noted. Send it again, with the same Idempotency-Key."
    ),
    Reason.UNAVAILABLE: Kind(
        503, "Not just now", "Send it again after `Retry-After` seconds, with the same Idempotency-Key."
    ),
}
_BY_STATUS = {
    400: Reason.BODY_MALFORMED,
    404: Reason.NO_SUCH_ADDRESS,
    405: Reason.METHOD_WRONG,
    413: Reason.BODY_TOO_LARGE,
    429: Reason.TOO_MANY_REQUESTS,
    503: Reason.UNAVAILABLE,
}


class ProblemError(Exception):
    """A request is not taken: nothing was done, and the answer is a problem of this `reason`."""

    def __init__(self, reason: Reason, detail: str, **more: object) -> None:
        super().__init__(detail)
        self.reason, self.detail, self.more = reason, detail, more


def is_asked_by_program() -> bool:
    """Whether this request's errors are for a program, whatever it accepts."""
    return request.path.startswith(f"{API}/") and not request.path.startswith(f"{API}/docs")


def text(reason: Reason, kind: Kind, detail: str, more: Mapping[str, Any]) -> str:
    """The problem's body. `type` is where it is explained."""
    told = {
        "type": f"{services().shop.public_url}{API}/docs#{reason}",
        "title": kind.title,
        "status": kind.status,
        "code": str(reason),
        "detail": detail,
        **more,
    }
    return json.dumps(told, ensure_ascii=False)


def answer(error: ProblemError) -> Response:
    """The answer to a request that is not taken."""
    kind = KINDS[error.reason]
    response = Response(text(error.reason, kind, error.detail, error.more), kind.status, mimetype=MEDIA_TYPE)
    if error.reason is Reason.API_KEY_WRONG:
        response.headers["WWW-Authenticate"] = 'Bearer realm="POS API"'
    if error.reason is Reason.IDEMPOTENCY_KEY_IN_USE:
        response.headers["Retry-After"] = "1"
    return response


def of_http(error: HTTPException, sentence: str) -> Response:
    """The answer to a request that failed before, or beside, what it asks for."""
    status = error.code or 500
    reason = _BY_STATUS.get(
        status, Reason.BODY_MALFORMED if status < KINDS[Reason.SERVER_BROKE].status else Reason.SERVER_BROKE
    )
    return answer(ProblemError(reason, sentence))
