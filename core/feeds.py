"""Which coupons have changed since a reader last looked: found in the rows that every change adds somewhere.

A coupon that is sent, opened, redeemed, verified, or has one of these undone, leaves a row with a growing id in one
of the tables of FEEDS (`redemption_is_gone` for those that are deleted). So whoever does it pays nothing for what is
made of it, and nothing is missed that was committed. Each reader (the marketer's figures, outgoing webhooks) has a
table of its own of how far it has come.

PostgreSQL commits rows in another order than it numbers them. New rows are therefore first only noted (`goal`). The
next round notes its own transaction's number, which is higher than that of all who have drawn a lower row's number,
and once none of those is left they are looked at. One race is accepted: somebody who has drawn a row's number and has
no transaction's number yet would have to stand still between the two, within one INSERT, from one round to the next.
Its coupon is then found with its next change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from db import locks
from db.locks import Reader
from db.tables import (
    Claim,
    Coupon,
    PageHit,
    RecordFeed,
    Redemption,
    UndoneRedemption,
    UndoneVerification,
    VerificationAttempt,
    WebhookFeed,
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
    """Coupons that have changed, and the ids of new page hits, `(after, up to)`.

    `since`: whatever was committed by then, the reader has been given before; None where that is not known.
    """

    coupon_ids: Sequence[int]
    hits: tuple[int, int]
    since: datetime | None


def is_any(session: Session, reader: Reader) -> bool:
    """Whether there is a row that the reader has not looked at: one look at the end of each table."""
    at, last = seen(session, reader), newest(session)
    return any(last[name] > at[name][0] for name in at)


def begin(session: Session, reader: Reader, now: datetime) -> None:
    """Let the reader begin, or begin anew, with what comes from now on."""
    locks.feeds(session, reader)
    session.execute(delete(reader))
    for name, number in newest(session).items():
        session.add(reader(name=name, seen=number, seen_at=now, goal=number, goal_at=now, goal_transaction=0))
    session.flush()


def take(session: Session, reader: Reader, most: int, now: datetime) -> Changes:
    """The next changes, up to `most` rows of each table; they count as looked at once the transaction is committed."""
    feeds = {feed.name: feed for feed in locks.feeds(session, reader)}
    last = newest(session)
    first, ours = _transactions(session)
    is_alone = session.get_bind().dialect.name == "sqlite"  # one writer at a time: ours
    coupon_ids: set[int] = set()
    hits: tuple[int, int] = (0, 0)
    since: list[datetime | None] = [now]
    for name, feed in feeds.items():
        before = feed.seen
        if feed.seen < feed.goal:
            feed.goal_transaction = feed.goal_transaction or ours
        elif last[name] > feed.goal:
            at_once = ours if is_alone else 0
            feed.goal, feed.goal_at, feed.goal_transaction = last[name], now, at_once
        else:
            feed.seen_at = now
        if feed.seen == feed.goal or not _is_settled(feed, first, ours):
            continue
        since.append(feed.seen_at)
        rows = session.execute(_rows(name, feed.seen, feed.goal, most)).all()
        feed.seen = rows[-1][0] if len(rows) == most else feed.goal
        feed.seen_at = feed.goal_at if feed.seen == feed.goal else feed.seen_at
        coupon_ids.update(coupon_id for _, coupon_id in rows if coupon_id is not None)
        if name == "page_hits":
            hits = before, feed.seen
    known = [at for at in since if at is not None]
    return Changes(sorted(coupon_ids), hits, min(known) if len(known) == len(since) else None)


def redemption_is_gone(session: Session) -> None:
    """A redemption was deleted, in this transaction.

    SQLite gives the number of a last row that is gone to the next one: so what was looked at ends with the last
    redemption that is there. PostgreSQL repeats no number.
    """
    if session.get_bind().dialect.name != "sqlite":
        return
    last = select(func.coalesce(func.max(Redemption.id), 0)).scalar_subquery()
    for reader in (RecordFeed, WebhookFeed):
        ends_with_it = {"seen": func.min(reader.seen, last), "goal": func.min(reader.goal, last)}
        session.execute(
            update(reader)
            .where(reader.name == "redemptions")
            .values(ends_with_it)
            .execution_options(synchronize_session=False)
        )


def seen(session: Session, reader: Reader) -> dict[str, tuple[int, datetime | None]]:
    """Of each feed, up to which row the reader has looked, and up to when that is all there was."""
    rows = session.execute(select(reader.name, reader.seen, reader.seen_at))
    return {name: (number, at) for name, number, at in rows}


def newest(session: Session) -> dict[str, int]:
    """The newest row of each feed; 0 for none."""
    row = session.execute(_NEWEST).one()
    return {name: number or 0 for name, number in zip(FEEDS, row, strict=True)}


_NEWEST = select(*[select(func.max(number)).scalar_subquery() for number, _ in FEEDS.values()])


def _rows(name: str, after: int, up_to: int, most: int) -> Select[int, int | None]:
    number, coupon_id = FEEDS[name]
    return select(number, coupon_id).where(number > after, number <= up_to).order_by(number).limit(most)


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


def _is_settled(feed: RecordFeed | WebhookFeed, first: int, ours: int) -> bool:
    """Also where the number is another server's, from which the database was restored."""
    return 0 < feed.goal_transaction <= first or ours < feed.goal_transaction
