"""When a wait is over."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from bot.engine.events import Happening
from bot.language.model import Waiting
from bot.language.model.times import duration, moment, time_of_day

_ORDER = ("none", "sent", "opened", "redeemed", "verified")


def over_at(waiting: Waiting, now: datetime, timezone: ZoneInfo) -> datetime:
    """When the wait is over, in UTC; where it waits for something to happen, when it stops to."""
    if waiting.timeout:
        return now + duration(waiting.timeout.after)
    start = now + duration(waiting.for_) if waiting.for_ else now
    if not waiting.until:
        return start
    return _next(waiting.until[0], start.astimezone(timezone), timezone)


def _next(written: str, start: datetime, timezone: ZoneInfo) -> datetime:
    """The date and time that is written, or the next time that the shop's clock shows the time of day."""
    exact, clock = moment(written), time_of_day(written)
    if exact:
        return exact.replace(tzinfo=timezone).astimezone(UTC)
    if clock is None:
        return start.astimezone(UTC)
    for days in (0, 1):
        day = start.date() + timedelta(days=days)
        at = datetime.combine(day, clock, timezone).astimezone(UTC)
        if at > start.astimezone(UTC):
            return at
    return at


def happenings(waiting: Waiting) -> tuple[Happening, ...]:
    """What ends the wait."""
    return cast("tuple[Happening, ...]", waiting.happens)


def has_happened(awaited: Iterable[str], status: str) -> bool:
    """Whether a coupon with this status has got at least as far as one of these: who redeems has opened."""
    return status in _ORDER and any(_ORDER.index(status) >= _ORDER.index(one) for one in awaited)
