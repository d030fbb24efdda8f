"""What came of requests to a platform, and what it makes of their messages.

That a platform accepted a request is a fact, however late it is learned. What failed counts only while that very
attempt is the one under way: what the sweep has taken back meanwhile is left alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from core import quotas
from core.outbox import Request, Way
from core.reasons import Reason
from db import locks
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


Accepted = tuple[Request, Sequence[str]]  # and the platform's ids of its messages, where it gives any
Failed = tuple[Request, Failure, Way]


def settle(session: Session, accepted: Sequence[Accepted], failed: Sequence[Failed], now: datetime) -> None:
    """Keep what came of requests: accepted; or not, or nobody knows: to be tried again, given up, or left to a person.

    All that is needed is locked first, so that two that settle at once cannot wait for each other.
    """
    if failed:
        gone = {request.contact_id for request, failure, _ in failed if failure.reason is Reason.RECIPIENT_UNREACHABLE}
        contacts = {contact_id: locks.contact(session, contact_id) for contact_id in sorted(gone)}
        requests = [*(request for request, _ in accepted), *(request for request, *_ in failed)]
        rows = locks.messages(session, [row_id for request in requests for row_id in request.row_ids])
        for request, failure, way in failed:
            mine = _under_way(request, rows)
            if mine and failure.reason is Reason.RECIPIENT_UNREACHABLE:
                _note_unreachable(contacts[request.contact_id], request, now)
            _fail(session, request, failure, way, mine, now)
        session.flush()
    _accept(session, accepted, now)


def _accept(session: Session, requests: Sequence[Accepted], now: datetime) -> None:
    rows: list[dict[str, Any]] = [
        {"row": row_id, "request": request.key, "message_id": message_id and message_id[:200], "at": now}
        for request, message_ids in requests
        for row_id, message_id in zip(request.row_ids, (*message_ids, *[None] * len(request.row_ids)), strict=False)
    ]
    if rows:
        session.connection().execute(_ACCEPTED, sorted(rows, key=lambda row: row["row"]))


_ACCEPTED = (
    update(OutboxMessage)
    .where(
        OutboxMessage.id == bindparam("row", type_=BigId),
        OutboxMessage.request_key == bindparam("request"),
        OutboxMessage.status != "sent",
    )
    .values(
        status="sent",
        sent_at=bindparam("at", type_=UtcDateTime()),
        platform_message_id=bindparam("message_id"),
        reason=None,
        detail=None,
        is_in_doubt=False,
    )
)


def _under_way(request: Request, rows: Mapping[int, OutboxMessage]) -> list[OutboxMessage]:
    """The request's rows, where this attempt is the one under way."""
    return [rows[row_id] for row_id in request.row_ids if row_id in rows and request.is_under_way(rows[row_id])]


def _fail(
    session: Session, request: Request, failure: Failure, way: Way, rows: Sequence[OutboxMessage], now: datetime
) -> None:
    if failure.reason is Reason.REPLY_TOKEN_REFUSED and rows:
        _reply_refused(session, request, failure, rows, now)
        return
    status, reason = _after(request, failure, way)
    pause = failure.retry_after or min(2.0 ** (request.attempt - 1), LONGEST_PAUSE)
    is_used_up = failure.reason is Reason.QUOTA_USED_UP
    due_at = quotas.renewed_at(now) if is_used_up else now + timedelta(seconds=pause)
    for row in rows:
        row.status, row.reason, row.detail = status, reason, failure.detail[:500]
        row.is_in_doubt = row.is_in_doubt or failure.is_unknown
        row.attempts -= 0 if failure.was_made else 1
        row.due_at = due_at


def _note_unreachable(contact: Contact, request: Request, now: datetime) -> None:
    """Unless the contact has acted since the request was made: then it is there again."""
    if contact.window_opened_at == request.acted_at:
        contact.unreachable_since = contact.unreachable_since or now


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


def _reply_refused(
    session: Session, request: Request, failure: Failure, rows: Sequence[OutboxMessage], now: datetime
) -> None:
    """A reply token works once: what its refusal means depends on what was tried before.

    At the first attempt it is no good: push instead. At a repeat of an attempt in doubt, made while it lived, it was
    used by that attempt: the message has arrived. Later it was used or has died: nobody knows, and a push could double.
    """
    if request.is_in_doubt and all(_lived(row) for row in rows):
        _accept(session, [(request, ())], now)
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
