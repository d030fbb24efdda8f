"""The month's paid messages of a channel: how many there are, how many are used, and when they begin anew."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sqlalchemy.orm import Session

from core import channel_notes

QUOTA, ASKED = "quota", "quota asked"
ASK_EVERY = timedelta(hours=1)  # what is used is approximate anyway, and each asking costs two requests
ASK_EVERY_WHEN_USED_UP = timedelta(minutes=1)  # a plan that has grown is seen soon

# LINE does not say in which zone its month begins. Of the countries where it is sold, Thailand's begins last.
MONTH_ZONE = timezone(timedelta(hours=7))


@dataclass(frozen=True)
class Quota:
    """Messages of the month: `limit` None is without limit; `used` is approximate. `noted_at`: when that was so."""

    limit: int | None
    used: int
    noted_at: datetime

    @property
    def left(self) -> int | None:
        """How many may still be sent; None: without limit."""
        return None if self.limit is None else max(0, self.limit - self.used)


def renewed_at(now: datetime) -> datetime:
    """When the next month begins everywhere."""
    local = now.astimezone(MONTH_ZONE)
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1).astimezone(now.tzinfo)


def may_ask(session: Session, channel: str, now: datetime, *, is_used_up: bool) -> bool:
    """Whether it is time to ask again; of several processes that would, one is told so."""
    age = ASK_EVERY_WHEN_USED_UP if is_used_up else ASK_EVERY
    return channel_notes.renew(session, channel, ASKED, age, now)


def note(session: Session, channel: str, limit: int | None, used: int, now: datetime) -> None:
    """Keep what the platform answered."""
    channel_notes.note(session, channel, QUOTA, {"limit": limit, "used": used}, now)


def last(session: Session, channel: str) -> Quota | None:
    """What the platform told last, or None where it never did."""
    found = channel_notes.read(session, channel, QUOTA)
    return Quota(found.value["limit"], found.value["used"], found.noted_at) if found else None
