"""Where each contact stands: its flow's version and state, and whether a person has taken over from the bot."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from db.tables import Conversation


def load(session: Session, contact_id: int) -> Conversation | None:
    """The contact's conversation, or None where there has been none."""
    return session.get(Conversation, contact_id)


def save(session: Session, contact_id: int, flow_version_id: int | None, state: dict[str, Any], now: datetime) -> None:
    """Keep where the contact stands. `flow_version_id` None: in no flow."""
    conversation = session.get(Conversation, contact_id) or Conversation(contact_id=contact_id)
    conversation.flow_version_id, conversation.state, conversation.updated_at = flow_version_id, state, now
    session.add(conversation)


def hand_over(session: Session, contact_id: int, reason: str, now: datetime) -> None:
    """A person answers from now on; the bot is silent until `give_back`."""
    conversation = session.get_one(Conversation, contact_id)
    conversation.handed_over_at, conversation.hand_over_reason = now, reason[:200]


def give_back(session: Session, contact_id: int) -> None:
    """The bot answers again."""
    conversation = session.get(Conversation, contact_id)
    if conversation:
        conversation.handed_over_at = conversation.hand_over_reason = None
