"""Figures of campaigns: how far their coupons have come."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.tables import Coupon, Redemption, Verification


@dataclass(frozen=True)
class Funnel:
    """How many coupons were sent, and how many of them were opened, redeemed and verified."""

    sent: int = 0
    opened: int = 0
    redeemed: int = 0
    verified: int = 0


def funnels(session: Session, campaign_ids: Collection[int]) -> dict[int, Funnel]:
    """The funnel of each campaign, by its id; one of which nothing was sent has zeros."""
    sent = {
        row[0]: (row[1], row[2])
        for row in session.execute(
            select(Coupon.campaign_id, func.count(), func.count(Coupon.opened_at))
            .where(Coupon.campaign_id.in_(campaign_ids))
            .group_by(Coupon.campaign_id)
        )
    }
    redeemed = {
        row[0]: (row[1], row[2])
        for row in session.execute(
            select(Redemption.campaign_id, func.count(), func.count(Verification.redemption_id))
            .outerjoin(Verification, Verification.redemption_id == Redemption.id)
            .where(Redemption.campaign_id.in_(campaign_ids))
            .group_by(Redemption.campaign_id)
        )
    }
    return {key: Funnel(*sent.get(key, (0, 0)), *redeemed.get(key, (0, 0))) for key in campaign_ids}
