"""A request to a platform goes out in its turn; one that the platform found too many lets everybody rest."""

import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select, update

from bot.channels.delivery import Delivered, DeliveryError
from commands import worker
from core import clock
from core.outbox import Request
from core.outcomes import Failure
from core.outgoing import BULK, LIVE, REMINDER
from core.reasons import Reason
from db.tables import OutboxMessage
from tests import cast
from tests.doors import House
from tests.system.shop import Shop
from tests.workers.conftest import Line, Post
from workers import pace, periodic, queues, sending
from workers.jobs import delivering
from workers.pace import Pace

RATES = {("line", "push"): 100, ("line", "reply"): 100, ("messenger", "message"): 100, ("messenger", "video"): 100}
HELLO = "flow: hello\nlanguages: [en]\nstarts: [{words: hello}]\nsteps: [{say: Hi}, {end: true}]\n"
REQUEST = Request(
    contact_id=1,
    account_id=cast.MEI[1],
    urgency=LIVE,
    row_ids=(1,),
    payloads=({"type": "text", "text": "Hi"},),
    key=uuid.uuid4(),
    reply_token="",
    attempt=1,
    is_in_doubt=False,
    acted_at=None,
    taken_at=datetime(2026, 12, 1, tzinfo=UTC),
)


@pytest.fixture
def redis(redis_url: str) -> Redis:
    return queues.connect(redis_url)


@pytest.fixture
def paced(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Pace:
    """This process's pace."""
    made = Pace(redis, RATES)
    monkeypatch.setattr(pace, "_paces", [made])
    return made


class Refusing(Line):
    """Accepts nothing."""

    def __init__(self, error: DeliveryError) -> None:
        super().__init__()
        self.error = error

    def send(
        self, account_id: str, payloads: list[dict[str, Any]], *, key: uuid.UUID, reply_token: str = ""
    ) -> Delivered:
        super().send(account_id, payloads, key=key, reply_token=reply_token)
        raise self.error


def waits(redis: Redis, channel: str, kind: str) -> float:
    """The seconds that another process would have to wait; 0 where less than a thread's patience."""
    return Pace(redis, RATES).wait(channel, kind, LIVE)


@pytest.mark.usefixtures("paced")
@pytest.mark.parametrize(
    ("reason", "may_retry", "rests"),
    [
        (Reason.RATE_LIMITED, True, True),
        (Reason.RATE_LIMITED, False, False),  # Messenger's marketing frequency: one person's
        (Reason.QUOTA_USED_UP, False, False),
        (Reason.TOO_MANY_AT_ONCE, True, False),
        (Reason.CHANNEL_UNAVAILABLE, True, False),
    ],
)
def test_only_a_rate_that_was_exceeded_lets_all_processes_rest(
    redis: Redis, reason: Reason, *, may_retry: bool, rests: bool
) -> None:
    error = DeliveryError(reason, "HTTP 429", may_retry=may_retry, retry_after=30)
    result = sending.attempt("line", Refusing(error), REQUEST)
    assert result == Failure(reason, "HTTP 429", may_retry=may_retry, is_unknown=False, retry_after=30)
    assert (waits(redis, "line", "push") > 25) is rests
    assert [waits(redis, *other) for other in RATES if other != ("line", "push")] == [0, 0, 0]  # counted apart


def test_a_message_whose_turn_is_far_goes_later_and_that_is_no_attempt(
    post: Post, paced: Pace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.publish(HELLO, now)
    paced.rest("line", "reply", 30)
    post.write("hello", now)
    post.answer()
    with post.work.database.read() as session:
        row = session.scalars(select(OutboxMessage)).one()
    assert (row.status, row.reason, row.attempts, row.is_in_doubt) == ("pending", "rate_limited", 0, False)
    assert (bool(row.reply_token), post.line.sent) == (True, [])
    assert 20 < (row.due_at - clock.now()).total_seconds() < 31
    post.work.redis.flushall()
    monkeypatch.setattr(pace, "_paces", [Pace(post.work.redis, RATES)])
    with post.work.database.write() as session:
        session.execute(update(OutboxMessage).values(due_at=clock.now()))
    delivering.deliver(str(row.contact_id))
    post.rest()
    assert [(texts, bool(token)) for _, texts, token in post.line.sent] == [(["Hi"], True)]


def test_of_more_than_may_go_at_once_each_arrives_at_its_first_attempt(
    post: Post, redis: Redis, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "LONGEST_WAIT", 0.2)
    monkeypatch.setattr(pace, "_paces", [Pace(redis, RATES | {("line", "reply"): 10})])  # 2 at once, then 7.6 a second
    people = [f"U{number:032x}" for number in range(16)]
    post.publish(HELLO, now)
    for one in people:
        post.write("hello", now, one)
    began = time.monotonic()
    post.answer(*people)
    assert len(post.line.sent) < len(people)  # the others' turn was too far

    def is_all_sent() -> bool:
        periodic.wake_deliveries(post.work, clock.now() + periodic.SETTLED)
        post.rest()
        return len(post.line.sent) >= len(people)

    Shop.until(is_all_sent, 60, "all is sent")
    assert time.monotonic() - began > (len(people) - 2) / 7.7
    assert sorted(to for to, _, _ in post.line.sent) == people
    with post.work.database.read() as session:
        rows = session.scalars(select(OutboxMessage)).all()
        assert {(row.status, row.attempts) for row in rows} == {("sent", 1)}


VIDEO = {"attachment": {"type": "video", "payload": {"url": "https://shop.example/tea.mp4"}}}


@pytest.mark.parametrize(
    ("channel", "change", "asked"),
    [
        ("line", {}, ("line", "push", LIVE)),
        ("line", {"urgency": BULK}, ("line", "push", BULK)),
        ("line", {"reply_token": "t"}, ("line", "reply", LIVE)),
        ("messenger", {"urgency": REMINDER}, ("messenger", "message", REMINDER)),
        ("messenger", {"payloads": (VIDEO,)}, ("messenger", "video", LIVE)),
    ],
)
def test_a_request_waits_as_its_platform_counts_it_and_as_urgent_as_it_is(
    monkeypatch: pytest.MonkeyPatch, channel: str, change: dict[str, Any], asked: tuple[str, str, int]
) -> None:
    waited: list[tuple[Any, ...]] = []
    monkeypatch.setattr(pace, "wait", lambda *given: waited.append(given))
    sending.attempt(channel, Line(), replace(REQUEST, **change))
    assert waited == [asked]


def test_each_worker_has_the_pace_of_its_shop(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_paces", [])
    with house.app.app_context():
        made = worker._context("worker:test")  # noqa: SLF001 (what `flask worker` makes)
        made.outlet.close()
    (found,) = pace._paces  # noqa: SLF001
    assert set(found._known) == set(RATES)  # noqa: SLF001
