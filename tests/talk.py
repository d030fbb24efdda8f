"""What customers say and what is said to them, straight into the inbox and the outbox, as the platforms write it."""

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot import chats
from core import inbox, outgoing
from core.inbox import Arrival, Delivery

_numbers = itertools.count(1)


def line_event(account_id: str, at: datetime, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (any JSON)
    """An event as LINE sends it."""
    return {
        "mode": "active",
        "timestamp": int(at.timestamp() * 1000),
        "source": {"type": "user", "userId": account_id},
        "webhookEventId": f"01TALK{next(_numbers):020}",
        "replyToken": "a-token",
        **more,
    }


def messenger_event(account_id: str, at: datetime, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (any JSON)
    """An event as Messenger sends it."""
    return {
        "sender": {"id": account_id},
        "recipient": {"id": "100"},
        "timestamp": int(at.timestamp() * 1000),
        **more,
    }


def said(session: Session, who: tuple[str, str], words: str, at: datetime, received: datetime | None = None) -> None:
    """A customer writes."""
    channel, account_id = who
    if channel == "line":
        body = line_event(account_id, at, type="message", message={"type": "text", "id": "1", "text": words})
    else:
        body = messenger_event(account_id, at, message={"mid": f"m_{next(_numbers)}", "text": words})
    done(session, who, body, at, received)


def done(
    session: Session, who: tuple[str, str], body: dict[str, Any], at: datetime, received: datetime | None = None
) -> None:
    """A customer does something, which the shop has dealt with."""
    channel, account_id = who
    arrival = Arrival(f"talk-{next(_numbers)}", account_id, at, body, needs_work=False)
    inbox.store(session, [Delivery(channel, [arrival], received or at + timedelta(milliseconds=80))])


def answered(session: Session, contact_id: int, channel: str, words: str, at: datetime) -> Sequence[dict[str, Any]]:
    """The bot answers with a text."""
    payloads = chats.written(channel, words)
    outgoing.store(session, outgoing.rows(contact_id, payloads, at))
    return payloads
