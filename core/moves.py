"""Conversations under way in one version of a flow, read to be moved to another one, and moved."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from db import locks
from db.live import is_live
from db.several import among
from db.tables import Conversation, Flow, FlowVersion, Wait

PAGE = 1_000  # conversations that are read in one go


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


def under_way(session: Session, version_id: int) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    """Who is under way in a version, page by page: contacts' ids and states, of people who were taken over too.

    Nothing is locked: what is read may be old by now.
    """
    after = 0
    while page := session.execute(_page(version_id, after)).all():
        yield [(contact_id, state) for contact_id, state in page]
        after = page[-1].contact_id


def _page(version_id: int, after: int) -> Select[Any]:
    return (
        select(Conversation.contact_id, Conversation.state)
        .where(
            Conversation.flow_version_id == version_id,
            Conversation.contact_id > after,
            Conversation.stopped_at.is_(None),
            is_live(Conversation.state),
        )
        .order_by(Conversation.contact_id)
        .limit(PAGE)
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
