"""What an operator watches of Redis: jobs and taps that wait and since when, jobs that broke, processes that live."""

from datetime import datetime

from redis import Redis
from rq.job import Job
from rq.registry import FailedJobRegistry
from rq.utils import str_to_date

from core.gauges import Labels, Readings, age
from workers import mailbox, pulse, queues


def read(connection: Redis, now: datetime) -> Readings:
    """Every gauge.

    Raises:
        redis.RedisError: nobody can say.
    """
    alive: dict[Labels, float] = {(role,): len(pulse.alive(connection, role)) for role in pulse.ROLES}
    return {"processes_alive": alive, **_queues(connection, now), **_taps(connection, now)}


def _queues(connection: Redis, now: datetime) -> Readings:
    """A queue's oldest job is its first: workers take from the end to which nobody adds."""
    carried = [queues.queue(connection, name) for name in queues.QUEUES]
    with connection.pipeline(transaction=False) as pipe:
        for queue in carried:
            pipe.llen(queue.key)
            pipe.zcard(FailedJobRegistry(queue=queue).key)
            pipe.lindex(queue.key, 0)
        found = pipe.execute()
    lengths, broken, first = found[::3], found[1::3], found[2::3]
    with connection.pipeline(transaction=False) as pipe:
        for job in first:
            pipe.hget(Job.key_for(job.decode() if job else ""), "enqueued_at")
        since = pipe.execute()
    names = [(name,) for name in queues.QUEUES]
    return {
        "queue_jobs": dict(zip(names, lengths, strict=True)),
        "queue_broken_jobs": dict(zip(names, broken, strict=True)),
        "queue_oldest_job_seconds": {
            name: age(str_to_date(at), now) if at else 0.0 for name, at in zip(names, since, strict=True)
        },
    }


def _taps(connection: Redis, now: datetime) -> Readings:
    count, since = mailbox.waiting(connection)
    return {"taps_waiting": {(): count}, "taps_oldest_waiting_seconds": {(): age(since, now)}}
