"""Waits: a row for each contact whose flow waits for a time or for what happens to a coupon, until it is over."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, cast, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from core import campaigns, inbox
from core.standings import Standing
from db import locks
from db.base import BigId, UtcDateTime
from db.several import among
from db.tables import Contact, Conversation, Coupon, Redemption, Verification, Wait

Happening = Literal["opened", "redeemed", "verified"]
HAPPENINGS: tuple[Happening, ...] = ("verified", "redeemed", "opened")  # the furthest first
LOOKED_AT = 2_000  # waits whose coupon is looked at in one go


def keep(session: Session, wait: Wait, campaign: str, before: Wait | None) -> None:
    """Keep `wait`, for what happens to the newest coupon of `campaign`, in the place of the one `before`."""
    known = campaigns.by_slug(session, campaign) if campaign else None
    wait.campaign_id = known.id if known else None
    if before is None:
        session.add(wait)
    else:
        session.merge(wait)


def end(session: Session, wait: Wait | None) -> None:
    """The wait is over."""
    if wait is not None:
        session.delete(wait)


def happened(standing: Standing) -> Happening | None:
    """The furthest of what the contact waits for that has happened."""
    wait = standing.wait
    newest = standing.newest(wait.campaign_id) if wait else None
    if wait is None or newest is None:
        return None
    return next((what for what in HAPPENINGS if what in wait.happens and newest.has(what)), None)


def take_due(session: Session, now: datetime, count: int) -> list[Contact]:
    """Up to `count` contacts whose wait is due, the longest overdue first, locked; those that others hold are left.

    Left as well is who is with a person, and who has done something that is not handled yet: that comes first.
    """
    return locks.contacts_free(session, _due(now).order_by(Wait.due_at).limit(count))


def is_any_due(session: Session, now: datetime) -> bool:
    """Whether `take_due` would find somebody, where others hold nobody."""
    return session.scalar(_due(now).with_only_columns(Wait.contact_id).limit(1)) is not None


def overdue(session: Session, now: datetime) -> tuple[int, datetime | None]:
    """How many waits are over, and since when the first is that `take_due` would find, where others hold nobody."""
    count = session.scalar(select(func.count()).select_from(Wait).where(Wait.due_at <= now)) or 0
    since = session.scalar(_due(now).with_only_columns(Wait.due_at).order_by(Wait.due_at).limit(1)) if count else None
    return count, since


def _due(now: datetime) -> Select[Contact]:
    return (
        select(Contact)
        .join(Wait, Wait.contact_id == Contact.id)
        .join(Conversation, Conversation.contact_id == Contact.id)
        .where(Wait.due_at <= now, Conversation.handed_over_at.is_(None), ~inbox.has_news)
    )


def find_happened(session: Session, after: int, now: datetime) -> tuple[list[int], int]:
    """Contacts who wait for what has happened, among the next LOOKED_AT that wait for something after `after`.

    The second value is the last contact looked at, 0 once all have been: the place to go on from.
    """
    page = session.scalars(_PAGE, {"after": after, "now": now}).all()
    if not page:
        return [], 0
    done = session.scalars(_HAPPENED, {"first": page[0], "last": page[-1]}).all()
    return list(done), page[-1] if len(page) == LOOKED_AT else 0


def make_due(session: Session, contact_ids: Sequence[int], now: datetime) -> None:
    """Have the waits of these contacts looked at now, but for those that others hold: theirs are found again."""
    free = locks.contacts_free(session, select(Contact).where(Contact.id.in_(contact_ids)))
    session.connection().execute(_MAKE_DUE, {"contacts": [contact.id for contact in free], "now": now})


_TIME = UtcDateTime()
_waits_for_more = cast(Wait.happens, Text) != "[]"
_is_ahead = or_(Wait.due_at.is_(None), Wait.due_at > bindparam("now", type_=_TIME))
_PAGE = (
    select(Wait.contact_id)
    .where(Wait.contact_id > bindparam("after", type_=BigId), _waits_for_more, _is_ahead)
    .order_by(Wait.contact_id)
    .limit(LOOKED_AT)
)
_other = aliased(Coupon)
_newest = (
    select(func.max(_other.id))
    .where(_other.contact_id == Wait.contact_id, _other.campaign_id == Wait.campaign_id)
    .correlate(Wait)
    .scalar_subquery()
)


def _is_waited_for(what: str) -> ColumnElement[bool]:
    return cast(Wait.happens, Text).contains(f'"{what}"')


_HAPPENED = (
    select(Wait.contact_id)
    .join(Coupon, Coupon.id == _newest)
    .outerjoin(Redemption, Redemption.coupon_id == Coupon.id)
    .outerjoin(Verification, Verification.redemption_id == Redemption.id)
    .where(
        Wait.contact_id.between(bindparam("first", type_=BigId), bindparam("last", type_=BigId)),
        or_(
            and_(_is_waited_for("opened"), Coupon.opened_at.is_not(None)),
            and_(_is_waited_for("redeemed"), Redemption.id.is_not(None)),
            and_(_is_waited_for("verified"), Verification.redemption_id.is_not(None)),
        ),
    )
)
_MAKE_DUE = (
    update(Wait).where(among(Wait.contact_id, "contacts"), _is_ahead).values(due_at=bindparam("now", type_=_TIME))
)
