"""The engine's turns over one event of one contact, with coupons sent in between, and what they come to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot import engine
from bot.catalog import Catalog, Published, Shelf
from bot.channels import CHANNELS
from bot.engine import (
    CouponRefused,
    CouponSent,
    Effect,
    Event,
    HandOver,
    NotifyStaff,
    Say,
    SendCoupon,
    SetAttribute,
    Tag,
    Untag,
    Wait,
)
from bot.messages import Message
from bot.state import State
from core import contacts, conversations, coupons
from core.shop import Shop
from core.standings import NewestCoupon, Standing
from db.tables import Contact


@dataclass(frozen=True)
class Desk:
    """What every contact's turns of a transaction work with."""

    session: Session
    catalog: Catalog
    shop: Shop
    now: datetime

    @property
    def shelf(self) -> Shelf:
        """The flows that a flow may call."""
        return Shelf(self.session, self.catalog)


class Turns:
    """One event's. `standing` is kept true to what the turns do; what they ask the caller for is kept here."""

    def __init__(self, desk: Desk, contact: Contact, standing: Standing, version: Published) -> None:
        self._desk, self._contact, self._standing, self._version = desk, contact, standing, version
        self.state = engine.begin()
        self.payloads: list[dict[str, Any]] = []
        self.hand_over = ""
        self.wait: Wait | None = None
        self.visited: dict[int, list[int]] = {}

    def run(self, state: State, event: Event) -> None:
        """Feed the event in, and each coupon's outcome after it, until the flow waits or ends."""
        next_event: Event | None = event
        self.state = state
        while next_event is not None:
            turn = engine.advance(
                self._version.flow, self.state, next_event, self._snapshot(), self._desk.now, self._desk.shelf
            )
            self.state, next_event, self.wait = turn.state, None, None
            self._note(turn.visited)
            for effect in turn.effects:
                next_event = self._do(effect)

    def _note(self, visited: Sequence[tuple[int, int]]) -> None:
        for version_id, index in visited:
            self.visited.setdefault(version_id or self._version.version_id, []).append(index)

    def _do(self, effect: Effect) -> Event | None:
        """Carry out one effect; a coupon's outcome is the next event."""
        session, contact_id, now = self._desk.session, self._contact.id, self._desk.now
        match effect:
            case Say(message, version_id):
                self.payloads += CHANNELS[self._contact.channel].render(self._shown(message, version_id))
            case Tag(name):
                contacts.tag(session, contact_id, name, now)
                self._standing.tags.add(name)
            case Untag(name):
                contacts.untag(session, contact_id, name)
                self._standing.tags.discard(name)
            case SetAttribute(name, value):
                contacts.set_attribute(session, contact_id, name, value, now)
                self._standing.attributes[name] = value
            case NotifyStaff(text):
                conversations.notify(session, contact_id, text, now)
            case HandOver(reason):
                self.hand_over = reason
            case Wait():
                self.wait = effect
            case SendCoupon(campaign, version_id):
                return self._send_coupon(campaign, version_id)
        return None

    def _send_coupon(self, campaign: str, version_id: int) -> Event:
        desk = self._desk
        sent = coupons.send(desk.session, campaign, self._contact, desk.now, version_id or self._version.version_id)
        if not isinstance(sent, coupons.Sent):
            return CouponRefused(sent.reason)
        self._standing.coupons[campaign] = NewestCoupon(sent.campaign_id)
        expires = sent.expires_at.astimezone(desk.shop.timezone).strftime("%Y-%m-%d %H:%M") if sent.expires_at else ""
        image_url = desk.shop.image_url(sent.image_id) if sent.image_id else ""
        return CouponSent(sent.campaign_name, desk.shop.coupon_url(sent.token), image_url, expires)

    def _shown(self, message: Message, version_id: int) -> Message:
        """A picture beside the flow file was stored when the flow was published."""
        desk, called = self._desk, version_id and version_id != self._version.version_id
        version = desk.catalog.version(desk.session, version_id) if called else self._version

        def url(image: str) -> str:
            image_id = version.pictures.get(image)
            return desk.shop.image_url(image_id) if image_id else image

        return replace(
            message,
            image_url=url(message.image_url),
            preview_url=url(message.preview_url),
            cards=tuple(replace(card, image_url=url(card.image_url)) for card in message.cards),
        )

    def _snapshot(self) -> engine.Contact:
        contact, standing = self._contact, self._standing
        return engine.Contact(
            contact.name,
            contact.language,
            contact.channel,
            frozenset(standing.tags),
            self._desk.shop.name,
            dict(standing.attributes),
            coupons={slug: newest.status for slug, newest in standing.coupons.items()},
            timezone=self._desk.shop.timezone,
        )
