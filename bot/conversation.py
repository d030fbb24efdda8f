"""One event of one contact: which flow it belongs to, the engine's turns, and their effects, all in one transaction."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot import engine
from bot.catalog import Catalog, Published
from bot.channels import CHANNELS
from bot.channels.ways import WAYS
from bot.engine import CouponRefused, CouponSent, Effect, Event, HandOver, Said, Say, SendCoupon, Started, Tag, Untag
from bot.events import Inbound
from bot.language import starts
from bot.messages import Message
from bot.state import State
from core import contacts, conversations, coupons, outbox
from core.outbox import ReplyToken
from core.shop import Shop
from db.tables import Contact, Conversation

# LINE's reply token lives one minute from the webhook's arrival; the rest is for the way there.
REPLY_LIVES = timedelta(seconds=50)


@dataclass(frozen=True)
class Arrived:
    """An event, and when its webhook arrived."""

    inbound: Inbound
    received_at: datetime


def handle(
    session: Session,
    catalog: Catalog,
    shop: Shop,
    contact: Contact,
    arrived: Arrived,
    now: datetime,
) -> None:
    """Take one event of `contact`, whose lock this transaction holds: step its flow, store state, coupons and messages.

    While a person has taken over, only what starts a flow (a word, a button, a link) calls the bot back.

    Raises:
        bot.engine.FlowFailure: the flow cannot go on; the caller rolls back and keeps the reason.
    """
    inbound = arrived.inbound
    if inbound.kind == "unfollow":
        contacts.left(contact, now)
        return
    contacts.acted(session, contact, inbound.occurred_at, opens_window=inbound.opens_window)
    outbox.release_held(session, contact.id, now)
    conversation = conversations.load(session, contact.id)
    place = _place(session, catalog, conversation, inbound, now)
    if place is None:
        return
    version, state, event = place
    reply = ReplyToken(inbound.reply_token, arrived.received_at + REPLY_LIVES) if inbound.reply_token else None
    turn = _Turn(session, shop, contact, version, now)
    turn.run(state, event)
    conversations.give_back(session, contact.id)
    conversations.save(session, contact.id, version.version_id, turn.state.to_json(), now)
    if turn.hand_over:
        conversations.hand_over(session, contact.id, turn.hand_over, now)
    outbox.add(session, contact.id, turn.payloads, now, reply, WAYS[contact.channel].batch_size)


def _place(
    session: Session,
    catalog: Catalog,
    conversation: Conversation | None,
    inbound: Inbound,
    now: datetime,
) -> tuple[Published, State, Event] | None:
    """Where the event goes: an answer to the question that is open, else the start of a flow; None: nowhere."""
    under_way = None
    if conversation and conversation.flow_version_id and not conversation.handed_over_at:
        state = State.from_json(conversation.state)
        if state.waits_for == "answer" and inbound.kind == "text":
            under_way = catalog.version(session, conversation.flow_version_id), state
    if under_way and engine.fits(under_way[0].flow, under_way[1], inbound.text, now):
        return *under_way, Said(inbound.text)
    published = catalog.published(session)
    started = starts.match(published, inbound, is_asked=under_way is not None)
    if started is None and under_way:
        return *under_way, Said(inbound.text)
    if started is None and _is_free(conversation):
        started = starts.otherwise(published, inbound)
    return (started, engine.begin(secrets.randbits(32)), Started()) if started else None


def _is_free(conversation: Conversation | None) -> bool:
    """Whether nothing waits and nobody has taken over, so that words which start nothing may be answered."""
    if conversation is None or conversation.flow_version_id is None:
        return True
    return conversation.handed_over_at is None and State.from_json(conversation.state).is_ended


class _Turn:
    """The engine's turns over one event, with coupons sent in between, and what they come to."""

    def __init__(self, session: Session, shop: Shop, contact: Contact, version: Published, now: datetime) -> None:
        self._session, self._shop, self._contact, self._version, self._now = session, shop, contact, version, now
        self.state = engine.begin()
        self.payloads: list[dict[str, Any]] = []
        self.hand_over = ""

    def run(self, state: State, event: Event) -> None:
        """Feed the event in, and each coupon's outcome after it, until the flow waits for the customer or ends."""
        next_event: Event | None = event
        self.state = state
        while next_event is not None:
            turn = engine.advance(self._version.flow, self.state, next_event, self._snapshot(), self._now)
            self.state, next_event = turn.state, None
            for effect in turn.effects:
                next_event = self._do(effect)

    def _do(self, effect: Effect) -> Event | None:
        """Carry out one effect; a coupon's outcome is the next event."""
        match effect:
            case Say(message):
                self.payloads += CHANNELS[self._contact.channel].render(self._with_pictures(message))
            case Tag(name):
                contacts.tag(self._session, self._contact.id, name, self._now)
            case Untag(name):
                contacts.untag(self._session, self._contact.id, name)
            case HandOver(reason):
                self.hand_over = reason
            case SendCoupon(campaign):
                return self._send_coupon(campaign)
        return None

    def _send_coupon(self, campaign: str) -> Event:
        sent = coupons.send(self._session, campaign, self._contact, self._now, self._version.version_id)
        if not isinstance(sent, coupons.Sent):
            return CouponRefused(sent.reason)
        expires = sent.expires_at.astimezone(self._shop.timezone).strftime("%Y-%m-%d %H:%M") if sent.expires_at else ""
        image_url = self._shop.image_url(sent.image_id) if sent.image_id else ""
        return CouponSent(sent.campaign_name, self._shop.coupon_url(sent.token), image_url, expires)

    def _with_pictures(self, message: Message) -> Message:
        return replace(
            message,
            image_url=self._picture_url(message.image_url),
            preview_url=self._picture_url(message.preview_url),
            cards=tuple(replace(card, image_url=self._picture_url(card.image_url)) for card in message.cards),
        )

    def _picture_url(self, image: str) -> str:
        """A picture beside the flow file was stored when the flow was published."""
        image_id = self._version.pictures.get(image)
        return self._shop.image_url(image_id) if image_id else image

    def _snapshot(self) -> engine.Contact:
        contact = self._contact
        tags = contacts.tags(self._session, contact.id)
        return engine.Contact(
            contact.name, contact.language, contact.channel, tags, self._shop.name, timezone=self._shop.timezone
        )
