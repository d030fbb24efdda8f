"""A request's body: bounded, JSON, and with no field that the operation does not know."""

import re

from flask import request
from pydantic import BaseModel, ValidationError

from core import api_replies
from core.reasons import Reason
from pos.api.operations import Operation
from web.problems import ProblemError
from web.words import say

TOLD = 20  # mistakes of one request
SHOWN = 100  # characters of a field's name
KEY = re.compile(rf"[\x21-\x7e]{{1,{api_replies.LONGEST_KEY}}}")


def read(operation: Operation) -> BaseModel | None:
    """The body as the operation has it.

    Raises:
        ProblemError: MEDIA_TYPE_WRONG, BODY_MALFORMED or FIELDS_WRONG, with each wrong field by its name.
        RequestEntityTooLarge: it has more bytes than the operation takes.
    """
    if operation.body is None:
        return None
    request.max_content_length = operation.largest
    if request.mimetype != "application/json":
        raise ProblemError(Reason.MEDIA_TYPE_WRONG, say("請用 JSON 傳送。", "Send the body as application/json."))
    try:
        return operation.body.model_validate_json(request.get_data())
    except ValidationError as error:
        raise _problem(error) from None


def idempotency_key() -> str | None:
    """The request's `Idempotency-Key`, None where it has none.

    Raises:
        ProblemError: IDEMPOTENCY_KEY_MALFORMED.
    """
    given = request.headers.get("Idempotency-Key")
    if given is not None and not KEY.fullmatch(given):
        sentence = say(
            "Idempotency-Key 要有 1 到 255 個沒有空格的 ASCII 字元。",
            "An Idempotency-Key has 1 to 255 printable ASCII characters without spaces.",
        )
        raise ProblemError(Reason.IDEMPOTENCY_KEY_MALFORMED, sentence)
    return given


def _problem(error: ValidationError) -> ProblemError:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if any(not one["loc"] for one in found):  # of the whole body
        return ProblemError(Reason.BODY_MALFORMED, say("內容不是 JSON 物件。", "The body is no JSON object."))
    words = {
        "extra_forbidden": say("沒有這個欄位。", "There is no such field."),
        "missing": say("缺少這個欄位。", "This field is missing."),
    }
    errors = [
        {"field": ".".join(map(str, one["loc"]))[:SHOWN], "detail": words.get(one["type"], one["msg"])}
        for one in found[:TOLD]
    ]
    names = ", ".join(one["field"] for one in errors)
    return ProblemError(Reason.FIELDS_WRONG, say(f"欄位有誤：{names}", f"Wrong fields: {names}"), errors=errors)
