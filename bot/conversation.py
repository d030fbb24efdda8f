"""One event of one contact: which flow it belongs to, the engine's steps, and their effects, all in one transaction."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from bot import engine, state
from bot.catalog import Catalog
from bot.channels import CHANNELS
from bot.channels.ways import WAYS
from bot.engine import CouponRefused, CouponSent, Event, HandOver, Said, Say, SendCoupon, Started, Tag, Tapped, Untag
from bot.events import Inbound
from bot.language import starts
from bot.language.model import Flow
from bot.state import State
from core import contacts, conversations, coupons, outbox
from core.outbox import ReplyToken
from core.shop import Shop
from db.tables import Contact, Conversation

# LINE's reply token lives one minute from the webhook's arrival; the rest is for the way there.
REPLY_LIVES = timedelta(seconds=50)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Place:
    """Where a conversation goes on: a flow's version and the state in it."""

    version_id: int
    flow: Flow
    state: State


def handle(session: Session, catalog: Catalog, shop: Shop, contact: Contact, inbound: Inbound, now: datetime) -> None:
    """Take one event of `contact`, whose lock this transaction holds: step its flow, store state, coupons, messages.

    Raises:
        bot.engine.FlowFailure: the flow cannot go on; the caller rolls back and keeps the reason.
    """
    if inbound.kind == "unfollow":
        contacts.left(contact, now)
        return
    contacts.acted(session, contact, inbound.occurred_at, opens_window=inbound.opens_window)
    outbox.release_held(session, contact.id, now)
    conversation = conversations.load(session, contact.id)
    place, event = _where(session, catalog, conversation, contact, inbound)
    if place is None:
        return
    if conversation and conversation.handed_over_at:
        conversations.give_back(session, contact.id)  # a word or button that starts a flow calls the bot back
    _Turn(session, shop, contact, place.version_id, now).run(place, event, _reply(inbound, now))
