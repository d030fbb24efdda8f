"""Persons: two accounts that turn out to be one human being become one person, whose limits count together."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core import audit
from core.audit import Deed
from core.reasons import Reason
from core.redemption import lowest_free
from core.refusal import Refused
from db import locks
from db.tables import Campaign, Contact, Coupon, PersonMerge, Redemption

REASON_KEPT = 200  # characters


def merge(
    session: Session, kept: int, gone: int, reason: str, user_id: int | None, now: datetime
) -> PersonMerge | Refused:
    """Make the person `gone` part of the person `kept`: contacts and redemptions move over.

    Whoever has then redeemed more than a limit keeps what they have and gets no more; the rows that a merge brought
    over name it. Refused: SAME_PERSON.
    """
    contacts = select(Contact.id).where(Contact.person_id.in_((kept, gone))).order_by(Contact.id)
    for contact_id in session.scalars(contacts).all():
        locks.contact(session, contact_id)
    still_there = set(session.scalars(select(Contact.person_id).where(Contact.person_id.in_((kept, gone)))))
    if still_there != {kept, gone} or kept == gone:
        return Refused(Reason.SAME_PERSON)  # or one of them has gone already, in a merge before this one
    # Their coupons are those that either may redeem; holding the contacts, nobody is sent another.
    of_both = select(Contact.id).where(Contact.person_id.in_((kept, gone)))
    campaigns = select(Coupon.campaign_id).where(Coupon.contact_id.in_(of_both)).distinct()
    for campaign_id in sorted(session.scalars(campaigns)):
        locks.campaign(session, campaign_id)
    done = PersonMerge(kept_id=kept, gone_id=gone, merged_at=now, user_id=user_id, reason=reason.strip()[:REASON_KEPT])
    session.add(done)
    session.flush()
    first = func.coalesce(Contact.first_person_id, Contact.person_id)
    session.execute(update(Contact).where(Contact.person_id == gone).values(person_id=kept, first_person_id=first))
    _move_redemptions(session, kept, gone, done.id)
    deed = Deed("person.merged", "person", str(kept), {"gone": gone, "reason": done.reason})
    audit.record(session, audit.somebody(session, user_id), deed, now)
    return done


def _move_redemptions(session: Session, kept: int, gone: int, merge_id: int) -> None:
    """Each takes the lowest ordinal that is free, so that the constraint on ordinals goes on counting for both.

    Where a campaign is limited by contact, each contact goes on counting for itself: those stay where they are.
    """
    used: dict[int, set[int]] = {}
    for campaign_id, ordinal in session.execute(
        select(Redemption.campaign_id, Redemption.ordinal).where(Redemption.person_id == kept)
    ):
        used.setdefault(campaign_id, set()).add(ordinal)
    moved = session.scalars(
        select(Redemption)
        .join(Campaign, Campaign.id == Redemption.campaign_id)
        .where(Redemption.person_id == gone, Campaign.limit_by == "person")
        .order_by(Redemption.id)
    ).all()
    for redemption in moved:
        ordinals = used.setdefault(redemption.campaign_id, set())
        redemption.person_id, redemption.ordinal = kept, lowest_free(ordinals)
        redemption.redemption_limit = max(redemption.redemption_limit, redemption.ordinal)
        redemption.merge_id = merge_id
        ordinals.add(redemption.ordinal)
