"""The coupon that somebody at a counter asks for: by its serial, its reference, or its page's link. Changes nothing."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Executable, bindparam, exists, func, select, text
from sqlalchemy.orm import Session, load_only

from core import honouring, spelling, undo
from core.reasons import Reason
from core.refusal import Refused
from db.base import LARGEST_ID
from db.several import among
from db.tables import (
    ApiKey,
    Campaign,
    CampaignStore,
    Contact,
    Coupon,
    Pack,
    Redemption,
    Serial,
    Store,
    UndoneRedemption,
    User,
    Verification,
)

SHOWN = 20  # coupons of one fixed serial
LAST = 1_000  # of those given out of a pack of one, among which these are looked for


@dataclass(frozen=True)
class Found:
    """A coupon as staff see it. `refusal` is why it cannot be verified now in their store, or None where it can.

    `stores` are the names of those where it is honoured, none: all. Until `undo_until` their store may take the
    verification back; None where it may not (any more).
    """

    coupon_id: int
    campaign_name: str
    instructions: str
    reference: str
    serial: str
    contact_name: str
    redeemed_at: datetime
    used_from: datetime | None
    expires_at: datetime | None
    stores: Sequence[str]
    verified_at: datetime | None
    verified_by: str | None  # a user's name, or a POS machine's key's
    verified_in: str | None
    verified_on: int | None  # the device
    verifier_id: int | None  # the user
    recorded_at: datetime | None  # when the server learned of the verification
    undo_until: datetime | None
    refusal: Reason | None


def find(
    session: Session, entered: str, now: datetime, store_id: int | None = None, home: str | None = None
) -> list[Found] | Refused:
    """The redeemed coupons that a serial, reference or link stands for, unverified and newest first, at most 20.

    A serial of a pack stands for one coupon, a fixed serial for many, of which the last 1,000 are looked at; a
    reference or link always for one. Upper and lower case are told apart only where the serials themselves do. `home`
    is the address that the shop's own links begin with; None: links are not asked whose they are. Refused:
    NOT_REDEEMED (the serial has not been given to anybody, or the coupon has none), WITHDRAWN (nor will it be: it is
    burnt, or its pack was withdrawn), WRONG_SHOP, UNKNOWN_COUPON.
    """
    typed, link = spelling.normal(entered), spelling.link(entered)
    is_foreign = link is not None and home is not None and link.host != _host(home)
    by_coupon = Coupon.reference == spelling.reference(entered)
    if link and not is_foreign:
        by_coupon = Coupon.token == link.token
    for given in _given(session, spelling.variants(entered), by_coupon):
        if given:
            statement, ids = (_SEVERAL, list(given)) if len(given) > 1 else (_ONE, given[0])
            found = _all_found(session, statement, {"given": ids}, store_id, now)
            exact = [[one for one in found if one.serial == spelled] for spelled in (spelling.as_given(entered), typed)]
            return exact[0] or exact[1] or found
    reason = _why_none(session, spelling.variants(entered), by_coupon)
    if link and is_foreign and reason is Reason.UNKNOWN_COUPON:
        return Refused(Reason.WRONG_SHOP, link.host)
    return Refused(reason, spelling.kept(entered))


def of(session: Session, coupon_id: int, reference: str, store_id: int | None, now: datetime) -> Found | None:
    """The redeemed coupon with this id, for whoever knows its reference, too; None where there is none."""
    if not 0 < coupon_id <= LARGEST_ID:
        return None
    its = {"coupon_id": coupon_id, "reference": spelling.reference(reference)}
    found = _all_found(session, _ITS, its, store_id, now)
    return found[0] if found else None


def stands_for(session: Session, entered: str, coupon_id: int) -> bool:
    """Whether it is this coupon's reference, link or serial. Anything is one's that has no serial (any more)."""
    if not 0 < coupon_id <= LARGEST_ID:
        return False
    codes = (
        select(Coupon.reference, Coupon.token, func.coalesce(Pack.fixed_code, Serial.code).label("serial"))
        .outerjoin(Redemption, Redemption.coupon_id == Coupon.id)
        .outerjoin(Pack, Pack.id == Redemption.pack_id)
        .outerjoin(Serial, (Serial.pack_id == Redemption.pack_id) & (Serial.position == Redemption.position))
    )
    its = session.execute(codes.where(Coupon.id == coupon_id)).one_or_none()
    if its is None or its.serial is None:
        return its is not None
    link = spelling.link(entered)
    is_its_link = link is not None and link.token == its.token
    is_its_serial = its.serial in spelling.variants(entered)
    return is_its_serial or is_its_link or its.reference == spelling.reference(entered)


def without_redemption(session: Session, coupon_id: int) -> Reason:
    """Why a coupon that has no serial cannot be verified: it never had one, or it was taken back for good."""
    last = session.execute(
        select(UndoneRedemption.is_burnt, Pack.withdrawn_at)
        .join(Pack, Pack.id == UndoneRedemption.pack_id)
        .where(UndoneRedemption.coupon_id == coupon_id)
        .order_by(UndoneRedemption.id.desc())
        .limit(1)
    ).one_or_none()
    return Reason.WITHDRAWN if last and (last.is_burnt or last.withdrawn_at) else Reason.NOT_REDEEMED


def _host(home: str) -> str:
    found = spelling.link(home)
    return found.host if found else ""


def _given(session: Session, spellings: set[str], by_coupon: ColumnElement[bool]) -> Iterator[Sequence[int]]:
    """The ids of redemptions of a serial of a pack, of a fixed one (the last that were given), and of one coupon.

    Ids first: what staff see of them takes nine tables, and is asked for once.
    """
    is_its = (Serial.pack_id == Redemption.pack_id) & (Serial.position == Redemption.position)
    yield session.scalars(select(Redemption.id).join(Serial, is_its).where(Serial.code.in_(spellings))).all()
    last: list[int] = []
    for pack_id in session.scalars(select(Pack.id).where(Pack.fixed_code.in_(spellings))).all():
        of_it = select(Redemption.id).where(Redemption.pack_id == pack_id)
        last += session.scalars(of_it.order_by(Redemption.position.desc()).limit(LAST))
    yield last
    one = select(Redemption.id).join(Coupon, Coupon.id == Redemption.coupon_id).where(by_coupon)
    yield session.scalars(one).all()


def _why_none(session: Session, spellings: set[str], by_coupon: ColumnElement[bool]) -> Reason:
    """Why nothing redeemed was found. Of several packs that have such a serial one that still gives counts."""
    burnt = exists().where(
        # As the index of burnt ones is written: SQLite takes it for nothing else, and would read all rows.
        text("undone_redemptions.is_burnt"),
        UndoneRedemption.pack_id == Serial.pack_id,
        UndoneRedemption.position == Serial.position,
    )
    is_gone = Pack.withdrawn_at.is_not(None) & Pack.is_whole
    serials = select(is_gone | burnt).select_from(Serial).join(Pack, Pack.id == Serial.pack_id)
    gone = [
        *session.scalars(serials.where(Serial.code.in_(spellings))),
        *session.scalars(select(is_gone).where(Pack.fixed_code.in_(spellings))),
    ]
    if gone:
        return Reason.WITHDRAWN if all(gone) else Reason.NOT_REDEEMED
    coupon_id = session.scalar(select(Coupon.id).where(by_coupon))
    return without_redemption(session, coupon_id) if coupon_id else Reason.UNKNOWN_COUPON


_FOUND = (
    select(
        Redemption,
        Coupon,
        Campaign,
        Contact,
        Pack,
        Serial.code,
        Verification,
        func.coalesce(User.username, ApiKey.name),
        Store.name,
    )
    .join(Coupon, Coupon.id == Redemption.coupon_id)
    .join(Campaign, Campaign.id == Redemption.campaign_id)
    .join(Contact, Contact.id == Coupon.contact_id)
    .join(Pack, Pack.id == Redemption.pack_id)
    .outerjoin(Serial, (Serial.pack_id == Redemption.pack_id) & (Serial.position == Redemption.position))
    .outerjoin(Verification, Verification.redemption_id == Redemption.id)
    .outerjoin(User, User.id == Verification.user_id)
    .outerjoin(ApiKey, ApiKey.id == Verification.api_key_id)
    .outerjoin(Store, Store.id == Verification.store_id)
    .order_by(Verification.verified_at.is_not(None), Redemption.redeemed_at.desc())
    .limit(SHOWN)
    .options(
        load_only(Campaign.name, Campaign.instructions, Campaign.used_in, Campaign.used_from),
        load_only(Contact.name),
        load_only(Pack.fixed_code),
    )
)
# PostgreSQL plans nine tables for longer than it reads them, and keeps a plan only where that looks as good as one for
# the values at hand: for one id, not for an array.
_ONE = _FOUND.where(Redemption.id == bindparam("given"))
_SEVERAL = _FOUND.where(among(Redemption.id, "given"))
_ITS = _FOUND.where(Redemption.coupon_id == bindparam("coupon_id"), Coupon.reference == bindparam("reference"))

_STORES = (
    select(CampaignStore.campaign_id, Store.id, Store.name)
    .join(Store, Store.id == CampaignStore.store_id)
    .where(among(CampaignStore.campaign_id, "campaigns"))
    .order_by(Store.name)
)


def _all_found(
    session: Session, statement: Executable, values: Mapping[str, Any], store_id: int | None, now: datetime
) -> list[Found]:
    rows = session.execute(statement, values).all()
    store = session.get(Store, store_id) if store_id else None
    stores: dict[int, dict[int, str]] = defaultdict(dict)
    for campaign_id, one, name in session.execute(_STORES, {"campaigns": [row[2].id for row in rows]}):
        stores[campaign_id][one] = name
    return [_found(row, stores[row[2].id], store, now) for row in rows]


def _found(row: Any, stores: Mapping[int, str], store: Store | None, now: datetime) -> Found:  # noqa: ANN401 (of _FOUND)
    given, coupon, campaign, contact, pack, code, verification, verified_by, verified_in = row
    return Found(
        coupon_id=coupon.id,
        campaign_name=campaign.name,
        instructions=campaign.instructions,
        reference=coupon.reference,
        serial=pack.fixed_code or code or "",
        contact_name=contact.name,
        redeemed_at=given.redeemed_at,
        used_from=campaign.used_from,
        expires_at=given.expires_at,
        stores=tuple(stores.values()),
        verified_at=verification.verified_at if verification else None,
        verified_by=verified_by,
        verified_in=verified_in,
        verified_on=verification.device_id if verification else None,
        verifier_id=verification.user_id if verification else None,
        recorded_at=verification.recorded_at if verification else None,
        undo_until=_undo_until(verification, store, now),
        refusal=honouring.refusal(given, campaign, stores, store, now, is_verified=verification is not None),
    )


def _undo_until(verification: Verification | None, store: Store | None, now: datetime) -> datetime | None:
    if verification is None or store is None or verification.store_id != store.id:
        return None
    until = undo.undo_until(verification, store)
    return until if now < until else None
