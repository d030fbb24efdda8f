"""While Redis is away: whoever needs it waits until it answers, and the log says so once instead of at every try.

Away is as well who answers but takes nothing: a memory that is full, a replica, a disk that cannot be written.
"""

import logging
import time
from collections.abc import Callable

import structlog
from redis import Redis
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import MasterDownError, OutOfMemoryError, ReadOnlyError, RedisError, ResponseError
from redis.exceptions import TimeoutError as NoAnswerError

AWAY = (NoConnectionError, NoAnswerError, OutOfMemoryError, ReadOnlyError, MasterDownError)
TAKES_NOTHING = ("MISCONF", "NOREPLICAS", "UNBLOCKED")  # refusals for which redis-py has no class of their own
PROBE = "tessera:probe"  # what a Redis that takes something takes
PAUSE = 0.2  # seconds between tries

log = structlog.get_logger(__name__)


def is_away(error: object) -> bool:
    """Whether it says that Redis is away for now, rather than what is wrong with a question."""
    if isinstance(error, AWAY):
        return True
    return isinstance(error, ResponseError) and any(word in str(error) for word in TAKES_NOTHING)


def wait_for_redis(connection: Redis, is_over: Callable[[], bool] = lambda: False) -> bool:
    """Return True once Redis takes something, False once `is_over`. The log says when waiting begins and ends."""
    since: float | None = None
    while True:
        try:
            connection.set(PROBE, 1, ex=1)
        except RedisError as error:
            if since is None:
                since = time.monotonic()
                log.warning("waiting_for_redis", error=type(error).__name__, cause=str(error))
            if is_over():
                return False
            time.sleep(PAUSE)
        else:
            if since is not None:
                log.info("redis_is_back", seconds=round(time.monotonic() - since, 1))
            return True


class ToldAlready(logging.Filter):
    """Keeps RQ from writing a line, or a traceback, at each try."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is about something else than that Redis is away."""
        about = [*(record.args if isinstance(record.args, tuple) else ()), *(record.exc_info or ())]
        return not any(is_away(one) for one in about)
