"""What is known of one contact beside its conversation, read-only.

Its place in a flow, tags, attributes, coupons, the person's other accounts, and the limits of its channel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import earliest
from core.speech import Chats
from db.tables import (
    Campaign,
    ChannelNote,
    Contact,
    ContactAttribute,
    ContactTag,
    Conversation,
    Coupon,
    Flow,
    FlowVersion,
    Redemption,
    Verification,
    Wait,
)

COUPONS = 50  # the newest


@dataclass(frozen=True)
class Position:
    """Where the contact stands in a flow. `step` counts from 1; `step_id` is empty where the step has no name.

    `waits_for` is the engine's ("answer", "coupon", "wait", or empty); `since` is when it came there; `due_at` when it
    goes on by itself, or at the latest if one of `happens` has not happened before.
    """

    flow: str
    title: str
    version: int
    step: int
    step_id: str
    waits_for: str
    is_ended: bool
    since: datetime
    due_at: datetime | None
    happens: Sequence[str]


@dataclass(frozen=True)
class SentCoupon:
    """A coupon of the contact's with its four times; one that has not come is None."""

    reference: str
    campaign: str
    campaign_slug: str
    sent_at: datetime
    opened_at: datetime | None
    redeemed_at: datetime | None
    verified_at: datetime | None
    expires_at: datetime | None

    def status(self, now: datetime) -> str:
        """sent, opened, redeemed, verified, or expired: what can still be done with it decides."""
        if self.verified_at:
            return "verified"
        if self.expires_at and now >= self.expires_at:
            return "expired"
        if self.redeemed_at:
            return "redeemed"
        return "opened" if self.opened_at else "sent"


@dataclass(frozen=True)
class Window:
    """Until when the contact may be written to. `closes_at` None: it has never been open."""

    is_open: bool
    closes_at: datetime | None


@dataclass(frozen=True)
class Note:
    """What a platform told of the shop's account, and when."""

    value: Any
    noted_at: datetime


@dataclass(frozen=True)
class Card:
    """All of it. `window` is None where the channel has none; `notes` are the channel's, by name."""

    contact: Contact
    conversation: Conversation | None
    position: Position | None
    tags: Sequence[str]
    attributes: Sequence[tuple[str, str]]
    coupons: Sequence[SentCoupon]
    others: Sequence[Contact]
    window: Window | None
    notes: Mapping[str, Note]


def read(session: Session, contact_id: int, chats: Chats, now: datetime) -> Card | None:
    """The contact's card, or None where there is no such contact."""
    contact = session.get(Contact, contact_id)
    if contact is None:
        return None
    conversation = session.get(Conversation, contact_id)
    of_contact = ContactAttribute.contact_id == contact_id
    attributes = select(ContactAttribute.name, ContactAttribute.value).where(of_contact).order_by(ContactAttribute.name)
    tags = select(ContactTag.tag).where(ContactTag.contact_id == contact_id).order_by(ContactTag.tag)
    others = select(Contact).where(Contact.person_id == contact.person_id, Contact.id != contact_id)
    notes = select(ChannelNote).where(ChannelNote.channel == contact.channel)
    return Card(
        contact=contact,
        conversation=conversation,
        position=_position(session, conversation),
        tags=session.scalars(tags).all(),
        attributes=[(name, value) for name, value in session.execute(attributes)],
        coupons=_coupons(session, contact_id),
        others=session.scalars(others.order_by(Contact.id)).all(),
        window=window(contact, chats, now),
        notes={note.name: Note(note.value, note.noted_at) for note in session.scalars(notes)},
    )


def window(contact: Contact, chats: Chats, now: datetime) -> Window | None:
    """The contact's window at `now`, or None where its channel lets the shop write at any time."""
    length: timedelta | None = chats.window(contact.channel)
    if length is None:
        return None
    closes_at = contact.window_opened_at + length if contact.window_opened_at else None
    return Window(closes_at is not None and now < closes_at, closes_at)


def _position(session: Session, conversation: Conversation | None) -> Position | None:
    if conversation is None or conversation.flow_version_id is None:
        return None
    state = conversation.state
    version_id = state.get("version_id") or conversation.flow_version_id  # a flow that was called by the first one
    version, flow = session.execute(
        select(FlowVersion, Flow.name).join(Flow, Flow.id == FlowVersion.flow_id).where(FlowVersion.id == version_id)
    ).one()
    wait = session.get(Wait, conversation.contact_id)
    steps, step = version.document.get("steps", []), int(state.get("step", 0))
    return Position(
        flow=flow,
        title=version.document.get("title", ""),
        version=version.number,
        step=step + 1,
        step_id=(steps[step].get("id") or "") if step < len(steps) else "",
        waits_for=state.get("waits_for", ""),
        is_ended=bool(state.get("is_ended")),
        since=wait.created_at if wait else conversation.updated_at,
        due_at=wait.due_at if wait else None,
        happens=tuple(wait.happens) if wait else (),
    )


def _coupons(session: Session, contact_id: int) -> list[SentCoupon]:
    statement = (
        select(Coupon, Campaign, Redemption, Verification.verified_at)
        .join(Campaign, Campaign.id == Coupon.campaign_id)
        .outerjoin(Redemption, Redemption.coupon_id == Coupon.id)
        .outerjoin(Verification, Verification.redemption_id == Redemption.id)
        .where(Coupon.contact_id == contact_id)
        .order_by(Coupon.id.desc())
        .limit(COUPONS)
    )
    return [_coupon(*row) for row in session.execute(statement)]


def _coupon(coupon: Coupon, campaign: Campaign, given: Redemption | None, verified_at: datetime | None) -> SentCoupon:
    return SentCoupon(
        reference=coupon.reference,
        campaign=campaign.name,
        campaign_slug=campaign.slug,
        sent_at=coupon.sent_at,
        opened_at=coupon.opened_at,
        redeemed_at=given.redeemed_at if given else None,
        verified_at=verified_at,
        expires_at=given.expires_at if given else earliest(coupon.expires_at, campaign.shown_until),
    )
