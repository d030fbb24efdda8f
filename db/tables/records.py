"""What the marketer's lists and figures are read from: each coupon as it was last counted, and the counts.

All of it follows from coupons, redemptions and verifications, and is brought up to date from them after the fact
(`core.records_counting`): whoever sends, opens, redeems or verifies writes nothing here.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from db.base import Base, identity

REDEEMED, VERIFIED, IN_STORE = "redeemed_at IS NOT NULL", "verified_at IS NOT NULL", "store_id IS NOT NULL"


def _index(*columns: str, where: str = "") -> Index:
    """An index of a list's order: who asks for a group and a stage gets them in the order of time as they stand."""
    condition = {"sqlite_where": text(where), "postgresql_where": text(where)} if where else {}
    return Index(None, *columns, **condition)  # type: ignore[arg-type]  # dialect options


class RecordGroup(Base):
    """Coupons of one campaign that came by one channel from one flow (None: a person sent them), and how many."""

    __tablename__ = "record_groups"
    __table_args__ = (
        Index(
            "uq_record_groups_of_flow",
            "campaign_id",
            "channel",
            "flow_id",
            unique=True,
            sqlite_where=text("flow_id IS NOT NULL"),
            postgresql_where=text("flow_id IS NOT NULL"),
        ),
        Index(
            "uq_record_groups_of_people",
            "campaign_id",
            "channel",
            unique=True,
            sqlite_where=text("flow_id IS NULL"),
            postgresql_where=text("flow_id IS NULL"),
        ),
        CheckConstraint("verified >= 0 AND redeemed >= verified", name="verified_within_redeemed"),
        CheckConstraint("opened >= redeemed AND sent >= opened", name="opened_within_sent"),
    )

    id: Mapped[identity]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    channel: Mapped[str] = mapped_column(String(16))
    flow_id: Mapped[int | None] = mapped_column(ForeignKey("flows.id"))
    sent: Mapped[int]
    opened: Mapped[int]
    redeemed: Mapped[int]
    verified: Mapped[int]


class Record(Base):
    """A coupon as it was last counted. `stage`: 0 sent, 1 opened, 2 redeemed, 3 verified.

    No foreign key to the coupon: it would lock and so write every coupon's row; coupons are never deleted.
    """

    __tablename__ = "records"
    __table_args__ = (
        CheckConstraint("stage IN (0, 1, 2, 3)", name="stage_known"),
        CheckConstraint("(stage >= 2) = (redeemed_at IS NOT NULL)", name="redeemed_with_time"),
        CheckConstraint("(stage = 3) = (verified_at IS NOT NULL)", name="verified_with_time"),
        CheckConstraint("store_id IS NULL OR stage = 3", name="store_of_verified"),
        _index("group_id", "stage", "sent_at", "coupon_id"),
        _index("group_id", "stage", "redeemed_at", "coupon_id", where=REDEEMED),
        _index("group_id", "stage", "verified_at", "coupon_id", where=VERIFIED),
        _index("store_id", "group_id", "sent_at", "coupon_id", where=IN_STORE),
        _index("store_id", "group_id", "redeemed_at", "coupon_id", where=IN_STORE),
        _index("store_id", "group_id", "verified_at", "coupon_id", where=IN_STORE),
    )

    coupon_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    group_id: Mapped[int] = mapped_column(ForeignKey("record_groups.id"))
    stage: Mapped[int] = mapped_column(SmallInteger)
    sent_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    redeemed_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    store_id: Mapped[int | None]


class RecordHour(Base):
    """How often something happened to a group's coupons within one hour of the shop's clock, which begins at `hour`.

    Fetches ahead of people (`preview`, `prefetch`) are counted once a coupon and program.
    """

    __tablename__ = "record_hours"
    __table_args__ = (
        CheckConstraint("kind IN ('sent', 'opened', 'redeemed', 'verified', 'preview', 'prefetch')", name="kind_known"),
        CheckConstraint("count >= 0", name="count_positive"),
        {"sqlite_with_rowid": False},  # read by ranges of its key
    )

    group_id: Mapped[int] = mapped_column(ForeignKey("record_groups.id"), primary_key=True, autoincrement=False)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    count: Mapped[int]


class RecordStore(Base):
    """How many of a campaign's coupons were verified in a store within one hour; 0: on the customer's page.

    Not by group: of stores, groups and hours together there are nearly as many as of verifications.
    """

    __tablename__ = "record_stores"
    __table_args__ = (CheckConstraint("count >= 0", name="count_positive"), {"sqlite_with_rowid": False})

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True, autoincrement=False)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    store_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]


class Feed:
    """How far a table's new rows have been looked at: those up to the id `seen`, which is all as of `seen_at`.

    The next ones up to `goal` are looked at once no transaction is left from before `goal_at`: a row with a lower id
    may be committed after one with a higher. `goal_transaction` is PostgreSQL's number of a later one, 0 before there
    is one. Each reader of `core.feeds` has such a table of its own.
    """

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[CheckConstraint, ...]:
        return (CheckConstraint("seen <= goal", name="seen_within_goal"),)  # each table's own: it has that one's name

    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    seen: Mapped[int]
    seen_at: Mapped[datetime | None]
    goal: Mapped[int]
    goal_at: Mapped[datetime | None]
    goal_transaction: Mapped[int]


class RecordFeed(Feed, Base):
    """How far records are counted."""

    __tablename__ = "record_feeds"
