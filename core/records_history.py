"""All that ever happened to one coupon, in the order of time: also what was refused, tried again or undone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import records, serials, spelling
from core.records import Record
from db.tables import (
    ApiKey,
    Claim,
    Coupon,
    PageHit,
    Redemption,
    Store,
    UndoneRedemption,
    UndoneVerification,
    User,
    VerificationAttempt,
    VerificationConflict,
)

MOST = 100  # of one kind that are shown, the newest: whoever has the link can fetch and tap as often as they like


@dataclass(frozen=True)
class Happening:
    """One thing that happened. `what` is its kind; the rest is empty where it does not apply.

    `reason` is a code where the system refused; `words` what a person gave as theirs, or a program's name; `count` how
    often, where a row stands for several.
    """

    at: datetime
    what: str
    reason: str = ""
    words: str = ""
    serial: str = ""
    who: str = ""
    store: str = ""
    count: int = 1


@dataclass(frozen=True)
class History:
    """A coupon as it is, and how it came to be so. `is_cut`: of something the oldest are left out."""

    record: Record
    happenings: Sequence[Happening]
    is_cut: bool


def of_reference(session: Session, campaign_id: int, reference: str) -> History | None:
    """The history of the campaign's coupon of that reference, as it is kept or printed; or None."""
    is_it = Coupon.reference == spelling.reference(reference)
    coupon = session.scalar(select(Coupon).where(is_it, Coupon.campaign_id == campaign_id))
    if coupon is None:
        return None
    (record,) = records.of_coupons(session, [coupon.id])
    many = [list(some(session, coupon.id)) for some in (_page_hits, _taps, _attempts)]
    found = [
        Happening(coupon.sent_at, "sent", words=record.flow or "", who=record.sent_by or ""),
        *([Happening(coupon.opened_at, "opened")] if coupon.opened_at else []),
        *(one for some in many for one in reversed(some[:MOST])),
        *_redemptions(session, coupon.id, record),
        *_undone_verifications(session, coupon.id),
    ]
    in_order = sorted(found, key=lambda one: (one.at, "undone" in one.what))  # of one moment, undone last
    return History(record, in_order, is_cut=any(len(some) > MOST for some in many))


def _page_hits(session: Session, coupon_id: int) -> Iterator[Happening]:
    hits = select(PageHit).where(PageHit.coupon_id == coupon_id, PageHit.kind != "seen")
    for hit in session.scalars(hits.order_by(PageHit.id.desc()).limit(MOST + 1)):
        yield Happening(hit.first_at, hit.kind, words=hit.user_agent, count=hit.hits)


def _taps(session: Session, coupon_id: int) -> Iterator[Happening]:
    """Refused ones: what came of the others is a redemption."""
    taps = select(Claim).where(Claim.coupon_id == coupon_id, Claim.outcome != "redeemed")
    for claim in session.scalars(taps.order_by(Claim.id.desc()).limit(MOST + 1)):
        yield Happening(claim.answered_at or claim.claimed_at, "redeem_refused", claim.outcome or "")


def _redemptions(session: Session, coupon_id: int, record: Record) -> Iterator[Happening]:
    given = session.scalar(select(Redemption).where(Redemption.coupon_id == coupon_id))
    if given:
        yield Happening(given.redeemed_at, "redeemed", serial=record.serial or "")
    undone = session.execute(
        select(UndoneRedemption, User.username)
        .outerjoin(User, User.id == UndoneRedemption.user_id)
        .where(UndoneRedemption.coupon_id == coupon_id)
        .order_by(UndoneRedemption.id)
    ).all()
    codes = serials.codes(session, {one.id: (one.pack_id, one.position) for one, _ in undone})
    for one, username in undone:
        serial, who = codes[one.id], username or ""
        yield Happening(one.redeemed_at, "redeemed", serial=serial)
        what = "redemption_undone_burnt" if one.is_burnt else "redemption_undone"
        yield Happening(one.undone_at, what, words=one.reason, serial=serial, who=who)


def _attempts(session: Session, coupon_id: int) -> Iterator[Happening]:
    is_conflict = VerificationConflict.attempt_id.is_not(None)
    tried = session.execute(
        select(VerificationAttempt, func.coalesce(User.username, ApiKey.name), Store.name, is_conflict)
        .outerjoin(VerificationConflict, VerificationConflict.attempt_id == VerificationAttempt.id)
        .outerjoin(User, User.id == VerificationAttempt.user_id)
        .outerjoin(ApiKey, ApiKey.id == VerificationAttempt.api_key_id)
        .outerjoin(Store, Store.id == VerificationAttempt.store_id)
        .where(VerificationAttempt.coupon_id == coupon_id)
        .order_by(VerificationAttempt.id.desc())
        .limit(MOST + 1)
    )
    for one, name, store, was_had in tried:
        refused = "honoured_offline" if was_had else "verify_refused"
        what, reason = ("verified", "") if one.outcome == "verified" else (refused, one.outcome)
        who = name or ("" if one.via == "pos" else one.via)
        yield Happening(one.attempted_at, what, reason, who=who, store=store or "")


def _undone_verifications(session: Session, coupon_id: int) -> Iterator[Happening]:
    undone = session.execute(
        select(UndoneVerification, func.coalesce(User.username, ApiKey.name))
        .outerjoin(User, User.id == UndoneVerification.user_id)
        .outerjoin(ApiKey, ApiKey.id == UndoneVerification.api_key_id)
        .where(UndoneVerification.coupon_id == coupon_id)
        .order_by(UndoneVerification.id)
    )
    for one, name in undone:
        yield Happening(one.undone_at, "verification_undone", words=one.reason, who=name or "")
