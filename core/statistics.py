"""Figures of campaigns: how far their coupons have come, read from what was counted (`core.records_counting`)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.tables import Flow, RecordGroup, RecordHour, RecordStore, Store


@dataclass(frozen=True)
class Funnel:
    """How many coupons were sent, and how many of them were opened, redeemed and verified."""

    sent: int = 0
    opened: int = 0
    redeemed: int = 0
    verified: int = 0


def funnels(session: Session, campaign_ids: Collection[int]) -> dict[int, Funnel]:
    """The funnel of each campaign, by its id; one of which nothing was sent has zeros. A few rows a campaign are read.

    What happened in the last seconds may be missing: `records_changes.as_of` says up to when all is counted.
    """
    names = ("sent", "opened", "redeemed", "verified")
    sums = [func.sum(getattr(RecordGroup, name)) for name in names]
    rows = session.execute(
        select(RecordGroup.campaign_id, *sums)
        .where(RecordGroup.campaign_id.in_(campaign_ids))
        .group_by(RecordGroup.campaign_id)
    )
    found = {campaign_id: Funnel(*map(int, counts)) for campaign_id, *counts in rows}
    return {campaign_id: found.get(campaign_id, Funnel()) for campaign_id in campaign_ids}


KINDS = ("sent", "opened", "redeemed", "verified", "preview", "prefetch")
Numbers = dict[str, int]  # by kind


@dataclass(frozen=True)
class Statistics:
    """What happened in a period, by the hour, by channel, by flow (0: a person), and what was verified by store."""

    hours: dict[datetime, Numbers]
    channels: dict[str, Numbers]
    flows: dict[int, Numbers]
    flow_names: dict[int, str]
    stores: dict[int, int]
    store_names: dict[int, str]


def of_campaign(session: Session, campaign_id: int, since: datetime, until: datetime) -> Statistics:
    """The campaign's figures from `since` to `until`. What was done then and undone later is in none of them."""
    groups = session.execute(
        select(RecordGroup.id, RecordGroup.channel, RecordGroup.flow_id, Flow.name)
        .outerjoin(Flow, Flow.id == RecordGroup.flow_id)
        .where(RecordGroup.campaign_id == campaign_id)
    ).all()
    of = {group_id: (channel, flow_id or 0) for group_id, channel, flow_id, _ in groups}
    in_period = RecordHour.group_id.in_(of), RecordHour.hour >= since, RecordHour.hour < until
    hours: dict[datetime, Numbers] = {}
    for hour, kind, count in _sums(session, in_period, RecordHour.hour, RecordHour.kind):
        hours.setdefault(hour, {})[kind] = count
    channels: dict[str, Numbers] = {}
    flows: dict[int, Numbers] = {}
    for group_id, kind, count in _sums(session, in_period, RecordHour.group_id, RecordHour.kind):
        channel, flow_id = of[group_id]
        for numbers in (channels.setdefault(channel, {}), flows.setdefault(flow_id, {})):
            numbers[kind] = numbers.get(kind, 0) + count
    verified = RecordStore.campaign_id == campaign_id, RecordStore.hour >= since, RecordStore.hour < until
    stores = {store_id: count for store_id, count in _sums(session, verified, RecordStore.store_id)}  # noqa: C416
    names = session.execute(select(Store.id, Store.name).where(Store.id.in_(stores)))
    return Statistics(
        hours,
        channels,
        flows,
        {flow_id or 0: name or "" for _, _, flow_id, name in groups},
        stores,
        {store_id: name for store_id, name in names},  # noqa: C416 (rows, not pairs, for mypy)
    )


def _sums(session: Session, where: tuple[Any, ...], *by: InstrumentedAttribute[Any]) -> Iterator[tuple[Any, ...]]:
    summed = func.sum(by[0].class_.count)
    for *keys, count in session.execute(select(*by, summed).where(*where).group_by(*by).having(summed > 0)):
        yield (*keys, int(count))
