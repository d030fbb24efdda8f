"""Which records: by status, channel, flow, store and time, in the order of a time, a page at a time.

A page costs the same however many records there are and however few of them fit. The filters pick groups (a campaign's
coupons by channel and flow, of which there are few) and stages; each pair of both has its records in an index in the
order that is asked for. The first of each are taken, and of these the first.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import BigInteger, ColumnElement, Select, SmallInteger, bindparam, func, select, true, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from core import records
from core.records import Record as Whole
from core.records_counting import Stage
from db.tables import Flow, Record, RecordGroup, Store

PAGE = 50  # records
EXPORTED = 1_000  # records that are read at once

Sort = Literal["sent", "redeemed", "verified"]
SORTS: tuple[Sort, ...] = get_args(Sort)
STATUSES = tuple(stage.name.lower() for stage in Stage)
BY_HAND = 0  # in place of a flow


@dataclass(frozen=True)
class Filters:
    """What is asked for; None asks for all. `since` and `until` are about the time that is sorted by.

    `flow_id` 0: sent by a person. Sorted by a time, those that have none are left out.
    """

    campaign_id: int
    status: str | None = None
    channel: str | None = None
    flow_id: int | None = None
    store_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    sort: Sort = "sent"
    is_oldest_first: bool = False


@dataclass(frozen=True)
class Place:
    """Where a record stands in the list."""

    at: datetime
    coupon_id: int


@dataclass(frozen=True)
class Page:
    """Some records, and the places before which and after which there are more; None where there are none."""

    records: Sequence[Whole]
    before: Place | None
    after: Place | None


@dataclass(frozen=True)
class Choices:
    """What there is to filter by in a campaign: channels, flows by id (0: a person), and stores by id."""

    channels: Sequence[str]
    flows: dict[int, str]
    stores: dict[int, str]


def page(
    session: Session, filters: Filters, after: Place | None = None, before: Place | None = None, size: int = PAGE
) -> Page:
    """The records after a place, or those just before one, or the first."""
    if before:
        turned = replace(filters, is_oldest_first=not filters.is_oldest_first)
        found = _places(session, turned, before, size + 1)
        places = found[:size][::-1]
        is_before, is_after = len(found) > size, True
    else:
        found = _places(session, filters, after, size + 1)
        places = found[:size]
        is_before, is_after = after is not None, len(found) > size
    whole = records.of_coupons(session, [place.coupon_id for place in places])
    return Page(whole, places[0] if places and is_before else None, places[-1] if places and is_after else None)


def export(session: Session, filters: Filters, after: Place | None) -> tuple[list[Whole], Place | None]:
    """The next records of all that fit, and the place after which to go on; None where these are the last.

    The first are few, so that a file begins at once.
    """
    size = EXPORTED if after else PAGE
    places = _places(session, filters, after, size)
    whole = records.of_coupons(session, [place.coupon_id for place in places])
    return whole, places[-1] if len(places) == size else None


def choices(session: Session, campaign_id: int) -> Choices:
    """What can be chosen: what the campaign's coupons came by, and every store."""
    rows = session.execute(
        select(RecordGroup.channel, RecordGroup.flow_id, Flow.name)
        .outerjoin(Flow, Flow.id == RecordGroup.flow_id)
        .where(RecordGroup.campaign_id == campaign_id)
        .order_by(RecordGroup.channel, Flow.name)
    ).all()
    stores = session.execute(select(Store.id, Store.name).order_by(Store.name))
    flows = {flow_id or BY_HAND: name or "" for _, flow_id, name in rows}
    return Choices(list(dict.fromkeys(channel for channel, *_ in rows)), flows, {key: name for key, name in stores})  # noqa: C416 (rows, not pairs, for mypy)


def count(session: Session, filters: Filters) -> int | None:
    """How many fit, where that is known without a look at them: not by store and time."""
    if filters.store_id is not None or filters.since or filters.until:
        return None
    names = STATUSES
    sums = [func.coalesce(func.sum(getattr(RecordGroup, name)), 0) for name in names]
    reached = [int(number) for number in session.execute(select(*sums).where(*_of_groups(filters))).one()]
    only = [at_least - further for at_least, further in zip(reached, [*reached[1:], 0], strict=True)]
    return sum(only[stage] for stage in _stages(filters))


def _of_groups(filters: Filters) -> Iterator[ColumnElement[bool]]:
    yield RecordGroup.campaign_id == filters.campaign_id
    if filters.channel is not None:
        yield RecordGroup.channel == filters.channel
    if filters.flow_id is not None:
        yield RecordGroup.flow_id.is_(None) if filters.flow_id == BY_HAND else RecordGroup.flow_id == filters.flow_id


def _stages(filters: Filters) -> list[Stage]:
    first = {"sent": Stage.SENT, "redeemed": Stage.REDEEMED, "verified": Stage.VERIFIED}[filters.sort]
    if filters.store_id is not None:
        first = Stage.VERIFIED
    return [stage for stage in Stage if stage >= first and filters.status in (None, stage.name.lower())]


def _places(session: Session, filters: Filters, beyond: Place | None, size: int) -> list[Place]:
    groups = session.scalars(select(RecordGroup.id).where(*_of_groups(filters)).order_by(RecordGroup.id)).all()
    cells = [(group_id, int(stage)) for group_id in groups for stage in _stages(filters)]
    if not cells:
        return []
    of_cell = aliased(Record)
    key = _key(of_cell, filters.sort)
    order = (key, of_cell.coupon_id) if filters.is_oldest_first else (key.desc(), of_cell.coupon_id.desc())
    one = select(of_cell.coupon_id, key.label("at")).where(*_conditions(of_cell, filters, beyond))
    one = one.order_by(*order).limit(size)
    make = _of_sqlite if session.get_bind().dialect.name == "sqlite" else _of_postgresql
    rows = session.execute(make(one, of_cell, filters, size), _values(session, cells))
    return [Place(at, coupon_id) for coupon_id, at in rows]


def _conditions(of: type[Record], filters: Filters, beyond: Place | None) -> Iterator[ColumnElement[bool]]:
    key = _key(of, filters.sort)
    if filters.sort != "sent":
        yield key.is_not(None)  # said so that the index is known to have it
    if filters.store_id is not None:
        yield of.store_id == filters.store_id
    if filters.since:
        yield key >= filters.since
    if filters.until:
        yield key < filters.until
    if beyond:
        place = tuple_(bindparam("at", beyond.at, key.type), bindparam("coupon", beyond.coupon_id, BigInteger))
        yield tuple_(key, of.coupon_id) > place if filters.is_oldest_first else tuple_(key, of.coupon_id) < place


def _key(of: type[Record], sort: Sort) -> InstrumentedAttribute[Any]:
    found: InstrumentedAttribute[Any] = getattr(of, f"{sort}_at")
    return found


def _values(session: Session, cells: Sequence[tuple[int, int]]) -> dict[str, Any]:
    if session.get_bind().dialect.name == "sqlite":
        return {"cells": json.dumps(cells)}
    return {"groups": [group_id for group_id, _ in cells], "stages": [stage for _, stage in cells]}


def _of_postgresql(one: Select[Any], of: type[Record], filters: Filters, size: int) -> Select[Any]:
    cells = select(
        func.unnest(bindparam("groups", type_=ARRAY(BigInteger))).label("group_id"),
        func.unnest(bindparam("stages", type_=ARRAY(SmallInteger))).label("stage"),
    ).subquery("cells")
    first = one.where(of.group_id == cells.c.group_id, of.stage == cells.c.stage).lateral("first")
    order = (first.c.at, first.c.coupon_id)
    turned = order if filters.is_oldest_first else [column.desc() for column in order]
    return select(first.c.coupon_id, first.c.at).select_from(cells.join(first, true())).order_by(*turned).limit(size)


def _of_sqlite(one: Select[Any], of: type[Record], filters: Filters, size: int) -> Select[Any]:
    """SQLite knows no LATERAL; a list of ids may depend on the cell there."""
    cells = func.json_each(bindparam("cells")).table_valued("value", name="cells")
    group_id, stage = func.json_extract(cells.c.value, "$[0]"), func.json_extract(cells.c.value, "$[1]")
    first = one.with_only_columns(of.coupon_id).where(of.group_id == group_id, of.stage == stage)
    listed = Record.coupon_id.in_(first.correlate(cells).scalar_subquery())
    key = _key(Record, filters.sort)
    order = (key, Record.coupon_id) if filters.is_oldest_first else (key.desc(), Record.coupon_id.desc())
    return select(Record.coupon_id, key).select_from(cells.join(Record, listed)).order_by(*order).limit(size)
