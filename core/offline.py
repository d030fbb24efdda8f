"""What was verified without a network, and is told later: it happened, so it is kept, also where we would have refused.

What a device knows meanwhile, and how it asks, is not here.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import counter_search, honouring, spelling, verification
from core.reasons import Reason
from core.refusal import Refused
from core.verification import Actor, Verified
from db import locks
from db.base import LARGEST_ID
from db.insert import insert_unless_there
from db.tables import (
    ApiKey,
    Redemption,
    Store,
    UndoneRedemption,
    User,
    Verification,
    VerificationAttempt,
    VerificationConflict,
)

LOST_ANSWER = timedelta(minutes=2)
# Somebody had what the coupon is for, too early, too late or in the wrong place: it is used up all the same.
_HONOURED = frozenset(
    {
        Reason.EXPIRED,
        Reason.NOT_YET_VALID,
        Reason.OTHER_STORE_ONLY,
        Reason.ONLINE_STORE_ONLY,
        Reason.STORE_CLOSED,
    },
)


@dataclass(frozen=True)
class Told:
    """One verification as the device tells it: what was entered, at which time by its clock, and who stood there.

    `nonce` is made by the device for this one, and stands for no other of its own. `coupon_id` where it knew it.
    """

    nonce: str
    entered: str
    coupon_id: int | None
    at: datetime
    user_id: int | None


@dataclass(frozen=True)
class Taken:
    """What came of it: 'verified', or why the shop would have refused it.

    `is_conflict` where the owner is told. `first_*`: when, where and by whom the coupon is verified, if it is.
    """

    nonce: str
    outcome: str
    coupon_id: int | None
    is_conflict: bool
    first_at: datetime | None
    first_store: str | None
    first_by: str | None


class _TakenBeforeError(Exception):
    """Somebody tells the same at this moment, and was quicker."""


def take(session: Session, told: Sequence[Told], actor: Actor, now: datetime) -> list[Taken]:
    """Keep what a device in `actor`'s store did without a network, and say in the same order what came of each.

    1. What was told before, the same by its nonce and in this store, is answered as it was then, and changes nothing.
    2. What the shop would have verified is verified, at the device's time, unless that cannot be right.
    3. What it would have refused is a conflict for the owner. Where the coupon had not been used yet it is from now on.

    Whoever it names is believed where they are staff of that store; else it was `actor`.
    """
    coupons = {one: _meant(session, one) for one in told}
    # By coupon, for two uploads to meet in one order; one coupon's by the device's time, for the first to be first.
    ordered = sorted(told, key=lambda one: (coupons[one] or 0, one.at, one.nonce))
    staff = _staff(session, actor, told)
    taken: dict[Told, Taken] = {}
    for one in ordered:
        who = replace(actor, user_id=one.user_id if one.user_id in staff else actor.user_id)
        taken[one] = _take(session, one, coupons[one], who, now)
    return [taken[one] for one in told]


def _staff(session: Session, actor: Actor, told: Sequence[Told]) -> set[int]:
    named = {one.user_id for one in told if one.user_id is not None and 0 < one.user_id <= LARGEST_ID}
    return set(session.scalars(select(User.id).where(User.id.in_(named), User.store_id == actor.store_id)))


def _meant(session: Session, told: Told) -> int | None:
    """The coupon: the one that is named, or the only one not yet used that what was entered stands for."""
    if told.coupon_id is not None:
        return told.coupon_id if 0 < told.coupon_id <= LARGEST_ID else 0  # nobody's, as a made-up one
    found = counter_search.find(session, told.entered, told.at)
    if isinstance(found, Refused):
        return None
    unused = [one for one in found if one.verified_at is None]
    return found[0].coupon_id if len(found) == 1 else unused[0].coupon_id if len(unused) == 1 else None


def _take(session: Session, told: Told, coupon_id: int | None, actor: Actor, now: datetime) -> Taken:
    key = _key(actor, told)
    if (before := _before(session, key, told.nonce)) is not None:
        return before
    try:
        with session.begin_nested():
            return _keep(session, told, coupon_id, actor, now)
    except _TakenBeforeError:
        before = _before(session, key, told.nonce)
        assert before is not None  # noqa: S101 (its row is what we met)
        return before


def _keep(session: Session, told: Told, coupon_id: int | None, actor: Actor, now: datetime) -> Taken:
    outcome, is_lost_answer = _outcome(session, told, coupon_id, actor, now)
    coupon_id = None if outcome == Reason.UNKNOWN_COUPON else coupon_id
    values = {
        "coupon_id": coupon_id,
        "entered": spelling.kept(told.entered),
        "outcome": str(outcome),
        "attempted_at": now,
        "via": actor.via,
        "user_id": actor.user_id,
        "store_id": actor.store_id,
        "device_id": actor.device_id,
        "api_key_id": actor.api_key_id,
        "device_at": told.at,
        "is_offline": True,
        "nonce": _key(actor, told),
    }
    attempt_id = insert_unless_there(session, VerificationAttempt, values, ["nonce"])
    if attempt_id is None:
        raise _TakenBeforeError
    is_conflict = outcome != "verified" and not is_lost_answer
    if is_conflict:
        session.add(VerificationConflict(attempt_id=attempt_id))
        session.flush()
    return _taken(session, told.nonce, str(outcome), coupon_id, is_conflict=is_conflict)


def _outcome(
    session: Session, told: Told, coupon_id: int | None, actor: Actor, now: datetime
) -> tuple[Reason | str, bool]:
    """What is to be kept, and whether it only repeats what this device did over the network, whose answer was lost."""
    if coupon_id is None:
        found = counter_search.find(session, told.entered, told.at)
        return (found.reason if isinstance(found, Refused) else Reason.AMBIGUOUS), False
    given = locks.redemption_kept(session, coupon_id)
    if given and _was_anothers(session, given, told.at):
        return Reason.WITHDRAWN, False
    decided = verification.decide(session, coupon_id, actor, now, told.at, is_offline=True)
    if isinstance(decided, Verified):
        return "verified", False
    if given and decided.reason in _HONOURED:
        at = honouring.decisive(told.at, given.redeemed_at, now)
        verification.honour(session, given, actor, now, at, is_offline=True)
    if given and decided.reason == Reason.ALREADY_VERIFIED:
        return decided.reason, _is_lost_answer(session, given.id, actor, told.at)
    return decided.reason, False


def _was_anothers(session: Session, given: Redemption, at: datetime) -> bool:
    """Whether the serial was somebody else's then: what they had was taken back since, and given to the next."""
    earlier = select(UndoneRedemption.id).where(
        UndoneRedemption.pack_id == given.pack_id,
        UndoneRedemption.position == given.position,
        UndoneRedemption.redeemed_at <= at,
    )
    return at < given.redeemed_at and session.scalar(earlier.limit(1)) is not None


def _is_lost_answer(session: Session, redemption_id: int, actor: Actor, at: datetime) -> bool:
    """The network went away between the verification and its answer: then the device did the same without."""
    done = session.get_one(Verification, redemption_id, populate_existing=True)
    theirs = (actor.user_id, actor.store_id, actor.device_id, actor.api_key_id)
    is_theirs = (done.user_id, done.store_id, done.device_id, done.api_key_id) == theirs
    return is_theirs and not done.is_offline and abs(done.verified_at - at) <= LOST_ANSWER


def _key(actor: Actor, told: Told) -> str:
    """What tells one from all others: its nonce, in its store, for the code that was entered and the coupon it names.

    By the nonce alone two tills that both count theirs from 1 would have each other's verifications taken for repeats.
    """
    whose = (actor.store_id, actor.api_key_id, told.nonce, told.coupon_id, told.entered)
    return hashlib.sha256(repr(whose).encode()).hexdigest()


def _before(session: Session, key: str, nonce: str) -> Taken | None:
    row = session.execute(
        select(VerificationAttempt, VerificationConflict.attempt_id)
        .outerjoin(VerificationConflict)
        .where(VerificationAttempt.nonce == key),
    ).one_or_none()
    if row is None:
        return None
    attempt, conflict = row
    return _taken(session, nonce, attempt.outcome, attempt.coupon_id, is_conflict=conflict is not None)


def _taken(session: Session, nonce: str, outcome: str, coupon_id: int | None, *, is_conflict: bool) -> Taken:
    first = session.execute(
        select(Verification.verified_at, Store.name, func.coalesce(User.username, ApiKey.name))
        .join(Redemption, Redemption.id == Verification.redemption_id)
        .outerjoin(Store, Store.id == Verification.store_id)
        .outerjoin(User, User.id == Verification.user_id)
        .outerjoin(ApiKey, ApiKey.id == Verification.api_key_id)
        .where(Redemption.coupon_id == coupon_id),
    ).one_or_none()
    at, store, by = first or (None, None, None)
    return Taken(nonce, outcome, coupon_id, is_conflict, at, store, by)
