"""How flows are walked through: how often each step ran, who stands where, and where people leave."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, case, delete, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.elements import numbers_in
from db.live import is_live
from db.tables import Conversation, FlowTurn, FlowVersion

COUNTED = timedelta(days=30)  # how far back runs are counted


@dataclass(frozen=True)
class Busy:
    """How many conversations of a flow are under way, and how many have stopped because the flow failed."""

    under_way: int = 0
    stopped: int = 0


@dataclass(frozen=True)
class Figures:
    """Of one step: how often it `ran`, how many stand there, how many of them are `silent`, how many `stopped`."""

    ran: int = 0
    standing: int = 0
    silent: int = 0
    stopped: int = 0


def busy(session: Session) -> dict[int, Busy]:
    """By the ids of the flows, whichever version their conversations are in."""
    return _busy(session, FlowVersion.flow_id)


def busy_versions(session: Session, flow_id: int) -> dict[int, Busy]:
    """By the ids of a flow's versions."""
    return _busy(session, FlowVersion.id, FlowVersion.flow_id == flow_id)


def of_version(session: Session, version_id: int, before: datetime, now: datetime) -> dict[int, Figures]:
    """By the places of the version's steps: runs within COUNTED; `silent` are those asked or waiting since `before`."""
    runs = _runs(session, version_id, now - COUNTED)
    standing = _standing(session, version_id, before)
    places = sorted({*runs, *standing})
    return {place: Figures(runs.get(place, 0), *standing.get(place, (0, 0, 0))) for place in places}


def outdated(session: Session, before: datetime) -> int | None:
    """A version with runs from before then, or None. One look into the index a version, however many runs there are."""
    first = select(func.min(FlowTurn.at)).where(FlowTurn.flow_version_id == FlowVersion.id).scalar_subquery()
    return session.scalar(select(FlowVersion.id).where(first < before).limit(1))


def forget(session: Session, version_id: int, before: datetime, most: int) -> int:
    """Delete the version's oldest runs from before then, at the most so many; how many those were."""
    oldest = (
        select(FlowTurn.id)
        .where(FlowTurn.flow_version_id == version_id, FlowTurn.at < before)
        .order_by(FlowTurn.at)
        .limit(most)
    )
    gone = session.execute(delete(FlowTurn).where(FlowTurn.id.in_(oldest)).execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", gone).rowcount


def _busy(session: Session, group: InstrumentedAttribute[int], *where: ColumnElement[bool]) -> dict[int, Busy]:
    rows = session.execute(
        select(group, _count(_is_under_way()), _count(Conversation.stopped_at.is_not(None)))
        .select_from(Conversation)
        .join(FlowVersion, FlowVersion.id == Conversation.flow_version_id)
        .where(is_live(Conversation.state), *where)
        .group_by(group)
    )
    return {key: Busy(under_way or 0, stopped or 0) for key, under_way, stopped in rows}


def _runs(session: Session, version_id: int, since: datetime) -> dict[int, int]:
    steps, step = numbers_in(session, FlowTurn.steps)
    rows = session.execute(
        select(step, func.count())
        .select_from(FlowTurn)
        .join(steps, true())
        .where(FlowTurn.flow_version_id == version_id, FlowTurn.at >= since)
        .group_by(step)
    )
    return {place: count for place, count in rows}  # noqa: C416 (rows, not pairs, for mypy)


def _standing(session: Session, version_id: int, before: datetime) -> dict[int, tuple[int, int, int]]:
    state = Conversation.state
    called = func.nullif(state["version_id"].as_integer(), 0)  # a flow that was called is where the contact stands
    is_asked = state["waits_for"].as_string().in_(("answer", "wait"))
    step = state["step"].as_integer()
    rows = session.execute(
        select(
            step,
            _count(_is_under_way()),
            _count(_is_under_way() & is_asked & (Conversation.updated_at < before)),
            _count(Conversation.stopped_at.is_not(None)),
        )
        .where(is_live(Conversation.state), func.coalesce(called, Conversation.flow_version_id) == version_id)
        .group_by(step)
    )
    return {place: (standing or 0, silent or 0, stopped or 0) for place, standing, silent, stopped in rows}


def _is_under_way() -> ColumnElement[bool]:
    """Of conversations that are not over."""
    return Conversation.stopped_at.is_(None) & Conversation.handed_over_at.is_(None)


def _count(what: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((what, 1), else_=0))
