"""Which coupons have changed since the marketer's figures last counted them, and up to when all is counted."""

from datetime import datetime

from sqlalchemy.orm import Session

from core import feeds
from core.feeds import Changes
from db.tables import RecordFeed


def is_any(session: Session) -> bool:
    """Whether there is a row that was not looked at."""
    return feeds.is_any(session, RecordFeed)


def as_of(session: Session, now: datetime) -> datetime | None:
    """Up to when everything is counted; None where counting has not come through for the first time."""
    seen, newest = feeds.seen(session, RecordFeed), feeds.newest(session)
    behind = {name: at for name, (number, at) in seen.items() if newest[name] > number}
    if not behind:
        return now
    first = seen["coupons"][1]  # of a table that had no row until now, what is said of the coupons holds
    return min(at or first for at in behind.values()) if first else None


def take(session: Session, most: int, now: datetime) -> Changes:
    """The next changes, up to `most` rows of each table; they count as looked at once the transaction is committed."""
    return feeds.take(session, RecordFeed, most, now)
