"""A contact's conversation as it was seen: what came in and what went out, in one order of time, the newest page first.

An event's time is the platform's, but never later than its arrival here: so a question stands before its answer though
the platform's clock be ahead.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.speech import Chats, Said, Shown
from db.tables import Contact, InboxEvent, OutboxMessage, User

PAGE = 40  # bubbles
UNSEEN_KINDS = frozenset({"other"})  # of events that show nothing in a chat

# Whoever opens a coupon's page has it: the token is the customer's own.
_TOKEN = re.compile(r"(/c/)[A-Za-z0-9_-]{16,}")

Source = Literal[0, 1]
INBOX: Source = 0  # at the same moment the customer was first
OUTBOX: Source = 1


@dataclass(frozen=True, order=True)
class Place:
    """Where a bubble stands in the order of the conversation."""

    at: datetime
    source: int
    row_id: int


@dataclass(frozen=True)
class Bubble:
    """One thing said. `said` is the customer's, `shown` the shop's; `by` the person who wrote it, empty for the bot.

    Of the customer's, `reason` says why the bot could not handle it. Of the shop's, `status` is the outbox's, and
    `reason` why it is not (yet) sent.
    """

    place: Place
    said: Said | None = None
    shown: Shown | None = None
    by: str = ""
    status: str = ""
    reason: str = ""
    detail: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True)
class Page:
    """Some bubbles, the oldest first, and the place before which older ones are; None where there are none."""

    bubbles: Sequence[Bubble]
    older: Place | None


def read(session: Session, contact: Contact, chats: Chats, before: Place | None = None, size: int = PAGE) -> Page:
    """The newest `size` bubbles of the conversation, or those right before a place. Nothing is changed."""
    both = [
        *_incoming(session, contact, chats, before, size + 1),
        *_outgoing(session, contact, chats, before, size + 1),
    ]
    newest_first = sorted(both, key=lambda bubble: bubble.place, reverse=True)
    page = newest_first[:size][::-1]
    seen = [bubble for bubble in page if bubble.said is None or bubble.said.kind not in UNSEEN_KINDS]
    return Page(seen, page[0].place if len(newest_first) > size else None)


_AT = case((InboxEvent.occurred_at > InboxEvent.received_at, InboxEvent.received_at), else_=InboxEvent.occurred_at)


def _incoming(session: Session, contact: Contact, chats: Chats, before: Place | None, size: int) -> list[Bubble]:
    statement = (
        select(InboxEvent)
        .where(InboxEvent.channel == contact.channel, InboxEvent.account_id == contact.account_id)
        .order_by(_AT.desc(), InboxEvent.id.desc())
        .limit(size)
    )
    if before:
        statement = statement.where(_earlier(_AT, InboxEvent.id, INBOX, before))
    return [
        Bubble(
            Place(min(event.occurred_at, event.received_at), INBOX, event.id),
            said=_without_tokens_said(chats.said(contact.channel, event.body)),
            reason=event.failure or "",
            detail=event.failure_detail or "",
        )
        for event in session.scalars(statement)
    ]


def _outgoing(session: Session, contact: Contact, chats: Chats, before: Place | None, size: int) -> list[Bubble]:
    statement = (
        select(OutboxMessage, User.username)
        .outerjoin(User, User.id == OutboxMessage.user_id)
        .where(OutboxMessage.contact_id == contact.id)
        .order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc())
        .limit(size)
    )
    if before:
        statement = statement.where(_earlier(OutboxMessage.created_at, OutboxMessage.id, OUTBOX, before))
    return [
        Bubble(
            Place(row.created_at, OUTBOX, row.id),
            shown=_without_tokens(chats.shown(contact.channel, row.payload)),
            by=username or "",
            status=row.status,
            reason=row.reason or "",
            detail=row.detail or "",
            sent_at=row.sent_at,
        )
        for row, username in session.execute(statement)
    ]


def _earlier(
    at: ColumnElement[datetime] | InstrumentedAttribute[datetime],
    row_id: InstrumentedAttribute[int],
    source: int,
    before: Place,
) -> ColumnElement[bool]:
    """Rows of a source that stand before a place, which may be of the other source."""
    if source < before.source:
        return at <= before.at
    if source > before.source:
        return at < before.at
    return or_(at < before.at, and_(at == before.at, row_id < before.row_id))


def _without_tokens(shown: Shown) -> Shown:
    buttons = tuple(replace(one, label=_masked(one.label), url=_masked(one.url)) for one in shown.buttons)
    return replace(
        shown,
        text=_masked(shown.text),
        title=_masked(shown.title),
        choices=tuple(map(_masked, shown.choices)),
        link_url=_masked(shown.link_url),
        buttons=buttons,
        cards=tuple(_without_tokens(card) for card in shown.cards),
    )


def _without_tokens_said(said: Said) -> Said:
    return replace(said, words=_masked(said.words))


def _masked(words: str) -> str:
    return _TOKEN.sub(r"\1…", words)
