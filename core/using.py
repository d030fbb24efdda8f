"""Using a coupon for a customer at a counter: redeemed where nobody has, and verified, in one transaction."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import claims, counter_search, spelling, usable, verification
from core.claims import Tap
from core.reasons import Reason
from core.redemption import REDEEMED
from core.refusal import Refused
from core.verification import Actor, Verified
from db import locks
from db.tables import Campaign, CampaignStore, Coupon, Store


@dataclass(frozen=True)
class Sought:
    """What was entered, and the coupon that it means where nobody has redeemed it yet."""

    entered: str
    coupon_id: int
    reference: str
    token: str
    campaign_id: int


def unredeemed(session: Session, entered: str) -> Sought | None:
    """The coupon of this reference or link; None where there is none."""
    link = spelling.link(entered)
    is_it = Coupon.token == link.token if link else Coupon.reference == spelling.reference(entered)
    row = session.execute(
        select(Coupon.id, Coupon.reference, Coupon.token, Coupon.campaign_id).where(is_it)
    ).one_or_none()
    return Sought(entered, *row) if row else None


def use(
    session: Session, sought: Sought, actor: Actor, now: datetime, device_at: datetime | None = None
) -> Verified | Refused:
    """Redeem the coupon and verify it. The attempt is kept either way.

    Refused as in `core.claims.answer_taps` and `core.verification.verify`. Where the store may not honour it, nothing
    is redeemed: the customer can still use it where it counts. A campaign that changes in this very moment may leave it
    redeemed and not verified, as if the customer had tapped.
    """
    locks.campaign(session, sought.campaign_id)
    reason = _refusal(session, sought, actor, device_at or now)
    if reason is None:
        answer = claims.answer_taps(session, [Tap(sought.token, now)], now)[sought.token]
        if answer.outcome == REDEEMED:
            return verification.verify(session, sought.coupon_id, sought.entered, actor, now, device_at)
        reason = Reason(answer.outcome)
    return verification.refuse(session, sought.coupon_id, sought.entered, reason, actor, now, device_at)


def _refusal(session: Session, sought: Sought, actor: Actor, at: datetime) -> Reason | None:
    campaign = session.get_one(Campaign, sought.campaign_id)
    stores = session.scalars(select(CampaignStore.store_id).where(CampaignStore.campaign_id == campaign.id)).all()
    store = session.get(Store, actor.store_id) if actor.store_id else None
    reason = usable.refusal(campaign, stores, store, at)
    if reason:
        return reason
    withdrawn = counter_search.without_redemption(session, sought.coupon_id) is Reason.WITHDRAWN
    return Reason.WITHDRAWN if withdrawn else None
