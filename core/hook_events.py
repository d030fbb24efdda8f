"""What other systems of the shop hear of: events, found in the rows that every change of a coupon leaves.

Of a coupon that has changed, every event of late is made, in the order in which they were recorded; an event has the
same id however often it is made, and the constraint keeps one of it for each endpoint. So nothing depends on the order
in which changes are found, and what is done and undone between two looks is told whole.

"Of late" is since FRESH before the reader's last look. Were it longer than deliveries are kept, events would be told
anew. One such case is accepted: where nothing at all happened for so long, those of the hour before it may be.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import feeds, serials
from db.insert import insert_all_unless_there
from db.several import among
from db.tables import (
    Campaign,
    Coupon,
    Redemption,
    Store,
    UndoneRedemption,
    UndoneVerification,
    Verification,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookFeed,
)

# New rows of each table a transaction: on SQLite nobody redeems meanwhile.
MOST = {"sqlite": 200, "postgresql": 1_000}
FRESH = timedelta(hours=1)  # longer than any transaction, and than clocks of two hosts differ
ALWAYS = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Event:
    """Something that happened to a coupon: `at` by the clock of who did it, `recorded_at` by the shop's."""

    kind: str
    coupon_id: int
    recorded_at: datetime
    at: datetime
    data: dict[str, Any]
    undone: str = ""

    @property
    def event_id(self) -> str:
        """The same however often it is made; another in a shop that was restored and goes another way."""
        told = f"{self.kind}{self.undone}/{self.coupon_id}/{self.recorded_at.isoformat(timespec='microseconds')}"
        return f"evt_{hashlib.sha256(told.encode()).hexdigest()[:32]}"

    @property
    def body(self) -> dict[str, Any]:
        """What is sent: nothing of who the customer is."""
        told = {"recorded_at": _written(self.recorded_at), **self.data}
        return {"type": f"coupon.{self.kind}", "timestamp": _written(self.at), "data": told}


def find(session: Session, now: datetime) -> int:
    """Make the deliveries of the next changes, due at once. How many coupons were looked at."""
    changes = feeds.take(session, WebhookFeed, MOST[session.get_bind().dialect.name], now)
    if not changes.coupon_ids:
        return 0
    since = changes.since - FRESH if changes.since else ALWAYS
    events = of_coupons(session, changes.coupon_ids, since)
    hearers = session.scalars(
        select(WebhookEndpoint).where(WebhookEndpoint.disabled_at.is_(None)).order_by(WebhookEndpoint.id)
    ).all()
    rows = [_row(event, one.id, now) for event in events for one in hearers if _hears(one, event)]
    insert_all_unless_there(session, WebhookDelivery, rows, ["endpoint_id", "event_id"])
    return len(changes.coupon_ids)


def of_coupons(session: Session, coupon_ids: Sequence[int], since: datetime) -> list[Event]:
    """All that was recorded of these coupons since then, in the order in which it was."""
    asked = {"coupons": list(coupon_ids)}
    ask = session.connection().execute
    undone = [*ask(_UNDONE_REDEMPTIONS, asked), *ask(_UNDONE_VERIFICATIONS, asked)]  # first: what is undone after
    standing = ask(_STANDING, asked).all()  # this is read leaves rows that are looked at next
    names = {row.id: {"reference": row.reference, "campaign": row.slug} for row in standing}
    found = [event for row in standing for event in _of_standing(row)]
    places = {row.id: (row.pack_id, row.position) for row in standing if row.redeemed_at}
    found += [event for row in undone for event in _of_undone(row, places.get(row.coupon_id))]
    fresh = [(event, place) for event, place in found if event.recorded_at >= since]
    codes = serials.codes(session, {index: place for index, (_, place) in enumerate(fresh) if place})
    named = [
        Event(
            event.kind,
            event.coupon_id,
            event.recorded_at,
            event.at,
            names[event.coupon_id] | event.data | ({"serial": codes[index]} if index in codes else {}),
            event.undone,
        )
        for index, (event, _) in enumerate(fresh)
    ]
    return sorted(named, key=lambda event: (event.recorded_at, _ORDER.index(event.kind + event.undone)))


_ORDER = ("sent", "opened", "redeemed", "verified", "undoneverification", "undoneredemption")
_STANDING = (
    select(
        Coupon.id,
        Coupon.reference,
        Campaign.slug,
        Coupon.sent_at,
        Coupon.opened_at,
        Redemption.redeemed_at,
        Redemption.pack_id,
        Redemption.position,
        Verification.verified_at,
        Verification.recorded_at,
        Verification.via,
        Verification.is_offline,
        Store.name.label("store"),
    )
    .join(Campaign, Campaign.id == Coupon.campaign_id)
    .outerjoin(Redemption, Redemption.coupon_id == Coupon.id)
    .outerjoin(Verification, Verification.redemption_id == Redemption.id)
    .outerjoin(Store, Store.id == Verification.store_id)
    .where(among(Coupon.id, "coupons"))
)
_UNDONE_REDEMPTIONS = select(
    UndoneRedemption.coupon_id,
    UndoneRedemption.redeemed_at,
    UndoneRedemption.undone_at,
    UndoneRedemption.pack_id,
    UndoneRedemption.position,
    UndoneRedemption.is_burnt,
).where(among(UndoneRedemption.coupon_id, "coupons"))
_UNDONE_VERIFICATIONS = (
    select(
        UndoneVerification.coupon_id,
        UndoneVerification.verified_at,
        UndoneVerification.recorded_at,
        UndoneVerification.undone_at,
        UndoneVerification.via,
        Store.name.label("store"),
    )
    .outerjoin(Store, Store.id == UndoneVerification.store_id)
    .where(among(UndoneVerification.coupon_id, "coupons"))
)

Place = tuple[int, int]  # of a serial: pack and position
Found = Iterator[tuple[Event, Place | None]]


def _of_standing(row: Any) -> Found:  # noqa: ANN401 (a row of _STANDING)
    yield Event("sent", row.id, row.sent_at, row.sent_at, {}), None
    if row.opened_at:
        yield Event("opened", row.id, row.opened_at, row.opened_at, {}), None
    if row.redeemed_at:
        place = (row.pack_id, row.position)
        yield Event("redeemed", row.id, row.redeemed_at, row.redeemed_at, {}), place
        if row.verified_at:
            told = {"store": row.store, "via": row.via, "is_offline": row.is_offline}
            yield Event("verified", row.id, row.recorded_at, row.verified_at, told), place


def _of_undone(row: Any, standing: Place | None) -> Found:  # noqa: ANN401 (a row of one of the two)
    """It was taken back, and before that it was done; which nobody may have looked at meanwhile.

    `standing` is the serial that the coupon has now: whoever verified it verified that.
    """
    if "redeemed_at" in row._mapping:  # noqa: SLF001 (SQLAlchemy's own name for it)
        place = (row.pack_id, row.position)
        yield Event("redeemed", row.coupon_id, row.redeemed_at, row.redeemed_at, {}), place
        told = {"undone": "redemption", "is_burnt": row.is_burnt}
        yield Event("undone", row.coupon_id, row.undone_at, row.undone_at, told, "redemption"), place
    else:
        told = {"store": row.store, "via": row.via}
        yield Event("verified", row.coupon_id, row.recorded_at, row.verified_at, told), standing
        told = {"undone": "verification", "store": row.store}
        yield Event("undone", row.coupon_id, row.undone_at, row.undone_at, told, "verification"), standing


def _hears(endpoint: WebhookEndpoint, event: Event) -> bool:
    """It wants events of the kind, and was there when it happened."""
    return event.kind in endpoint.kinds and event.recorded_at >= endpoint.created_at


def _row(event: Event, endpoint_id: int, now: datetime) -> dict[str, Any]:
    return {
        "endpoint_id": endpoint_id,
        "event_id": event.event_id,
        "kind": event.kind,
        "coupon_id": event.coupon_id,
        "body": event.body,
        "created_at": now,
        "due_at": now,
    }


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
