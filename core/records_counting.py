"""Counting: what a coupon has come to, beside what it was counted as; the difference goes into the counts.

Each coupon's row in `records` is what has been counted of it, and changes in one transaction with the counts. So they
are exact whatever happened in between, in whatever order it is found and however often it is looked at: an undone
redemption is counted no more in the hour in which it was counted.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core import records_changes
from db import locks
from db.several import among, insert_all
from db.tables import (
    Contact,
    Coupon,
    FlowVersion,
    PageHit,
    Record,
    RecordFeed,
    RecordGroup,
    RecordHour,
    RecordStore,
    Redemption,
    Verification,
)

# New rows of each table a transaction: on SQLite some 30 ms, in which nobody redeems; on PostgreSQL some 100, in which
# nobody waits, and which cost half as much for each row.
MOST = {"sqlite": 200, "postgresql": 1_000}
KINDS = ("sent", "opened", "redeemed", "verified")  # what the times of a coupon are counted as
AHEAD = ("preview", "prefetch")  # fetches of its page that no person made


class Stage(IntEnum):
    """The furthest a coupon has come."""

    SENT = 0
    OPENED = 1
    REDEEMED = 2
    VERIFIED = 3


@dataclass(frozen=True)
class Counted:
    """What of a coupon is counted: its group, its four times, and the store where it was verified."""

    group_id: int
    times: tuple[datetime | None, ...]
    store_id: int | None

    @property
    def stage(self) -> Stage:
        """The furthest of the times. Who redeems has opened, so none before it is missing."""
        return Stage(max(place for place, at in enumerate(self.times) if at))


Key = tuple[int, datetime, str, int]  # of a count: group, hour, kind, store


def catch_up(session: Session, zone: ZoneInfo, now: datetime, most: int | None = None) -> int:
    """Count the next changes, up to `most` of each table. How many coupons and hits were looked at."""
    changes = records_changes.take(session, most or MOST[session.get_bind().dialect.name], now)
    looked_at = _recount(session, changes.coupon_ids, zone)
    return looked_at + _count_hits(session, changes.hits, zone)


def hour_of(at: datetime, zone: ZoneInfo) -> datetime:
    """The beginning of the hour of the shop's clock in which `at` is; zones are off by half hours and quarters too."""
    local = at.astimezone(zone)
    return at - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)


def _recount(session: Session, coupon_ids: Sequence[int], zone: ZoneInfo) -> int:
    if not coupon_ids:
        return 0
    before = _counted(session, coupon_ids)
    after = _true(session, coupon_ids)
    changed = {coupon_id: what for coupon_id, what in after.items() if before.get(coupon_id) != what}
    counts: Counter[Key] = Counter()
    for coupon_id, what in changed.items():
        if old := before.get(coupon_id):
            counts.subtract(_keys(old, zone))
        counts.update(_keys(what, zone))
    new = [_row(coupon_id, what) for coupon_id, what in changed.items() if coupon_id not in before]
    insert_all(session, Record, new)
    moved = [_row(coupon_id, what) for coupon_id, what in changed.items() if coupon_id in before]
    if moved:
        session.connection().execute(_MOVE, [{f"new_{name}": value for name, value in row.items()} for row in moved])
    _add(session, counts)
    _add_totals(session, counts)
    return len(coupon_ids)


def _keys(what: Counted, zone: ZoneInfo) -> Iterable[Key]:
    for kind, at in zip(KINDS, what.times, strict=True):
        if at:
            store_id = what.store_id if kind == "verified" else None
            yield what.group_id, hour_of(at, zone), kind, store_id or 0


def _row(coupon_id: int, what: Counted) -> dict[str, Any]:
    times = {f"{kind}_at": at for kind, at in zip(KINDS, what.times, strict=True)}
    theirs = {"coupon_id": coupon_id, "group_id": what.group_id, "stage": int(what.stage), "store_id": what.store_id}
    return theirs | times


_COLUMNS = ("group_id", "stage", "store_id", *(f"{kind}_at" for kind in KINDS))
_MOVE = (
    update(Record)
    .where(Record.coupon_id == bindparam("new_coupon_id"))
    .values({name: bindparam(f"new_{name}") for name in _COLUMNS})
)
_COUNTED = select(
    Record.coupon_id,
    Record.group_id,
    Record.sent_at,
    Record.opened_at,
    Record.redeemed_at,
    Record.verified_at,
    Record.store_id,
).where(among(Record.coupon_id, "coupons"))
_TRUE = (
    select(
        Coupon.id,
        Coupon.campaign_id,
        Contact.channel,
        FlowVersion.flow_id,
        Coupon.sent_at,
        Coupon.opened_at,
        Redemption.redeemed_at,
        Verification.verified_at,
        Verification.store_id,
    )
    .join(Contact, Contact.id == Coupon.contact_id)
    .outerjoin(FlowVersion, FlowVersion.id == Coupon.flow_version_id)
    .outerjoin(Redemption, Redemption.coupon_id == Coupon.id)
    .outerjoin(Verification, Verification.redemption_id == Redemption.id)
    .where(among(Coupon.id, "coupons"))
)


def _counted(session: Session, coupon_ids: Sequence[int]) -> dict[int, Counted]:
    rows = session.connection().execute(_COUNTED, {"coupons": list(coupon_ids)})
    return {row[0]: Counted(row[1], tuple(row[2:6]), row[6]) for row in rows}


def _true(session: Session, coupon_ids: Sequence[int]) -> dict[int, Counted]:
    """As it is now, seen in one statement."""
    rows = session.connection().execute(_TRUE, {"coupons": list(coupon_ids)}).all()
    groups = _groups(session, {tuple(row[1:4]) for row in rows})
    return {row[0]: Counted(groups[tuple(row[1:4])], tuple(row[4:8]), row[8]) for row in rows}


def _groups(session: Session, wanted: set[tuple[Any, ...]]) -> dict[tuple[Any, ...], int]:
    """The ids of groups by campaign, channel and flow; made where there is none: nobody else is counting."""
    campaigns = {campaign_id for campaign_id, *_ in wanted}
    there = select(RecordGroup).where(RecordGroup.campaign_id.in_(campaigns))
    found = {(one.campaign_id, one.channel, one.flow_id): one.id for one in session.scalars(there)}
    for key in sorted(wanted - set(found), key=str):
        campaign_id, channel, flow_id = key
        made = RecordGroup(
            campaign_id=campaign_id, channel=channel, flow_id=flow_id, sent=0, opened=0, redeemed=0, verified=0
        )
        session.add(made)
        session.flush()
        found[key] = made.id
    return found


def _count_hits(session: Session, hits: tuple[int, int], zone: ZoneInfo) -> int:
    """New rows only: what comes again from the same program is the same row."""
    after, up_to = hits
    if after == up_to:
        return 0
    rows = session.execute(
        select(PageHit.kind, PageHit.first_at, Record.group_id)
        .join(Record, Record.coupon_id == PageHit.coupon_id)
        .where(PageHit.id > after, PageHit.id <= up_to, PageHit.kind.in_(AHEAD))
    )
    _add(session, Counter((group_id, hour_of(at, zone), kind, 0) for kind, at, group_id in rows))
    return up_to - after


def _add(session: Session, counts: Mapping[Key, int]) -> None:
    hours: Counter[tuple[Any, ...]] = Counter()
    stores: Counter[tuple[Any, ...]] = Counter()
    campaigns = _campaigns_of(session, {group_id for group_id, _, kind, _ in counts if kind == "verified"})
    for (group_id, hour, kind, store_id), count in counts.items():
        hours[group_id, hour, kind] += count
        if kind == "verified":
            stores[campaigns[group_id], hour, store_id] += count
    _put(session, RecordHour, ("group_id", "hour", "kind"), hours)
    _put(session, RecordStore, ("campaign_id", "hour", "store_id"), stores)


def _campaigns_of(session: Session, group_ids: set[int]) -> dict[int, int]:
    if not group_ids:
        return {}
    rows = session.execute(select(RecordGroup.id, RecordGroup.campaign_id).where(RecordGroup.id.in_(group_ids)))
    return {group_id: campaign_id for group_id, campaign_id in rows}  # noqa: C416 (rows, not pairs, for mypy)


def _put(
    session: Session,
    table: type[RecordHour | RecordStore],
    names: tuple[str, ...],
    counts: Mapping[tuple[Any, ...], int],
) -> None:
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert
    rows: list[dict[str, Any]] = [
        dict(zip((*names, "count"), (*key, count), strict=True)) for key, count in sorted(counts.items()) if count
    ]
    # Where something is taken away there is a row; inserted first, a negative count would break the constraint.
    less, more = [row for row in rows if row["count"] < 0], [row for row in rows if row["count"] > 0]
    if less:
        keys = [getattr(table, name) == bindparam(f"of_{name}") for name in names]
        take_away = update(table).where(*keys).values(count=table.count + bindparam("of_count"))
        session.connection().execute(take_away, [{f"of_{name}": value for name, value in row.items()} for row in less])
    if more:
        statement = insert(table)
        session.connection().execute(
            statement.on_conflict_do_update(
                index_elements=names, set_={"count": table.count + statement.excluded.count}
            ),
            more,
        )


def _add_totals(session: Session, counts: Mapping[Key, int]) -> None:
    totals: dict[int, Counter[str]] = {}
    for (group_id, _, kind, _), count in counts.items():
        totals.setdefault(group_id, Counter())[kind] += count
    for group_id, more in sorted(totals.items()):
        changes = {kind: getattr(RecordGroup, kind) + count for kind, count in more.items() if count}
        if changes:
            session.execute(
                update(RecordGroup)
                .where(RecordGroup.id == group_id)
                .values(changes)
                .execution_options(synchronize_session=False)
            )


def forget(session: Session) -> None:
    """Nothing is counted: the next rounds count all from the first coupon on."""
    locks.feeds(session, RecordFeed)
    for table in (RecordStore, RecordHour, Record, RecordGroup):
        session.execute(delete(table))
    session.execute(update(RecordFeed).where(RecordFeed.name.in_(("coupons", "page_hits"))).values(seen=0))
