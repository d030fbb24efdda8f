"""What an operator watches of Redis: each gauge moves with what it tells of."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis, RedisError
from rq.job import JobStatus
from structlog.testing import capture_logs

from core.claims import Answer
from core.gauges import Labels
from tests.workers.conftest import Valkey
from workers import gauges, mailbox, queues
from workers.mailbox import Mailbox
from workers.pulse import Pulse
from workers.worker import Worker

NOTHING: dict[Labels, float] = {(name,): 0 for name in queues.QUEUES}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def connection(redis_url: str) -> Redis:
    return queues.connect(redis_url)


def test_an_empty_redis_has_every_gauge_and_nothing_in_it(connection: Redis) -> None:
    assert gauges.read(connection, datetime.now(UTC)) == {
        "processes_alive": {("worker",): 0, ("periodic",): 0},
        "queue_jobs": NOTHING,
        "queue_oldest_job_seconds": NOTHING,
        "queue_broken_jobs": NOTHING,
        "taps_waiting": {(): 0},
        "taps_oldest_waiting_seconds": {(): 0},
    }


def test_jobs_wait_in_their_queue_from_when_the_first_came_until_they_are_taken(connection: Redis) -> None:
    chat = queues.queue(connection, queues.CHAT)
    first, _ = chat.enqueue("tests.workers.outages.note"), chat.enqueue("tests.workers.outages.note")
    assert first.enqueued_at
    found = gauges.read(connection, first.enqueued_at + MINUTE)
    assert found["queue_jobs"] == {**NOTHING, ("chat",): 2}
    assert found["queue_oldest_job_seconds"] == {**NOTHING, ("chat",): 60}
    Worker([chat], connection=connection, serializer="json").work(burst=True, logging_level="CRITICAL")
    found = gauges.read(connection, first.enqueued_at + MINUTE)
    assert (found["queue_jobs"], found["queue_oldest_job_seconds"]) == (NOTHING, NOTHING)


def test_a_job_that_has_gone_before_its_turn_has_no_age(connection: Redis) -> None:
    bulk = queues.queue(connection, queues.BULK)
    job = bulk.enqueue("tests.workers.outages.note")
    connection.delete(job.key)
    found = gauges.read(connection, datetime.now(UTC) + MINUTE)
    assert (found["queue_jobs"]["bulk",], found["queue_oldest_job_seconds"]["bulk",]) == (1, 0)


def test_a_job_that_breaks_is_counted_in_its_queue(connection: Redis) -> None:
    redemption = queues.queue(connection, queues.REDEMPTION)
    job = redemption.enqueue("tests.workers.outages.nobody_wrote_this", failure_ttl=3600)
    Worker([redemption], connection=connection, serializer="json").work(burst=True, logging_level="CRITICAL")
    assert job.get_status() is JobStatus.FAILED
    found = gauges.read(connection, datetime.now(UTC))
    assert found["queue_broken_jobs"] == {**NOTHING, ("redemption",): 1}


def test_a_process_is_alive_in_its_role_while_it_beats(connection: Redis) -> None:
    def alive() -> object:
        return gauges.read(connection, datetime.now(UTC))["processes_alive"]

    with Pulse(connection, "worker") as one, Pulse(connection, "periodic") as other:
        until_they_beat(connection, 2)
        assert alive() == {("worker",): 1, ("periodic",): 1}
    connection.delete(f"tessera:alive:{one.name}", f"tessera:alive:{other.name}")  # they go by themselves in 3 s
    assert alive() == {("worker",): 0, ("periodic",): 0}


def until_they_beat(connection: Redis, count: int) -> None:
    while len(list(connection.scan_iter(match="tessera:alive:*"))) < count:
        pass


def test_taps_wait_from_when_the_first_was_made_until_a_job_takes_them(connection: Redis, redis_url: str) -> None:
    box, at = Mailbox(redis_url), datetime.now(UTC)
    answered: list[Answer | None] = []
    pages = [
        threading.Thread(target=lambda age=age: answered.append(box.ask("a" * 22, at - age, 10)))
        for age in (MINUTE / 2, MINUTE / 3)
    ]
    for count, page in enumerate(pages, 1):
        page.start()
        until_taps_wait(connection, count)
    found = gauges.read(connection, at)
    assert found["taps_waiting"] == {(): 2}
    assert found["taps_oldest_waiting_seconds"][()] == pytest.approx(30)
    taken = mailbox.take(connection, 10, 1, at)
    mailbox.answer(connection, taken, {"a" * 22: Answer("redeemed", "TEA-0001", "ABCD")})
    for page in pages:
        page.join()
    found = gauges.read(connection, at)
    assert (found["taps_waiting"], found["taps_oldest_waiting_seconds"]) == ({(): 0}, {(): 0})


def until_taps_wait(connection: Redis, count: int) -> None:
    while connection.llen(mailbox.TAPS) < count:
        pass


def test_a_tap_that_cannot_be_read_is_counted_and_has_no_age(connection: Redis) -> None:
    connection.rpush(mailbox.TAPS, json.dumps({"another": "version"}))
    with capture_logs() as logs:
        found = gauges.read(connection, datetime.now(UTC))
    assert (found["taps_waiting"], found["taps_oldest_waiting_seconds"]) == ({(): 1}, {(): 0})
    assert [line["event"] for line in logs] == ["tap_unreadable"]


def test_a_redis_that_is_gone_tells_nothing(connection: Redis, valkey: Valkey) -> None:
    valkey.kill()
    with pytest.raises(RedisError):
        gauges.read(connection, datetime.now(UTC))
