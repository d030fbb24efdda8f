"""How the stand-in for Meta's Graph API answers: token and proof checked, faults on demand, errors in Graph's shape."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from typing import Any

from flask import Response, request

from simulator import faults
from simulator.context import Context, current
from simulator.traffic import noted


class GraphError(Exception):
    """An error in Graph's shape."""

    def __init__(self, code: int, message: str, subcode: int | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.body = error_body(code, message, subcode)


def error_body(code: int, message: str, subcode: int | None = None) -> dict[str, Any]:
    """The JSON of an error."""
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": secrets.token_urlsafe(8)}
    return {"error": error | ({"error_subcode": subcode} if subcode else {})}


def answer(endpoint: str, work: Callable[[Context], dict[str, Any]]) -> Response:
    """Answer a call by what `work` gives. `endpoint` is what faults are asked for at."""
    context = current()

    def answered() -> Response:
        try:
            _check_token(context)
            body, status = work(context), 200
        except GraphError as error:
            body, status = error.body, error.status
        return Response(json.dumps(body, ensure_ascii=False), status, content_type="application/json; charset=UTF-8")

    with noted(context, "messenger") as note:
        response = faults.around(
            context,
            "messenger",
            endpoint,
            answered,
            lambda fault: error_body(fault["code"], fault["message"] or "fault"),
        )
        note(response)
        return response


def _check_token(context: Context) -> None:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ") or request.args.get("access_token", "")
    token = context.config.messenger_page_token
    if not secrets.compare_digest(given.encode(), token.encode()):
        raise GraphError(190, "Invalid OAuth access token.", status=401)
    proof = hmac.new(context.config.messenger_app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
    if not secrets.compare_digest(request.args.get("appsecret_proof", proof).encode(), proof.encode()):
        raise GraphError(100, "Invalid appsecret_proof provided in the API argument")
