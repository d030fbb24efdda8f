"""Taps on Redeem, passed through Redis to the job that answers them, and its answers back to the pages that wait.

Nothing here needs to last: a tap whose answer does not come in time becomes a claim, a row that nothing loses.
"""

import itertools
import json
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
KEPT_SECONDS = 10  # an answer for a web process that has gone

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Passed:
    """A tap on its way, and where its answer is waited for."""

    tap: Tap
    page: int
    box: str


@dataclass
class _Waiting:
    is_answered: threading.Event = field(default_factory=threading.Event)
    answer: Answer | None = None


class Mailbox:
    """A web process's side: taps out of it, answers into it. One thread takes the answers for all pages."""

    def __init__(self, redis_url: str) -> None:
        self._redis = queues.connect(redis_url)
        self._queue = queues.queue(self._redis, queues.REDEMPTION)
        self._box = f"tessera:answers:{secrets.token_hex(8)}"
        self._numbers = itertools.count()
        self._waiting: dict[int, _Waiting] = {}
        self._unsent: list[str] = []
        self._lock = threading.Lock()
        self._is_sending = False
        self._listener: threading.Thread | None = None

    def ask(self, token: str, at: datetime, seconds: float) -> Answer | None:
        """Pass a tap on and wait for its answer; None where none came within `seconds`, or Redis is away."""
        self._listen()
        page, waiting = next(self._numbers), _Waiting()
        self._waiting[page] = waiting
        try:
            self._pass(json.dumps([token, at.timestamp(), page, self._box]))
            waiting.is_answered.wait(seconds)
        except RedisError as error:
            log.warning("taps_not_passed", error=type(error).__name__)
        finally:
            del self._waiting[page]
        return waiting.answer

    def _pass(self, tap: str) -> None:
        """Send the tap, or leave it to the thread that is sending: it takes all that have come meanwhile.

        One call to Redis costs a web process as much as the rest of a request; under load this makes it one for many.
        """
        with self._lock:
            self._unsent.append(tap)
            if self._is_sending:
                return
            self._is_sending = True
        try:
            while taps := self._take_unsent():
                self._send(taps)
        except BaseException:
            with self._lock:  # theirs wait in vain, for a second, and become claims
                self._is_sending = False
                self._unsent.clear()
            raise

    def _take_unsent(self) -> list[str]:
        with self._lock:
            taps, self._unsent = self._unsent, []
            self._is_sending = bool(taps)
            return taps

    def _send(self, taps: Sequence[str]) -> None:
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.rpush(TAPS, *taps)
            pipe.set(AWAKE, 1, nx=True, ex=AWAKE_SECONDS)
            _, is_first = pipe.execute()
        if is_first:
            wake(self._queue)

    def _listen(self) -> None:
        """Begin to listen; in the process that asks, not in one that it was forked from."""
        if self._listener and self._listener.is_alive():
            return
        with self._lock:
            if not (self._listener and self._listener.is_alive()):
                self._listener = threading.Thread(target=self._take_answers, daemon=True)
                self._listener.start()

    def _take_answers(self) -> None:
        while True:
            try:
                found = self._redis.blpop([self._box], timeout=queues.ANSWER_WITHIN // 2)
            except RedisError as error:
                log.warning("answers_not_taken", error=type(error).__name__)
                threading.Event().wait(0.2)
                continue
            for page, *answer in _loaded(found[1]) if found else ():
                waiting = self._waiting.get(page)
                if waiting:
                    waiting.answer = Answer(*answer)
                    waiting.is_answered.set()


def _loaded(letter: Any) -> Any:  # noqa: ANN401 (redis-py's types know no bytes; any JSON)
    return json.loads(letter)


def wake(queue: Queue) -> None:
    """Have a job answer the taps."""
    queue.enqueue(JOB, result_ttl=0, failure_ttl=3600)


def take(redis: Redis, count: int, seconds: float) -> list[Passed]:
    """Up to `count` taps, the oldest first; waits up to `seconds` for the first of them.

    Keeps others from starting a job as long as this is called again and again.
    """
    redis.set(AWAKE, 1, ex=AWAKE_SECONDS)
    found = redis.blmpop(seconds, 1, TAPS, direction="LEFT", count=count)
    taps = (_loaded(item) for item in found[1]) if found else ()
    return [Passed(Tap(token, datetime.fromtimestamp(at, UTC)), page, box) for token, at, page, box in taps]


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
