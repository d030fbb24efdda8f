"""The queues, most urgent first, and how RQ carries them. What is in Redis can be lost: the database knows."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue

# A worker takes from the first queue that holds a job: a customer in a chat waits for nobody's bulk.
CHAT = "chat"
REDEMPTION = "redemption"
REMINDERS = "reminders"
BULK = "bulk"
QUEUES = (CHAT, REDEMPTION, REMINDERS, BULK)

ANSWER_WITHIN = 10  # seconds of silence after which a Redis call fails; longer than any blocking call made here
DOOR_WITHIN = 1  # the same for whoever keeps a customer waiting, and blocks on nothing
JOB_SECONDS = 120  # a job that runs longer is stuck; it is stopped and its work found again by the sweep


def connect(redis_url: str, within: float = ANSWER_WITHIN) -> Redis:
    """A connection pool to Redis. Nothing is tried again by itself: whoever calls knows what a loss means."""
    return Redis.from_url(
        redis_url, socket_connect_timeout=min(2, within), socket_timeout=within, retry=Retry(NoBackoff(), 0)
    )


def queue(connection: Redis, name: str) -> Queue:
    """A queue by name. Jobs are stored as JSON, not pickled: their arguments are ids."""
    return Queue(name, connection=connection, serializer="json", default_timeout=JOB_SECONDS)


def is_any_waiting(connection: Redis, *names: str) -> bool:
    """Whether a job waits for a worker in one of these queues."""
    return bool(connection.exists(*[f"{Queue.redis_queue_namespace_prefix}{name}" for name in names]))


def before(name: str) -> tuple[str, ...]:
    """The queues that are more urgent than this one."""
    return QUEUES[: QUEUES.index(name)]
