"""Wake-ups through Redis. A door stores, commits, then rings; the sweep finds a lost ring."""

from typing import Literal

import structlog
from redis import RedisError
from rq import Queue

from workers import queues

Kind = Literal["inbox", "outbox", "claims"]

JOBS: dict[Kind, tuple[str, str]] = {
    "inbox": (queues.CHAT, "workers.jobs.conversing.converse"),
    "outbox": (queues.CHAT, "workers.jobs.delivering.deliver"),
    "claims": (queues.REDEMPTION, "workers.jobs.redeeming.answer_claims"),
}
FLAG_SECONDS = 2  # how long a wake-up counts as under way; the limit of the delay when the job is lost

SHOWN = 10  # keys in a line of the log

log = structlog.get_logger(__name__)


class Bell:
    """Rings for workers.

    A wake-up sets a flag and enqueues a job only where the flag was not set: a thousand taps make one job. The job
    takes the flag away *before* it looks for work, so a wake-up that comes while it works makes another job. A job
    lost with its worker leaves a flag that goes by itself.
    """

    def __init__(self, redis_url: str) -> None:
        self._redis = queues.connect(redis_url)
        self._queues = {name: queues.queue(self._redis, name) for name in queues.QUEUES}

    def wake(self, kind: Kind, *keys: str) -> None:
        """Have the work of `kind` for each of `keys` done soon. Never raises: without Redis the sweep finds it."""
        name, job = JOBS[kind]
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.set(_flag(kind, key), 1, nx=True, ex=FLAG_SECONDS)
                is_first = dict(zip(keys, pipe.execute(), strict=True))
            jobs = [Queue.prepare_data(job, [key], result_ttl=0, failure_ttl=3600) for key in keys if is_first[key]]
            if jobs:
                self._queues[name].enqueue_many(jobs)
        except RedisError as error:
            log.warning("wake_up_lost", kind=kind, keys=keys[:SHOWN], count=len(keys), error=type(error).__name__)

    def begin(self, kind: Kind, key: str) -> None:
        """A job begins: from now on a wake-up means another job."""
        self._redis.delete(_flag(kind, key))


def _flag(kind: Kind, key: str) -> str:
    return f"tessera:awake:{kind}:{key}"
