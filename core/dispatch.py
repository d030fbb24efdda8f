"""Messages that go out at once: stored as being sent already, in the transaction that answers.

What `core.outbox` does for one contact in two transactions, this does for many in the one that there is anyway. What
cannot go so (a channel that knows no repeatable request, a contact whose earlier messages are still on their way) is
left to `core.outbox`.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import outgoing
from core.outbox import Request, Way
from core.outgoing import LIVE, ReplyToken, Row
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
    rows: list[Row] = []
    beginnings: list[tuple[Letter, int, int]] = []
    for letter in letters:
        added, first = _rows(letter, now), 0
        if worker is not None and _may_go(letter):
            first = min(letter.way.batch_size, len(added))
            added[:first] = [_being_sent(row, added[0]["key"], worker, now) for row in added[:first]]
        if first:
            beginnings.append((letter, len(rows), first))
        rows += added
    ids = outgoing.store(session, rows)
    return [_request(letter, rows[at : at + count], ids[at : at + count]) for letter, at, count in beginnings]


def _rows(letter: Letter, now: datetime) -> list[Row]:
    rows = outgoing.rows(letter.contact.id, letter.payloads, now, None, letter.reply, letter.way.batch_size)
    return [row | {"urgency": letter.urgency} for row in rows]


def _may_go(letter: Letter) -> bool:
    return letter.is_free and letter.way.is_idempotent and not letter.contact.unreachable_since


def _being_sent(row: Row, request_key: uuid.UUID, worker: str, now: datetime) -> Row:
    return row | {
        "status": "sending",
        "request_key": request_key,
        "attempts": 1,
        "first_attempt_at": now,
        "attempted_at": now,
        "worker": worker,
    }


def _request(letter: Letter, rows: Sequence[Row], ids: Sequence[int]) -> Request:
    return Request(
        contact_id=letter.contact.id,
        account_id=letter.contact.account_id,
        urgency=letter.urgency,
        row_ids=tuple(ids),
        payloads=tuple(row["payload"] for row in rows),
        key=rows[0]["key"],
        reply_token=rows[0]["reply_token"] or "",
        attempt=1,
        is_in_doubt=False,
        taken_at=rows[0]["attempted_at"],
        acted_at=letter.contact.window_opened_at,
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
