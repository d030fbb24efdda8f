"""Whether the background is there: Redis, workers, the periodic process."""

from collections.abc import Mapping

from redis import Redis, RedisError

from workers import pulse


def living(connection: Redis) -> Mapping[str, int] | None:
    """How many processes of each role show signs of life; None where Redis cannot be asked."""
    try:
        return {role: len(pulse.alive(connection, role)) for role in pulse.ROLES}
    except RedisError:
        return None
