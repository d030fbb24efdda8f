"""RQ's worker as this shop runs it: jobs in its own process, and no end because Redis is away for a while."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import structlog
from redis.client import Pipeline, PubSub, PubSubWorkerThread
from rq import Queue
from rq.exceptions import StopRequested
from rq.job import Job
from rq.worker import SimpleWorker

from workers import queues
from workers.absence import AWAY, wait_for_redis

LONGEST_PAUSE = 2.0  # seconds that RQ rests between tries to take a job, so that work goes on soon after Redis is back

Told = TypeVar("Told")

log = structlog.get_logger(__name__)


class Worker(SimpleWorker):
    """A job costs 3 to 5 ms here; forked ones 30 to 70.

    RQ's loop waits only where it takes a job, and ends where Redis is lost at any other moment. Here each question
    that the loop asks Redis by itself is asked until it is answered. What a job was doing when Redis was lost is not
    tried again by RQ: the sweep finds what is left of it in the database.
    """

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
        """Put RQ's registries in order."""
        self._until_answered(super().run_maintenance_tasks)

    def set_state(self, state: str, pipeline: Pipeline | None = None) -> None:
        """Tell Redis what this worker is at."""
        tell = super().set_state
        self._until_answered(lambda: tell(state, pipeline))

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Tell Redis that this worker lives."""
        tell = super().heartbeat
        self._until_answered(lambda: tell(timeout, pipeline))

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run the job; where Redis is lost on the way to its end, go on with the next."""
        try:
            super().execute_job(job, queue)
        except AWAY:
            self.executions.clear()
            self._wait()

    def handle_exception(self, job: Job, *exc_info: Any) -> None:  # noqa: ANN401 (RQ's signature)
        """Log what the job raised: one line where it lost Redis, since the sweep goes on with its work."""
        if isinstance(exc_info[1], AWAY):
            log.warning("job_lost_redis", job=job.func_name, error=type(exc_info[1]).__name__)
        else:
            super().handle_exception(job, *exc_info)

    def set_shutdown_requested_date(self) -> None:
        """Tell Redis that this worker will end, where it listens: this runs amid a job, in a signal's handler."""
        with suppress(*AWAY):
            super().set_shutdown_requested_date()  # type: ignore[no-untyped-call]

    def teardown(self) -> None:
        """Take leave of Redis, where it listens."""
        self._leaves = True
        leaves: tuple[Callable[[], None], ...] = (self.register_death, self.unsubscribe)
        with suppress(*AWAY):
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
            except AWAY:
                self._wait()

    def _wait(self) -> None:
        """Return once Redis answers.

        Raises:
            StopRequested: the worker was told to end meanwhile.
        """
        if not wait_for_redis(self.connection, lambda: self._stop_requested):
            raise StopRequested
