"""All campaigns, campaigns by their names, and when they can be sent."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from core.campaigns.status import Status
from db.tables import Campaign


def every(session: Session) -> Sequence[Campaign]:
    """All campaigns, newest first: a shop has hundreds at most."""
    return session.scalars(select(Campaign).order_by(Campaign.id.desc())).all()


def by_slug(session: Session, slug: str) -> Campaign | None:
    """The campaign of that name, or None."""
    whole = selectinload(Campaign.honoured_in)  # whoever looks one up goes on without the session
    return session.scalar(select(Campaign).where(Campaign.slug == slug).options(whole))


def slugs(session: Session) -> list[str]:
    """The names of all campaigns, in order."""
    return list(session.scalars(select(Campaign.slug).order_by(Campaign.slug)))


def unsent(session: Session) -> dict[str, str]:
    """The campaigns of which nothing can be sent whatever the date, by their names: each is 'draft' or 'archived'."""
    is_out = or_(Campaign.is_published.is_(False), Campaign.archived_at.is_not(None))
    rows = session.execute(select(Campaign.slug, Campaign.archived_at).where(is_out))
    return {slug: Status.ARCHIVED if archived_at else Status.DRAFT for slug, archived_at in rows}


def ends_of_sending(session: Session) -> dict[str, datetime]:
    """When the campaigns that have an end set stop being sent, by their names."""
    ends = session.execute(select(Campaign.slug, Campaign.sends_until).where(Campaign.sends_until.is_not(None)))
    return {slug: until for slug, until in ends if until is not None}


def beginnings_of_sending(session: Session) -> dict[str, datetime]:
    """When the campaigns that have a beginning can be sent from, by their names."""
    begins = session.execute(select(Campaign.slug, Campaign.sends_from).where(Campaign.sends_from.is_not(None)))
    return {slug: since for slug, since in begins if since is not None}
