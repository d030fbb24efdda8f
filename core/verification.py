"""Verification: a redeemed coupon is honoured at the counter, once; every attempt is kept.

The one way to it, for the button on the customer's page, the counter and POS machines.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import counter_search, honouring, spelling
from core.counter_search import Found
from core.reasons import Reason
from core.refusal import Refused
from db import locks
from db.base import LARGEST_ID
from db.insert import insert_unless_there
from db.tables import Campaign, CampaignStore, Coupon, Redemption, Store, Verification, VerificationAttempt

Via = Literal["page", "pos"]


@dataclass(frozen=True)
class Actor:
    """Who verifies, where and on what; all None on a customer's own page, where nobody is logged in."""

    via: Via
    user_id: int | None = None
    store_id: int | None = None
    device_id: int | None = None
    api_key_id: int | None = None


@dataclass(frozen=True)
class Verified:
    """The coupon was verified just now."""

    coupon_id: int
    verified_at: datetime


def verify(
    session: Session,
    coupon_id: int,
    entered: str,
    actor: Actor,
    now: datetime,
    device_at: datetime | None = None,
) -> Verified | Refused:
    """Verify the coupon, once, and keep the attempt either way.

    `device_at` is the POS's own time where it gives one; it is the final one, and decides what has expired, unless it
    cannot be right (`honouring.decisive`). Both times are kept. Refused: NOT_REDEEMED, WITHDRAWN, VERIFY_BUTTON_OFF
    (on a page whose campaign has no such button), whatever `honouring.refusal` says, UNKNOWN_COUPON (for an id that
    somebody made up, which may be any number).
    """
    outcome = decide(session, coupon_id, actor, now, device_at)
    answer = "verified" if isinstance(outcome, Verified) else outcome.reason
    told = None if answer == Reason.UNKNOWN_COUPON else coupon_id
    _keep_attempt(session, told, entered, answer, actor, now, device_at)
    return outcome


def decide(
    session: Session,
    coupon_id: int,
    actor: Actor,
    now: datetime,
    device_at: datetime | None,
    *,
    is_offline: bool = False,
) -> Verified | Refused:
    """`verify` without the attempt, for whoever keeps one of another kind. Whoever was offline tells it now."""
    if not 0 < coupon_id <= LARGEST_ID:
        return Refused(Reason.UNKNOWN_COUPON)
    given = locks.redemption_kept(session, coupon_id)
    if given is None:
        is_there = session.get(Coupon, coupon_id)
        return Refused(counter_search.without_redemption(session, coupon_id) if is_there else Reason.UNKNOWN_COUPON)
    campaign = session.get_one(Campaign, given.campaign_id)
    if actor.via == "page" and not campaign.has_verify_button:
        return Refused(Reason.VERIFY_BUTTON_OFF)
    # A store that closes, or a campaign that changes, in this very moment may still have been the one before.
    stores = session.scalars(select(CampaignStore.store_id).where(CampaignStore.campaign_id == campaign.id)).all()
    store = session.get(Store, actor.store_id) if actor.store_id else None
    at = honouring.decisive(device_at, given.redeemed_at, now)
    reason = honouring.refusal(given, campaign, stores, store, at, is_verified=False)
    if reason is None:
        return honour(session, given, actor, now, at, is_offline=is_offline)
    return Refused(Reason.ALREADY_VERIFIED if session.get(Verification, given.id) else reason)


def honour(
    session: Session, given: Redemption, actor: Actor, now: datetime, at: datetime, *, is_offline: bool
) -> Verified | Refused:
    """It was honoured at `at`, whatever the rule says: ALREADY_VERIFIED is all that it can be refused for."""
    values = {
        "redemption_id": given.id,
        "verified_at": at,
        "recorded_at": now,
        "via": actor.via,
        "user_id": actor.user_id,
        "store_id": actor.store_id,
        "device_id": actor.device_id,
        "api_key_id": actor.api_key_id,
        "is_offline": is_offline,
    }
    # Two counters at the same moment: the primary key lets one through, the other learns that it was late.
    if insert_unless_there(session, Verification, values, ["redemption_id"]) is None:
        return Refused(Reason.ALREADY_VERIFIED)
    return Verified(given.coupon_id, at)


def look_up(
    session: Session, entered: str, actor: Actor, now: datetime, home: str | None = None
) -> list[Found] | Refused:
    """`counter_search.find`, for a counter: what cannot be verified is an attempt and is kept, as staff go no further.

    Of a fixed serial's many coupons none was chosen yet: those are no attempt.
    """
    result = counter_search.find(session, entered, now, actor.store_id, home)
    if isinstance(result, Refused):
        _keep_attempt(session, None, entered, result.reason, actor, now, None)
    elif len(result) == 1 and result[0].refusal:
        _keep_attempt(session, result[0].coupon_id, entered, result[0].refusal, actor, now, None)
    return result


def _keep_attempt(
    session: Session,
    coupon_id: int | None,
    entered: str,
    outcome: str,
    actor: Actor,
    now: datetime,
    device_at: datetime | None,
) -> None:
    session.add(
        VerificationAttempt(
            coupon_id=coupon_id,
            entered=spelling.kept(entered),
            outcome=outcome,
            attempted_at=now,
            via=actor.via,
            user_id=actor.user_id,
            store_id=actor.store_id,
            device_id=actor.device_id,
            api_key_id=actor.api_key_id,
            device_at=device_at,
        ),
    )


def refuse(
    session: Session,
    coupon_id: int | None,
    entered: str,
    reason: Reason,
    actor: Actor,
    now: datetime,
    device_at: datetime | None,
) -> Refused:
    """What was tried could not come to a verification, for this reason; the attempt is kept."""
    _keep_attempt(session, coupon_id, entered, reason, actor, now, device_at)
    return Refused(reason)
