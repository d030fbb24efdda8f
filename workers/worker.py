"""RQ's worker as this shop runs it: jobs in its own process, and no end because of what it meets in Redis."""

import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, NoReturn, TypeVar

import structlog
from redis import RedisError
from redis.client import Pipeline, PubSub, PubSubWorkerThread
from rq import Queue
from rq.exceptions import StopRequested
from rq.job import Job
from rq.timeouts import UnixSignalDeathPenalty
from rq.utils import now
from rq.worker import SimpleWorker

from workers import queues
from workers.absence import PAUSE, is_away, wait_for_redis

LONGEST_PAUSE = 2.0  # seconds that RQ rests between tries to take a job, so that work goes on soon after Redis is back

Told = TypeVar("Told")

log = structlog.get_logger(__name__)


class TimeIsOver(BaseException):
    """A job is stuck and ends. No `except Exception` takes it for a mistake of what the job was just handling."""


class Deadline(UnixSignalDeathPenalty):
    """Raises TimeIsOver amid a job that is at work for too long."""

    def handle_death_penalty(self, signum: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG002 (RQ's signature)
        """The time is over."""
        raise TimeIsOver(f"at work for more than {self._timeout} seconds")


class Worker(SimpleWorker):
    """A job costs 3 to 5 ms here; forked ones 30 to 70.

    RQ's loop waits only where it takes a job, and ends where Redis is lost at any other moment. Here each question
    that the loop asks Redis by itself is asked until it is answered. What a job was doing when Redis was lost is not
    tried again by RQ: the sweep finds what is left of it in the database. What in Redis cannot be read is left out.
    """

    death_penalty_class = Deadline
    max_connection_wait_time = LONGEST_PAUSE
    _leaves = False

    @property
    def dequeue_timeout(self) -> int:
        """Seconds that one wait for a job lasts: well within those after which its connection is given up for dead."""
        return queues.ANSWER_WITHIN // 2

    def register_birth(self) -> None:
        """Tell Redis of this worker."""
        self._until_answered(super().register_birth)

    def subscribe(self) -> None:
        """Listen to RQ's commands."""
        self._until_answered(super().subscribe)

    def check_for_suspension(self, burst: bool) -> None:  # noqa: FBT001 (RQ's signature)
        """Wait while workers are suspended."""
        ask = super().check_for_suspension
        self._until_answered(lambda: ask(burst))

    def run_maintenance_tasks(self) -> None:
        """Put RQ's registries in order; where that cannot be done, it is not tried again for a while."""
        try:
            self._until_answered(super().run_maintenance_tasks)
        except StopRequested:
            raise
        except Exception:
            log.exception("registries_unreadable")
            self.last_cleaned_at = now()  # type: ignore[assignment]  # RQ's own declaration is None

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """Wait for a job; one that cannot be read is left out: what it was for, the sweep finds."""
        while True:
            try:
                return super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)
            except StopRequested:
                raise
            except Exception as error:  # noqa: BLE001 (whatever is in Redis, the next job may be a good one)
                if is_away(error):
                    self._wait()
                    continue
                log.warning("job_unreadable", error=type(error).__name__, cause=str(error)[:200])
                if not hasattr(error, "job_id"):  # it may not have been taken out of its queue
                    time.sleep(PAUSE)

    def set_state(self, state: str, pipeline: Pipeline | None = None) -> None:
        """Tell Redis what this worker is at."""
        tell = super().set_state
        self._until_answered(lambda: tell(state, pipeline))

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Tell Redis that this worker lives."""
        tell = super().heartbeat
        self._until_answered(lambda: tell(timeout, pipeline))

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run the job; where it cannot be said to Redis how it ended, go on with the next."""
        try:
            super().execute_job(job, queue)
        except StopRequested:
            raise
        except Exception as error:
            self.executions.clear()
            if not is_away(error):
                log.exception("job_not_settled", job_id=job.id)
                return
            self._wait()

    def handle_exception(self, job: Job, *exc_info: Any) -> None:  # noqa: ANN401 (RQ's signature)
        """Log what the job raised: one line where it lost Redis, since the sweep goes on with its work."""
        if is_away(exc_info[1]):
            log.warning("job_lost_redis", job=job.func_name, error=type(exc_info[1]).__name__)
        else:
            super().handle_exception(job, *exc_info)

    def set_shutdown_requested_date(self) -> None:
        """Tell Redis that this worker will end, where it listens: this runs amid a job, in a signal's handler."""
        with suppress(RedisError):
            super().set_shutdown_requested_date()  # type: ignore[no-untyped-call]

    def teardown(self) -> None:
        """Take leave of Redis, where it listens."""
        self._leaves = True
        leaves: tuple[Callable[[], None], ...] = (self.register_death, self.unsubscribe)
        with suppress(RedisError):
            for leave in leaves:
                leave()

    def _pubsub_exception_handler(self, exc: Exception, pubsub: PubSub, pubsub_thread: PubSubWorkerThread) -> None:
        """Let the thread that listens to RQ's commands try again, or end: a worker that leaves closes what it reads."""
        if self._leaves:
            pubsub_thread.stop()
        else:
            super()._pubsub_exception_handler(exc, pubsub, pubsub_thread)

    def _until_answered(self, ask: Callable[[], Told]) -> Told:
        while True:
            try:
                return ask()
            except RedisError as error:
                if not is_away(error):
                    raise
                self._wait()

    def _wait(self) -> None:
        """Return once Redis answers.

        Raises:
            StopRequested: the worker was told to end meanwhile.
        """
        if not wait_for_redis(self.connection, lambda: self._stop_requested):
            raise StopRequested
