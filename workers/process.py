"""The background's two kinds of process: workers that run jobs, and the one that does what is periodic."""

import logging
import time
from collections.abc import Callable

import structlog
from redis import Redis, RedisError
from rq.worker import SimpleWorker

from workers import context, periodic, pulse, queues
from workers.context import Context

log = structlog.get_logger(__name__)

LONGEST_REDIS_PAUSE = 2.0  # seconds between tries while Redis is away, so that work goes on soon after it is back


class Worker(SimpleWorker):
    """RQ's worker that runs jobs in its own process: a job costs 3 to 5 ms, forked ones 30 to 70."""

    max_connection_wait_time = LONGEST_REDIS_PAUSE

    @property
    def dequeue_timeout(self) -> int:
        """Seconds that one wait for a job lasts: well within those after which its connection is given up for dead."""
        return queues.ANSWER_WITHIN // 2


def work(connection: Redis, make_context: Callable[[str], Context]) -> None:
    """Run jobs until SIGTERM or SIGINT, which let the job under way finish. `make_context` gets the process's name."""
    wait_for_redis(connection)
    with pulse.Pulse(connection, "worker") as beat:
        made = make_context(beat.name)
        context.use(made)
        for name in ("rq.worker", "rq.scheduler"):
            logging.getLogger(name).setLevel(logging.WARNING)  # a line an event is ours to write
        log.info("worker_started", name=beat.name)
        carried = [queues.queue(connection, name) for name in queues.QUEUES]
        Worker(carried, connection=connection, serializer="json").work(logging_level="WARNING")
        made.outlet.close()
        log.info("worker_stopped", name=beat.name)


def tick(connection: Redis, make_context: Callable[[str], Context]) -> None:
    """Do what is periodic until SIGTERM or SIGINT. Two of these at once do no harm."""
    wait_for_redis(connection)
    with pulse.Pulse(connection, "periodic") as beat:
        log.info("periodic_started", name=beat.name)
        periodic.run(make_context(beat.name))
        log.info("periodic_stopped", name=beat.name)


def wait_for_redis(connection: Redis) -> None:
    """Return when Redis answers; say once that it does not yet."""
    told = False
    while True:
        try:
            connection.ping()
        except RedisError as error:
            if not told:
                log.warning("waiting_for_redis", error=type(error).__name__, cause=str(error))
            told = True
            time.sleep(0.2)
        else:
            return
