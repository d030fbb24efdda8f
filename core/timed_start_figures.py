"""What became of a flow's moments: for how many contacts it began, for how many not, and why."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.tables import Flow, TimedStart, TimedStartContact


@dataclass
class Figures:
    """One moment's. `refused` counts by reason; `reason` is why the whole of it came to nothing."""

    at: datetime
    found_at: datetime
    finished_at: datetime | None
    reason: str | None
    audience: int
    begun: int = 0
    waiting: int = 0
    refused: dict[str, int] = field(default_factory=dict)


def of_flow(session: Session, name: str) -> list[Figures]:
    """The moments of the flow that have come, the newest first."""
    starts = session.scalars(
        select(TimedStart).join(Flow, Flow.id == TimedStart.flow_id).where(Flow.name == name).order_by(TimedStart.at)
    ).all()
    found = {
        start.id: Figures(start.at, start.found_at, start.finished_at, start.reason, start.audience)
        for start in reversed(starts)
    }
    is_done = TimedStartContact.done_at.is_not(None)
    counts = session.execute(
        select(TimedStartContact.start_id, is_done, TimedStartContact.reason, func.count())
        .where(TimedStartContact.start_id.in_(found))
        .group_by(TimedStartContact.start_id, is_done, TimedStartContact.reason)
        .order_by(TimedStartContact.reason)
    )
    for start_id, done, reason, count in counts:
        figures = found[start_id]
        if reason:
            figures.refused[reason] = count
        elif done:
            figures.begun = count
        else:
            figures.waiting = count
    return list(found.values())
