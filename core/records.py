"""Redemption records: every coupon of a campaign with its four times, serial, contact, who sent it and who verified it.

Here is what a record says and how it is written into a table; `core.records_list` finds which ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from core.spreadsheets import safe
from db.several import among
from db.tables import (
    ApiKey,
    Claim,
    Contact,
    Coupon,
    Flow,
    FlowVersion,
    Pack,
    Redemption,
    Serial,
    Store,
    User,
    Verification,
)

# What a file of records has, in this order: `flask records --csv` and the console's export.
COLUMNS = (
    "reference",
    "status",
    "channel",
    "contact",
    "flow",
    "sent_by",
    "sent_at",
    "opened_at",
    "redeemed_at",
    "verified_at",
    "serial",
    "store",
    "staff",
    "refused",
)


@dataclass(frozen=True)
class Record:
    """One coupon's history; a time that has not come is None.

    `sent_by` is the person who sent it by hand. `refused` is why a tap on Redeem was refused last, where it has no
    serial all the same.
    """

    coupon_id: int
    reference: str
    contact_id: int
    channel: str
    contact: str
    flow: str | None
    sent_by: str | None
    sent_at: datetime
    opened_at: datetime | None
    redeemed_at: datetime | None
    verified_at: datetime | None
    serial: str | None
    store: str | None
    staff: str | None
    refused: str | None

    @property
    def status(self) -> str:
        """The furthest it has come: sent, opened, redeemed or verified."""
        if self.verified_at:
            return "verified"
        if self.redeemed_at:
            return "redeemed"
        return "opened" if self.opened_at else "sent"


def of_campaign(session: Session, campaign_id: int) -> Iterator[Record]:
    """The campaign's coupons in the order they were sent. Read row by row."""
    statement = _RECORDS.where(Coupon.campaign_id == campaign_id).order_by(Coupon.id)
    for row in session.execute(statement.execution_options(yield_per=1000)):
        yield _record(row)


def of_coupons(session: Session, coupon_ids: Sequence[int]) -> list[Record]:
    """The records of coupons as they are now, in the order given."""
    rows = session.execute(_RECORDS.where(among(Coupon.id, "coupons")), {"coupons": list(coupon_ids)})
    found = {row[0]: _record(row) for row in rows}
    return [found[coupon_id] for coupon_id in coupon_ids]


def cells(record: Record, zone: ZoneInfo, *, has_offsets: bool = True) -> list[str]:
    """What stands in COLUMNS, times in the shop's zone, safe for a spreadsheet.

    A program needs each time's offset from UTC; a spreadsheet takes for a time only one that has none.
    """
    return [safe(_text(getattr(record, column), zone, has_offsets=has_offsets)) for column in COLUMNS]


def _text(value: object, zone: ZoneInfo, *, has_offsets: bool) -> str:
    if isinstance(value, datetime):
        at = value.astimezone(zone)
        return at.isoformat(timespec="milliseconds") if has_offsets else at.strftime("%Y-%m-%d %H:%M:%S")
    return "" if value is None else str(value)


_sender, _staff = aliased(User), aliased(User)
_last_answer = (
    select(Claim.outcome)
    .where(Claim.coupon_id == Coupon.id, Claim.answered_at.is_not(None))
    .order_by(Claim.id.desc())
    .limit(1)
    .scalar_subquery()
)
_RECORDS = (
    select(
        Coupon.id,
        Coupon.reference,
        Contact.id,
        Contact.channel,
        Contact.name,
        Flow.name,
        _sender.username,
        Coupon.sent_at,
        Coupon.opened_at,
        Redemption.redeemed_at,
        Verification.verified_at,
        Pack.fixed_code,
        Serial.code,
        Store.name,
        func.coalesce(_staff.username, ApiKey.name),
        _last_answer,
    )
    .join(Contact, Contact.id == Coupon.contact_id)
    .outerjoin(FlowVersion, FlowVersion.id == Coupon.flow_version_id)
    .outerjoin(Flow, Flow.id == FlowVersion.flow_id)
    .outerjoin(_sender, _sender.id == Coupon.user_id)
    .outerjoin(Redemption, Redemption.coupon_id == Coupon.id)
    .outerjoin(Pack, Pack.id == Redemption.pack_id)
    .outerjoin(Serial, (Serial.pack_id == Redemption.pack_id) & (Serial.position == Redemption.position))
    .outerjoin(Verification, Verification.redemption_id == Redemption.id)
    .outerjoin(Store, Store.id == Verification.store_id)
    .outerjoin(_staff, _staff.id == Verification.user_id)
    .outerjoin(ApiKey, ApiKey.id == Verification.api_key_id)
)


def _record(row: Sequence[Any]) -> Record:
    *before, fixed_code, code, store, staff, answer = row
    redeemed_at = before[-2]
    refused = None if redeemed_at or answer == "redeemed" else answer
    return Record(*before, fixed_code or code, store, staff, refused)  # type: ignore[call-arg]  # eleven and four
