"""How the stand-in for LINE's Messaging API answers: the token checked, faults on demand, refusals in LINE's shape."""

import json
import secrets
import uuid
from collections.abc import Callable
from typing import Any

from flask import Response, request

from simulator import faults
from simulator.context import Context, current
from simulator.line_rules import MAX_BODY
from simulator.traffic import noted


class Refused(Exception):  # noqa: N818 (an answer, not a mistake)
    """An answer other than 200."""

    def __init__(self, status: int, message: str, details: list[tuple[str, str]] | None = None, **more: Any) -> None:  # noqa: ANN401
        super().__init__(message)
        self.status = status
        self.headers: dict[str, str] = more.pop("headers", {})
        self.body: dict[str, Any] = {"message": message, **more}
        if details:
            self.body["details"] = [{"message": words, "property": name} for name, words in details]


def answer(endpoint: str, work: Callable[[Context], Any]) -> Response:
    """Answer a call by what `work` gives: a body, or body and status. `endpoint` is what faults are asked for at."""
    context = current()

    def answered() -> Response:
        headers: dict[str, str] = {}
        try:
            _check_token(context)
            found = work(context)
            body, status = found if isinstance(found, tuple) else (found, 200)
        except Refused as refused:
            body, status, headers = refused.body, refused.status, refused.headers
        response = Response(json.dumps(body, ensure_ascii=False), status, headers, content_type="application/json")
        response.headers["x-line-request-id"] = str(uuid.uuid4())
        return response

    with noted(context, "line") as note:
        response = faults.around(
            context, "line", endpoint, answered, lambda fault: {"message": fault["message"] or "fault"}
        )
        note(response)
        return response


def _check_token(context: Context) -> None:
    expected = f"Bearer {context.config.line_channel_access_token}"
    if not secrets.compare_digest(request.headers.get("Authorization", "").encode(), expected.encode()):
        raise Refused(401, "Authentication failed. Confirm that the access token in the authorization header is valid.")


def json_body() -> dict[str, Any]:
    """The request's JSON object."""
    raw = request.get_data()
    if len(raw) > MAX_BODY:
        raise Refused(413, "The request body is too large")
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise Refused(400, "The request body could not be parsed as JSON") from error
    if not isinstance(body, dict):
        raise Refused(400, "The request body has 1 error(s)")
    return body
