"""Finding a campaign's records by what somebody reads out: a serial, a reference, or a contact.

Asked of the coupons themselves, so that what happened a moment ago is found. A contact is found by the whole account
id, or by the beginning of the name or of a word of it (`core/names.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from core import names, records, spelling
from core.records import Record
from db.tables import Coupon, Pack, Redemption, Serial

MOST = 200  # contacts that are looked at, and records that are shown


@dataclass(frozen=True)
class Found:
    """The records that fit, the newest first. `is_cut`: there may be more; longer words find fewer."""

    records: Sequence[Record]
    is_cut: bool


def find(session: Session, campaign_id: int, words: str) -> Found:
    """The campaign's records with this serial or reference, or those of the contacts who are called so."""
    typed = spelling.normal(words)
    if not typed:
        return Found([], is_cut=False)
    for found in (_by_reference, _by_serial, _by_fixed_serial):
        ids = found(session, campaign_id, words)
        if ids:
            return _found(session, ids, is_cut=len(ids) > MOST)
    contacts = names.called(session, words, MOST + 1)
    # The order is no index's: for that of the ids PostgreSQL reads coupons backwards until it has met enough of theirs,
    # of 1,000,000 coupons 100,000, in five times the time.
    of_them = select(Coupon.id).where(Coupon.contact_id.in_(contacts[:MOST]), Coupon.campaign_id == campaign_id)
    ids = session.scalars(of_them.order_by((Coupon.id + 0).desc()).limit(MOST + 1)).all()
    return _found(session, ids, is_cut=len(contacts) > MOST or len(ids) > MOST)


def _found(session: Session, ids: Sequence[int], *, is_cut: bool) -> Found:
    return Found(records.of_coupons(session, ids[:MOST]), is_cut)


def _by_reference(session: Session, campaign_id: int, words: str) -> Sequence[int]:
    return session.scalars(
        select(Coupon.id).where(Coupon.reference == spelling.reference(words), Coupon.campaign_id == campaign_id)
    ).all()


def _by_serial(session: Session, campaign_id: int, words: str) -> Sequence[int]:
    is_its = and_(Redemption.pack_id == Serial.pack_id, Redemption.position == Serial.position)
    return session.scalars(
        select(Redemption.coupon_id)
        .join(Serial, is_its)
        .where(Serial.code.in_(spelling.variants(words)), Serial.campaign_id == campaign_id)
    ).all()


def _by_fixed_serial(session: Session, campaign_id: int, words: str) -> Sequence[int]:
    """One code of many coupons: those that got it last. What was given again after an undo has an older place."""
    packs = session.scalars(
        select(Pack.id)
        .where(Pack.fixed_code.in_(spelling.variants(words)), Pack.campaign_id == campaign_id)
        .order_by(Pack.id.desc())
    ).all()
    found: list[int] = []
    for pack_id in packs:
        newest = select(Redemption.coupon_id).where(Redemption.pack_id == pack_id).order_by(Redemption.position.desc())
        found += session.scalars(newest.limit(MOST + 1 - len(found))).all()
    return found
