"""How far the coupons of campaigns have come, in numbers."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import limits
from db.tables import Campaign, Claim, Coupon, Pack, Redemption, ReturnedSerial, Verification


@dataclass(frozen=True)
class Figures:
    """How far a campaign's coupons have come, how many serials are left in `stock`, and how many claims wait."""

    campaign: Campaign
    sent: int
    opened: int
    redeemed: int
    verified: int
    stock: int
    waiting: int

    @property
    def left(self) -> int:
        """How many more can redeem it: the total limit may be nearer than the last serial."""
        return limits.can_give(self.campaign, self.stock)


def figures(session: Session) -> list[Figures]:
    """Every campaign with its numbers, newest first."""
    sent = _count_by_campaign(session, select(Coupon.campaign_id, func.count()).group_by(Coupon.campaign_id))
    opened = _count_by_campaign(
        session, select(Coupon.campaign_id, func.count(Coupon.opened_at)).group_by(Coupon.campaign_id)
    )
    redeemed = _count_by_campaign(
        session, select(Redemption.campaign_id, func.count()).group_by(Redemption.campaign_id)
    )
    verified = _count_by_campaign(
        session,
        select(Redemption.campaign_id, func.count()).join(Verification).group_by(Redemption.campaign_id),
    )
    is_used = Pack.withdrawn_at.is_(None)
    stock = _count_by_campaign(
        session, select(Pack.campaign_id, func.sum(Pack.size - Pack.taken)).where(is_used).group_by(Pack.campaign_id)
    )
    returned = _count_by_campaign(
        session,
        select(Pack.campaign_id, func.count()).join(ReturnedSerial).where(is_used).group_by(Pack.campaign_id),
    )
    stock = {key: int(stock.get(key, 0)) + int(returned.get(key, 0)) for key in stock}
    waiting = _count_by_campaign(
        session,
        select(Claim.campaign_id, func.count()).where(Claim.answered_at.is_(None)).group_by(Claim.campaign_id),
    )
    return [
        Figures(c, *(int(counts.get(c.id, 0)) for counts in (sent, opened, redeemed, verified, stock, waiting)))
        for c in session.scalars(select(Campaign).order_by(Campaign.id.desc()))
    ]


def _count_by_campaign(session: Session, statement: object) -> dict[int, int]:
    return dict(session.execute(statement).all())  # type: ignore[call-overload]  # many shapes, one result
