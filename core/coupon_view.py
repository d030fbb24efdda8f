"""What a coupon's page shows at one moment: read in one look, changing nothing."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased

from core import limits, redemption, serials
from core.clock import earliest
from core.reasons import Reason
from db.tables import (
    Campaign,
    CampaignStore,
    Claim,
    Contact,
    Coupon,
    Pack,
    Redemption,
    Serial,
    Store,
    UndoneRedemption,
    Verification,
)


class State(StrEnum):
    """Which of its faces a coupon's page shows. A refused one has a reason."""

    OPEN = "open"
    WAITING = "waiting"
    REDEEMED = "redeemed"
    VERIFIED = "verified"
    REFUSED = "refused"


@dataclass(frozen=True)
class CouponView:
    """A coupon as its page shows it. `serial` is set once redeemed; `expires_at` is the end of what counts now.

    `undone_at` is when its redemption was taken back last, where it has not been redeemed again since.
    """

    coupon_id: int
    campaign: Campaign
    language: str
    reference: str
    state: State
    reason: Reason | None
    serial: str | None
    expires_at: datetime | None
    sent_at: datetime
    redeemed_at: datetime | None
    verified_at: datetime | None
    verified_in: str | None = None  # the store
    stores: tuple[str, ...] = ()  # the only ones in which it is honoured, where there are such
    undone_at: datetime | None = None  # when a redemption of it was last taken back


def look(session: Session, token: str, now: datetime) -> CouponView | None:
    """The coupon with this token at `now`, or None where there is none.

    A redeemed coupon stays redeemed though the campaign is over; past its expiration it is refused with EXPIRED,
    unless it was verified in time.
    """
    row = session.execute(_QUERY, {"token": token}).one_or_none()
    if row is None:
        return None
    coupon, campaign, contact, _, _, pack, code, is_waiting, redeemed, left, store, undone_at, stores = row
    given: Redemption | None = row[3]
    verification: Verification | None = row[4]
    if verification:
        state, reason = State.VERIFIED, None
    elif given:
        is_over = given.expires_at is not None and now >= given.expires_at
        state, reason = (State.REFUSED, Reason.EXPIRED) if is_over else (State.REDEEMED, None)
    elif is_waiting:
        state, reason = State.WAITING, None
    else:
        reason = redemption.refusal(campaign, coupon.expires_at, redeemed, left, now)
        state = State.REFUSED if reason else State.OPEN
    return CouponView(
        coupon_id=coupon.id,
        campaign=campaign,
        language=contact.language,
        reference=coupon.reference,
        state=state,
        reason=reason,
        serial=(pack.fixed_code or code) if given else None,
        expires_at=given.expires_at if given else earliest(coupon.expires_at, campaign.shown_until),
        sent_at=coupon.sent_at,
        redeemed_at=given.redeemed_at if given else None,
        verified_at=verification.verified_at if verification else None,
        verified_in=store,
        stores=tuple(sorted(stores.split(_BETWEEN))) if stores else (),
        undone_at=None if given else undone_at,
    )


_HONOURING = aliased(Store)
_BETWEEN = "\x1f"  # two names, neither of which has it
_QUERY = (
    select(
        Coupon,
        Campaign,
        Contact,
        Redemption,
        Verification,
        Pack,
        Serial.code,
        exists().where(Claim.coupon_id == Coupon.id, Claim.answered_at.is_(None)),
        limits.redeemed_by_of(Coupon.campaign_id, limits.COUNTED_UNDER),
        serials.stock_of(Coupon.campaign_id),
        Store.name,
        select(func.max(UndoneRedemption.undone_at)).where(UndoneRedemption.coupon_id == Coupon.id).scalar_subquery(),
        select(func.aggregate_strings(_HONOURING.name, _BETWEEN))
        .join_from(CampaignStore, _HONOURING, _HONOURING.id == CampaignStore.store_id)
        .where(CampaignStore.campaign_id == Coupon.campaign_id)
        .correlate(Coupon)
        .scalar_subquery(),
    )
    .join(Campaign, Campaign.id == Coupon.campaign_id)
    .join(Contact, Contact.id == Coupon.contact_id)
    .outerjoin(Redemption, Redemption.coupon_id == Coupon.id)
    .outerjoin(Verification, Verification.redemption_id == Redemption.id)
    .outerjoin(Store, Store.id == Verification.store_id)
    .outerjoin(Pack, Pack.id == Redemption.pack_id)
    .outerjoin(Serial, (Serial.pack_id == Redemption.pack_id) & (Serial.position == Redemption.position))
    .where(Coupon.token == bindparam("token"))
)
