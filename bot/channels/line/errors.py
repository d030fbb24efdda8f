"""What LINE's refusals mean (https://developers.line.biz/en/reference/messaging-api/#error-responses, 2026-08-07)."""

from http import HTTPStatus

from bot.channels.answers import Answer
from bot.channels.delivery import DeliveryError
from bot.channels.reading import objects, text
from core.reasons import Reason

# LINE says 429 of four things, told apart by its words alone: the month's paid messages are used up ("You have reached
# your monthly limit.", "You have exceeded the target limit for additional messages."), too many requests at the same
# moment ("... concurrent ..."), too many requests a second, too many messages to one person.
_USED_UP = ("monthly limit", "additional messages")
_AT_ONCE = "concurren"
_PASSING = {HTTPStatus.NOT_FOUND, HTTPStatus.REQUEST_TIMEOUT}  # LINE_API_URL or a proxy is wrong: others can mend it


def refusal(answer: Answer) -> DeliveryError:
    """What the answer to a refused request means, and whether trying again can help."""
    reason, may_retry = _meaning(answer)
    return DeliveryError(
        reason,
        detail(answer),
        may_retry=may_retry,
        is_unknown=answer.is_server_error,  # LINE asks for a retry with the same key: it may have been accepted
        retry_after=answer.retry_after,
    )


def detail(answer: Answer) -> str:
    """The status and LINE's own words, as `HTTP 400: message (messages[0].text: May not be empty)`."""
    content = answer.content or {}
    parts = (f"{text(each, 'property')}: {text(each, 'message')}" for each in objects(content.get("details")))
    found = "; ".join(parts)
    return f"HTTP {answer.status}: {text(content, 'message') or 'no reason given'}" + (f" ({found})" if found else "")


def _meaning(answer: Answer) -> tuple[Reason, bool]:
    status = answer.status
    if status == HTTPStatus.BAD_REQUEST:
        return _bad_request(answer)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Reason.CHANNEL_CREDENTIALS, False
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _too_many(answer)
    is_elsewhere = status < HTTPStatus.BAD_REQUEST
    if answer.is_server_error or is_elsewhere or status in _PASSING:
        return Reason.CHANNEL_UNAVAILABLE, True
    return Reason.MESSAGE_REFUSED, False


def _bad_request(answer: Answer) -> tuple[Reason, bool]:
    content = answer.content or {}
    message = text(content, "message")
    if "reply token" in message.lower():
        return Reason.REPLY_TOKEN_REFUSED, True  # the same without the token is a push
    if "'to'" in message or any(text(each, "property") == "to" for each in objects(content.get("details"))):
        return Reason.RECIPIENT_UNREACHABLE, False
    return Reason.MESSAGE_REFUSED, False


def _too_many(answer: Answer) -> tuple[Reason, bool]:
    """No waiting but for the next month brings paid messages back; the rest passes by itself."""
    said = text(answer.content, "message").lower()
    if any(words in said for words in _USED_UP):
        return Reason.QUOTA_USED_UP, False
    return (Reason.TOO_MANY_AT_ONCE if _AT_ONCE in said else Reason.RATE_LIMITED), True
