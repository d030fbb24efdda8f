"""Figures of campaigns: how far their coupons have come, read from what was counted (`core.records_counting`)."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.tables import RecordGroup


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
