"""Messages that go out at once: stored as being sent already, in the transaction that answers.

What `core.outbox` does for one contact in two transactions, this does for many in the one that there is anyway. What
cannot go at once (a contact whose earlier messages are still on their way) is left to `core.outbox`.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core.outbox import LIVE, ReplyToken, Request, Way
from db.several import among
from db.tables import Contact, OutboxMessage


@dataclass(frozen=True)
class Letter:
    """What a contact is to be told. `is_free`: nothing else to it is under way, so that this may go out at once."""

    contact: Contact
    payloads: Sequence[dict[str, Any]]
    way: Way
    is_free: bool
    reply: ReplyToken | None = None
    urgency: int = LIVE


def add(session: Session, letters: Sequence[Letter], worker: str | None, now: datetime) -> list[Request]:
    """Store the letters' messages in one statement; those that `worker` (None: nobody) sends at once are returned.

    A request whose repeat could double its messages is never among them: where the worker dies on the way to it,
    nobody would dare to send them.
    """
    rows: list[dict[str, Any]] = []
    beginnings: list[tuple[Letter, int, int]] = []
    for letter in letters:
        first = letter.payloads[: letter.way.batch_size]
        goes = worker is not None and _may_go(letter)
        if goes and first:
            beginnings.append((letter, len(rows), len(first)))
        rows += _rows(letter, worker if goes else None, now)
    if not rows:
        return []
    session.flush()
    ids = session.connection().execute(_INSERT, rows).scalars().all()
    return [_request(letter, rows[at : at + count], ids[at : at + count]) for letter, at, count in beginnings]


def _may_go(letter: Letter) -> bool:
    return letter.is_free and letter.way.is_idempotent and not letter.contact.unreachable_since


_INSERT = insert(OutboxMessage).returning(OutboxMessage.id, sort_by_parameter_order=True)


def _rows(letter: Letter, worker: str | None, now: datetime) -> list[dict[str, Any]]:
    """The messages' rows; those of the first request are being sent by `worker`, where there is one."""
    request_key, rows = uuid.uuid4(), []
    for place, payload in enumerate(letter.payloads):
        is_first = place < letter.way.batch_size
        is_sent = is_first and worker is not None
        reply = letter.reply if is_first else None
        row = {
            "key": request_key if place == 0 else uuid.uuid4(),
            "contact_id": letter.contact.id,
            "payload": payload,
            "status": "sending" if is_sent else "pending",
            "created_at": now,
            "due_at": now,
            "reply_token": reply.token if reply else None,
            "reply_until": reply.until if reply else None,
            "request_key": request_key if is_sent else None,
            "attempts": 1 if is_sent else 0,
            "first_attempt_at": now if is_sent else None,
            "attempted_at": now if is_sent else None,
            "is_in_doubt": False,
            "worker": worker if is_sent else None,
            "urgency": letter.urgency,
        }
        rows.append(row)
    return rows


def _request(letter: Letter, rows: Sequence[dict[str, Any]], ids: Sequence[int]) -> Request:
    return Request(
        contact_id=letter.contact.id,
        account_id=letter.contact.account_id,
        row_ids=tuple(ids),
        payloads=tuple(row["payload"] for row in rows),
        key=rows[0]["key"],
        reply_token=letter.reply.token if letter.reply else "",
        attempt=1,
        is_in_doubt=False,
    )


def left_over(session: Session, contact_ids: Sequence[int], now: datetime) -> list[int]:
    """Those of the contacts who have messages that are due and wait."""
    waiting = (
        select(OutboxMessage.contact_id)
        .where(among(OutboxMessage.contact_id, "contacts"), OutboxMessage.status == "pending")
        .where(OutboxMessage.due_at <= now)
        .distinct()
    )
    return list(session.scalars(waiting, {"contacts": list(contact_ids)}))
