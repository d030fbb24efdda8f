"""What is out of a campaign already, which a change to it may touch."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.tables import Campaign, Coupon, Pack, Redemption, Verification


@dataclass(frozen=True)
class Standing:
    """How many coupons were sent, and are redeemed and verified, at `at`; whether there are serials."""

    at: datetime
    sent: int = 0
    redeemed: int = 0
    verified: int = 0
    has_serials: bool = False

    @property
    def waiting(self) -> int:
        """How many were sent and are not redeemed."""
        return self.sent - self.redeemed

    @property
    def unverified(self) -> int:
        """How many are redeemed and nobody has verified."""
        return self.redeemed - self.verified


def standing(session: Session, campaign: Campaign, now: datetime) -> Standing:
    """The numbers of one campaign, counted: of a million coupons in some tenths of a second."""
    of_it = Redemption.campaign_id == campaign.id
    sent, redeemed, verified, has_serials = session.execute(
        select(
            select(func.count()).select_from(Coupon).where(Coupon.campaign_id == campaign.id).scalar_subquery(),
            select(func.count()).select_from(Redemption).where(of_it).scalar_subquery(),
            select(func.count()).select_from(Verification).join(Redemption).where(of_it).scalar_subquery(),
            select(Pack.id).where(Pack.campaign_id == campaign.id).exists(),
        )
    ).one()
    return Standing(now, sent, redeemed, verified, bool(has_serials))
