"""Conflicts: what devices without a network let people have and the shop would have refused; the owner settles it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from core import audit
from core.audit import Deed, Doer
from db.tables import (
    ApiKey,
    Campaign,
    Coupon,
    Device,
    Redemption,
    Store,
    User,
    Verification,
    VerificationAttempt,
    VerificationConflict,
)

NOTE_KEPT = 200  # characters
SHOWN = 100


@dataclass(frozen=True)
class Conflict:
    """One attempt that was offline and would have been refused: `reason`. `first_*`: how its coupon is verified now."""

    attempt_id: int
    entered: str
    reason: str
    campaign_name: str | None
    campaign_slug: str | None
    reference: str | None
    device_at: datetime
    told_at: datetime
    store: str | None
    by: str | None
    device: str | None
    first_at: datetime | None
    first_store: str | None
    first_by: str | None
    settled_at: datetime | None
    settled_by: str | None
    note: str


_first_store, _first_by, _first_key, _settled_by = aliased(Store), aliased(User), aliased(ApiKey), aliased(User)
_ALL = (
    select(
        VerificationAttempt.id,
        VerificationAttempt.entered,
        VerificationAttempt.outcome,
        Campaign.name,
        Campaign.slug,
        Coupon.reference,
        VerificationAttempt.device_at,
        VerificationAttempt.attempted_at,
        Store.name,
        func.coalesce(User.username, ApiKey.name),
        Device.name,
        Verification.verified_at,
        _first_store.name,
        func.coalesce(_first_by.username, _first_key.name),
        VerificationConflict.settled_at,
        _settled_by.username,
        VerificationConflict.note,
    )
    .select_from(VerificationConflict)
    .join(VerificationAttempt, VerificationAttempt.id == VerificationConflict.attempt_id)
    .outerjoin(Coupon, Coupon.id == VerificationAttempt.coupon_id)
    .outerjoin(Campaign, Campaign.id == Coupon.campaign_id)
    .outerjoin(Store, Store.id == VerificationAttempt.store_id)
    .outerjoin(User, User.id == VerificationAttempt.user_id)
    .outerjoin(ApiKey, ApiKey.id == VerificationAttempt.api_key_id)
    .outerjoin(Device, Device.id == VerificationAttempt.device_id)
    .outerjoin(Redemption, Redemption.coupon_id == VerificationAttempt.coupon_id)
    .outerjoin(Verification, Verification.redemption_id == Redemption.id)
    .outerjoin(_first_store, _first_store.id == Verification.store_id)
    .outerjoin(_first_by, _first_by.id == Verification.user_id)
    .outerjoin(_first_key, _first_key.id == Verification.api_key_id)
    .outerjoin(_settled_by, _settled_by.id == VerificationConflict.settled_by)
    .order_by(VerificationConflict.attempt_id.desc())
    .limit(SHOWN)
)


def listed(session: Session, *, are_settled: bool) -> list[Conflict]:
    """The open or the settled ones, the latest first, at most 100."""
    is_open = VerificationConflict.settled_at.is_(None)
    return [
        Conflict(*cast("tuple[Any, ...]", row))
        for row in session.execute(_ALL.where(~is_open if are_settled else is_open))
    ]


def waiting(session: Session) -> int:
    """How many nobody has settled."""
    found = select(func.count()).select_from(VerificationConflict).where(VerificationConflict.settled_at.is_(None))
    return session.execute(found).scalar_one()


def settle(session: Session, attempt_id: int, note: str, doer: Doer, now: datetime) -> bool:
    """Somebody has looked at it; False where it is none, or another did so before: then nothing changes."""
    note = note.strip()[:NOTE_KEPT]
    done = session.execute(
        update(VerificationConflict)
        .where(VerificationConflict.attempt_id == attempt_id, VerificationConflict.settled_at.is_(None))
        .values(settled_at=now, settled_by=doer.user_id, note=note)
        .returning(VerificationConflict.attempt_id),
    ).scalar_one_or_none()
    if done is None:
        return False
    audit.record(session, doer, Deed("conflict.settled", "conflict", str(attempt_id), {"note": note}), now)
    return True
