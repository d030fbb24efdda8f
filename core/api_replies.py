"""Replies to POS machines that were given once: whoever sends the same request again is answered the same.

The reply is stored in the transaction of what it tells of, so that neither stands without the other. While one request
is still being answered, another with its key is told so on PostgreSQL, and waits its turn on SQLite.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.reasons import Reason
from core.refusal import Refused
from db import locks
from db.tables import ApiReply

KEPT = timedelta(hours=48)
LONGEST_KEY = 255  # characters, as the column is wide


@dataclass(frozen=True)
class Asked:
    """A request under an idempotency key of one API key's own; `digest` is over method, path and body."""

    api_key_id: int
    idempotency_key: str
    digest: str


@dataclass(frozen=True)
class Reply:
    """What was answered: the status and every byte of the body."""

    status: int
    body: str


def digest(method: str, path: str, body: bytes) -> str:
    """What tells one request from another."""
    return hashlib.sha256(b"\n".join([method.encode(), path.encode(), body])).hexdigest()


def begin(session: Session, asked: Asked, now: datetime) -> Reply | Refused | None:
    """The first reply where there was one; None where this request is the first, and nobody else is at it.

    Refused: IDEMPOTENCY_KEY_IN_USE (the first one is being answered), IDEMPOTENCY_KEY_REUSED (it was another request).
    """
    if not locks.reply_alone(session, asked.api_key_id, asked.idempotency_key):
        return Refused(Reason.IDEMPOTENCY_KEY_IN_USE)
    kept = session.get(ApiReply, (asked.api_key_id, asked.idempotency_key))
    if kept is None:
        return None
    if kept.at <= now - KEPT:  # the periodic process is late
        session.delete(kept)
        session.flush()
        return None
    return Reply(kept.status, kept.body) if kept.request_digest == asked.digest else _reused()


def keep(session: Session, asked: Asked, reply: Reply, now: datetime) -> None:
    """Store what is answered. Call it in the transaction that `begin` began."""
    session.add(
        ApiReply(
            api_key_id=asked.api_key_id,
            idempotency_key=asked.idempotency_key,
            request_digest=asked.digest,
            status=reply.status,
            body=reply.body,
            at=now,
        )
    )


def is_any_old(session: Session, now: datetime) -> bool:
    """Whether there is a reply to forget."""
    return session.scalar(select(ApiReply.at).where(ApiReply.at <= now - KEPT).limit(1)) is not None


def forget(session: Session, now: datetime, at_most: int) -> int:
    """Remove replies that are kept long enough, oldest first; returns how many."""
    old = session.execute(
        select(ApiReply.api_key_id, ApiReply.idempotency_key)
        .where(ApiReply.at <= now - KEPT)
        .order_by(ApiReply.at)
        .limit(at_most)
    ).all()
    for api_key_id, idempotency_key in old:
        is_it = ApiReply.api_key_id == api_key_id, ApiReply.idempotency_key == idempotency_key
        session.execute(delete(ApiReply).where(*is_it))
    return len(old)


def _reused() -> Refused:
    return Refused(Reason.IDEMPOTENCY_KEY_REUSED)
