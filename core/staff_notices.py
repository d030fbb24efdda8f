"""Notices for the shop's people, until they were seen: what flows tell of a contact, a campaign's stock, a webhook."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.tables import Campaign, Contact, StaffNotice, WebhookEndpoint

SHOWN = 20  # the newest
BETWEEN = "· "  # of a notice in Chinese and the same in English


@dataclass(frozen=True)
class Notice:
    """Something that nobody has seen yet, about a contact, about a campaign or about an endpoint of webhooks."""

    notice_id: int
    contact_id: int | None
    contact_name: str | None
    campaign_slug: str | None
    campaign_name: str | None
    endpoint_id: int | None
    endpoint_name: str | None
    text: str
    created_at: datetime


def told(notice: str) -> tuple[str, str]:
    """A notice of the shop's own, in Chinese and in English."""
    zh, _, en = notice.partition(BETWEEN)
    return zh, en or zh


def unseen(session: Session, *, is_owner: bool) -> Sequence[Notice]:
    """The newest notices that nobody has seen, the newest first. Those about endpoints are an owner's."""
    whose = StaffNotice.seen_at.is_(None), *(() if is_owner else (StaffNotice.endpoint_id.is_(None),))
    statement = (
        select(
            StaffNotice.id,
            Contact.id,
            Contact.name,
            Campaign.slug,
            Campaign.name,
            WebhookEndpoint.id,
            WebhookEndpoint.name,
            StaffNotice.text,
            StaffNotice.created_at,
        )
        .outerjoin(Contact, Contact.id == StaffNotice.contact_id)
        .outerjoin(Campaign, Campaign.id == StaffNotice.campaign_id)
        .outerjoin(WebhookEndpoint, WebhookEndpoint.id == StaffNotice.endpoint_id)
        .where(*whose)
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


def see_all_of(session: Session, endpoint_id: int, user_id: int | None, now: datetime) -> None:
    """What there was to see about an endpoint is over: it is deleted, or enabled again."""
    theirs = StaffNotice.endpoint_id == endpoint_id, StaffNotice.seen_at.is_(None)
    session.execute(update(StaffNotice).where(*theirs).values(seen_at=now, user_id=user_id))
