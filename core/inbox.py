"""The inbox: every webhook event once, handled in the order of its time, contact by contact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.reasons import Reason
from db.insert import insert_all_unless_there
from db.tables import InboxEvent

CLOCKS_DIFFER = timedelta(seconds=10)  # between hosts


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


def next_event(session: Session, channel: str, account_id: str) -> InboxEvent | None:
    """The account's earliest event that has not been handled."""
    return session.scalar(
        select(InboxEvent)
        .where(InboxEvent.channel == channel, InboxEvent.account_id == account_id, InboxEvent.handled_at.is_(None))
        .order_by(InboxEvent.occurred_at, InboxEvent.id)
        .limit(1),
    )


def handled(event: InboxEvent, now: datetime) -> None:
    """The event has been dealt with."""
    event.handled_at = now


def give_up(session: Session, event_id: int, reason: Reason, detail: str, now: datetime) -> None:
    """The event cannot be handled; it will not be tried again, and says why."""
    event = session.get_one(InboxEvent, event_id)
    event.handled_at, event.failure, event.failure_detail = now, reason, detail[:500]


def accounts_waiting(session: Session, received_before: datetime) -> list[tuple[str, str]]:
    """(channel, account) of every account with an event that has waited since before then, for the sweep to wake.

    Also with one that lies ahead of all clocks: it came before the clock was set back.
    """
    has_waited = (InboxEvent.received_at < received_before) | (InboxEvent.received_at > received_before + CLOCKS_DIFFER)
    waiting = (
        select(InboxEvent.channel, InboxEvent.account_id).where(InboxEvent.handled_at.is_(None), has_waited).distinct()
    )
    return list(session.execute(waiting))
