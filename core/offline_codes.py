"""What a device keeps to verify by while it has no network: a store's campaigns, and redeemed, unverified coupons.

Of a coupon it has no name and no code, only digests of its serial and reference with a salt of this one fetch: who has
the code finds it, and two fetches have nothing in common. `pos/static/counter/codes.js` reads it.

The digests are short on purpose. Whoever has the list can try all references, 2**40, in a minute, and most serials
sooner; of 4 bytes each finds 256 that fit, of which the shop knows one. With 8 there would be no other.
"""

import hashlib
import struct
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.orm import Session

from db.base import UtcDateTime
from db.several import among
from db.tables import Campaign, CampaignStore, Coupon, Pack, Record, RecordGroup, Redemption, Serial, Verification

MOST = 100_000  # coupons: 1.4 MB
LOOKED_AT = 2 * MOST  # redeemed, unverified ones, of which some have expired
AT_ONCE = 2_000
DIGEST = 4  # bytes
ROW = struct.Struct(f">{DIGEST}s{DIGEST}sIH")  # serial (zeros: a fixed one), reference, expiry (0: none), campaign
NOTHING = bytes(DIGEST)
REDEEMED = 2  # a record's stage
LONGEST_EXPIRY = 2**32 - 1  # seconds since 1970, as the row has them


@dataclass(frozen=True)
class KeptCampaign:
    """What the counter says of a campaign. `fixed`: digests of serials that many have, which alone say nothing."""

    name: str
    instructions: str
    used_from: datetime | None
    fixed: tuple[str, ...]


@dataclass(frozen=True)
class Codes:
    """`rows`: ROW by ROW, newest first. Not `is_whole` where there may be more."""

    campaigns: tuple[KeptCampaign, ...]
    rows: bytes
    is_whole: bool


def pack(session: Session, store_id: int | None, salt: bytes, now: datetime) -> Codes:
    """The store's, as they are at `now`; of more than MOST coupons those redeemed last, of the LOOKED_AT last."""
    campaigns = _campaigns(session, store_id)
    places = {campaign.id: place for place, campaign in enumerate(campaigns)}
    rows, looked_at = bytearray(), 0
    with closing(_newest(session, campaigns)) as newest:
        for coupon_ids in newest:
            looked_at += len(coupon_ids)
            for one in session.execute(_CODES, {"coupons": coupon_ids, "now": now}):
                rows += _row(salt, *one, places)
            if len(rows) > MOST * ROW.size:
                break
    fixed = _fixed(session, campaigns, salt)
    kept = [KeptCampaign(one.name, one.instructions, one.used_from, fixed.get(one.id, ())) for one in campaigns]
    is_whole = len(rows) <= MOST * ROW.size and looked_at < LOOKED_AT
    return Codes(tuple(kept), bytes(rows[: MOST * ROW.size]), is_whole)


def digest(salt: bytes, code: str) -> bytes:
    """The first bytes of SHA-256 over the salt and the code."""
    return hashlib.sha256(salt + code.encode()).digest()[:DIGEST]


def _campaigns(session: Session, store_id: int | None) -> list[Campaign]:
    """Those whose coupons are honoured in the store, the newest 65,535: more a row cannot tell apart."""
    stores = exists().where(CampaignStore.campaign_id == Campaign.id)
    is_here = exists().where(CampaignStore.campaign_id == Campaign.id, CampaignStore.store_id == store_id)
    honoured = select(Campaign).where(Campaign.used_in != "online", or_(~stores, is_here))
    return list(session.scalars(honoured.order_by(Campaign.id.desc()).limit(2**16 - 1)))


def _newest(session: Session, campaigns: Iterable[Campaign]) -> Generator[Sequence[int]]:
    """Coupons counted as redeemed and not verified, AT_ONCE and AT_ONCE, so that they are never all in memory."""
    groups = select(RecordGroup.id).where(RecordGroup.campaign_id.in_([one.id for one in campaigns]))
    newest = (
        select(Record.coupon_id)
        .where(Record.group_id.in_(groups), Record.stage == REDEEMED, Record.redeemed_at.is_not(None))
        .order_by(Record.redeemed_at.desc())
        .limit(LOOKED_AT)
        .execution_options(yield_per=AT_ONCE)
    )
    with session.scalars(newest) as found:
        yield from found.partitions()


# Found by their ids, a few thousand at once.
# Records are a second late, so verifications are looked at once more.
_CODES = (
    select(Coupon.reference, Serial.code, Redemption.expires_at, Redemption.campaign_id)
    .join(Redemption, Redemption.coupon_id == Coupon.id)
    .outerjoin(Serial, (Serial.pack_id == Redemption.pack_id) & (Serial.position == Redemption.position))
    .outerjoin(Verification, Verification.redemption_id == Redemption.id)
    .where(
        among(Coupon.id, "coupons"),
        Verification.redemption_id.is_(None),
        or_(Redemption.expires_at.is_(None), Redemption.expires_at > bindparam("now", type_=UtcDateTime())),
    )
    .order_by(Redemption.redeemed_at.desc())
)


def _row(
    salt: bytes,
    reference: str,
    code: str | None,
    expires_at: datetime | None,
    campaign_id: int,
    places: Mapping[int, int],
) -> bytes:
    expiry = min(int(expires_at.timestamp()), LONGEST_EXPIRY) if expires_at else 0
    serial = digest(salt, code) if code else NOTHING
    return ROW.pack(serial, digest(salt, reference), expiry, places[campaign_id])


def _fixed(session: Session, campaigns: Iterable[Campaign], salt: bytes) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    packs = select(Pack.campaign_id, Pack.fixed_code).where(
        Pack.fixed_code.is_not(None), Pack.campaign_id.in_([one.id for one in campaigns])
    )
    for campaign_id, code in session.execute(packs.order_by(Pack.id)):
        found[campaign_id] = (*found.get(campaign_id, ()), digest(salt, str(code)).hex())
    return found
