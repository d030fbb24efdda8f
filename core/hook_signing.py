"""How outgoing webhooks are signed: as Standard Webhooks has it, so that its libraries verify them as they are.

The source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, version 1.0.0.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

PREFIX = "whsec_"


def secret(key: str, salt: str) -> str:
    """An endpoint's secret, as whoever verifies is given it: made of the server's `key`, so that no row has it."""
    made = hmac.new(key.encode(), f"outgoing webhooks {salt}".encode(), hashlib.sha256).digest()
    return PREFIX + base64.b64encode(made).decode()


def written(content: Mapping[str, Any]) -> bytes:
    """The body, byte for byte the same in every attempt, though a database keeps no order of names."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def headers(event_id: str, body: bytes, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """What is sent beside the body: the event's id, the attempt's time in seconds, and a signature by each secret."""
    at = str(int(now.timestamp()))
    signed = f"{event_id}.{at}.".encode() + body
    signatures = [_signature(one, signed) for one in secrets]
    return {"webhook-id": event_id, "webhook-timestamp": at, "webhook-signature": " ".join(signatures)}


def _signature(secret_: str, signed: bytes) -> str:
    key = base64.b64decode(secret_.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
