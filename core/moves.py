"""Conversations under way in one version of a flow, read to be moved to another one, and moved."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from db import locks
from db.live import is_live
from db.several import among
from db.shapes import shape
from db.tables import Conversation, Flow, FlowVersion, Wait

PAGE = 1_000  # conversations that are read in one go


@dataclass(frozen=True)
class Caller:
    """A flow that called another one, to come back to at this step: its version, 0 for the conversation's own."""

    version_id: int
    step: int
    answers: frozenset[str]


@dataclass(frozen=True)
class Standing:
    """So many people stand at this step with these `answers` (by their names) and callers, the nearest last.

    `version_id`: of a flow that was called, to which the step belongs; 0: of the conversation's own.
    """

    people: int
    step: int
    version_id: int
    has_coupon: bool
    answers: frozenset[str]
    callers: tuple[Caller, ...]


def older_versions(session: Session, name: str, than: int) -> list[FlowVersion]:
    """The versions of a flow with smaller numbers `than` this in which somebody may be, the newest first."""
    return list(
        session.scalars(
            select(FlowVersion)
            .join(Flow, Flow.id == FlowVersion.flow_id)
            .where(
                Flow.name == name,
                FlowVersion.number < than,
                exists().where(Conversation.flow_version_id == FlowVersion.id, is_live(Conversation.state)),
            )
            .order_by(FlowVersion.number.desc())
        )
    )


def standing(session: Session, version_id: int) -> list[Standing]:
    """Where the people under way in a version stand, each such place once; of people who were taken over too."""
    shapes = select(shape(Conversation.state).label("shape")).where(*_under_way(version_id)).subquery()
    rows = session.execute(select(shapes.c.shape, func.count()).group_by(shapes.c.shape).order_by(shapes.c.shape))
    return [_standing(json.loads(found), people) for found, people in rows]


def _standing(found: list[Any], people: int) -> Standing:
    step, version_id, has_coupon, answers, frames = found
    callers = tuple(Caller(version, place, frozenset(names)) for version, place, names in frames)
    return Standing(people, step, version_id, has_coupon, frozenset(answers), callers)


def under_way(session: Session, version_id: int, after: int) -> list[tuple[int, dict[str, Any]]]:
    """A page of those who are under way in a version: contacts' ids, larger than `after`, and states.

    Nothing is locked: what is read may be old by now.
    """
    rows = session.execute(
        select(Conversation.contact_id, Conversation.state)
        .where(*_under_way(version_id), Conversation.contact_id > after)
        .order_by(Conversation.contact_id)
        .limit(PAGE)
    )
    return [(contact_id, state) for contact_id, state in rows]


def _under_way(version_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Conversation.flow_version_id == version_id,
        Conversation.stopped_at.is_(None),
        is_live(Conversation.state),
    )


def hold(session: Session, contact_ids: Sequence[int], version_id: int) -> list[tuple[Conversation, Wait | None]]:
    """Lock these contacts; those of their conversations that are still under way in the version, with their waits."""
    locks.contacts_with(session, contact_ids)
    rows = session.execute(
        select(Conversation, Wait)
        .outerjoin(Wait, Wait.contact_id == Conversation.contact_id)
        .where(
            among(Conversation.contact_id, "contacts"),
            Conversation.flow_version_id == version_id,
            Conversation.stopped_at.is_(None),
        )
        .order_by(Conversation.contact_id),
        {"contacts": list(contact_ids)},
        execution_options={"populate_existing": True},
    )
    return [(conversation, wait) for conversation, wait in rows if not conversation.state.get("is_ended")]


def move(conversation: Conversation, wait: Wait | None, version_id: int, state: dict[str, Any]) -> None:
    """Have a conversation go on in another version, with what it waits for. When it last took a step stays as it is."""
    conversation.flow_version_id, conversation.state = version_id, state
    if wait:
        wait.flow_version_id = version_id
