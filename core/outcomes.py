"""What came of requests to a platform, and what it makes of their messages.

A row is changed only while it is still being sent: one that the sweep has taken back meanwhile is left alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from core import quotas
from core.outbox import Request, Way
from core.reasons import Reason
from db.base import BigId, UtcDateTime
from db.tables import Contact, OutboxMessage

MAX_ATTEMPTS = 20  # with LONGEST_PAUSE about two hours of a platform's outage
LONGEST_PAUSE = 600.0  # seconds


@dataclass(frozen=True)
class Failure:
    """How a request failed, in the words of `bot.channels.delivery.DeliveryError`.

    `was_made`: whether the platform was asked at all. Where it was not, because others' turn came first, it is no
    attempt: nobody's message is given up for the others' number.
    """

    reason: Reason
    detail: str
    may_retry: bool
    is_unknown: bool
    retry_after: float | None = None
    was_made: bool = True


def accepted(session: Session, requests: Sequence[tuple[Request, Sequence[str]]], now: datetime) -> None:
    """The platform accepted these requests, and gave their messages these ids, where it gives any."""
    rows = [
        {"row": row_id, "message_id": message_id, "at": now}
        for request, message_ids in requests
        for row_id, message_id in zip(request.row_ids, (*message_ids, *[None] * len(request.row_ids)), strict=False)
    ]
    if rows:
        session.connection().execute(_ACCEPTED, rows)


_ACCEPTED = (
    update(OutboxMessage)
    .where(OutboxMessage.id == bindparam("row", type_=BigId), OutboxMessage.status == "sending")
    .values(
        status="sent",
        sent_at=bindparam("at", type_=UtcDateTime()),
        platform_message_id=bindparam("message_id"),
        reason=None,
        detail=None,
        is_in_doubt=False,
    )
)


def failed(session: Session, request: Request, failure: Failure, way: Way, now: datetime) -> None:
    """Not accepted, or nobody knows: try again later, give up, or leave the doubt to a person."""
    if failure.reason is Reason.REPLY_TOKEN_REFUSED:
        _reply_refused(session, request, failure, now)
        return
    if failure.reason is Reason.RECIPIENT_UNREACHABLE:
        session.execute(update(Contact).where(Contact.id == request.contact_id).values(unreachable_since=now))
    status, reason = _after(request, failure, way)
    pause = failure.retry_after or min(2.0 ** (request.attempt - 1), LONGEST_PAUSE)
    is_used_up = failure.reason is Reason.QUOTA_USED_UP
    due_at = quotas.renewed_at(now) if is_used_up else now + timedelta(seconds=pause)
    for row in _rows(session, request):
        row.status, row.reason, row.detail = status, reason, failure.detail[:500]
        row.is_in_doubt = row.is_in_doubt or failure.is_unknown
        row.attempts -= 0 if failure.was_made else 1
        row.due_at = due_at


def _after(request: Request, failure: Failure, way: Way) -> tuple[str, Reason]:
    is_repeatable = way.is_idempotent or bool(request.reply_token)
    if failure.reason in {Reason.WINDOW_CLOSED, Reason.QUOTA_USED_UP}:
        return "held", failure.reason
    if failure.is_unknown and not is_repeatable:
        return "unknown", Reason.OUTCOME_UNKNOWN
    if not (failure.may_retry or failure.is_unknown):
        return "failed", failure.reason
    if request.attempt >= MAX_ATTEMPTS and failure.was_made:
        in_doubt = failure.is_unknown or request.is_in_doubt
        return ("unknown", Reason.OUTCOME_UNKNOWN) if in_doubt else ("failed", Reason.RETRIES_USED_UP)
    return "pending", failure.reason


def _reply_refused(session: Session, request: Request, failure: Failure, now: datetime) -> None:
    """A reply token works once: what its refusal means depends on what was tried before.

    At the first attempt it is no good: push instead. At a repeat of an attempt in doubt, made while it lived, it was
    used by that attempt: the message has arrived. Later it was used or has died: nobody knows, and a push could double.
    """
    rows = _rows(session, request)
    if request.is_in_doubt and all(_lived(row) for row in rows):
        accepted(session, [(request, ())], now)
        return
    for row in rows:
        if request.is_in_doubt:
            row.status, row.reason, row.detail = "unknown", Reason.OUTCOME_UNKNOWN, failure.detail[:500]
            continue
        row.status, row.reason, row.detail, row.due_at = "pending", failure.reason, failure.detail[:500], now
        row.reply_token = row.reply_until = None


def _lived(row: OutboxMessage) -> bool:
    """Whether the reply token was alive at this attempt."""
    return bool(row.reply_until and row.attempted_at and row.attempted_at < row.reply_until)


def _rows(session: Session, request: Request) -> Sequence[OutboxMessage]:
    """The request's rows, as long as they are still being sent."""
    return session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.id.in_(request.row_ids), OutboxMessage.status == "sending")
        .order_by(OutboxMessage.id)
        .with_for_update(),
    ).all()
