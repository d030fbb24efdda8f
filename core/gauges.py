"""What an operator watches of the database: how much waits and since when, what failed lately, and what is left.

Each is read so that its cost follows what waits, not what a shop has ever done: by an index that holds just that, or
from the newest rows. So there are no totals of coupons here: no index has them. No reading names a customer.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from core import limits, outbox, quotas, serials, waits
from db.live import is_live
from db.tables import (
    Campaign,
    Claim,
    Contact,
    Conversation,
    InboxEvent,
    OutboxMessage,
    TimedStart,
    TimedStartContact,
)

MOST_COUNTED = 1_000  # of messages by channel, which takes a look at each one's contact
NEWEST = 1_000  # events and messages among which failures are counted
LATELY = timedelta(hours=1)
STATES = ("pending", "sending", "held")  # of messages that may still be sent; no index has the others
MOST_CAMPAIGNS = 200  # the newest; each is a time series of its own

Labels = tuple[str, ...]
Readings = Mapping[str, Mapping[Labels, float]]  # a gauge's name -> the values of its labels -> its value


def read(session: Session, channels: Sequence[str], now: datetime) -> Readings:
    """Every gauge; those of a channel also where nothing is of it."""
    return {name: values for part in _PARTS for name, values in part(session, channels, now).items()}


def _inbox(session: Session, channels: Sequence[str], now: datetime) -> Readings:
    """By when they occurred, not when they were received: that is in the index, and no row is looked at."""
    rows = session.execute(
        select(InboxEvent.channel, func.count(), func.min(InboxEvent.occurred_at))
        .where(InboxEvent.handled_at.is_(None))
        .group_by(InboxEvent.channel)
    ).all()
    counts, ages = _nothing(channels), _nothing(channels)
    counts.update({(channel,): count for channel, count, _ in rows})
    ages.update({(channel,): age(since, now) for channel, _, since in rows})
    return {"inbox_waiting_events": counts, "inbox_oldest_waiting_seconds": ages}


def _newest_events(session: Session, _channels: Sequence[str], now: datetime) -> Readings:
    newest = (
        select(InboxEvent.channel, InboxEvent.received_at, InboxEvent.failure)
        .order_by(InboxEvent.id.desc())
        .limit(NEWEST)
        .subquery()
    )
    last = session.execute(select(newest.c.channel, func.max(newest.c.received_at)).group_by(newest.c.channel))
    failed = session.execute(
        select(newest.c.channel, newest.c.failure, func.count())
        .where(newest.c.failure.is_not(None), newest.c.received_at > now - LATELY)
        .group_by(newest.c.channel, newest.c.failure)
    )
    return {
        "inbox_newest_event_seconds": {(channel,): age(at, now) for channel, at in last},
        "inbox_failed_events": _counted(failed),
    }


def _outbox(session: Session, channels: Sequence[str], now: datetime) -> Readings:
    counts: dict[Labels, float] = {(channel, state): 0 for channel in channels for state in STATES}
    ages = _nothing(channels)
    for statement in (_by_channel(outbox.is_open, now), _by_channel(outbox.is_held, now)):
        for channel, state, count, due_since in session.execute(statement):
            counts[channel, state] = count
            if state == "pending":
                ages[channel,] = age(due_since, now)
    unsent, held = (
        session.scalar(select(func.count()).select_from(OutboxMessage).where(is_there)) or 0
        for is_there in (outbox.is_open, outbox.is_held)
    )
    return {
        "outbox_unsent_messages": {(): unsent},
        "outbox_held_messages": {(): held},
        "outbox_first_messages": counts,
        "outbox_oldest_due_seconds": ages,
    }


def _by_channel(is_there: ColumnElement[bool], now: datetime) -> Select[Any]:
    """In the order of the index: without one PostgreSQL may look for the first of them through the whole table."""
    columns = (OutboxMessage.contact_id, OutboxMessage.status, OutboxMessage.due_at)
    first = select(*columns).where(is_there).order_by(OutboxMessage.contact_id).limit(MOST_COUNTED)
    chosen = first.subquery()
    due_since = func.min(case((chosen.c.due_at <= now, chosen.c.due_at)))
    return (
        select(Contact.channel, chosen.c.status, func.count(), due_since)
        .join(Contact, Contact.id == chosen.c.contact_id)
        .group_by(Contact.channel, chosen.c.status)
    )


def _newest_messages(session: Session, _channels: Sequence[str], now: datetime) -> Readings:
    columns = (OutboxMessage.contact_id, OutboxMessage.status, OutboxMessage.reason, OutboxMessage.created_at)
    newest = select(*columns).order_by(OutboxMessage.id.desc()).limit(NEWEST).subquery()
    labels = (Contact.channel, newest.c.status, newest.c.reason)
    troubled = session.execute(
        select(*labels, func.count())
        .join(Contact, Contact.id == newest.c.contact_id)
        .where(newest.c.reason.is_not(None), newest.c.created_at > now - LATELY)
        .group_by(*labels)
    )
    return {"outbox_failed_messages": _counted(troubled)}


def _claims(session: Session, _channels: Sequence[str], now: datetime) -> Readings:
    """The first by its id, which is in the index. Asked for alone it would be looked for through the whole table."""
    count, first = session.execute(select(func.count(), func.min(Claim.id)).where(Claim.answered_at.is_(None))).one()
    since = session.scalar(select(Claim.claimed_at).where(Claim.id == first)) if count else None
    return {"claims_waiting": {(): count}, "claims_oldest_waiting_seconds": {(): age(since, now)}}


def _waits(session: Session, _channels: Sequence[str], now: datetime) -> Readings:
    count, since = waits.overdue(session, now)
    return {"waits_due": {(): count}, "waits_oldest_due_seconds": {(): age(since, now)}}


def _starts(session: Session, _channels: Sequence[str], now: datetime) -> Readings:
    since = session.scalar(select(func.min(TimedStart.at)).where(TimedStart.finished_at.is_(None)))
    waiting = session.scalar(
        select(func.count()).select_from(TimedStartContact).where(TimedStartContact.done_at.is_(None))
    )
    return {
        "timed_starts_waiting_contacts": {(): waiting or 0},
        "timed_starts_oldest_seconds": {(): age(since, now)},
    }


def _stopped(session: Session, _channels: Sequence[str], _now: datetime) -> Readings:
    rows = session.execute(
        select(Conversation.stopped_reason, func.count())
        .where(is_live(Conversation.state), Conversation.stopped_at.is_not(None))
        .group_by(Conversation.stopped_reason)
    )
    return {"conversations_stopped": _counted(rows)}


def _campaigns(session: Session, _channels: Sequence[str], _now: datetime) -> Readings:
    is_running = and_(Campaign.ended_at.is_(None), Campaign.is_published, Campaign.archived_at.is_(None))
    left, given = serials.stock_of(Campaign.id), serials.given_of(Campaign.id)
    newest = select(Campaign, left, given).where(is_running).order_by(Campaign.id.desc()).limit(MOST_CAMPAIGNS)
    rows = session.execute(newest).all()
    running = session.scalar(select(func.count()).select_from(Campaign).where(is_running))
    return {
        "campaigns_running": {(): running or 0},
        "campaign_serials_left": {(one.slug,): limits.can_give(one, stock) for one, stock, _ in rows},
        "campaign_redeemed_coupons": {(one.slug,): count for one, _, count in rows},
    }


def _quotas(session: Session, channels: Sequence[str], _now: datetime) -> Readings:
    told = {(channel,): quotas.last(session, channel) for channel in channels}
    limited = {labels: quota for labels, quota in told.items() if quota and quota.limit is not None}
    return {
        "quota_limit_messages": {labels: quota.limit or 0 for labels, quota in limited.items()},
        "quota_left_messages": {labels: quota.left or 0 for labels, quota in limited.items()},
    }


_PARTS: tuple[Callable[[Session, Sequence[str], datetime], Readings], ...] = (
    _inbox,
    _newest_events,
    _outbox,
    _newest_messages,
    _claims,
    _waits,
    _starts,
    _stopped,
    _campaigns,
    _quotas,
)


def _nothing(channels: Sequence[str]) -> dict[Labels, float]:
    return {(channel,): 0 for channel in channels}


def _counted(rows: Any) -> dict[Labels, float]:  # noqa: ANN401 (any labels, then a count)
    return {tuple(str(label) for label in labels): count for *labels, count in rows}


def age(since: datetime | None, now: datetime) -> float:
    """Seconds since then; 0 where there is nothing, or a clock is ahead."""
    return max(0.0, (now - since).total_seconds()) if since else 0.0
