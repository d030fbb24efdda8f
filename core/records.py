"""Redemption records: every coupon of a campaign with its four times, serial, contact, and where it was verified."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables import Contact, Coupon, Flow, FlowVersion, Pack, Redemption, Serial, Store, User, Verification


@dataclass(frozen=True)
class Record:
    """One coupon's history; a time that has not come is None."""

    reference: str
    channel: str
    contact: str
    flow: str | None
    sent_at: datetime
    opened_at: datetime | None
    redeemed_at: datetime | None
    verified_at: datetime | None
    serial: str | None
    store: str | None
    staff: str | None

    @property
    def status(self) -> str:
        """The furthest it has come: sent, opened, redeemed or verified."""
        if self.verified_at:
            return "verified"
        if self.redeemed_at:
            return "redeemed"
        return "opened" if self.opened_at else "sent"


def of_campaign(session: Session, campaign_id: int, *, newest: int | None = None) -> Iterator[Record]:
    """The campaign's coupons in the order they were sent, or its `newest` ones, the latest first. Read row by row."""
    statement = (
        select(
            Coupon.reference,
            Contact.channel,
            Contact.name,
            Flow.name,
            Coupon.sent_at,
            Coupon.opened_at,
            Redemption.redeemed_at,
            Verification.verified_at,
            Pack.fixed_code,
            Serial.code,
            Store.name,
            User.username,
        )
        .join(Contact, Contact.id == Coupon.contact_id)
        .outerjoin(FlowVersion, FlowVersion.id == Coupon.flow_version_id)
        .outerjoin(Flow, Flow.id == FlowVersion.flow_id)
        .outerjoin(Redemption, Redemption.coupon_id == Coupon.id)
        .outerjoin(Pack, Pack.id == Redemption.pack_id)
        .outerjoin(Serial, (Serial.pack_id == Redemption.pack_id) & (Serial.position == Redemption.position))
        .outerjoin(Verification, Verification.redemption_id == Redemption.id)
        .outerjoin(Store, Store.id == Verification.store_id)
        .outerjoin(User, User.id == Verification.user_id)
        .where(Coupon.campaign_id == campaign_id)
        .order_by(Coupon.id.desc() if newest else Coupon.id)
        .limit(newest)
    )
    for row in session.execute(statement.execution_options(yield_per=1000)):
        *before, fixed_code, code, store, staff = row
        yield Record(*before, fixed_code or code, store, staff)  # type: ignore[call-arg]  # eight columns, eight fields
