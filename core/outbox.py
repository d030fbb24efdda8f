"""The outbox: every message is a row before it is sent, goes out in order, and ends in a lawful state with its reason.

What may go out when; what comes of it is in `core.outcomes`.

States: pending -> sending -> sent; back to pending when trying again can help; failed when it cannot; unknown when
nobody knows whether the platform accepted it and a repeat might double it; held until the contact may be written to, or
the channel has paid messages again.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, not_, or_, select, update
from sqlalchemy.orm import Session

from core.reasons import Reason
from db import locks
from db.tables import Contact, OutboxMessage

REPEATABLE_FOR = timedelta(hours=23)  # LINE keeps a retry key for 24 h; beyond that a repeat could double
ABANDONED_AFTER = timedelta(seconds=3)  # a row left "sending" by a worker that gives no sign of life
CLOCKS_DIFFER = timedelta(seconds=10)  # between hosts; what lies further ahead was done before a clock was set back
LONGEST_SENDING = timedelta(seconds=60)  # no request takes longer: its worker lives, but could not store the outcome


def _among(*states: str) -> ColumnElement[bool]:
    return OutboxMessage.status.in_([literal(state, literal_execute=True) for state in states])


# In the words of the indexes that have only these rows, as values and no parameters: else SQLite reads all there are.
is_open = _among("pending", "sending")
is_held = OutboxMessage.status == literal("held", literal_execute=True)


@dataclass(frozen=True)
class Way:
    """What a channel allows.

    `batch_size` messages a request; `is_idempotent`: a repeat with the same key is harmless; `window`: for how long
    after the contact's last act it may be written to (None: always).
    """

    batch_size: int
    is_idempotent: bool
    window: timedelta | None

    def is_open(self, acted_at: datetime | None, now: datetime) -> bool:
        """Whether a contact that acted last at `acted_at` may be written to at `now`."""
        return self.window is None or (acted_at is not None and now - acted_at < self.window)


@dataclass(frozen=True)
class Request:
    """Rows that go out in one request under one key.

    `is_in_doubt`: it may have been accepted before. `taken_at`: which attempt this is; numbers of attempts that came to
    nothing are given again. `acted_at`: when the contact had last acted as it was made.
    """

    contact_id: int
    account_id: str
    urgency: int  # of `core.outgoing`
    row_ids: tuple[int, ...]
    payloads: tuple[dict[str, Any], ...]
    key: uuid.UUID
    reply_token: str
    attempt: int
    is_in_doubt: bool
    taken_at: datetime
    acted_at: datetime | None

    def is_under_way(self, row: OutboxMessage) -> bool:
        """Whether this very attempt is the one in which the row is being sent."""
        return row.status == "sending" and row.attempted_at == self.taken_at


def take(session: Session, contact_id: int, way: Way, worker: str, now: datetime) -> Request | None:
    """The contact's next request, marked as being sent by `worker`; None where nothing can be sent now.

    One request of a contact is under way at a time, and a message that must be tried again later blocks those after
    it that are no more urgent: a customer reads them in order, but no answer waits for an advertisement. Rows that
    cannot be sent at all are settled here, with their reason.
    """
    contact = locks.contact(session, contact_id)
    while True:
        rows = _next_rows(session, contact_id, way.batch_size)
        if not rows or rows[0].status == "sending" or not _is_due(rows[0], now):
            return None
        stop = _why_not(rows[0], contact, way, now)
        if stop is None:
            return _mark_sending(rows, contact, worker, now)
        status, reason = stop
        for row in rows:
            row.status, row.reason = status, reason
        session.flush()


def _is_due(row: OutboxMessage, now: datetime) -> bool:
    """Its time has come, or what was done with it last lies ahead: then the clock was set back."""
    return row.due_at <= now or (row.attempted_at or row.created_at) > now


def _next_rows(session: Session, contact_id: int, batch_size: int) -> list[OutboxMessage]:
    """The contact's first open rows that belong in one request: one tried before, else a fresh batch."""
    rows = session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.contact_id == contact_id, OutboxMessage.status.in_(("pending", "sending")))
        .order_by(OutboxMessage.status.desc(), OutboxMessage.urgency, OutboxMessage.id)  # "sending" first
        .limit(batch_size),
    ).all()
    requests = [(row.request_key, row.reply_token, row.urgency) for row in rows]
    return [row for row, _ in takewhile(lambda found: found[1] == requests[0], zip(rows, requests, strict=True))]


def _why_not(row: OutboxMessage, contact: Contact, way: Way, now: datetime) -> tuple[str, Reason] | None:
    """The state and reason of a row that must not be sent (again), or None where it may."""
    if row.is_in_doubt:
        is_repeatable = way.is_idempotent or row.reply_token is not None  # LINE takes a reply token once
        is_too_old = row.first_attempt_at is not None and now - row.first_attempt_at > REPEATABLE_FOR
        if not is_repeatable or is_too_old:
            return "unknown", Reason.OUTCOME_UNKNOWN
    if contact.unreachable_since:
        return "failed", Reason.RECIPIENT_UNREACHABLE
    if not way.is_open(contact.window_opened_at, now):
        return "held", Reason.WINDOW_CLOSED
    return None


def _mark_sending(rows: Sequence[OutboxMessage], contact: Contact, worker: str, now: datetime) -> Request:
    first = rows[0]
    lives = first.reply_until is not None and now < first.reply_until
    is_reply = first.reply_token is not None and (lives or first.is_in_doubt)  # in doubt, a push could double it
    for row in rows:
        row.status, row.worker, row.attempted_at = "sending", worker, now
        row.request_key = first.request_key or first.key
        row.first_attempt_at = row.first_attempt_at or now
        row.attempts += 1
        if not is_reply:
            row.reply_token = row.reply_until = None  # never tried while it lived, so a push cannot double it
    return Request(
        contact_id=contact.id,
        account_id=contact.account_id,
        urgency=first.urgency,
        row_ids=tuple(row.id for row in rows),
        payloads=tuple(row.payload for row in rows),
        key=first.request_key or first.key,
        reply_token=first.reply_token or "",
        attempt=first.attempts,
        is_in_doubt=first.is_in_doubt,
        taken_at=now,
        acted_at=contact.window_opened_at,
    )


def put_back(session: Session, request: Request) -> None:
    """A request that was taken and never sent waits again, where this attempt is the one under way: not in doubt."""
    for row in locks.messages(session, request.row_ids).values():
        if request.is_under_way(row):
            row.status, row.attempts = "pending", row.attempts - 1


def release_held(session: Session, contact_id: int, now: datetime) -> None:
    """The contact may be written to again: what was held goes out, oldest first; not what waits for paid messages."""
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.contact_id == contact_id,
            is_held,
            OutboxMessage.reason != Reason.QUOTA_USED_UP,
        )
        .values(status="pending", reason=None, due_at=now)
        .execution_options(synchronize_session=False),
    )


def release_paid(session: Session, now: datetime, channel: str = "") -> None:
    """What waited for a new month's messages goes out once that has begun; in `channel` at once: there are more."""
    of_channel = OutboxMessage.contact_id.in_(select(Contact.id).where(Contact.channel == channel))
    session.execute(
        update(OutboxMessage)
        .where(
            is_held,
            OutboxMessage.reason == Reason.QUOTA_USED_UP,
            of_channel if channel else OutboxMessage.due_at <= now,
        )
        .values(status="pending", reason=None, due_at=now)
        .execution_options(synchronize_session=False),
    )


def retry_paid(session: Session, channel: str, most: int, at: datetime) -> None:
    """What waits in `channel` for a new month's messages is tried already `at`; the oldest, as many as may be paid."""
    waiting = (
        select(OutboxMessage.id)
        .join(Contact, Contact.id == OutboxMessage.contact_id)
        .where(
            Contact.channel == channel,
            is_held,
            OutboxMessage.reason == Reason.QUOTA_USED_UP,
            OutboxMessage.due_at > at,
        )
        .order_by(OutboxMessage.id)
        .limit(most)
    )
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(session.scalars(waiting).all()))
        .values(due_at=at)
        .execution_options(synchronize_session=False),
    )


def take_back_abandoned(session: Session, alive: Collection[str], now: datetime) -> None:
    """Rows left "sending" by a worker that is gone wait again, in doubt; `take` decides what may be repeated."""
    is_gone = (OutboxMessage.attempted_at < now - ABANDONED_AFTER) & OutboxMessage.worker.not_in(alive)
    abandoned = select(OutboxMessage.id).where(
        is_open,
        OutboxMessage.status == "sending",
        is_gone
        | (OutboxMessage.attempted_at < now - LONGEST_SENDING)
        | (OutboxMessage.attempted_at > now + LONGEST_SENDING),  # before the clock was set back
    )
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(locks.messages_free(session, abandoned)))
        .values(status="pending", is_in_doubt=True, due_at=now)
        .execution_options(synchronize_session=False),
    )


def contacts_due(session: Session, due_before: datetime) -> list[tuple[int, int]]:
    """(contact, urgency) of messages that have been due since before then, the most urgent first, for the sweep.

    Also of those that lie ahead of all clocks: `take` says whether they are due. Not of those behind a message that is
    being sent or is to be tried again later: thousands of them would hide whose turn it is.
    """
    urgency = func.min(OutboxMessage.urgency)
    must_wait = or_(OutboxMessage.status == "sending", not_(_has_waited(due_before)))
    ahead = (  # few as a rule, so that they are found first, and once
        select(OutboxMessage.contact_id, OutboxMessage.id, OutboxMessage.urgency, OutboxMessage.status)
        .where(is_open, must_wait)
        .cte("ahead")
        .prefix_with("MATERIALIZED")
    )
    comes_first = or_(
        ahead.c.status == "sending",
        ahead.c.urgency < OutboxMessage.urgency,
        and_(ahead.c.urgency == OutboxMessage.urgency, ahead.c.id < OutboxMessage.id),
    )
    is_behind = exists().where(ahead.c.contact_id == OutboxMessage.contact_id, comes_first)
    due = (
        select(OutboxMessage.contact_id, urgency)
        .where(is_open, OutboxMessage.status == "pending", _has_waited(due_before), ~is_behind)
        .group_by(OutboxMessage.contact_id)
        .order_by(urgency, OutboxMessage.contact_id)
        .limit(1000)
    )
    return [(contact_id, most_urgent) for contact_id, most_urgent in session.execute(due)]


def _has_waited(due_before: datetime) -> ColumnElement[bool]:
    last_done = func.coalesce(OutboxMessage.attempted_at, OutboxMessage.created_at)
    return or_(OutboxMessage.due_at < due_before, last_done > due_before + CLOCKS_DIFFER)
