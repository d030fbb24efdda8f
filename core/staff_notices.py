"""Notices for the shop's people: what flows tell them about a contact, until somebody has seen it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.tables import Contact, StaffNotice

SHOWN = 20  # the newest


@dataclass(frozen=True)
class Notice:
    """Something that nobody has seen yet."""

    notice_id: int
    contact_id: int
    contact_name: str
    text: str
    created_at: datetime


def unseen(session: Session) -> Sequence[Notice]:
    """The newest notices that nobody has seen, the newest first."""
    statement = (
        select(StaffNotice.id, Contact.id, Contact.name, StaffNotice.text, StaffNotice.created_at)
        .join(Contact, Contact.id == StaffNotice.contact_id)
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
