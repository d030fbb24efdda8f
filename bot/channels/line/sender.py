"""The way out to LINE: a reply while its token lives, else a push under a retry key."""

from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bot.channels.answers import Answer, checked_secret
from bot.channels.delivery import Allowance, Delivered, DeliveryError, Profile
from bot.channels.line.errors import refusal
from bot.channels.line.limits import LIMITS
from bot.channels.reading import mark, objects, part, text
from core.reasons import Reason

if TYPE_CHECKING:
    from bot.channels.line.api import Api

_NO_PROFILE = 404
_ACCEPTED_BEFORE = 409
_TYPING_SECONDS = 20  # how long LINE shows that an answer comes, unless it comes: a multiple of 5 up to 60


class Line:
    """Fulfils `bot.channels.delivery.Sender`. The SDK is loaded at the first request."""

    batch_size = LIMITS["messages"].size
    is_idempotent = True

    def __init__(self, api_url: str, token: str, *, timeout: tuple[float, float] = (3, 8)) -> None:
        """`timeout` is (connect, read) in seconds.

        Raises:
            ValueError: the token cannot be one.
        """
        self._api_url = api_url.rstrip("/")
        self._token = checked_secret("LINE channel access token", token)
        self._timeout = timeout

    def send(self, account_id: str, payloads: list[dict[str, Any]], *, key: UUID, reply_token: str = "") -> Delivered:
        """Send up to 5 message objects in one request, untouched; see `Sender.send`.

        A push accepted before under the same `key` (409) is delivered. A refused reply token is
        REPLY_TOKEN_REFUSED with `may_retry`: the same without the token can work.
        """
        if not 1 <= len(payloads) <= self.batch_size:
            raise ValueError(f"LINE takes 1 to {self.batch_size} messages a request, not {len(payloads)}.")
        answer = self._reply(reply_token, payloads) if reply_token else self._push(account_id, payloads, key)
        if answer.is_success and answer.content is None:
            raise _unreadable(answer)
        if answer.is_success or (answer.status == _ACCEPTED_BEFORE and not reply_token):
            return _delivered(answer)
        raise refusal(answer).without((self._token,))

    def profile(self, account_id: str) -> Profile | None:
        """Name, picture and language; None where LINE gives none: blocked, no friend, or no consent (404)."""
        answer = self._api.call("GET", "/v2/bot/profile/{userId}", path_params={"userId": account_id})
        if answer.status == _NO_PROFILE:
            return None
        if not answer.is_success:
            raise refusal(answer).without((self._token,))
        found = answer.content
        return Profile(text(found, "displayName"), text(found, "pictureUrl"), text(found, "language"))

    def show_typing(self, account_id: str) -> bool:
        """LINE's loading animation, for 20 seconds or until a message comes; in chats with one person only."""
        if not account_id.startswith("U"):
            return False
        body = {"chatId": account_id, "loadingSeconds": _TYPING_SECONDS}
        try:
            return self._api.call("POST", "/v2/bot/chat/loading/start", body=body).is_success
        except DeliveryError:
            return False

    def allowance(self) -> Allowance:
        """The month's messages; what is used is approximate, says LINE."""
        limit = self._ask("/v2/bot/message/quota")
        used = self._ask("/v2/bot/message/quota/consumption")
        is_limited = text(limit, "type") == "limited"
        return Allowance(int(part(limit, "value") or 0) if is_limited else None, int(part(used, "totalUsage") or 0))

    def _ask(self, path: str) -> dict[str, Any]:
        answer = self._api.call("GET", path)
        if not answer.is_success:
            raise refusal(answer).without((self._token,))
        if answer.content is None:
            raise _unreadable(answer)
        return answer.content

    @cached_property
    def _api(self) -> "Api":
        from bot.channels.line.api import Api  # noqa: PLC0415 (only a process that sends pays for the SDK)

        return Api(self._api_url, self._token, self._timeout)

    def _reply(self, token: str, payloads: list[dict[str, Any]]) -> Answer:
        return self._api.call("POST", "/v2/bot/message/reply", body={"replyToken": token, "messages": payloads})

    def _push(self, account_id: str, payloads: list[dict[str, Any]], key: UUID) -> Answer:
        body = {"to": account_id, "messages": payloads}
        return self._api.call("POST", "/v2/bot/message/push", body=body, headers={"X-Line-Retry-Key": str(key)})


def _delivered(answer: Answer) -> Delivered:
    sent = objects((answer.content or {}).get("sentMessages"))
    request_id = answer.header("x-line-accepted-request-id") or answer.header("x-line-request-id")
    return Delivered(tuple(mark(text(message, "id")) for message in sent), request_id)


def _unreadable(answer: Answer) -> DeliveryError:
    """Success without LINE's JSON: somebody between us and LINE has answered, so nobody knows."""
    detail = f"HTTP {answer.status}, but the answer is not LINE's"
    return DeliveryError(Reason.CHANNEL_UNAVAILABLE, detail, may_retry=True, is_unknown=True)
