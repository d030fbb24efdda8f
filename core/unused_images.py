"""Pictures that nothing needs any more: found, marked since when, and removed once that is long enough.

Whoever is about to use a picture takes the mark away (`images.use`), and holds its row until that is committed: so a
picture that is chosen at the very moment of its removal is there, or is stored anew.
"""

import json
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from core import images
from db.tables import AuditEntry, Campaign, Coupon, FlowDraft, FlowVersion, Image

KEPT = timedelta(days=30)  # that a picture stays once nothing needs it
IN_USE = select(Campaign.id).where(Campaign.image_id == Image.id).exists()


def find(session: Session) -> set[str]:
    """The pictures that nothing needs now.

    Needed is what a campaign has, in whatever status; what a version or a draft of a flow has or names; and what a
    campaign had that has sent coupons: the messages that chats still show point to it.
    """
    free = set(session.scalars(select(Image.id).where(~IN_USE)))
    if free:
        free -= _of_flows(session)
    if free:
        free -= _of_messages(session)
    return free


def mark(session: Session, unused: Collection[str], now: datetime) -> None:
    """Note since when these are unused, and of the others that they are not."""
    is_one = Image.id.in_(unused)
    session.execute(update(Image).where(is_one, Image.unused_since.is_(None)).values(unused_since=now))
    session.execute(update(Image).where(~is_one, Image.unused_since.is_not(None)).values(unused_since=None))


def remove(session: Session, now: datetime) -> int:
    """Remove those that have been unused for KEPT; how many. One that a campaign has taken meanwhile is none."""
    done = session.execute(delete(Image).where(Image.unused_since <= now - KEPT, ~IN_USE))
    return int(done.rowcount)  # type: ignore[attr-defined]  # CursorResult


def _of_flows(session: Session) -> set[str]:
    """Those of all versions, which a marketer may go back to, and those whose address a text names."""
    found: set[str] = set()
    for pictures, source in session.execute(select(FlowVersion.pictures, FlowVersion.source)):
        found |= _named([*map(str, pictures.values()), source])
    return found | _named(session.scalars(select(FlowDraft.source)))


def _of_messages(session: Session) -> set[str]:
    """Every picture that a campaign ever had is in its log."""
    sends = select(Campaign.slug).where(select(Coupon.id).where(Coupon.campaign_id == Campaign.id).exists())
    has_picture = or_(*[AuditEntry.detail[side]["image_id"].as_string().is_not(None) for side in ("before", "after")])
    details = session.scalars(
        select(AuditEntry.detail).where(
            AuditEntry.subject_kind == "campaign", AuditEntry.subject.in_(sends), has_picture
        )
    )
    return _named(json.dumps(detail) for detail in details)


def _named(texts: Iterable[str]) -> set[str]:
    return {found for text in texts for found in images.ID.findall(text)}
