"""Undo: a redemption or a verification is taken back, with its reason; what it was is kept as a row."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import feeds
from core.reasons import Reason
from core.refusal import Refused
from db import locks
from db.base import LARGEST_ID
from db.tables import (
    Campaign,
    Coupon,
    Redemption,
    ReturnedSerial,
    Store,
    UndoneRedemption,
    UndoneVerification,
    Verification,
)

REASON_KEPT = 200  # characters


@dataclass(frozen=True)
class Undone:
    """It was taken back just now."""

    coupon_id: int


def undo_verification(
    session: Session,
    coupon_id: int,
    reason: str,
    user_id: int | None,
    now: datetime,
    *,
    device_id: int | None = None,
    api_key_id: int | None = None,
) -> Undone | Refused:
    """Make a verified coupon redeemed again, as if nobody had verified it. Who did so, and on or with what, is kept.

    Refused: REASON_MISSING, NOT_VERIFIED.
    """
    if not reason.strip():
        return Refused(Reason.REASON_MISSING)
    verification = _verification(session, coupon_id)
    if verification is None:
        return Refused(Reason.NOT_VERIFIED)
    session.add(
        UndoneVerification(
            coupon_id=coupon_id,
            verified_at=verification.verified_at,
            recorded_at=verification.recorded_at,
            via=verification.via,
            verified_by=verification.user_id,
            store_id=verification.store_id,
            undone_at=max(now, verification.recorded_at),
            user_id=user_id,
            device_id=device_id,
            api_key_id=api_key_id,
            reason=reason.strip()[:REASON_KEPT],
        ),
    )
    session.delete(verification)
    return Undone(coupon_id)


def refused_at_counter(session: Session, coupon_id: int, store_id: int | None, now: datetime) -> Refused | None:
    """Why this store may not take the coupon's verification back, or None where it may, until the transaction ends.

    Its time runs from when the server learned of the verification: a device that was offline tells late.
    Refused: NOT_VERIFIED, OTHER_STORE_ONLY, UNDO_TOO_LATE.
    """
    verification = _verification(session, coupon_id)
    if verification is None:
        return Refused(Reason.NOT_VERIFIED)
    if store_id is None or verification.store_id != store_id:
        return Refused(Reason.OTHER_STORE_ONLY)
    until = undo_until(verification, session.get_one(Store, store_id))
    return Refused(Reason.UNDO_TOO_LATE) if now >= until else None


def undo_until(verification: Verification, store: Store) -> datetime:
    """When the time is over in which the store may take it back."""
    return verification.recorded_at + timedelta(minutes=store.undo_minutes)


def _verification(session: Session, coupon_id: int) -> Verification | None:
    """The coupon's, with nobody else verifying or undoing it until the transaction ends."""
    given = locks.redemption(session, coupon_id) if 0 < coupon_id <= LARGEST_ID else None
    return session.get(Verification, given.id) if given else None


def undo_redemption(
    session: Session, coupon_id: int, reason: str, user_id: int | None, now: datetime, *, is_burnt: bool = False
) -> Undone | Refused:
    """Take a serial back: it is the next one given out, the limits are as before, the coupon can be redeemed.

    Where it `is_burnt`, because somebody else may have seen it, nobody gets the serial any more.

    Refused: REASON_MISSING, NOT_REDEEMED, ALREADY_VERIFIED (undo the verification first).
    """
    if not reason.strip():
        return Refused(Reason.REASON_MISSING)
    campaign_id = session.scalar(select(Coupon.campaign_id).where(Coupon.id == coupon_id))
    if campaign_id is None:
        return Refused(Reason.NOT_REDEEMED)
    campaign = locks.campaign(session, campaign_id)
    given = locks.redemption(session, coupon_id)
    if given is None:
        return Refused(Reason.NOT_REDEEMED)
    if session.get(Verification, given.id):
        return Refused(Reason.ALREADY_VERIFIED)
    at = max(now, given.redeemed_at)
    session.add(
        UndoneRedemption(
            coupon_id=coupon_id,
            person_id=given.person_id,
            pack_id=given.pack_id,
            position=given.position,
            redeemed_at=given.redeemed_at,
            undone_at=at,
            user_id=user_id,
            reason=reason.strip()[:REASON_KEPT],
            is_burnt=is_burnt,
        ),
    )
    session.execute(delete(Redemption).where(Redemption.id == given.id))
    feeds.redemption_is_gone(session)
    if not is_burnt:
        session.add(ReturnedSerial(pack_id=given.pack_id, position=given.position, returned_at=at))
    if campaign.total_left is not None:
        campaign.total_left = Campaign.total_left + 1  # in the database, as redemptions count it down
    return Undone(coupon_id)
