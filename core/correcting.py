"""Correcting: a redemption or a verification taken back by a person, with the deed in the audit log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit, undo
from core.audit import Action, Deed, Doer
from core.refusal import Refused
from core.undo import REASON_KEPT, Undone
from core.verification import Actor
from db.tables import Campaign, Coupon

What = Literal["redemption", "verification"]
WHATS: tuple[What, ...] = get_args(What)
_UNDONE: dict[What, Action] = {"redemption": "redemption.undone", "verification": "verification.undone"}


@dataclass(frozen=True)
class Correction:
    """What is taken back and why. `is_burnt`: nobody gets a redemption's serial any more."""

    what: What
    reason: str
    is_burnt: bool = False


def correct(
    session: Session, coupon_id: int, correction: Correction, doer: Doer, now: datetime, at: Actor | None = None
) -> Undone | Refused:
    """Take it back, at a counter where one is named. Refused as in `core.undo`; then nothing changes or is kept."""
    if correction.what == "redemption":
        done = undo.undo_redemption(
            session, coupon_id, correction.reason, doer.user_id, now, is_burnt=correction.is_burnt
        )
    else:
        on_what = {"device_id": at.device_id, "api_key_id": at.api_key_id} if at else {}
        done = undo.undo_verification(session, coupon_id, correction.reason, doer.user_id, now, **on_what)
    if isinstance(done, Undone):
        detail: dict[str, object] = {
            "campaign": _slug(session, coupon_id),
            "reason": correction.reason.strip()[:REASON_KEPT],
        }
        if correction.what == "redemption":
            detail["serial"] = "burnt" if correction.is_burnt else "returned"
        reference = session.get_one(Coupon, coupon_id).reference
        audit.record(session, doer, Deed(_UNDONE[correction.what], "coupon", reference, detail), now)
    return done


def correct_at_counter(
    session: Session, coupon_id: int, reason: str, actor: Actor, doer: Doer, now: datetime
) -> Undone | Refused:
    """Take a verification back in the store where it was made and `actor` stands, while that store's time runs.

    Refused: NOT_VERIFIED, OTHER_STORE_ONLY (verified in another, or on a customer's page), UNDO_TOO_LATE,
    REASON_MISSING.
    """
    refused = undo.refused_at_counter(session, coupon_id, actor.store_id, now)
    return refused or correct(session, coupon_id, Correction("verification", reason), doer, now, actor)


def _slug(session: Session, coupon_id: int) -> str:
    return session.scalars(
        select(Campaign.slug).join(Coupon, Coupon.campaign_id == Campaign.id).where(Coupon.id == coupon_id)
    ).one()
