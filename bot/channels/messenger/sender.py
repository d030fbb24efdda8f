"""The way out to Messenger: the Send API, one message a call, never repeated blindly."""

from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

from bot.channels.answers import Answer, checked_secret
from bot.channels.delivery import Delivered, DeliveryError, Profile
from bot.channels.messenger.errors import codes, refusal
from bot.channels.messenger.limits import LIMITS
from bot.channels.reading import mark, text
from core.reasons import Reason

if TYPE_CHECKING:
    from bot.channels.messenger.api import Graph

_FIELDS = "first_name,last_name,name,profile_pic,locale"
_PLAIN_FIELDS = "first_name,last_name,profile_pic"  # what needs no permission of its own
_PERMISSION_CODES = frozenset({3, 10, 100, 200, 230})  # a field, or the whole profile, is not ours to read


class Messenger:
    """Fulfils `bot.channels.delivery.Sender`. pymessenger and requests are loaded at the first request."""

    batch_size = LIMITS["messages"].size
    is_idempotent = False

    def __init__(
        self,
        api_url: str,
        token: str,
        app_secret: str,
        version: str,
        *,
        timeout: tuple[float, float] = (3.05, 10),
    ) -> None:
        """`version` is Graph's, such as v25.0; `timeout` is (connect, read) in seconds.

        Raises:
            ValueError: the token cannot be one.
        """
        self._graph_url = f"{api_url.rstrip('/')}/{version.strip('/')}"
        self._token = checked_secret("Messenger page token", token)
        self._app_secret = app_secret
        self._timeout = timeout

    def send(self, account_id: str, payloads: list[dict[str, Any]], *, key: UUID, reply_token: str = "") -> Delivered:  # noqa: ARG002 (Messenger knows neither)
        """Send one message object, untouched; see `Sender.send`.

        Messenger has no idempotency key: an outcome that is unknown must not be repeated, whatever `key` is.
        """
        if len(payloads) != 1:
            raise ValueError(f"Messenger takes 1 message a request, not {len(payloads)}.")
        answer: Answer = self._graph.send_message(account_id, payloads[0])
        content = answer.content
        if not answer.is_success or content is None or "error" in content:
            raise refusal(answer).without((self._token, self._app_secret))
        message_id = mark(text(content, "message_id"))
        return Delivered((message_id,) if message_id else (), answer.header("x-fb-trace-id"))

    def profile(self, account_id: str) -> Profile | None:
        """Name, picture and locale, as far as the app's permissions go; None where Messenger gives none of them."""
        for fields in (_FIELDS, _PLAIN_FIELDS):
            answer = self._look_up(account_id, fields)
            content = answer.content
            if answer.is_success and content is not None and "error" not in content:
                return _profile(content)
            if codes(answer)[0] not in _PERMISSION_CODES:
                break
        error = refusal(answer).without((self._token, self._app_secret))
        if error.reason is Reason.RECIPIENT_UNREACHABLE or codes(answer)[0] in _PERMISSION_CODES:
            return None
        raise error

    def show_typing(self, account_id: str) -> bool:
        """Messenger's three dots, for up to 20 seconds or until a message comes."""
        try:
            answer: Answer = self._graph.send_action(account_id, "typing_on")
        except DeliveryError:
            return False
        return answer.is_success

    def allowance(self) -> None:
        """Messenger counts no messages."""

    @cached_property
    def _graph(self) -> "Graph":
        from bot.channels.messenger.api import Graph  # noqa: PLC0415 (only a process that sends pays for it)

        return Graph(self._graph_url, self._token, self._app_secret, self._timeout)

    def _look_up(self, account_id: str, fields: str) -> Answer:
        return self._graph.look_up(quote(account_id, safe=""), fields)


def _profile(found: dict[str, Any]) -> Profile:
    parts = (text(found, "first_name"), text(found, "last_name"))
    name = " ".join(part for part in parts if part) or text(found, "name")
    return Profile(name, text(found, "profile_pic"), text(found, "locale"))
