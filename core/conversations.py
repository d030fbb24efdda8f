"""Where each contact stands: its flow's version and state, whether a person has taken over, what staff should see."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.reasons import Reason
from db.tables import Conversation, FlowTurn, StaffNotice

DETAIL_KEPT = NOTICE_KEPT = 500  # characters
UNSEEN_LOOKED_AT = 100  # notices: where so many others have come since, a failure is told of again


def load(session: Session, contact_id: int) -> Conversation | None:
    """The contact's conversation, or None where there has been none."""
    return session.get(Conversation, contact_id)


def save(
    session: Session,
    conversation: Conversation | None,
    contact_id: int,
    place: tuple[int | None, dict[str, Any]],
    now: datetime,
) -> Conversation:
    """Keep where the contact stands: a flow's version (None: in no flow) and the state. The bot answers again.

    `conversation` is what `load` gave. Where a flow has stopped for the contact, it goes on from here.
    """
    kept = conversation or Conversation(contact_id=contact_id)
    kept.flow_version_id, kept.state = place
    kept.updated_at = now
    kept.handed_over_at = kept.hand_over_reason = None
    kept.stopped_at = kept.stopped_reason = kept.stopped_detail = None
    session.add(kept)
    return kept


def stop(conversation: Conversation, reason: Reason, detail: str, now: datetime) -> None:
    """The flow failed for the contact, who stays where it is until the next flow starts."""
    conversation.stopped_at, conversation.stopped_reason = now, reason
    conversation.stopped_detail = detail[:DETAIL_KEPT]


def notify(session: Session, contact_id: int, text: str, now: datetime) -> None:
    """Tell the staff something about the contact."""
    session.add(StaffNotice(contact_id=contact_id, text=text[:NOTICE_KEPT], created_at=now))


def notify_of_failure(session: Session, contact_id: int, reason: Reason, detail: str, now: datetime) -> None:
    """Tell the staff that a flow failed for a contact, where no notice that nobody has seen says so of another one.

    A flow that fails for thousands is told of once, by its reason and the place that `detail` begins with; the console
    counts the rest. Two that look at the same moment may both tell: that is accepted.
    """
    text = f"{reason}: {detail}"
    place = ": ".join(text.split(": ", 2)[:2])
    newest = select(StaffNotice.text).where(StaffNotice.seen_at.is_(None)).order_by(StaffNotice.id.desc())
    unseen = newest.limit(UNSEEN_LOOKED_AT).subquery()
    if session.scalar(select(unseen.c.text).where(unseen.c.text.startswith(place, autoescape=True)).limit(1)) is None:
        notify(session, contact_id, text, now)


def count_turn(session: Session, contact_id: int, steps: Mapping[int, Sequence[int]], now: datetime) -> None:
    """Keep which steps of which versions an event led the contact through."""
    session.add_all(
        FlowTurn(contact_id=contact_id, flow_version_id=version_id, steps=list(indexes), at=now)
        for version_id, indexes in steps.items()
    )


def hand_over(session: Session, contact_id: int, reason: str, now: datetime) -> None:
    """A person answers from now on; the bot is silent until `give_back`."""
    conversation = session.get_one(Conversation, contact_id)
    conversation.handed_over_at, conversation.hand_over_reason = now, reason[:200]


def give_back(session: Session, contact_id: int) -> None:
    """The bot answers again."""
    conversation = session.get(Conversation, contact_id)
    if conversation:
        conversation.handed_over_at = conversation.hand_over_reason = None
