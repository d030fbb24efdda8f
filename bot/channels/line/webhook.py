"""LINE's webhooks: the signature over the raw body, and each event read. Unknown types are tolerated, as LINE asks."""

import base64
import hashlib
import hmac
from typing import Any

from bot.channels import reading
from bot.channels.reading import EPOCH, Read, part, text
from bot.events import Inbound, Kind

_KINDS: dict[str, Kind] = {
    "postback": "postback",
    "follow": "follow",
    "unfollow": "unfollow",
    "accountLink": "account_link",
}


def verify(body: bytes, signature: str | None, secret: str) -> bool:
    """Whether `signature` (the header x-line-signature) is LINE's own over the raw `body`.

    Base64 of HMAC-SHA256 (https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/). An empty
    secret verifies nothing: anybody could sign with it.
    """
    if not signature or not secret:
        return False
    expected = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256))
    return hmac.compare_digest(expected, signature.encode("utf-8", "surrogatepass"))


def read(body: bytes) -> list[Read]:
    """Every event of a webhook, in its order, save those of standby mode, which another module answers.

    Raises:
        UnreadableBody: the body is no JSON object.
    """
    events = reading.objects(reading.json_object(body).get("events"))
    return reading.read_each((event for event in events if part(event, "mode") != "standby"), read_event)


def read_event(raw: dict[str, Any]) -> Inbound:
    """One event. What cannot be read, and what happens in groups and rooms, is of kind "other".

    A coupon is one customer's: in a group nobody is answered, so its events carry no reply token.
    """
    occurred_at = reading.instant(raw.get("timestamp"))
    account_id = reading.account_id(_group(raw) or text(raw, "source", "userId"))
    is_private = bool(account_id) and not _group(raw)
    kind = _kind(raw) if occurred_at and is_private else "other"
    return Inbound(
        event_id=_event_id(raw),
        account_id=account_id,
        kind=kind,
        occurred_at=occurred_at or EPOCH,
        text=text(raw, "message", "text") if kind == "text" else "",
        data=text(raw, "postback", "data") if kind == "postback" else "",
        reply_token=reading.mark(text(raw, "replyToken")) if is_private else "",
        is_unblocked=part(raw, "follow", "isUnblocked") is True,
    )


def _group(raw: dict[str, Any]) -> str:
    return text(raw, "source", "groupId") or text(raw, "source", "roomId")


def _event_id(raw: dict[str, Any]) -> str:
    """LINE's webhookEventId, or a fingerprint without deliveryContext, which a redelivery changes."""
    lasting = {name: value for name, value in raw.items() if name != "deliveryContext"}
    return reading.event_id(text(raw, "webhookEventId"), lasting)


def _kind(raw: dict[str, Any]) -> Kind:
    event_type = text(raw, "type")
    if part(raw, "postback", "params", "status") is not None:
        return "other"  # the menu's page was turned, or could not be (then LINE names no new one): nothing to answer
    if event_type != "message":
        return _KINDS.get(event_type, "other")
    if text(raw, "message", "type") == "text":
        return "text" if text(raw, "message", "text") else "other"
    return "media" if text(raw, "message", "type") else "other"
