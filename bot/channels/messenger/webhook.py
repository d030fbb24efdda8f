"""Messenger's webhooks: the signature over the raw body, and each event read. Unknown types are tolerated."""

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

from bot.channels import reading
from bot.channels.limits import ELLIPSIS
from bot.channels.reading import EPOCH, Read, objects, part, text
from bot.events import Inbound, Kind

_LINK_INTO_THREAD = "SHORTLINK"  # an m.me link; a click on an advertisement alone does not open the window


def verify(body: bytes, signature: str | None, secret: str) -> bool:
    """Whether `signature` (the header X-Hub-Signature-256) is Meta's own over the raw `body`.

    `sha256=` and hex of HMAC-SHA256 with the app secret (https://developers.facebook.com/docs/messenger-platform/webhooks,
    "Validate payloads"). An empty secret verifies nothing: anybody could sign with it.
    """
    if not signature or not secret:
        return False
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass"))


def read(body: bytes, page_id: str = "") -> list[Read]:
    """Every event of a webhook, in its order, save echoes, deliveries, reads, and what another app answers (standby).

    One app, and so one secret, may serve several Pages: where ours is told, what happens on others is left out.

    Raises:
        UnreadableBody: the body is no JSON object.
    """
    content = reading.json_object(body)
    if content.get("object", "page") != "page":
        return []  # Instagram's accounts are not Messenger's
    return reading.read_each(_events(content, page_id), read_event)


def read_event(raw: dict[str, Any]) -> Inbound:
    """One event. What cannot be read is of kind "other"; a link's ref comes with a message, a postback or alone."""
    occurred_at = reading.instant(raw.get("timestamp"))
    account_id = reading.account_id(text(raw, "sender", "id"))
    is_readable = occurred_at is not None and bool(account_id)
    kind = _kind(raw) if is_readable else "other"
    return Inbound(
        event_id=_event_id(raw),
        account_id=account_id,
        kind=kind,
        occurred_at=occurred_at or EPOCH,
        text=_words(raw) if kind == "text" else "",
        data=text(raw, "postback", "payload") if kind == "postback" else "",
        ref=_ref(raw),
        opens_window=is_readable and _opens_window(raw),
    )


def _events(content: dict[str, Any], page_id: str) -> Iterator[object]:
    for entry in objects(content.get("entry")):
        if page_id and text(entry, "id") not in {"", page_id}:
            continue
        for event in objects(part(entry, "messaging")):
            is_about_ours = part(event, "delivery") is not None or part(event, "read") is not None
            if not is_about_ours and not part(event, "message", "is_echo"):
                yield event


def _event_id(raw: dict[str, Any]) -> str:
    """The mid of a message or postback. A deletion carries the mid of what it deletes, so it gets a fingerprint."""
    own = "" if part(raw, "message", "is_deleted") else text(raw, "message", "mid") or text(raw, "postback", "mid")
    return reading.event_id(own, raw)


def _kind(raw: dict[str, Any]) -> Kind:
    if "message" in raw:
        return _message_kind(raw)
    if isinstance(raw.get("postback"), dict):
        return "postback"
    if isinstance(raw.get("referral"), dict):
        return "referral"
    return "account_link" if isinstance(raw.get("account_linking"), dict) else "other"


def _message_kind(raw: dict[str, Any]) -> Kind:
    if part(raw, "message", "is_deleted"):
        return "other"
    if text(raw, "message", "text"):
        return "text"
    has_media = objects(part(raw, "message", "attachments")) or part(raw, "message", "sticker_id")
    return "media" if has_media else "other"


def _words(raw: dict[str, Any]) -> str:
    """The customer's words. Our own quick replies carry the whole label as payload: it stands for one that was cut."""
    words, payload = text(raw, "message", "text"), text(raw, "message", "quick_reply", "payload")
    is_cut = words.endswith(ELLIPSIS) and payload.startswith(words.removesuffix(ELLIPSIS))
    return payload if is_cut else words


def _ref(raw: dict[str, Any]) -> str:
    return (
        text(raw, "postback", "referral", "ref")
        or text(raw, "message", "referral", "ref")
        or text(raw, "referral", "ref")
    )


def _opens_window(raw: dict[str, Any]) -> bool:
    """Whether the act gives 24 hours anew (docs of 2026-05-05): a message, a postback, an m.me link, a reaction."""
    if isinstance(raw.get("message"), dict):
        return not part(raw, "message", "is_deleted")
    if isinstance(raw.get("referral"), dict):
        return part(raw, "referral", "source") in {None, _LINK_INTO_THREAD}
    has_reacted = isinstance(raw.get("reaction"), dict) and text(raw, "reaction", "action") != "unreact"
    return has_reacted or isinstance(raw.get("postback"), dict)
