"""What the Graph API's refusals mean.

https://developers.facebook.com/documentation/business-messaging/messenger-platform/error-codes, 2026-03-18.
"""

from http import HTTPStatus
from typing import Any

from bot.channels.answers import Answer
from bot.channels.delivery import DeliveryError
from bot.channels.reading import part, text
from core.reasons import Reason

# (reason, whether trying again can help). A subcode says more than its code and is looked up first.
SUBCODES: dict[int, tuple[Reason, bool]] = {
    2018278: (Reason.WINDOW_CLOSED, False),
    2534022: (Reason.WINDOW_CLOSED, False),
    1893063: (Reason.CHANNEL_CREDENTIALS, False),  # the Page is restricted for a while
    1545041: (Reason.RECIPIENT_UNREACHABLE, False),
    2018001: (Reason.RECIPIENT_UNREACHABLE, False),
    2018108: (Reason.RECIPIENT_UNREACHABLE, False),
    2018354: (Reason.RATE_LIMITED, False),  # marketing frequency: waiting here does not help
    2018352: (Reason.RATE_LIMITED, False),
}
CODES: dict[int, tuple[Reason, bool]] = {
    2: (Reason.CHANNEL_UNAVAILABLE, True),
    4: (Reason.RATE_LIMITED, True),
    10: (Reason.CHANNEL_CREDENTIALS, False),
    100: (Reason.MESSAGE_REFUSED, False),
    190: (Reason.CHANNEL_CREDENTIALS, False),
    200: (Reason.CHANNEL_CREDENTIALS, False),
    230: (Reason.CHANNEL_CREDENTIALS, False),
    551: (Reason.RECIPIENT_UNREACHABLE, False),
    613: (Reason.RATE_LIMITED, True),
}
_STATUSES: dict[int, tuple[Reason, bool]] = {
    HTTPStatus.UNAUTHORIZED: (Reason.CHANNEL_CREDENTIALS, False),
    HTTPStatus.FORBIDDEN: (Reason.CHANNEL_CREDENTIALS, False),
    HTTPStatus.NOT_FOUND: (Reason.CHANNEL_UNAVAILABLE, True),  # MESSENGER_API_URL or a proxy is wrong
    HTTPStatus.REQUEST_TIMEOUT: (Reason.CHANNEL_UNAVAILABLE, True),
    HTTPStatus.TOO_MANY_REQUESTS: (Reason.RATE_LIMITED, True),
}


def codes(answer: Answer) -> tuple[int, int]:
    """Graph's error code and subcode; 0 where there is none."""
    return _number(answer.content, "code"), _number(answer.content, "error_subcode")


def refusal(answer: Answer) -> DeliveryError:
    """What the answer to a refused request means, and whether trying again can help."""
    code, subcode = codes(answer)
    known = SUBCODES.get(subcode) or CODES.get(code) or _STATUSES.get(answer.status)
    if known is None and (answer.is_server_error or answer.is_success):
        return unknown(detail(answer))
    is_elsewhere = answer.status < HTTPStatus.BAD_REQUEST and not code
    reason, may_retry = known or (
        (Reason.CHANNEL_UNAVAILABLE, True) if is_elsewhere else (Reason.MESSAGE_REFUSED, False)
    )
    return DeliveryError(reason, detail(answer), may_retry=may_retry, retry_after=answer.retry_after)


def unknown(what: str) -> DeliveryError:
    """Nobody knows whether Messenger took the message, and a repeat might double it: it has no idempotency key."""
    return DeliveryError(Reason.OUTCOME_UNKNOWN, what, is_unknown=True)


def detail(answer: Answer) -> str:
    """The status, Graph's codes and its own words, as `HTTP 400, code 100/2018001: No matching user found`."""
    code, subcode = codes(answer)
    numbers = f", code {code}" + (f"/{subcode}" if subcode else "") if code else ""
    return f"HTTP {answer.status}{numbers}: {text(answer.content, 'error', 'message') or 'no reason given'}"


def _number(content: Any, name: str) -> int:  # noqa: ANN401 (any JSON value)
    found = part(content, "error", name)
    return int(found) if isinstance(found, int) or (isinstance(found, str) and found.isdecimal()) else 0
