"""The accounts that have done something, passed through Redis to whoever answers: each once, the first to come first.

Nothing here needs to last: the events are rows, and the sweep finds those that nobody answers.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from redis import Redis

log = structlog.get_logger(__name__)

NEWS = "tessera:news"


@dataclass(frozen=True)
class New:
    """An account that has news, and since when."""

    channel: str
    account_id: str
    since: datetime


def add(redis: Redis, accounts: Iterable[str]) -> None:
    """Pass accounts ("line/U1234...") on; one that waits already keeps its place."""
    now = time.time()
    redis.zadd(NEWS, dict.fromkeys(accounts, now), nx=True)


def take(redis: Redis, count: int) -> list[New]:
    """Up to `count` accounts, those that have waited longest."""
    return _read(redis.zmpop(1, [NEWS], min=True, count=count))


def wait(redis: Redis, count: int, seconds: float) -> list[New]:
    """The same, once there is one, within `seconds`."""
    return _read(redis.bzmpop(seconds, 1, [NEWS], min=True, count=count))


def _read(found: Any) -> list[New]:  # noqa: ANN401 (redis-py's types know no bytes)
    """Those that can be read; another version's are left out, and so take nobody else with them."""
    return [new for member, since in (found[1] if found else ()) if (new := _new(member, float(since)))]


def _new(member: bytes, since: float) -> New | None:
    try:
        channel, account_id = member.decode().split("/", 1)
        return New(channel, account_id, datetime.fromtimestamp(since, UTC))
    except (ValueError, OverflowError, OSError) as error:  # the last two: no such time
        log.warning("news_unreadable", error=type(error).__name__)
        return None


def is_any(redis: Redis) -> bool:
    """Whether an account waits."""
    return bool(redis.exists(NEWS))
