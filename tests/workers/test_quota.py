"""The month's messages, watched by whoever sends."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.channels.delivery import Allowance, DeliveryError
from core import clock, outbox, outcomes, outgoing, quotas
from core.outbox import Way
from core.outcomes import Failure
from core.reasons import Reason
from db.database import Database
from db.tables import OutboxMessage
from tests import cast
from tests.workers.senders import Deaf
from workers.jobs import quota

LINE = Way(batch_size=5, is_idempotent=True, window=None)
USED_UP = Failure(Reason.QUOTA_USED_UP, "HTTP 429", may_retry=False, is_unknown=False)
AWAY = DeliveryError(Reason.CHANNEL_UNAVAILABLE, "HTTP 500", may_retry=True)


@pytest.fixture
def time(now: datetime, monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The clock's hand, moved by the test."""
    hand = [now]
    monkeypatch.setattr(clock, "now", lambda: hand[0])
    return hand


def last(database: Database) -> quotas.Quota | None:
    with database.read() as session:
        return quotas.last(session, "line")


def watch(database: Database, sender: Deaf, *, is_used_up: bool = False) -> None:
    quota.watch(database, "line", sender, is_used_up=is_used_up)


def held(database: Database, now: datetime) -> None:
    with database.write() as session:
        contact = cast.contact(session, cast.MEI, now)
        outgoing.store(session, outgoing.rows(contact.id, [{"type": "text", "text": "a"}], now))
        request = outbox.take(session, contact.id, LINE, "worker-1", now)
        assert request is not None
        outcomes.failed(session, request, USED_UP, LINE, now)


def states(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(OutboxMessage.status)))


def test_a_platform_is_asked_once_an_hour(database: Database, time: list[datetime]) -> None:
    sender = Deaf(Allowance(200, 57), Allowance(200, 60))
    watch(database, sender)
    watch(database, sender)
    assert last(database) == quotas.Quota(200, 57, time[0])
    time[0] += timedelta(hours=1)
    watch(database, sender)
    assert last(database) == quotas.Quota(200, 60, time[0])
    assert sender.allowances == []


def test_a_platform_that_cannot_be_asked_leaves_what_was_known(database: Database, time: list[datetime]) -> None:
    sender = Deaf(Allowance(200, 57), AWAY, None)
    watch(database, sender)
    known = last(database)
    for _ in range(2):
        time[0] += timedelta(hours=1)
        watch(database, sender)
    assert last(database) == known
    assert sender.allowances == []


def test_a_plan_that_has_grown_is_seen_within_a_minute_and_releases_what_was_held(
    database: Database, time: list[datetime]
) -> None:
    sender = Deaf(Allowance(200, 200), Allowance(200, 200), Allowance(5_000, 200))
    held(database, time[0])
    expected = ["held", "held", "pending"]
    for status in expected:
        watch(database, sender, is_used_up=True)
        assert states(database) == [status]
        time[0] += timedelta(minutes=1)
