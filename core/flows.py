"""Published flows: immutable versions, and which of them runs. What a flow means is `bot/`' business."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.insert import insert_unless_there
from db.tables import Flow, FlowVersion


@dataclass(frozen=True)
class Draft:
    """A checked flow about to be published: the marketer's text, what it was read as, and its pictures' image ids."""

    name: str
    source: str
    document: dict[str, Any]
    pictures: dict[str, str]


def publish(session: Session, draft: Draft, now: datetime) -> tuple[FlowVersion, bool]:
    """Make `draft` the version that new conversations begin with. Conversations under way finish on their own version.

    The same text and pictures as the published version change nothing: then the second value is False.
    """
    insert_unless_there(session, Flow, {"name": draft.name, "published_number": 0}, ["name"])
    flow = session.scalars(select(Flow).where(Flow.name == draft.name).with_for_update()).one()
    newest = session.scalar(
        select(FlowVersion).where(FlowVersion.flow_id == flow.id, FlowVersion.number == flow.published_number),
    )
    if newest and (newest.source, newest.document, newest.pictures) == (draft.source, draft.document, draft.pictures):
        return newest, False
    highest = session.scalar(select(func.max(FlowVersion.number)).where(FlowVersion.flow_id == flow.id)) or 0
    version = FlowVersion(
        flow_id=flow.id,
        number=highest + 1,
        source=draft.source,
        document=draft.document,
        pictures=draft.pictures,
        published_at=now,
    )
    session.add(version)
    flow.published_number = version.number
    session.flush()
    return version, True


def published_ids(session: Session) -> tuple[int, ...]:
    """The ids of the versions that new conversations begin with, in the order of their flows' names."""
    running = (
        select(FlowVersion.id)
        .join(Flow, (Flow.id == FlowVersion.flow_id) & (Flow.published_number == FlowVersion.number))
        .order_by(Flow.name)
    )
    return tuple(session.scalars(running))


def version(session: Session, version_id: int) -> FlowVersion:
    """A version by its id."""
    return session.get_one(FlowVersion, version_id)
