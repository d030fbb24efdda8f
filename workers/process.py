"""The background's two kinds of process: workers that run jobs, and the one that does what is periodic."""

import logging
from collections.abc import Callable

import structlog
from redis import Redis

from workers import context, periodic, pulse, queues
from workers.absence import ToldAlready, wait_for_redis
from workers.context import Context
from workers.worker import Worker

log = structlog.get_logger(__name__)


def work(connection: Redis, make_context: Callable[[str], Context]) -> None:
    """Run jobs until SIGTERM or SIGINT, which let the job under way finish. `make_context` gets the process's name."""
    wait_for_redis(connection)
    with pulse.Pulse(connection, "worker") as beat:
        made = make_context(beat.name)
        context.use(made)
        for name in ("rq.worker", "rq.scheduler"):
            logging.getLogger(name).setLevel(logging.WARNING)  # a line an event is ours to write
            logging.getLogger(name).addFilter(ToldAlready())
        log.info("worker_started", name=beat.name)
        carried = [queues.queue(connection, name) for name in queues.QUEUES]
        Worker(carried, connection=connection, serializer="json").work(logging_level="WARNING")
        made.outlet.close()
        if made.hooks:
            made.hooks.close()
        log.info("worker_stopped", name=beat.name)


def tick(connection: Redis, make_context: Callable[[str], Context]) -> None:
    """Do what is periodic until SIGTERM or SIGINT. Two of these at once do no harm."""
    wait_for_redis(connection)
    with pulse.Pulse(connection, "periodic") as beat:
        log.info("periodic_started", name=beat.name)
        periodic.run(make_context(beat.name))
        log.info("periodic_stopped", name=beat.name)
