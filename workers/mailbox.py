"""Taps on Redeem, passed through Redis to the job that answers them, and its answers back to the pages that wait.

Nothing here needs to last: a tap whose answer does not come in time becomes a claim, a row that nothing loses.
"""

import itertools
import json
import os
import secrets
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Any

import structlog
from redis import Redis, RedisError
from rq import Queue

from core.claims import Answer, Tap
from workers import queues

TAPS = "tessera:taps"
AWAKE = "tessera:awake:taps"
JOB = "workers.jobs.redeeming.answer_taps"
AWAKE_SECONDS = 2  # how long a job that died unseen keeps others from being started
GATHER_SECONDS = 0.003  # for the taps of other customers, before all are sent at once
KEPT_SECONDS = 10  # an answer for a web process that has gone
FORGOTTEN = timedelta(minutes=1)  # a tap's page has made a claim of it long before, or its customer has tapped again

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Passed:
    """A tap on its way, and where its answer is waited for."""

    tap: Tap
    page: int
    box: str


_Unsent = tuple[int, str]  # the page that waits, and the tap as it is sent


class Mailbox:
    """A web process's side: taps out of it, answers into it. Two threads of its own do so for all pages.

    One call to Redis costs a web process as much as the rest of a request: under load one takes many taps.
    """

    def __init__(self, redis_url: str) -> None:
        self._redis = queues.connect(redis_url)
        self._queue = queues.queue(self._redis, queues.REDEMPTION)
        self._box, self._process_id = "", 0
        self._numbers = itertools.count()
        self._unsent: SimpleQueue[_Unsent] = SimpleQueue()
        self._waiting: dict[int, SimpleQueue[Answer | None]] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._starting = threading.Lock()

    def ask(self, token: str, at: datetime, seconds: float) -> Answer | None:
        """Pass a tap on and wait for its answer; None where none came within `seconds`, or Redis is away."""
        self._start()
        page, answered = next(self._numbers), SimpleQueue[Answer | None]()
        self._waiting[page] = answered
        self._unsent.put((page, json.dumps([token, at.timestamp(), page, self._box])))
        try:
            return answered.get(timeout=seconds)
        except Empty:
            return None
        finally:
            del self._waiting[page]

    def _start(self) -> None:
        """Begin to send and listen; in the process that asks, not in one that it was forked from.

        Processes that were forked from one number their pages alike: with one box for both, a customer would get
        another's serial. Of two threads only the one that died is replaced: a second sender would take taps from the
        first one's hands.
        """
        if self._is_running():
            return
        with self._starting:
            if self._process_id != os.getpid():
                self._box, self._process_id = f"tessera:answers:{secrets.token_hex(8)}", os.getpid()
            for name, work in (("send", self._send), ("listen", self._listen)):
                if name not in self._threads or not self._threads[name].is_alive():
                    self._threads[name] = threading.Thread(target=work, name=f"taps-{name}", daemon=True)
                    self._threads[name].start()

    def _is_running(self) -> bool:
        return bool(self._threads) and all(thread.is_alive() for thread in self._threads.values())

    def _send(self) -> None:
        while True:
            taps = dict([self._unsent.get()])
            time.sleep(GATHER_SECONDS)
            while not self._unsent.empty():  # nobody else takes any out
                taps.update([self._unsent.get()])
            try:
                self._pass(list(taps.values()))
            except RedisError as error:
                log.warning("taps_not_passed", count=len(taps), error=type(error).__name__)
                for page in taps:
                    self._answer(page, None)

    def _pass(self, taps: Sequence[str]) -> None:
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.rpush(TAPS, *taps)
            pipe.set(AWAKE, 1, nx=True, ex=AWAKE_SECONDS)
            _, is_first = pipe.execute()
        if is_first:
            wake(self._queue)

    def _listen(self) -> None:
        is_away = False
        while True:
            try:
                found = self._redis.blpop([self._box], timeout=queues.ANSWER_WITHIN // 2)
            except RedisError as error:
                if not is_away:
                    log.warning("answers_not_taken", error=type(error).__name__)
                is_away = True
                time.sleep(0.2)
                continue
            is_away = False
            for page, answer in _opened(found[1]) if found else ():
                self._answer(page, answer)

    def _answer(self, page: int, answer: Answer | None) -> None:
        waiting = self._waiting.get(page)
        if waiting:
            waiting.put(answer)


def _opened(letter: Any) -> list[tuple[int, Answer]]:  # noqa: ANN401 (redis-py's types know no bytes)
    """The answers in a letter, by page; none where it cannot be read, such as another version's."""
    try:
        return [(int(page), Answer(*answer)) for page, *answer in json.loads(letter)]
    except (ValueError, TypeError) as error:
        log.warning("answers_unreadable", error=type(error).__name__)
        return []


def wake(queue: Queue) -> None:
    """Have a job answer the taps."""
    queue.enqueue(JOB, result_ttl=0, failure_ttl=3600)


def waiting(redis: Redis) -> tuple[int, datetime | None]:
    """How many taps wait for a job, and since when the first does."""
    with redis.pipeline(transaction=False) as pipe:
        pipe.llen(TAPS)
        pipe.lrange(TAPS, 0, 0)
        count, first = pipe.execute()
    return count, next((passed.tap.at for passed in _read(first)), None)


def take(redis: Redis, count: int, seconds: float, now: datetime) -> list[Passed]:
    """Up to `count` taps, the oldest first; waits up to `seconds` for the first of them.

    Keeps others from starting a job as long as this is called again and again. What waited over a minute for a worker,
    or came back with an old copy of Redis, is forgotten: the coupon may have been redeemed and undone meanwhile. One
    that cannot be read, such as another version's, is left to the claim that its page makes; the others are answered.
    """
    redis.set(AWAKE, 1, ex=AWAKE_SECONDS)
    found = redis.blmpop(seconds, 1, TAPS, direction="LEFT", count=count)
    return [one for one in _read(found[1] if found else ()) if one.tap.at > now - FORGOTTEN]


def _read(items: Sequence[Any]) -> Iterator[Passed]:
    for item in items:
        try:
            token, at, page, box = json.loads(item)
            yield Passed(Tap(str(token), datetime.fromtimestamp(at, UTC)), int(page), str(box))
        except (ValueError, TypeError, OverflowError, OSError) as error:  # the last two: no such time
            log.warning("tap_unreadable", error=type(error).__name__)


def leave(redis: Redis) -> bool:
    """Stop taking; whether that is right, or a tap has come in this very moment and nobody would see it."""
    redis.delete(AWAKE)
    return not redis.llen(TAPS)


def answer(redis: Redis, passed: Sequence[Passed], answers: Mapping[str, Answer]) -> None:
    """Hand the answers to the processes whose pages wait: one message each."""
    boxes: dict[str, list[list[object]]] = {}
    for one in passed:
        found = answers.get(one.tap.token)
        if found:
            boxes.setdefault(one.box, []).append([one.page, found.outcome, found.serial, found.reference])
    with redis.pipeline(transaction=False) as pipe:
        for box, letters in boxes.items():
            pipe.rpush(box, json.dumps(letters))
            pipe.expire(box, KEPT_SECONDS)
        pipe.execute()
