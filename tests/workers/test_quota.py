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


def held(database: Database, now: datetime, who: tuple[str, str] = cast.MEI) -> None:
    with database.write() as session:
        contact = cast.contact(session, who, now)
        outgoing.store(session, outgoing.rows(contact.id, [{"type": "text", "text": "a"}], now))
        request = outbox.take(session, contact.id, LINE, "worker-1", now)
        assert request is not None
        outcomes.settle(session, [], [(request, USED_UP, LINE)], now)


def states(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(OutboxMessage.status).order_by(OutboxMessage.id)))


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


def test_what_line_refuses_while_another_delivery_has_the_messages_reserved_is_tried_again_in_a_minute(
    database: Database, time: list[datetime]
) -> None:
    for who in (cast.MEI, cast.EVE):
        held(database, time[0], who)
    watch(database, Deaf(Allowance(200, 199)), is_used_up=True)  # one is left
    expected = {timedelta(seconds=59): ["held", "held"], timedelta(minutes=1): ["pending", "held"]}
    for later, found in expected.items():
        with database.write() as session:
            outbox.release_paid(session, time[0] + later)
        assert states(database) == found


def test_what_is_used_up_indeed_waits_for_the_month(database: Database, time: list[datetime]) -> None:
    held(database, time[0])
    watch(database, Deaf(Allowance(200, 200)), is_used_up=True)
    with database.write() as session:
        outbox.release_paid(session, quotas.renewed_at(time[0]) - timedelta(seconds=1))
    assert states(database) == ["held"]
