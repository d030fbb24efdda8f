"""What must hold between the marketer's lists and figures and what they are counted from."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from core.feeds import FEEDS
from core.invariant import Invariant
from core.records_counting import KINDS
from db.tables import Coupon, Record, RecordFeed, RecordGroup, RecordHour, RecordStore, Redemption, Verification


def _is_still_to_be_counted() -> ColumnElement[bool]:
    """Something of the coupon is newer than what was looked at."""
    waiting = []
    for name, (number, coupon_id) in FEEDS.items():
        seen = select(RecordFeed.seen).where(RecordFeed.name == name).scalar_subquery()
        if name == "coupons":
            waiting.append(Coupon.id > seen)
        else:
            newer = select(number).where(coupon_id == Coupon.id, number > seen)
            waiting.append(newer.correlate(Coupon).exists())
    return or_(*waiting)


def _stage() -> ColumnElement[int]:
    return case(
        (Verification.verified_at.is_not(None), 3),
        (Redemption.redeemed_at.is_not(None), 2),
        (Coupon.opened_at.is_not(None), 1),
        else_=0,
    )


def _totals_of_records() -> Select[*tuple[Any, ...]]:
    """Groups whose totals are not what their records come to."""
    counted = (
        select(Record.group_id, *[func.count(getattr(Record, f"{kind}_at")).label(kind) for kind in KINDS])
        .group_by(Record.group_id)
        .subquery()
    )
    pairs: list[tuple[Any, Any]] = [(getattr(RecordGroup, kind), func.coalesce(counted.c[kind], 0)) for kind in KINDS]
    return (
        select(RecordGroup.id, *[column for column, _ in pairs], *[real.label(f"records_{c.key}") for c, real in pairs])
        .outerjoin(counted, counted.c.group_id == RecordGroup.id)
        .where(or_(*[column != real for column, real in pairs]))
    )


def _totals_of_hours() -> Select[*tuple[Any, ...]]:
    """Groups whose totals are not what the counts of their hours come to."""
    pairs: list[tuple[Any, Any]] = []
    for kind in KINDS:
        hours = select(func.coalesce(func.sum(RecordHour.count), 0)).where(
            RecordHour.group_id == RecordGroup.id, RecordHour.kind == kind
        )
        pairs.append((getattr(RecordGroup, kind), hours.correlate(RecordGroup).scalar_subquery()))
    return select(
        RecordGroup.id,
        *[column for column, _ in pairs],
        *[hours.label(f"hours_{column.key}") for column, hours in pairs],
    ).where(or_(*[column != hours for column, hours in pairs]))


def _totals_of_stores() -> Select[*tuple[Any, ...]]:
    """Campaigns of which not as many were verified in all stores together as in all."""
    stores = (
        select(RecordStore.campaign_id, func.sum(RecordStore.count).label("counted"))
        .group_by(RecordStore.campaign_id)
        .subquery()
    )
    verified, counted = func.sum(RecordGroup.verified), func.coalesce(stores.c.counted, 0)
    return (
        select(RecordGroup.campaign_id, verified.label("verified"), counted.label("stores_verified"))
        .outerjoin(stores, stores.c.campaign_id == RecordGroup.campaign_id)
        .group_by(RecordGroup.campaign_id, stores.c.counted)
        .having(verified != counted)
    )


INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "records_true",
        "Every coupon is counted as what it has come to, but for what happened since counting was there last.",
        select(Coupon.id, Record.stage, _stage().label("true_stage"))
        .outerjoin(Record, Record.coupon_id == Coupon.id)
        .outerjoin(Redemption, Redemption.coupon_id == Coupon.id)
        .outerjoin(Verification, Verification.redemption_id == Redemption.id)
        .where(
            or_(
                Record.stage.is_distinct_from(_stage()),
                and_(Redemption.id.is_not(None), Record.redeemed_at.is_distinct_from(Redemption.redeemed_at)),
                and_(
                    Verification.redemption_id.is_not(None),
                    or_(
                        Record.verified_at.is_distinct_from(Verification.verified_at),
                        Record.store_id.is_distinct_from(Verification.store_id),
                    ),
                ),
            ),
            ~_is_still_to_be_counted(),
        ),
    ),
    Invariant("totals_of_records", "Every campaign's totals are those of its records.", _totals_of_records()),
    Invariant("totals_of_hours", "Every campaign's totals are those of its hours.", _totals_of_hours()),
    Invariant("totals_of_stores", "What was verified by store is all that was verified.", _totals_of_stores()),
)
