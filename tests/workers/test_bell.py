"""Wake-ups through a Redis that does not answer."""

import time

from workers import queues
from workers.bell import Bell


def test_a_customer_does_not_wait_long_for_a_redis_that_hangs(redis_url: str) -> None:
    bell, redis = Bell(redis_url, queues.DOOR_WITHIN), queues.connect(redis_url)
    bell.wake("claims", "1")
    assert queues.queue(redis, queues.REDEMPTION).count == 1
    redis.client_pause(8000)  # milliseconds in which it hears nobody out
    began = time.monotonic()
    bell.wake("claims", "2")
    assert time.monotonic() - began < 6
