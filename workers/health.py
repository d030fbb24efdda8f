"""Whether the background is there: Redis, workers, the periodic process."""

from redis import Redis, RedisError

from workers import pulse


def count(connection: Redis, role: str) -> int | None:
    """How many processes of a role ('worker' or 'periodic') show signs of life; None where Redis cannot be asked."""
    try:
        return len(pulse.alive(connection, role))
    except RedisError:
        return None
