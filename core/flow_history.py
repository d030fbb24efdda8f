"""Which flows and versions there are: when each was published, by whom, and from where."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from db.tables import Flow, FlowVersion, User

MOST = 2**31  # versions of a flow: no number beyond is asked for


@dataclass(frozen=True)
class Entry:
    """A version as a list shows it; `username` None: nobody is known, as for files. `via`: 'files' or 'console'."""

    flow_id: int
    name: str
    version_id: int
    number: int
    published_at: datetime
    via: str
    username: str | None
    is_published: bool


def published(session: Session) -> list[Entry]:
    """The published version of every flow, in the order of their names."""
    rows = session.execute(_entries().where(FlowVersion.number == Flow.published_number).order_by(Flow.name))
    return [Entry(*row) for row in rows]


def of_flow(session: Session, name: str) -> list[Entry]:
    """All versions of a flow, the newest first."""
    rows = session.execute(_entries().where(Flow.name == name).order_by(FlowVersion.number.desc()))
    return [Entry(*row) for row in rows]


def numbered(session: Session, name: str, number: int) -> FlowVersion | None:
    """A flow's version by its number, or None."""
    if not 0 < number < MOST:
        return None
    return session.scalar(
        select(FlowVersion)
        .join(Flow, Flow.id == FlowVersion.flow_id)
        .where(Flow.name == name, FlowVersion.number == number)
    )


def _entries() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Flow.id,
            Flow.name,
            FlowVersion.id,
            FlowVersion.number,
            FlowVersion.published_at,
            FlowVersion.via,
            User.username,
            FlowVersion.number == Flow.published_number,
        )
        .join(FlowVersion, FlowVersion.flow_id == Flow.id)
        .outerjoin(User, User.id == FlowVersion.user_id)
    )
