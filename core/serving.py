"""What staff do for a customer at the counter: claim a coupon (redeem it), and use it (verify it).

Both hold to the rules of `core.redemption` and `core.verification`: nothing is given past a limit.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from core import audit, claims, coupons, limits, profile, usable, verification
from core.audit import Deed, Doer
from core.claims import Tap
from core.reasons import Reason
from core.redemption import REDEEMED
from core.refusal import Refused
from core.verification import Actor, Verified
from db import locks
from db.base import LARGEST_ID
from db.tables import Campaign, Contact, Coupon, Pack, Redemption, Serial, Store, Verification


@dataclass(frozen=True)
class Chosen:
    """What staff tapped in a contact's profile: a coupon, or where `coupon_id` is None the campaign's for anybody.

    `seen` is how often the campaign had been redeemed when the profile was shown: the same tap, sent twice, is one.
    """

    contact_id: int
    campaign_id: int
    coupon_id: int | None
    seen: int


@dataclass(frozen=True)
class Claimed:
    """The coupon has its serial, by this tap or by the same one before."""

    coupon_id: int


@dataclass(frozen=True)
class Used:
    """The coupon was verified just now."""

    coupon_id: int


@dataclass(frozen=True)
class NotUsed(Refused):
    """It was not used just now; `coupon_id` is the coupon, where there is one: it may have been used before."""

    coupon_id: int = 0


@dataclass(frozen=True)
class Code:
    """A coupon that was used a moment ago: what is scanned at checkout."""

    name: str
    serial: str
    barcode: str
    reference: str
    used_at: datetime


def claim(session: Session, chosen: Chosen, doer: Doer, now: datetime) -> Claimed | Refused:
    """Redeem the coupon for its customer; where the campaign is for anybody at the counter and they have none, send it.

    Refused: UNKNOWN_COUPON (not theirs, or not for anybody), what `core.redemption` refuses, and what `coupons.send`
    does but UNREACHABLE: whoever blocked the shop's chat stands here all the same.
    """
    contact = _contact(session, chosen.contact_id)
    if contact is None or not session.get(Campaign, chosen.campaign_id):
        return Refused(Reason.UNKNOWN_COUPON)
    locks.contacts_with(session, session.scalars(_accounts(contact)).all())
    campaign = locks.campaign(session, chosen.campaign_id)
    coupon = _coupon(session, chosen, contact, campaign, doer, now)
    if isinstance(coupon, Refused):
        return coupon
    answer = claims.answer_taps(session, [Tap(coupon.token, now)], now)[coupon.token]
    if answer.outcome != REDEEMED:
        return Refused(Reason(answer.outcome))
    if answer.serial:
        detail = {"campaign": campaign.slug, "contact": contact.id}
        audit.record(session, doer, Deed("coupon.claimed", "coupon", coupon.reference, detail), now)
    return Claimed(coupon.id)


def _coupon(
    session: Session, chosen: Chosen, contact: Contact, campaign: Campaign, doer: Doer, now: datetime
) -> Coupon | Refused:
    """The coupon that was chosen; of what is for anybody the one this tap has claimed before, one that is open, or new.

    Under the locks of the person's contacts and of the campaign: whoever taps at the same moment waits.
    """
    if chosen.coupon_id is not None:
        return _theirs(session, chosen, contact) or Refused(Reason.UNKNOWN_COUPON)
    if not campaign.is_at_counter:
        return Refused(Reason.UNKNOWN_COUPON)
    person_id = limits.counted_under(campaign, contact.person_id, contact.first_person_id)
    of_it = select(Coupon).where(Coupon.campaign_id == campaign.id).order_by(Coupon.id.desc()).limit(1)
    if limits.redeemed_by(session, campaign.id, person_id) > max(0, chosen.seen):
        claimed = of_it.join(Redemption, Redemption.coupon_id == Coupon.id).where(Redemption.person_id == person_id)
        return session.scalars(claimed.order_by(None).order_by(Redemption.id.desc())).one()
    accounts = [contact.id] if campaign.limit_by == "contact" else _accounts(contact)
    is_open = or_(Coupon.expires_at.is_(None), Coupon.expires_at > now)
    is_redeemed = exists().where(Redemption.coupon_id == Coupon.id)
    found = session.scalar(of_it.where(Coupon.contact_id.in_(accounts), is_open, ~is_redeemed))
    if found:
        return found
    sent = coupons.send(session, campaign.slug, contact, now, user_id=doer.user_id, is_at_counter=True)
    return sent if isinstance(sent, Refused) else session.get_one(Coupon, sent.coupon_id)


def use(session: Session, chosen: Chosen, actor: Actor, doer: Doer, now: datetime) -> Used | NotUsed:
    """Verify the coupon in the actor's store; a code that is everybody's is claimed first, in the same transaction.

    Refused: what `core.verification` refuses, FIRST_PURCHASE_USED in the place of ALREADY_VERIFIED; and as `claim`
    does. Nothing is given where it could not be used. The attempt is kept either way, but for what is not there.
    """
    contact, campaign = _contact(session, chosen.contact_id), session.get(Campaign, chosen.campaign_id)
    if contact is None or campaign is None:
        return NotUsed(Reason.UNKNOWN_COUPON)
    coupon = _theirs(session, chosen, contact)
    if coupon is None or not session.scalar(select(Redemption.id).where(Redemption.coupon_id == coupon.id)):
        claimed = _claimed_to_use(session, chosen, actor, doer, now)
        if isinstance(claimed, Refused):
            is_used = claimed.reason is Reason.LIMIT_REACHED and campaign.is_first_purchase
            reason = Reason.FIRST_PURCHASE_USED if is_used else claimed.reason
            coupon_id, asked = (coupon.id, coupon.reference) if coupon else (None, campaign.slug)
            verification.refuse(session, coupon_id, asked, reason, actor, now, None)
            return NotUsed(reason)
        coupon = session.get_one(Coupon, claimed.coupon_id)
    done = verification.verify(session, coupon.id, coupon.reference, actor, now)
    if isinstance(done, Verified):
        return Used(coupon.id)
    is_used = done.reason is Reason.ALREADY_VERIFIED and campaign.is_first_purchase
    return NotUsed(Reason.FIRST_PURCHASE_USED if is_used else done.reason, coupon_id=coupon.id)


def _claimed_to_use(session: Session, chosen: Chosen, actor: Actor, doer: Doer, now: datetime) -> Claimed | Refused:
    """Claim a code that is everybody's, unless it could not be used then."""
    known = profile.facts_of(session, {chosen.campaign_id})[chosen.campaign_id]
    if not known.is_single:
        return Refused(Reason.NOT_REDEEMED)
    store = session.get(Store, actor.store_id) if actor.store_id else None
    reason = usable.refusal(known.campaign, known.stores, store, now)
    return Refused(reason) if reason else claim(session, chosen, doer, now)


def code(session: Session, contact_id: int, coupon_id: int, actor: Actor, since: datetime) -> Code | None:
    """The code of a coupon that this very user has used since then, to be scanned; None for anybody else."""
    contact = _contact(session, contact_id)
    if contact is None or not 0 < coupon_id <= LARGEST_ID:
        return None
    row = session.execute(
        select(
            Campaign.name, Pack.fixed_code, Serial.code, Campaign.barcode, Coupon.reference, Verification.verified_at
        )
        .join_from(Verification, Redemption, Redemption.id == Verification.redemption_id)
        .join(Coupon, Coupon.id == Redemption.coupon_id)
        .join(Campaign, Campaign.id == Redemption.campaign_id)
        .join(Pack, Pack.id == Redemption.pack_id)
        .outerjoin(Serial, (Serial.pack_id == Redemption.pack_id) & (Serial.position == Redemption.position))
        .where(
            Coupon.id == coupon_id,
            Coupon.contact_id.in_(_accounts(contact)),
            Verification.recorded_at >= since,
            Verification.user_id == actor.user_id,
            Verification.store_id == actor.store_id,
        )
    ).one_or_none()
    if row is None:
        return None
    name, fixed, own, barcode, reference, used_at = row
    return Code(name, fixed or own or "", barcode, reference, used_at)


def _contact(session: Session, contact_id: int) -> Contact | None:
    return session.get(Contact, contact_id) if 0 < contact_id <= LARGEST_ID else None


def _accounts(contact: Contact) -> Select[int]:
    """The ids of all contacts of the same person."""
    return select(Contact.id).where(Contact.person_id == contact.person_id)


def _theirs(session: Session, chosen: Chosen, contact: Contact) -> Coupon | None:
    """The coupon that was chosen, where it is this person's and of that campaign."""
    if chosen.coupon_id is None:
        return None
    return session.scalar(
        select(Coupon).where(
            Coupon.id == chosen.coupon_id,
            Coupon.campaign_id == chosen.campaign_id,
            Coupon.contact_id.in_(_accounts(contact)),
        )
    )
