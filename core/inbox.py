"""The inbox: every webhook event once, handled in the order of its time, contact by contact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from core.reasons import Reason
from db.base import UtcDateTime
from db.insert import insert_all_unless_there
from db.several import among
from db.tables import Contact, InboxEvent

CLOCKS_DIFFER = timedelta(seconds=10)  # between hosts
MOST_WAITING = 1_000  # accounts that are woken in one go: some seconds' work of several workers
LOOKED_AT = 100  # events at a time: some accounts' next ones, and not all of an account that sends thousands


@dataclass(frozen=True)
class Arrival:
    """An event as a webhook brought it; `body` is the platform's own JSON.

    `needs_work` is False for what is only kept: kinds of events that nobody here answers.
    """

    event_id: str
    account_id: str
    occurred_at: datetime
    body: dict[str, Any]
    needs_work: bool = True


@dataclass(frozen=True)
class Delivery:
    """The events of one webhook, which came at `at`."""

    channel: str
    arrivals: Sequence[Arrival]
    at: datetime


def store(session: Session, deliveries: Sequence[Delivery]) -> list[list[str]]:
    """Keep each event once, however often it is brought.

    Returns, for each delivery, the accounts ("line/U1234...") that have something new to be handled, each once.
    """
    rows = {
        (delivery.channel, arrival.event_id): {
            "channel": delivery.channel,
            "event_id": arrival.event_id,
            "account_id": arrival.account_id,
            "occurred_at": arrival.occurred_at,
            "received_at": delivery.at,
            "body": arrival.body,
            "handled_at": None if arrival.needs_work else delivery.at,
        }
        for delivery in deliveries
        for arrival in delivery.arrivals
    }
    new = insert_all_unless_there(session, InboxEvent, list(rows.values()), ["channel", "event_id"])
    return [
        list(
            dict.fromkeys(
                f"{delivery.channel}/{arrival.account_id}"
                for arrival in delivery.arrivals
                if arrival.needs_work and (delivery.channel, arrival.event_id) in new
            )
        )
        for delivery in deliveries
    ]


@dataclass(frozen=True)
class Waiting:
    """An event that has not been handled."""

    inbox_id: int
    received_at: datetime
    body: dict[str, Any]


def next_events(session: Session, accounts: Sequence[tuple[str, str]]) -> tuple[dict[tuple[str, str], Waiting], bool]:
    """The earliest event of each contact (channel, account) that has not been handled, where there is one.

    The second value is False where that was all: nothing waits beside what was returned.
    """
    rows = list(session.execute(_WAITING, _values(accounts)))
    is_more = len(rows) == LOOKED_AT
    if is_more:  # perhaps all are of one who floods the shop: nobody else waits until that one is done
        rows += session.execute(_FIRST, _values(accounts))
    found: dict[tuple[str, str], Waiting] = {}
    for channel, account_id, *event in rows:
        if (channel, account_id) in accounts:
            found.setdefault((channel, account_id), Waiting(*event))
    return found, is_more or len(rows) > len(found)


def _values(accounts: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {"channels": {channel for channel, _ in accounts}, "accounts": [account for _, account in accounts]}


_EVENTS = select(InboxEvent.channel, InboxEvent.account_id, InboxEvent.id, InboxEvent.received_at, InboxEvent.body)
_WAITING = (
    _EVENTS.where(
        among(InboxEvent.channel, "channels"),
        among(InboxEvent.account_id, "accounts"),
        InboxEvent.handled_at.is_(None),
    )
    .order_by(InboxEvent.occurred_at, InboxEvent.id)
    .limit(LOOKED_AT)
)
# Each contact's first, however many there are: a look into the index for each.
_other = aliased(InboxEvent)
_first = (
    select(_other.id)
    .where(
        _other.channel == Contact.channel,
        _other.account_id == Contact.account_id,
        _other.handled_at.is_(None),
    )
    .order_by(_other.occurred_at, _other.id)
    .limit(1)
    .correlate(Contact)
    .scalar_subquery()
)
_FIRST = _EVENTS.where(
    InboxEvent.id.in_(select(_first).where(among(Contact.channel, "channels"), among(Contact.account_id, "accounts")))
)


class HandledError(Exception):
    """Another transaction has dealt with an event meanwhile: whoever dealt with it as well must keep nothing."""


def handled(session: Session, inbox_ids: Sequence[int], now: datetime) -> None:
    """The events have been dealt with.

    Raises:
        HandledError: one of them had been before.
    """
    if inbox_ids:
        found = session.connection().execute(_HANDLED, {"events": list(inbox_ids), "now": now})
        _once(found.rowcount, len(inbox_ids))


_HANDLED = (
    update(InboxEvent)
    .where(among(InboxEvent.id, "events"), InboxEvent.handled_at.is_(None))
    .values(handled_at=bindparam("now", type_=UtcDateTime()))
)


def give_up(session: Session, inbox_id: int, reason: Reason, detail: str, now: datetime) -> None:
    """The event cannot be handled; it will not be tried again, and says why.

    Raises:
        HandledError: it was handled, or given up, before.
    """
    found = session.execute(
        update(InboxEvent)
        .where(InboxEvent.id == inbox_id, InboxEvent.handled_at.is_(None))
        .values(handled_at=now, failure=reason, failure_detail=detail[:500])
        .execution_options(synchronize_session=False)
        .returning(InboxEvent.id)
    )
    _once(len(found.all()), 1)


def _once(changed: int, events: int) -> None:
    if changed != events:
        raise HandledError(f"{events - changed} of {events} events had been handled by somebody else.")


def accounts_waiting(session: Session, received_before: datetime) -> list[tuple[str, str]]:
    """(channel, account) of accounts with an event that has waited since before then, for the sweep to wake.

    Up to MOST_WAITING, those that have waited longest. Also with one that lies ahead of all clocks: it came before the
    clock was set back.
    """
    has_waited = (InboxEvent.received_at < received_before) | (InboxEvent.received_at > received_before + CLOCKS_DIFFER)
    waiting = (
        select(InboxEvent.channel, InboxEvent.account_id)
        .where(InboxEvent.handled_at.is_(None), has_waited)
        .group_by(InboxEvent.channel, InboxEvent.account_id)
        .order_by(func.min(InboxEvent.received_at))
        .limit(MOST_WAITING)
    )
    return [(channel, account_id) for channel, account_id in session.execute(waiting)]


# Of a statement about contacts: whether one has done something that is not handled yet. That goes first.
has_news = (
    exists()
    .where(
        InboxEvent.channel == Contact.channel,
        InboxEvent.account_id == Contact.account_id,
        InboxEvent.handled_at.is_(None),
    )
    .correlate(Contact)
)
