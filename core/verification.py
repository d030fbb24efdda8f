"""Verification: a redeemed coupon is honoured at the counter, once; every attempt is kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core import spelling
from core.reasons import Reason
from core.refusal import Refused
from db import locks
from db.base import LARGEST_ID
from db.insert import insert_unless_there
from db.tables import (
    Campaign,
    Contact,
    Coupon,
    Pack,
    Redemption,
    Serial,
    Store,
    User,
    Verification,
    VerificationAttempt,
)

Via = Literal["page", "pos"]
SHOWN = 20  # coupons of one fixed serial


@dataclass(frozen=True)
class Actor:
    """Who verifies, and where; all None on a customer's own page, where nobody is logged in."""

    via: Via
    user_id: int | None = None
    store_id: int | None = None
    device_id: int | None = None
    api_key_id: int | None = None


@dataclass(frozen=True)
class Found:
    """A coupon as staff see it. `refusal` is why it cannot be verified now, or None where it can."""

    coupon_id: int
    campaign_name: str
    instructions: str
    reference: str
    serial: str
    contact_name: str
    redeemed_at: datetime
    expires_at: datetime | None
    verified_at: datetime | None
    verified_by: str | None
    verified_in: str | None
    refusal: Reason | None


@dataclass(frozen=True)
class Verified:
    """The coupon was verified just now."""

    coupon_id: int
    verified_at: datetime


def find(session: Session, entered: str, now: datetime) -> list[Found] | Refused:
    """The redeemed coupons that a serial or a reference stands for, unverified and newest first, at most 20.

    A serial of a pack stands for one coupon, a fixed serial for many; a reference always for one. Upper and lower case
    are told apart only where the serials themselves do. Refused: NOT_REDEEMED (the serial has not been given to
    anybody, or the coupon of that reference has none), UNKNOWN_COUPON.
    """
    typed, spellings, reference = spelling.normal(entered), spelling.variants(entered), spelling.reference(entered)
    by_serial = select(Serial.pack_id, Serial.position).where(Serial.code.in_(spellings)).subquery()
    conditions: list[ColumnElement[bool]] = [
        Redemption.id.in_(
            select(Redemption.id).join(
                by_serial,
                (Redemption.pack_id == by_serial.c.pack_id) & (Redemption.position == by_serial.c.position),
            ),
        ),
        Redemption.pack_id.in_(select(Pack.id).where(Pack.fixed_code.in_(spellings))),
        Coupon.reference == reference,
    ]
    for condition in conditions:
        rows = session.execute(_FOUND.where(condition)).all()
        if rows:
            found = [_found(row, now) for row in rows]
            exact = [[one for one in found if one.serial == spelled] for spelled in (spelling.as_given(entered), typed)]
            return exact[0] or exact[1] or found
    is_known = (
        session.scalar(select(Serial.code).where(Serial.code.in_(spellings)).limit(1))
        or session.scalar(select(Pack.id).where(Pack.fixed_code.in_(spellings)).limit(1))
        or session.scalar(select(Coupon.id).where(Coupon.reference == reference))
    )
    return Refused(Reason.NOT_REDEEMED if is_known else Reason.UNKNOWN_COUPON, typed)


_FOUND = (
    select(Redemption, Coupon, Campaign, Contact, Pack, Serial.code, Verification, User.username, Store.name)
    .join(Coupon, Coupon.id == Redemption.coupon_id)
    .join(Campaign, Campaign.id == Redemption.campaign_id)
    .join(Contact, Contact.id == Coupon.contact_id)
    .join(Pack, Pack.id == Redemption.pack_id)
    .outerjoin(Serial, (Serial.pack_id == Redemption.pack_id) & (Serial.position == Redemption.position))
    .outerjoin(Verification, Verification.redemption_id == Redemption.id)
    .outerjoin(User, User.id == Verification.user_id)
    .outerjoin(Store, Store.id == Verification.store_id)
    .order_by(Verification.verified_at.is_not(None), Redemption.redeemed_at.desc())
    .limit(SHOWN)
)


def _found(row: Any, now: datetime) -> Found:  # noqa: ANN401 (a row of _FOUND)
    given, coupon, campaign, contact, pack, code, verification, username, store = row
    return Found(
        coupon_id=coupon.id,
        campaign_name=campaign.name,
        instructions=campaign.instructions,
        reference=coupon.reference,
        serial=pack.fixed_code or code or "",
        contact_name=contact.name,
        redeemed_at=given.redeemed_at,
        expires_at=given.expires_at,
        verified_at=verification.verified_at if verification else None,
        verified_by=username,
        verified_in=store,
        refusal=_refusal(given, verification, now),
    )


def _refusal(given: Redemption, verification: Verification | None, at: datetime) -> Reason | None:
    if verification:
        return Reason.ALREADY_VERIFIED
    return Reason.EXPIRED if given.expires_at and at >= given.expires_at else None


def verify(
    session: Session,
    coupon_id: int,
    entered: str,
    actor: Actor,
    now: datetime,
    device_at: datetime | None = None,
) -> Verified | Refused:
    """Verify the coupon, once, and keep the attempt either way.

    `device_at` is the POS's own time where it gives one; it is the final one. Refused: NOT_REDEEMED, EXPIRED,
    ALREADY_VERIFIED, VERIFY_BUTTON_OFF (on a page whose campaign has no such button), UNKNOWN_COUPON (for an id that
    somebody made up, which may be any number).
    """
    outcome = decide(session, coupon_id, actor, now, device_at or now)
    answer = "verified" if isinstance(outcome, Verified) else outcome.reason
    _keep_attempt(session, None if answer == Reason.UNKNOWN_COUPON else coupon_id, entered, answer, actor, now)
    return outcome


def decide(
    session: Session, coupon_id: int, actor: Actor, now: datetime, at: datetime, *, is_offline: bool = False
) -> Verified | Refused:
    """Verify the coupon, or say why not; no attempt is kept. `at` is when it happened, `now` when we hear of it."""
    if not 0 < coupon_id <= LARGEST_ID:
        return Refused(Reason.UNKNOWN_COUPON)
    given = locks.redemption_kept(session, coupon_id)
    if given is None:
        return Refused(Reason.NOT_REDEEMED if session.get(Coupon, coupon_id) else Reason.UNKNOWN_COUPON)
    if actor.via == "page" and not session.get_one(Campaign, given.campaign_id).has_verify_button:
        return Refused(Reason.VERIFY_BUTTON_OFF)
    reason = _refusal(given, session.get(Verification, given.id), at)
    return Refused(reason) if reason else honour(session, given, actor, now, at, is_offline=is_offline)


def honour(
    session: Session, given: Redemption, actor: Actor, now: datetime, at: datetime, *, is_offline: bool
) -> Verified | Refused:
    """The coupon was honoured, whatever the rule said; refused only where it is ALREADY_VERIFIED."""
    at = max(at, given.redeemed_at)
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


def look_up(session: Session, entered: str, actor: Actor, now: datetime) -> list[Found] | Refused:
    """`find`, for a counter: what cannot be verified is an attempt and is kept, as staff go no further with it."""
    result = find(session, entered, now)
    if isinstance(result, Refused):
        _keep_attempt(session, None, entered, result.reason, actor, now)
    elif len(result) == 1 and result[0].refusal:  # of a fixed serial's many coupons, none was chosen yet
        _keep_attempt(session, result[0].coupon_id, entered, result[0].refusal, actor, now)
    return result


def _keep_attempt(
    session: Session,
    coupon_id: int | None,
    entered: str,
    outcome: str,
    actor: Actor,
    now: datetime,
) -> None:
    session.add(
        VerificationAttempt(
            coupon_id=coupon_id,
            entered=spelling.normal(entered),
            outcome=outcome,
            attempted_at=now,
            via=actor.via,
            user_id=actor.user_id,
            store_id=actor.store_id,
        ),
    )
