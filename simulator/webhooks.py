"""What people do, posted to the shop as the platforms post it: signed over the raw bytes."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from typing import Any

import requests

from simulator.context import Context

LINE_PATIENCE = 2  # seconds in which LINE wants an answer
MESSENGER_PATIENCE = 20
NO_ANSWER = 0
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def post_line(context: Context, events: list[dict[str, Any]]) -> int:
    """Post events as LINE does; the status that the shop answered, 0 where it did not."""
    body = _bytes({"destination": "U" + "0" * 32, "events": events})
    digest = hmac.new(context.config.line_channel_secret.encode(), body, hashlib.sha256).digest()
    headers = {"x-line-signature": base64.b64encode(digest).decode(), "User-Agent": "LineBotWebhook/2.0"}
    return _post(context, "line", body, headers, LINE_PATIENCE)


def post_messenger(context: Context, events: list[dict[str, Any]]) -> int:
    """Post events as Meta does; the status that the shop answered, 0 where it did not."""
    page = context.config.messenger_page_id
    entry = {"id": page, "time": milliseconds(context), "messaging": events}
    body = _bytes({"object": "page", "entry": [entry]})
    digest = hmac.new(context.config.messenger_app_secret.encode(), body, hashlib.sha256).hexdigest()
    return _post(context, "messenger", body, {"X-Hub-Signature-256": f"sha256={digest}"}, MESSENGER_PATIENCE)


def post_again(context: Context) -> int:
    """Post the last webhook again, byte for byte but for LINE's mark of redelivery."""
    last = context.state.row("SELECT * FROM traffic WHERE direction = 'sent' ORDER BY number DESC LIMIT 1")
    if last is None:
        return NO_ANSWER
    body = json.loads(last["request"])
    if last["channel"] == "messenger":
        return post_messenger(context, body["entry"][0]["messaging"])
    for event in body["events"]:
        event["deliveryContext"] = {"isRedelivery": True}
    return post_line(context, body["events"])


def line_event(context: Context, kind: str, person_id: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (event fields)
    """A webhook event of LINE; with a fresh reply token, but for 'unfollow', which has none."""
    event: dict[str, Any] = {
        "type": kind,
        "webhookEventId": ulid(),
        "deliveryContext": {"isRedelivery": False},
        "timestamp": milliseconds(context),
        "source": {"type": "user", "userId": person_id},
        "mode": "active",
        **more,
    }
    if kind != "unfollow":
        event["replyToken"] = secrets.token_hex(16)
        with context.state.change() as connection:
            values = (event["replyToken"], person_id, context.now())
            connection.execute("INSERT INTO reply_tokens VALUES (?, ?, ?, 0)", values)
    return event


def messenger_event(context: Context, person_id: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (event fields)
    """A messaging event of Meta."""
    page = context.config.messenger_page_id
    return {"sender": {"id": person_id}, "recipient": {"id": page}, "timestamp": milliseconds(context), **more}


def message_id() -> str:
    """An id as Messenger gives a message or a postback."""
    return "m_" + secrets.token_urlsafe(48)


def milliseconds(context: Context) -> int:
    """The stand-ins' time in milliseconds since 1970."""
    return int(context.now() * 1000)


def ulid() -> str:
    """A ULID: 48 bits of time and 80 of chance, in Crockford's base 32."""
    number = (int(time.time() * 1000) << 80) | secrets.randbits(80)
    return "".join(CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def _bytes(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _post(context: Context, channel: str, body: bytes, headers: dict[str, str], patience: float) -> int:
    path = f"/webhooks/{channel}"
    try:
        url = context.config.shop_url + path
        answer = requests.post(url, data=body, headers=headers | {"Content-Type": "application/json"}, timeout=patience)
        status, words = answer.status_code, answer.text[:2000]
    except requests.RequestException as error:
        status, words = NO_ANSWER, f"the shop did not answer: {type(error).__name__}"
    entry = {"direction": "sent", "channel": channel, "method": "POST", "path": path, "status": status}
    context.state.note_traffic(entry | {"request": json.loads(body), "answer": words, "at": context.now()})
    return status
