"""Outgoing messages as they are stored: the one place that makes rows of the outbox.

What then becomes of them is the business of `core.outbox` and `core.outcomes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.tables import OutboxMessage

LIVE, REMINDER, BULK = 0, 1, 2  # how urgent a message is

Row = dict[str, Any]  # by the names of the table's columns


@dataclass(frozen=True)
class ReplyToken:
    """LINE's free answer to an event: one request, until `until`."""

    token: str
    until: datetime


def rows(
    contact_id: int,
    payloads: Sequence[dict[str, Any]],
    now: datetime,
    key: UUID | None = None,
    reply: ReplyToken | None = None,
    batch_size: int = 1,
) -> list[Row]:
    """Live messages to a contact, in order, that wait to be sent; whoever knows better changes the rows.

    `key` is the first one's, from which the others' are made: where it comes from a form, the same again is refused.
    The first `batch_size` may use the reply token, which works once; a dead one is left out, since a push is surer.
    """
    first = key or uuid4()
    free = reply if reply and now < reply.until else None
    return [
        {
            "key": uuid5(first, str(place)) if place else first,
            "contact_id": contact_id,
            "coupon_id": None,
            "payload": payload,
            "status": "pending",
            "reason": None,
            "created_at": now,
            "due_at": now,
            "reply_token": free.token if free and place < batch_size else None,
            "reply_until": free.until if free and place < batch_size else None,
            "request_key": None,
            "attempts": 0,
            "first_attempt_at": None,
            "attempted_at": None,
            "is_in_doubt": False,
            "worker": None,
            "user_id": None,
            "urgency": LIVE,
        }
        for place, payload in enumerate(payloads)
    ]


def store(session: Session, messages: Sequence[Row]) -> list[int]:
    """Store them in one statement; their ids rise in the order of saying, which is the order of sending."""
    if not messages:
        return []
    session.flush()
    return list(session.connection().execute(_INSERT, messages).scalars())


_INSERT = insert(OutboxMessage).returning(OutboxMessage.id, sort_by_parameter_order=True)
