"""Coupons on their way to a customer: sent, opened, and who fetched the page."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import limits, serials, spelling
from core.campaigns import Status, status
from core.clock import earliest
from core.reasons import Reason
from core.refusal import Refused
from db import locks
from db.insert import insert_unless_there
from db.later import later
from db.several import among
from db.tables import Campaign, Contact, Coupon, PageHit, SendRefusal

# Crockford's base 32: no I, L, O, U, so that a reference read out or typed at a counter is not misread.
REFERENCE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REFERENCE_LENGTH = 8  # 40 bits
TOKEN_BYTES = 16  # 128 bits
SLUG_KEPT = 64  # characters, which no campaign's passes
USER_AGENT_KEPT = 200  # characters

# Why coupons of a campaign that does not run are not sent.
OUTSIDE = {
    Status.DRAFT: Reason.NOT_PUBLISHED,
    Status.SCHEDULED: Reason.NOT_STARTED,
    Status.ENDED: Reason.ENDED,
    Status.ARCHIVED: Reason.ARCHIVED,
}

HitKind = Literal["seen", "preview", "prefetch"]


@dataclass(frozen=True)
class Sent:
    """A coupon was made for a contact. `token` opens its page.

    `expires_at` is None where it counts from redemption and the campaign's coupons are shown however late.
    """

    coupon_id: int
    token: str
    campaign_id: int
    campaign_name: str
    image_id: str | None
    expires_at: datetime | None


def send(
    session: Session,
    slug: str,
    contact: Contact,
    now: datetime,
    flow_version_id: int | None = None,
    user_id: int | None = None,
    *,
    is_at_counter: bool = False,
) -> Sent | Refused:
    """Make a coupon of the campaign `slug` for `contact`, or refuse and keep the refusal as a row.

    A flow sends it, or the person `user_id` by hand. Whoever stands at the counter need not be reached by chat.

    Refused: UNKNOWN_CAMPAIGN, NOT_PUBLISHED, ARCHIVED, NOT_STARTED and ENDED (outside the sending period, or the
    campaign was ended), UNREACHABLE (the contact has blocked the shop), LIMIT_REACHED (the person, or the contact,
    has redeemed as often as they may), SOLD_OUT. A coupon sent is not a serial reserved: two who are sent the last one
    may both come, and redemption decides.
    """
    campaign = locks.campaign_sent(session, slug)
    reason = _send_refusal(session, campaign, contact, now, must_reach=not is_at_counter)
    if reason or campaign is None:
        session.add(
            SendRefusal(
                campaign_id=campaign.id if campaign else None,
                campaign_slug=slug[:SLUG_KEPT],
                contact_id=contact.id,
                flow_version_id=flow_version_id,
                reason=reason or Reason.UNKNOWN_CAMPAIGN,
                refused_at=now,
            ),
        )
        return Refused(reason or Reason.UNKNOWN_CAMPAIGN, slug)
    counts_from_sending = campaign.expires_from == "sending"
    expires_at = now + timedelta(seconds=campaign.expires_after_seconds) if counts_from_sending else None
    coupon = _insert(session, campaign, contact, (flow_version_id, user_id), now, expires_at)
    good_until = earliest(expires_at, campaign.shown_until)
    return Sent(coupon.id, coupon.token, campaign.id, campaign.name, campaign.image_id, good_until)


def _send_refusal(
    session: Session, campaign: Campaign | None, contact: Contact, now: datetime, *, must_reach: bool
) -> Reason | None:
    if campaign is None:
        return Reason.UNKNOWN_CAMPAIGN
    if outside := OUTSIDE.get(status(campaign, now)):
        return outside
    if contact.unreachable_since and must_reach:
        return Reason.UNREACHABLE
    person_id = limits.counted_under(campaign, contact.person_id, contact.first_person_id)
    if limits.redeemed_by(session, campaign.id, person_id) >= campaign.redemption_limit:
        return Reason.LIMIT_REACHED
    return Reason.SOLD_OUT if limits.can_give(campaign, serials.stock(session, campaign.id)) < 1 else None


@dataclass(frozen=True)
class Running:
    """A campaign in its sending period, and how many more can redeem it."""

    slug: str
    name: str
    stock: int


def running(session: Session, now: datetime) -> list[Running]:
    """The campaigns whose coupons can be sent at `now`, newest first; a sold-out one is among them."""
    every = select(Campaign, serials.stock_of(Campaign.id)).order_by(Campaign.id.desc())
    return [
        Running(campaign.slug, campaign.name, limits.can_give(campaign, left))
        for campaign, left in session.execute(every)
        if status(campaign, now) is Status.RUNNING
    ]


def _insert(
    session: Session,
    campaign: Campaign,
    contact: Contact,
    sender: tuple[int | None, int | None],
    now: datetime,
    expires_at: datetime | None,
) -> Coupon:
    """A reference is short enough to meet another one some day; then the constraint says so and another is drawn."""
    values = {
        "token": secrets.token_urlsafe(TOKEN_BYTES),
        "campaign_id": campaign.id,
        "contact_id": contact.id,
        "flow_version_id": sender[0],
        "user_id": sender[1],
        "sent_at": now,
        "expires_at": expires_at,
    }
    coupon_id = None
    while coupon_id is None:
        values["reference"] = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_LENGTH))
        coupon_id = insert_unless_there(session, Coupon, values, ["reference"])
    return Coupon(id=coupon_id, **values)


def by_reference(session: Session, typed: str) -> int | None:
    """The coupon with this reference, written with or without hyphens and spaces."""
    return session.scalar(select(Coupon.id).where(Coupon.reference == spelling.reference(typed)))


def open_page(session: Session, token: str, user_agent: str, now: datetime) -> bool:
    """A person sees the page: the coupon is opened, the first time only. Returns whether there is such a coupon."""
    coupon_id = session.scalar(select(Coupon.id).where(Coupon.token == token))
    if coupon_id is None:
        return False
    mark_opened(session, [coupon_id], now)
    hit(session, coupon_id, "seen", user_agent, now)
    return True


def mark_opened(session: Session, coupon_ids: Sequence[int], now: datetime) -> dict[int, datetime]:
    """Set `opened_at` once; never before `sent_at`, whatever a clock that was set back says. Returns what was set."""
    session.flush()
    marked = session.connection().execute(_MARK_OPENED, {"coupons": list(coupon_ids), "now": now})
    return {coupon_id: opened_at for coupon_id, opened_at in marked if opened_at}


_MARK_OPENED = (
    update(Coupon)
    .where(among(Coupon.id, "coupons"), Coupon.opened_at.is_(None))
    .values(opened_at=later(Coupon.sent_at, "now"))
    .returning(Coupon.id, Coupon.opened_at)
)


def hit(session: Session, coupon_id: int, kind: HitKind, user_agent: str, now: datetime) -> None:
    """Count a fetch of the page under its kind and user agent: one row each, however often it comes."""
    key = {"coupon_id": coupon_id, "kind": kind, "user_agent": user_agent[:USER_AGENT_KEPT]}
    if insert_unless_there(session, PageHit, key | {"hits": 1, "first_at": now, "last_at": now}, list(key)) is None:
        session.execute(
            update(PageHit)
            .where(*(getattr(PageHit, name) == value for name, value in key.items()))
            .values(hits=PageHit.hits + 1, last_at=now)
            .execution_options(synchronize_session=False),
        )
