import logging
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue
from structlog.testing import capture_logs

from tests.workers import outages
from tests.workers.conftest import Valkey
from workers import absence, queues
from workers.absence import ToldAlready
from workers.worker import Worker

SOON = 5.0  # seconds after Redis is back, within which work goes on


def test_an_idle_worker_asks_again_before_its_connection_is_given_up_for_dead(tmp_path: Path) -> None:
    connection = queues.connect(f"unix://{tmp_path / 'nobody.sock'}")
    patience = connection.connection_pool.connection_kwargs["socket_timeout"]
    worker = Worker.__new__(Worker)
    assert 0 < worker.dequeue_timeout < patience


@pytest.fixture
def connection(valkey: Valkey) -> Redis:
    made = queues.connect(valkey.url)
    outages.prepare(valkey.kill, valkey.start, made)
    return made


@pytest.fixture
def chat(connection: Redis) -> Queue:
    return queues.queue(connection, queues.CHAT)


@pytest.fixture
def worker(chat: Queue, connection: Redis) -> Iterator[Worker]:
    """As a process makes it, but that RQ's own log is seen whole."""
    told = ToldAlready()
    logging.getLogger("rq.worker").addFilter(told)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield Worker([chat], connection=connection, serializer="json")
    for number, handler in handlers.items():
        signal.signal(number, handler)
    logging.getLogger("rq.worker").removeFilter(told)


def works_on(worker: Worker, jobs: int, caplog: pytest.LogCaptureFixture) -> list[str]:
    """Let it do so many jobs; the lines of the log, of which RQ wrote none."""
    with capture_logs() as lines, caplog.at_level(logging.WARNING, "rq.worker"):
        worker.work(max_jobs=jobs, logging_level="WARNING")
    assert caplog.records == []
    (ran,), (back,) = outages.ran, outages.back
    assert 0 < ran - back < SOON
    return [line["event"] for line in lines]


def note_once_back(chat: Queue) -> threading.Thread:
    """Somebody rings once Redis is back, as the sweep does."""

    def ring() -> None:
        while not outages.back:
            time.sleep(0.01)
        chat.enqueue(f"{outages.__name__}.note")

    thread = threading.Thread(target=ring)
    thread.start()
    return thread


@pytest.mark.parametrize("job", ["lose", "lose_and_ask"])
def test_a_worker_whose_job_loses_redis_waits_and_goes_on(
    worker: Worker, chat: Queue, caplog: pytest.LogCaptureFixture, job: str
) -> None:
    chat.enqueue(f"{outages.__name__}.{job}")
    ringing = note_once_back(chat)
    assert works_on(worker, 2, caplog) == ["waiting_for_redis", "redis_is_back"]
    ringing.join()


def test_a_job_that_lost_redis_for_a_moment_is_one_line_and_any_other_failure_has_its_traceback(
    worker: Worker, chat: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    job = chat.enqueue(f"{outages.__name__}.note")
    with capture_logs() as lines, caplog.at_level(logging.WARNING, "rq.worker"):
        for error in (absence.AWAY[0]("gone"), ValueError("broken")):
            worker.handle_exception(job, type(error), error, None)
    assert [line["event"] for line in lines] == ["job_lost_redis"]
    (record,) = caplog.records
    assert "ValueError: broken" in record.getMessage()


def test_a_worker_that_waits_for_jobs_when_redis_is_lost_goes_on(
    worker: Worker, chat: Queue, valkey: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    watch = queues.connect(valkey.url)

    def lose_it_amid_the_wait() -> None:
        while not any(client["cmd"] == "blmove" or client["cmd"] == "blpop" for client in watch.client_list()):
            time.sleep(0.01)
        outages.lose()

    losing = threading.Thread(target=lose_it_amid_the_wait)
    losing.start()
    ringing = note_once_back(chat)
    told = works_on(worker, 1, caplog)
    assert told in ([], ["waiting_for_redis", "redis_is_back"])  # RQ itself rests first, and Redis may be back then
    losing.join()
    ringing.join()


def test_a_worker_is_not_kept_from_ending_by_a_redis_that_is_away(
    worker: Worker, chat: Queue, valkey: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    chat.enqueue(f"{outages.__name__}.lose_and_be_told_to_end")
    with capture_logs() as lines:
        worker.work(logging_level="WARNING")
    assert ([line["event"] for line in lines], caplog.records) == (["waiting_for_redis"], [])
    valkey.start()


def test_waiting_says_once_that_redis_is_away_and_once_that_it_is_back(
    valkey: Valkey, connection: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(absence, "PAUSE", 0.01)
    valkey.kill()
    tries = iter([False] * 5 + [True])
    with capture_logs() as lines:
        assert not absence.wait_for_redis(connection, lambda: next(tries))
        valkey.start()
        assert absence.wait_for_redis(connection)
    assert [line["event"] for line in lines] == ["waiting_for_redis"]
    outages.lose()
    with capture_logs() as lines:
        assert absence.wait_for_redis(connection)
    assert [line["event"] for line in lines] == ["waiting_for_redis", "redis_is_back"]


REFUSALS = {
    "memory that is full": (("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0")),
    "a replica": (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE")),
    "too few replicas": (
        ("CONFIG", "SET", "min-replicas-to-write", "1"),
        ("CONFIG", "SET", "min-replicas-to-write", "0"),
    ),
}


def _say(redis: Redis, *words: str) -> None:
    redis.execute_command(*words)  # type: ignore[no-untyped-call]  # in redis-py


@pytest.mark.parametrize("job", ["lose", "lose_and_write"])
@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_worker_waits_for_a_redis_that_takes_nothing(
    worker: Worker, chat: Queue, valkey: Valkey, caplog: pytest.LogCaptureFixture, refusal: str, job: str
) -> None:
    apart = queues.connect(valkey.url)
    close, open_again = REFUSALS[refusal]
    outages.prepare(partial(_say, apart, *close), partial(_say, apart, *open_again), apart)
    chat.enqueue(f"{outages.__name__}.{job}")
    ringing = note_once_back(chat)
    told = works_on(worker, 2, caplog)
    assert [event for event in told if event != "job_lost_redis"] == ["waiting_for_redis", "redis_is_back"]
    ringing.join()


def test_an_idle_worker_waits_for_a_redis_that_has_become_a_replica(
    worker: Worker, chat: Queue, valkey: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    apart = queues.connect(valkey.url)
    close, open_again = REFUSALS["a replica"]
    outages.prepare(partial(_say, apart, *close), partial(_say, apart, *open_again), apart)

    def lose_it_amid_the_wait() -> None:
        while not any(client["cmd"] in {"blmove", "blpop"} for client in apart.client_list()):
            time.sleep(0.01)
        outages.lose()

    losing = threading.Thread(target=lose_it_amid_the_wait)
    losing.start()
    ringing = note_once_back(chat)
    assert works_on(worker, 1, caplog) == ["waiting_for_redis", "redis_is_back"]
    losing.join()
    ringing.join()


def test_jobs_that_cannot_be_read_are_left_out(chat: Queue, worker: Worker, connection: Redis) -> None:
    several = Worker([chat, queues.queue(connection, queues.BULK)], connection=connection, serializer="json")
    connection.set("rq:job:text", "no hash")
    connection.hset("rq:job:odd", mapping={"data": "x", "status": "of another version"})
    connection.hset("rq:job:blank", mapping={"origin": "chat"})
    connection.rpush(chat.key, b"\xff\xfe", "text", "odd", "blank", "gone", "a:b:c")
    chat.enqueue(f"{outages.__name__}.note")
    with capture_logs() as lines:
        assert several.work(max_jobs=1, logging_level="WARNING")
    assert len(outages.ran) == 1
    assert [line["event"] for line in lines] == ["job_unreadable"] * 3
    assert connection.llen(chat.key) == 0
    del worker  # it puts the signals' handlers back


def test_a_job_whose_call_cannot_be_read_fails_and_the_next_one_runs(
    chat: Queue, worker: Worker, connection: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    connection.hset("rq:job:garbled", mapping={"data": b"\x00 no JSON", "origin": "chat", "status": "queued"})
    connection.rpush(chat.key, "garbled")
    chat.enqueue(f"{outages.__name__}.note")
    with caplog.at_level(logging.WARNING, "rq.worker"):
        worker.work(max_jobs=2, logging_level="WARNING")
    assert len(outages.ran) == 1


def test_registries_that_cannot_be_read_keep_no_job_from_running(
    chat: Queue, worker: Worker, connection: Redis
) -> None:
    connection.zadd("rq:wip:chat", {"no job and no execution": 1})
    chat.enqueue(f"{outages.__name__}.note")
    with capture_logs() as lines:
        worker.work(max_jobs=1, logging_level="WARNING")
    assert len(outages.ran) == 1
    assert [line["event"] for line in lines] == ["registries_unreadable"]


def test_a_stuck_job_ends_and_takes_nothing_else_for_broken(
    chat: Queue, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    chat.enqueue(f"{outages.__name__}.hang", job_timeout=1)
    with caplog.at_level(logging.WARNING, "rq.worker"):
        worker.work(max_jobs=1, logging_level="WARNING")
    assert outages.swallowed == []
    assert "TimeIsOver" in caplog.text
