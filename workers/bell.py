"""Wake-ups through Redis. A door stores, commits, then rings; the sweep finds a lost ring."""

from typing import Literal

import structlog
from redis import RedisError
from rq import Queue

from workers import news, queues

Kind = Literal["inbox", "outbox", "reminders", "bulk", "claims", "mails", "waits", "starts", "imports", "hooks"]
Drain = Literal["inbox", "waits", "starts", "imports"]

BY_URGENCY: tuple[Kind, ...] = ("outbox", "reminders", "bulk")  # how messages are delivered, by `outbox`' urgencies

# A job for each key.
JOBS: dict[str, tuple[str, str]] = {
    "outbox": (queues.CHAT, "workers.jobs.delivering.deliver"),
    "reminders": (queues.REMINDERS, "workers.jobs.delivering.deliver"),
    "bulk": (queues.BULK, "workers.jobs.delivering.deliver"),
    "claims": (queues.REDEMPTION, "workers.jobs.redeeming.answer_claims"),
    "mails": (queues.REMINDERS, "workers.jobs.mailing.send"),
    "hooks": (queues.REMINDERS, "workers.jobs.hooking.send"),
}
# Jobs that work at everything there is. Their argument is their place: the first starts a second where there is
# more than it can do at once, and so on.
DRAINS: dict[str, tuple[str, str]] = {
    "inbox": (queues.CHAT, "workers.jobs.conversing.converse"),
    "waits": (queues.REMINDERS, "workers.jobs.reminding.remind"),
    "starts": (queues.BULK, "workers.jobs.starting.start"),
    "imports": (queues.BULK, "workers.jobs.importing.load"),
}
MOST_DRAINS = 32  # of one kind at once: as many as a shop has workers
CROWD = 1_000  # jobs in a queue: some seconds' work
FLAG_SECONDS = 2  # how long a wake-up counts as under way; the limit of the delay when the job is lost


SHOWN = 10  # keys in a line of the log

log = structlog.get_logger(__name__)


class Bell:
    """Rings for workers.

    A wake-up sets a flag and enqueues a job only where the flag was not set: a thousand taps make one job. The job
    takes the flag away *before* it looks for work, so a wake-up that comes while it works makes another job. A job
    lost with its worker leaves a flag that goes by itself.

    `within` is how many seconds Redis may be silent.
    """

    def __init__(self, redis_url: str, within: float = queues.ANSWER_WITHIN) -> None:
        self._redis = queues.connect(redis_url, within)
        self._queues = {name: queues.queue(self._redis, name) for name in queues.QUEUES}

    def wake(self, kind: Kind, *keys: str) -> None:
        """Have the work of `kind` for each of `keys` done soon. Never raises: without Redis the sweep finds it."""
        try:
            if kind in DRAINS:
                self._wake_drain(kind, keys)
            else:
                self._wake_each(kind, keys)
        except RedisError as error:
            log.warning("wake_up_lost", kind=kind, keys=keys[:SHOWN], count=len(keys), error=type(error).__name__)

    def _wake_drain(self, kind: str, keys: tuple[str, ...]) -> None:
        with self._redis.pipeline(transaction=False) as pipe:
            if keys:
                news.add(pipe, keys)
            pipe.set(_flag(kind, 0), 1, nx=True, ex=FLAG_SECONDS)
            is_first = pipe.execute()[-1]
        if is_first:
            self._enqueue(kind, 0)

    def _wake_each(self, kind: Kind, keys: tuple[str, ...]) -> None:
        name, job = JOBS[kind]
        with self._redis.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.set(_flag(kind, key), 1, nx=True, ex=FLAG_SECONDS)
            is_first = dict(zip(keys, pipe.execute(), strict=True))
        jobs = [Queue.prepare_data(job, [key], result_ttl=0, failure_ttl=3600) for key in keys if is_first[key]]
        if jobs:
            self._queues[name].enqueue_many(jobs)

    def is_crowded(self, kind: Kind) -> bool:
        """Whether so many jobs wait where these would that ringing again adds to the crowd, and to nothing else."""
        return self._queues[JOBS[kind][0]].count >= CROWD

    def begin(self, kind: Kind, key: str) -> None:
        """A job begins: from now on a wake-up means another job."""
        self._redis.delete(_flag(kind, key))

    def start(self, drain: Drain, place: int) -> None:
        """Start the drain at this place, unless it is at work or about to be."""
        if place < MOST_DRAINS and self._redis.set(_flag(drain, place), 1, nx=True, ex=FLAG_SECONDS):
            self._enqueue(drain, place)

    def _enqueue(self, drain: str, place: int) -> None:
        name, job = DRAINS[drain]
        self._queues[name].enqueue(job, place, result_ttl=0, failure_ttl=3600)

    def stay(self, drain: Drain, place: int) -> None:
        """The drain is at work: nobody else need be."""
        self._redis.set(_flag(drain, place), 1, ex=FLAG_SECONDS)

    def is_at_work(self, drain: Drain) -> bool:
        """Whether the drain's first job is at work or about to be."""
        return bool(self._redis.exists(_flag(drain, 0)))

    def leave(self, drain: Drain, place: int) -> None:
        """The drain ends; what comes from now on starts another."""
        self._redis.delete(_flag(drain, place))


def _flag(kind: str, key: object) -> str:
    return f"tessera:awake:{kind}:{key}"
