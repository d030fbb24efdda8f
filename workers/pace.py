"""How fast this process's requests go to a platform: each in its turn, among those of all other processes.

Tokens are taken out of the shared buckets for the next 50 ms at once, as many as this process has lately needed. While
Redis is away it keeps to its share of the rate alone.
"""

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog
from redis import Redis, RedisError

from core.outgoing import LIVE
from workers.buckets import LEASE, LEAVES, Bucket, Buckets, Taken

LONGEST_WAIT = 2.0  # seconds that a thread waits: `outlet.MOST` requests are sent well within `outbox.LONGEST_SENDING`
SHORTEST_WAIT = 0.01  # seconds, so that those who wait do not keep Redis busy
REST = 0.5  # seconds without a request after a platform said that they were too many, where it says no number
LONGEST_REST = 60.0
ASK_AGAIN = 5.0  # seconds after which a Redis that was away is asked again: one that is silent costs a second

log = structlog.get_logger(__name__)


@dataclass
class Lease:
    """Tokens that were taken out: how many, how many are left, until when; or until when there are none to be had."""

    taken: int = 0
    left: int = 0
    until: float = 0.0
    none_until: float = 0.0

    def wanted(self, now: float) -> int:
        """How many to take next: twice as many where they did not last, else as many as were used."""
        did_not_last = not self.left and now < self.until
        return max(1, 2 * self.taken if did_not_last else self.taken - self.left)


@dataclass
class Known:
    """What this process knows of a bucket; its leases by urgency, and its own tokens while Redis is away."""

    bucket: Bucket
    leases: dict[int, Lease] = field(default_factory=lambda: {urgency: Lease() for urgency in LEAVES})
    sharers: int = 1
    own: float = 0.0
    own_at: float = 0.0

    def take_leased(self, urgency: int, now: float) -> bool:
        """Use a token that was taken out for this urgency, or a lesser one; whether there was one."""
        for other, lease in self.leases.items():
            if other >= urgency and lease.left and now < lease.until:
                lease.left -= 1
                return True
        return False

    def take_own(self, now: float) -> float:
        """Use a token of this process's share: 0; or the seconds until there is one."""
        share = self.bucket.refill / self.sharers
        self.own = min(max(1.0, self.bucket.most / self.sharers), self.own + (now - self.own_at) * share)
        self.own_at = now
        if self.own < 1:
            return (1 - self.own) / share
        self.own -= 1
        return 0.0


class Pace:
    """Asked before each request, by any thread. `rates`: how many requests a second, by (channel, kind)."""

    def __init__(self, connection: Redis, rates: Mapping[tuple[str, str], int]) -> None:
        self._buckets = Buckets(connection, secrets.token_hex(8))
        self._known = {of: Known(Bucket("tessera:pace:" + ":".join(of), rate)) for of, rate in rates.items()}
        self._lock = threading.Lock()
        self._is_alone = False
        self._alone_until = 0.0

    def wait(self, channel: str, kind: str, urgency: int) -> float:
        """Wait until a request may go: 0. Where that is more than LONGEST_WAIT away, the seconds until it may."""
        known = self._known[channel, kind]
        until = time.monotonic() + LONGEST_WAIT
        while seconds := self._take(known, urgency):
            if time.monotonic() + seconds > until:
                return seconds
            time.sleep(max(seconds, SHORTEST_WAIT))
        return 0.0

    def rest(self, channel: str, kind: str, seconds: float | None) -> None:
        """The platform had too many: nobody sends for so many seconds, or half a second; and then nobody in a burst."""
        known = self._known[channel, kind]
        rest = min(seconds or REST, LONGEST_REST)
        with self._lock:
            for lease in known.leases.values():
                lease.left = 0
            if self._ask(known, LIVE, 0, rest) is None:
                known.own, known.own_at = -rest * known.bucket.refill / known.sharers, time.monotonic()

    def _take(self, known: Known, urgency: int) -> float:
        """Use a token: 0; or the seconds until there may be one."""
        with self._lock:
            now = time.monotonic()
            if known.take_leased(urgency, now):
                return 0.0
            lease = known.leases[urgency]
            if now < lease.none_until:
                return lease.none_until - now
            found = self._ask(known, urgency, lease.wanted(now))
            if found is None:
                return known.take_own(time.monotonic())
            if found.count:
                lease.taken, lease.left, lease.until = found.count, found.count - 1, now + LEASE
            else:
                lease.none_until = now + max(found.seconds, SHORTEST_WAIT)
            return found.seconds

    def _ask(self, known: Known, urgency: int, wanted: int, rest: float = 0.0) -> Taken | None:
        """What Redis says; None while it is away."""
        if time.monotonic() < self._alone_until:
            return None
        try:
            found = self._buckets.take(known.bucket, urgency, wanted, rest)
        except RedisError as error:
            self._go_alone(error)
            return None
        if self._is_alone:
            log.info("pace_shared_again")
        self._is_alone, known.sharers = False, found.sharers
        return found

    def _go_alone(self, error: RedisError) -> None:
        """Keep to this process's share for a while; it begins with nothing, whatever the others have just sent."""
        now = time.monotonic()
        if not self._is_alone:
            log.warning("pace_not_shared", error=type(error).__name__, cause=str(error))
            for known in self._known.values():
                known.own, known.own_at = 0.0, now
        self._is_alone, self._alone_until = True, now + ASK_AGAIN


_paces: list[Pace] = []


def use(pace: Pace) -> None:
    """Make this the process's pace."""
    _paces[:] = [pace]


def wait(channel: str, kind: str, urgency: int) -> float:
    """As `Pace.wait`; at once in a process that has none, whose requests go to no platform."""
    return _paces[0].wait(channel, kind, urgency) if _paces else 0.0


def rest(channel: str, kind: str, seconds: float | None) -> None:
    """As `Pace.rest`."""
    if _paces:
        _paces[0].rest(channel, kind, seconds)
