"""What LINE's refusals mean (https://developers.line.biz/en/reference/messaging-api/#error-responses, 2026-08-07)."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from bot.channels.answers import Answer
from bot.channels.delivery import DeliveryError
from bot.channels.reading import objects, text
from core.reasons import Reason

_MESSAGES = "https://developers.line.biz/en/reference/messaging-api/#error-messages"
_FAQ = "https://developers.line.biz/en/faq/#why-do-i-get-429-error-during-message-delivery"


@dataclass(frozen=True)
class TooMany:
    """One of the things that LINE means by 429, known by `words` in what it says (in lower case).

    `source` says the words, on or before `as_of`; empty where LINE's reference describes the case without its words.
    """

    words: str
    reason: Reason
    may_retry: bool
    source: str
    as_of: date


# LINE's reference lists the two with a source. The target limit has gone from it (a copy of July 2022 still had it) and
# the monthly limit now stands for both; of concurrent operations it says that they give 429, not in which words.
TOO_MANY = (
    TooMany("monthly limit", Reason.QUOTA_USED_UP, may_retry=False, source=_FAQ, as_of=date(2026, 1, 22)),
    TooMany("additional messages", Reason.QUOTA_USED_UP, may_retry=False, source="", as_of=date(2022, 7, 31)),
    TooMany("rate limit", Reason.RATE_LIMITED, may_retry=True, source=_MESSAGES, as_of=date(2025, 12, 23)),
    TooMany("concurren", Reason.TOO_MANY_AT_ONCE, may_retry=True, source="", as_of=date(2025, 12, 23)),
)
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
    """Paid messages come back with the next month, or soon (`workers/jobs/quota.py`); the rest passes by itself."""
    said = text(answer.content, "message").lower()
    found = next((each for each in TOO_MANY if each.words in said), None)
    return (found.reason, found.may_retry) if found else (Reason.RATE_LIMITED, True)
