"""A platform's rates as buckets of tokens in Redis, which all workers of all hosts share: a token a request."""

from dataclasses import dataclass
from typing import Any, cast

from redis import Redis

from core.outgoing import BULK, LIVE, REMINDER

LEASE = 0.05  # seconds for which a token that was taken out may be used
BURST = 0.1  # of a second's requests: what a bucket holds at most
LEAVES = {LIVE: 0.0, REMINDER: 0.25, BULK: 0.5}  # how much of that each leaves in it, for what is more urgent
SHARED_FOR = 60  # seconds since a process asked last, for which it counts as one of those who share

# KEYS: bucket, who shares it. ARGV: tokens a second, most of them, wanted, left to others, seconds of rest, who asks,
# and for how long it then counts. Redis' own time alone counts, so no host's clock matters. The numbers are written in
# full: by itself Lua keeps 14 digits of the time, which is a tenth of a millisecond.
TAKE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local rate, most, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local left, rest = tonumber(ARGV[4]), tonumber(ARGV[5])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(kept[1]) or most, tonumber(kept[2]) or now
tokens = math.min(most, tokens + math.max(0, now - at) * rate)
if rest > 0 then
    tokens = math.min(tokens, -rest * rate)
end
local taken = math.max(0, math.min(wanted, math.floor(tokens - left)))
tokens = tokens - taken
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.6f', now))
redis.call('ZADD', KEYS[2], now, ARGV[6])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[7])
for _, key in ipairs(KEYS) do
    redis.call('EXPIRE', key, 2 * ARGV[7])
end
local wait = taken == 0 and (left + 1 - tokens) / rate or 0
return {taken, math.ceil(wait * 1000000), redis.call('ZCARD', KEYS[2])}
"""


@dataclass(frozen=True)
class Bucket:
    """A bucket by its name, of a rate in requests a second (3 or more)."""

    name: str
    rate: int

    @property
    def most(self) -> float:
        """The most tokens in it."""
        return max(2.0, self.rate * BURST)

    @property
    def refill(self) -> float:
        """Tokens a second. A full bucket, and all that may still be used of a second and LEASE, are `rate` together."""
        return (self.rate - self.most) / (1 + LEASE)

    def left_by(self, urgency: int) -> float:
        """The tokens that a request leaves in it for more urgent ones. From a full one, one can always be taken."""
        return min(self.most * LEAVES[urgency], self.most - 1)


@dataclass(frozen=True)
class Taken:
    """Tokens that may be used for LEASE; where there are none, the seconds until there may be. `sharers`: processes."""

    count: int
    seconds: float
    sharers: int


class Buckets:
    """One process's way to them."""

    def __init__(self, connection: Redis, process: str) -> None:
        self._take = connection.register_script(TAKE)
        self._process = process

    def take(self, bucket: Bucket, urgency: int, wanted: int, rest: float = 0.0) -> Taken:
        """As many tokens as there are, up to `wanted`. With `rest` it is emptied first, for so many seconds.

        Raises:
            redis.RedisError: nobody can say.
        """
        keys = [bucket.name, f"{bucket.name}:sharers"]
        sizes = [bucket.refill, bucket.most, wanted, bucket.left_by(urgency), rest]
        found = cast("list[Any]", self._take(keys=keys, args=[*sizes, self._process, SHARED_FOR]))
        return Taken(found[0], found[1] / 1_000_000, found[2])
