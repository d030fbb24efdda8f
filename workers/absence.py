"""While Redis is away: whoever needs it waits until it answers, and the log says so once instead of at every try."""

import logging
import time
from collections.abc import Callable

import structlog
from redis import Redis
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as NoAnswerError

AWAY = (NoConnectionError, NoAnswerError)  # what Redis' clients raise while nobody answers
PAUSE = 0.2  # seconds between tries

log = structlog.get_logger(__name__)


def wait_for_redis(connection: Redis, is_over: Callable[[], bool] = lambda: False) -> bool:
    """Return True once Redis answers, False once `is_over`. The log says when waiting begins and when it ends."""
    since: float | None = None
    while True:
        try:
            connection.ping()
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
        return not any(isinstance(one, AWAY) for one in about)
