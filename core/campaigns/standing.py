"""What is out of a campaign already, which a change to it may touch."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from core import serials
from db.tables import Campaign, Coupon, Pack, Redemption, Verification

BY_SENT = frozenset({"expires_from", "is_published", "shown_until"})  # whose refusals ask how many were sent


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
    """The numbers of one campaign, counted: of a million coupons in some tenths of a second.

    Whoever holds the campaign's lock asks `refusing`.
    """
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


def refusing(session: Session, campaign: Campaign, fields: Collection[str], now: datetime) -> Standing:
    """What a change of these fields may be refused for, while the campaign is locked: customers wait meanwhile.

    How many are redeemed is known from the packs. Those sent are counted only for a field that asks for them, and only
    where there are any; elsewhere, as of those verified, nothing is said.
    """
    of_it = Coupon.campaign_id == campaign.id
    has_serials = session.scalar(select(select(Pack.id).where(Pack.campaign_id == campaign.id).exists()))
    sent = 0
    if BY_SENT.intersection(fields) and session.scalar(select(select(Coupon.id).where(of_it).exists())):
        sent = session.scalar(select(func.count()).select_from(Coupon).where(of_it)) or 0
    return Standing(now, sent, given(session, campaign), has_serials=bool(has_serials))


def given(session: Session, campaign: Campaign) -> int:
    """How many coupons are redeemed, from the packs: the same, at once, however many there are."""
    return session.scalar(select(serials.given_of(literal(campaign.id)))) or 0
