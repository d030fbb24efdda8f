"""What is known of contacts when their flows take a step: read for many at once, once they are locked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, bindparam, case, func, literal_column, or_, select, union_all
from sqlalchemy.orm import Session

from db.base import UtcDateTime
from db.several import among
from db.tables import (
    Campaign,
    ContactAttribute,
    ContactTag,
    Conversation,
    Coupon,
    OutboxMessage,
    Redemption,
    Verification,
    Wait,
)

Status = Literal["sent", "opened", "redeemed", "verified", "expired"]
MARKS = {"opened": "o", "redeemed": "r", "verified": "v", "expired": "x"}


@dataclass(frozen=True)
class NewestCoupon:
    """A contact's newest coupon of a campaign. `marks` are those in MARKS, of all that became of it."""

    campaign_id: int
    marks: str = ""

    def has(self, what: str) -> bool:
        """Whether it was opened, redeemed or verified, or is expired."""
        return MARKS[what] in self.marks

    @property
    def status(self) -> Status:
        """How far it has come. What was verified does not expire; whatever else came before does."""
        if self.has("verified"):
            return "verified"
        if self.has("expired"):
            return "expired"
        if self.has("redeemed"):
            return "redeemed"
        return "opened" if self.has("opened") else "sent"


@dataclass
class Standing:
    """One contact's; `coupons` by the slug of their campaign. `has_open_messages`: some have not gone out yet."""

    conversation: Conversation | None = None
    wait: Wait | None = None
    tags: set[str] = field(default_factory=set)
    attributes: dict[str, str] = field(default_factory=dict)
    coupons: dict[str, NewestCoupon] = field(default_factory=dict)
    has_open_messages: bool = False

    def newest(self, campaign_id: int | None) -> NewestCoupon | None:
        """The newest coupon of a campaign."""
        return next((one for one in self.coupons.values() if one.campaign_id == campaign_id), None)


def read(session: Session, contact_ids: Sequence[int], now: datetime) -> dict[int, Standing]:
    """The standing of each contact, in two statements however many there are."""
    found = {contact_id: Standing() for contact_id in contact_ids}
    asked = {"contacts": list(contact_ids)}
    for conversation, wait in session.execute(_PLACES, asked, execution_options={"populate_existing": True}):
        found[conversation.contact_id].conversation = conversation
        found[conversation.contact_id].wait = wait
    facts = session.connection().execute(_FACTS, asked | {"now": now}).all()
    for contact_id, kind, _, campaign_id, name, value in sorted(facts, key=lambda fact: fact[2]):  # older coupons first
        standing = found[contact_id]
        if kind == "tag":
            standing.tags.add(name)
        elif kind == "attribute":
            standing.attributes[name] = value
        elif kind == "coupon":
            standing.coupons[name] = NewestCoupon(campaign_id, value)
        else:
            standing.has_open_messages = True
    return found


_PLACES = (
    select(Conversation, Wait)
    .outerjoin(Wait, Wait.contact_id == Conversation.contact_id)
    .where(among(Conversation.contact_id, "contacts"))
)
_NONE: ColumnElement[int] = literal_column("0")
_BLANK: ColumnElement[str] = literal_column("''")
_NOW = bindparam("now", type_=UtcDateTime())
_EXPIRES = func.coalesce(Redemption.expires_at, Coupon.expires_at, type_=UtcDateTime())
_MARKS = (
    case((Coupon.opened_at.is_not(None), MARKS["opened"]), else_="")
    + case((Redemption.id.is_not(None), MARKS["redeemed"]), else_="")
    + case((Verification.redemption_id.is_not(None), MARKS["verified"]), else_="")
    + case(
        (or_(_NOW >= _EXPIRES, and_(Redemption.id.is_(None), Campaign.shown_until <= _NOW)), MARKS["expired"]), else_=""
    )
)
_FACTS = union_all(
    select(ContactTag.contact_id, literal_column("'tag'"), _NONE, _NONE, ContactTag.tag, _BLANK).where(
        among(ContactTag.contact_id, "contacts")
    ),
    select(
        ContactAttribute.contact_id,
        literal_column("'attribute'"),
        _NONE,
        _NONE,
        ContactAttribute.name,
        ContactAttribute.value,
    ).where(among(ContactAttribute.contact_id, "contacts")),
    select(Coupon.contact_id, literal_column("'coupon'"), Coupon.id, Coupon.campaign_id, Campaign.slug, _MARKS)
    .join(Campaign, Campaign.id == Coupon.campaign_id)
    .outerjoin(Redemption, Redemption.coupon_id == Coupon.id)
    .outerjoin(Verification, Verification.redemption_id == Redemption.id)
    .where(among(Coupon.contact_id, "contacts")),
    select(OutboxMessage.contact_id, literal_column("'message'"), _NONE, _NONE, _BLANK, _BLANK)
    .where(among(OutboxMessage.contact_id, "contacts"), OutboxMessage.status.in_(("pending", "sending")))
    .distinct(),
)
