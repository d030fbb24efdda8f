"""Which coupons have changed since they were last counted: found in the rows that every change adds somewhere.

A coupon that is sent, opened, redeemed, verified, or has one of these undone, leaves a row with a growing id in one
of the tables of FEEDS. So whoever does it pays nothing for the figures, and nothing is missed that was committed.

PostgreSQL commits rows in another order than it numbers them. New rows are therefore first only noted (`goal`). The
next round notes its own transaction's number, which is higher than that of all who have drawn a lower row's number,
and once none of those is left they are looked at. One race is accepted: somebody who has drawn a row's number and has
no transaction's number yet would have to stand still between the two, within one INSERT, from one round to the next.
Its coupon is then counted with its next change, or `flask doctor` finds it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from db import locks
from db.tables import (
    Claim,
    Coupon,
    PageHit,
    RecordFeed,
    Redemption,
    UndoneRedemption,
    UndoneVerification,
    VerificationAttempt,
)

Column = InstrumentedAttribute[int]
# By the feed's name: the growing id, and the coupon that the row is about.
FEEDS: Mapping[str, tuple[Column, InstrumentedAttribute[int] | InstrumentedAttribute[int | None]]] = {
    "coupons": (Coupon.id, Coupon.id),
    "page_hits": (PageHit.id, PageHit.coupon_id),
    "claims": (Claim.id, Claim.coupon_id),  # a tap opens a coupon whose page sent no beacon
    "redemptions": (Redemption.id, Redemption.coupon_id),
    "undone_redemptions": (UndoneRedemption.id, UndoneRedemption.coupon_id),
    "verification_attempts": (VerificationAttempt.id, VerificationAttempt.coupon_id),
    "undone_verifications": (UndoneVerification.id, UndoneVerification.coupon_id),
}


@dataclass(frozen=True)
class Changes:
    """Coupons that are to be counted anew, and the ids of new page hits, `(after, up to)`."""

    coupon_ids: Sequence[int]
    hits: tuple[int, int]


def is_any(session: Session) -> bool:
    """Whether there is a row that was not looked at: one look at the end of each table."""
    seen, newest = _seen(session), _newest(session)
    return any(newest[name] > seen[name][0] for name in FEEDS)


def as_of(session: Session, now: datetime) -> datetime | None:
    """Up to when everything is counted; None where counting has not come through for the first time."""
    seen, newest = _seen(session), _newest(session)
    behind = {name: at for name, (number, at) in seen.items() if newest[name] > number}
    if not behind:
        return now
    first = seen["coupons"][1]  # of a table that had no row until now, what is said of the coupons holds
    return min(at or first for at in behind.values()) if first else None


def take(session: Session, most: int, now: datetime) -> Changes:
    """The next changes, up to `most` rows of each table; they count as looked at once the transaction is committed."""
    feeds = {feed.name: feed for feed in locks.record_feeds(session)}
    newest = _newest(session)
    first, ours = _transactions(session)
    is_alone = session.get_bind().dialect.name == "sqlite"  # one writer at a time: ours
    coupon_ids: set[int] = set()
    hits = (0, 0)
    for name, feed in feeds.items():
        before = feed.seen
        if feed.seen < feed.goal:
            feed.goal_transaction = feed.goal_transaction or ours
        elif newest[name] > feed.goal:
            at_once = ours if is_alone else 0
            feed.goal, feed.goal_at, feed.goal_transaction = newest[name], now, at_once
        if feed.seen == feed.goal or not _is_settled(feed, first, ours):
            continue
        rows = session.execute(_rows(name, feed.seen, feed.goal, most)).all()
        feed.seen = rows[-1][0] if len(rows) == most else feed.goal
        feed.seen_at = feed.goal_at if feed.seen == feed.goal else feed.seen_at
        coupon_ids.update(coupon_id for _, coupon_id in rows if coupon_id is not None)
        if name == "page_hits":
            hits = before, feed.seen
    return Changes(sorted(coupon_ids), hits)


def _rows(name: str, after: int, up_to: int, most: int) -> Select[int, int | None]:
    number, coupon_id = FEEDS[name]
    return select(number, coupon_id).where(number > after, number <= up_to).order_by(number).limit(most)


def _seen(session: Session) -> dict[str, tuple[int, datetime | None]]:
    rows = session.execute(select(RecordFeed.name, RecordFeed.seen, RecordFeed.seen_at))
    return {name: (seen, at) for name, seen, at in rows}


def _newest(session: Session) -> dict[str, int]:
    row = session.execute(_NEWEST).one()
    return {name: number or 0 for name, number in zip(FEEDS, row, strict=True)}


_NEWEST = select(*[select(func.max(number)).scalar_subquery() for number, _ in FEEDS.values()])


def _transactions(session: Session) -> tuple[int, int]:
    """The numbers of the first transaction under way and of our own."""
    if session.get_bind().dialect.name == "sqlite":
        return 1, 1
    row = session.execute(
        text(
            "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint),"
            " CAST(CAST(pg_current_xact_id() AS text) AS bigint)"
        )
    ).one()
    return row[0], row[1]


def _is_settled(feed: RecordFeed, first: int, ours: int) -> bool:
    """Also where the number is another server's, from which the database was restored."""
    return 0 < feed.goal_transaction <= first or ours < feed.goal_transaction
