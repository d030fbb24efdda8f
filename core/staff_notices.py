"""Notices for the shop's people: what flows tell them about a contact, or a campaign's stock, until it was seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.tables import Campaign, Contact, StaffNotice

SHOWN = 20  # the newest


@dataclass(frozen=True)
class Notice:
    """Something that nobody has seen yet, about a contact or about a campaign."""

    notice_id: int
    contact_id: int | None
    contact_name: str | None
    campaign_slug: str | None
    campaign_name: str | None
    text: str
    created_at: datetime


def unseen(session: Session) -> Sequence[Notice]:
    """The newest notices that nobody has seen, the newest first."""
    statement = (
        select(
            StaffNotice.id,
            Contact.id,
            Contact.name,
            Campaign.slug,
            Campaign.name,
            StaffNotice.text,
            StaffNotice.created_at,
        )
        .outerjoin(Contact, Contact.id == StaffNotice.contact_id)
        .outerjoin(Campaign, Campaign.id == StaffNotice.campaign_id)
        .where(StaffNotice.seen_at.is_(None))
        .order_by(StaffNotice.id.desc())
        .limit(SHOWN)
    )
    return [Notice(*row) for row in session.execute(statement)]


def see(session: Session, notice_id: int, user_id: int, now: datetime) -> bool:
    """Somebody has seen it; the first one is kept. Returns whether there is such a notice."""
    session.execute(
        update(StaffNotice)
        .where(StaffNotice.id == notice_id, StaffNotice.seen_at.is_(None))
        .values(seen_at=now, user_id=user_id)
    )
    return session.get(StaffNotice, notice_id) is not None
