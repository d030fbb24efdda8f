"""Serial packs: from a file or generated (core/imports/), or one fixed code many times, and what is left of them."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, SQLColumnExpression, bindparam, cast, func, select
from sqlalchemy.orm import Session, aliased

from core import audit
from core.audit import Action, Deed, Doer
from core.imports import codes as rule
from core.imports import files, loading, uploads
from core.imports.rows import BadRow
from core.imports.uploads import Wish
from core.reasons import Reason
from core.refusal import Refused
from db import locks
from db.several import among
from db.tables import Campaign, Pack, ReturnedSerial, Serial, UndoneRedemption

MAX_FILE_BYTES = 10_000_000  # the seed's "less than 10 MB", unless the settings say otherwise
MAX_FIXED_LENGTH = 16
MAX_FIXED_QUANTITY = 1_000_000
READ_AT_ONCE = 5_000  # codes of a pack that are downloaded
COMMAND_LINE = Doer()


class PackError(ValueError):
    """A pack that cannot be added, with a sentence that says why; `rows` are the file's bad rows, if it was they."""

    def __init__(self, message: str, reason: Reason, rows: Sequence[BadRow] = ()) -> None:
        super().__init__(message)
        self.reason = reason
        self.rows = rows


def import_csv(session: Session, campaign_id: int, content: bytes, now: datetime) -> Pack:
    """Add a pack from a small CSV file, whose first row names the column, in this one transaction. All rows or none.

    Raises:
        PackError: the file or some of its rows cannot be used. The transaction is then to be rolled back.
    """
    file = io.BytesIO(content)
    looked = files.look(file, MAX_FILE_BYTES, "utf-8")
    if isinstance(looked, Refused):
        raise PackError(looked.detail, looked.reason)
    made = uploads.accept(session, campaign_id, file, looked, Wish("", has_header=True), COMMAND_LINE, now)
    while made.state in loading.WORKING:
        loading.step(session, made.id, now)
    if made.state != "done":
        bad = [
            BadRow(one.row, one.code, Refused(Reason(one.reason), one.detail))
            for one in loading.bad_rows(session, made.id)
        ]
        if not bad:
            raise PackError("The file has no serials.", Reason.FILE_EMPTY)
        raise PackError(
            f"{made.bad:,} of {made.good + made.bad:,} rows cannot be used; nothing was imported.",
            bad[0].refusal.reason,
            bad,
        )
    return session.get_one(Pack, made.pack_id)


def add_fixed(
    session: Session, campaign_id: int, code: str, quantity: int, now: datetime, doer: Doer = COMMAND_LINE
) -> Pack:
    """Add a pack in which every one of `quantity` serials is the same `code`: one row, whatever the quantity.

    Raises:
        PackError: a code of more than 16 characters, not fit for the campaign's barcode, or among its unique serials;
            a quantity not within 1 and 1,000,000.
    """
    campaign, code = locks.campaign_added_to(session, campaign_id), code.strip()
    if not 1 <= len(code) <= MAX_FIXED_LENGTH:
        raise PackError(
            f"The fixed serial {code[:100]!r} has {len(code):,} characters; expected 1 to {MAX_FIXED_LENGTH}.",
            Reason.FIXED_LENGTH,
        )
    if not 1 <= quantity <= MAX_FIXED_QUANTITY:
        raise PackError(
            f"The quantity is {quantity:,}; expected 1 to {MAX_FIXED_QUANTITY:,}.", Reason.QUANTITY_OUT_OF_RANGE
        )
    if refused := rule.refusal(campaign.barcode, code):
        raise PackError(f"{refused.detail}. Choose another code, or another barcode for the campaign.", refused.reason)
    is_unique = (Serial.code == code) & (Serial.campaign_id == campaign_id)
    if session.scalar(select(Serial.pack_id).where(is_unique).limit(1)) is not None:
        raise PackError(f"{code!r} is one of the campaign's unique serials already.", Reason.SERIAL_DUPLICATE)
    values = {"name": code, "fixed_code": code, "size": quantity, "taken": 0, "created_at": now}
    pack = Pack(campaign_id=campaign_id, **values)
    session.add(pack)
    session.flush()
    _record(session, doer, "pack.added", pack, {"code": code, "serials": quantity}, now)
    return pack


def _record(
    session: Session, doer: Doer, action: Action, pack: Pack, detail: Mapping[str, object], now: datetime
) -> None:
    slug = session.get_one(Campaign, pack.campaign_id).slug
    audit.record(session, doer, Deed(action, "campaign", slug, {"pack": pack.id, "name": pack.name, **detail}), now)


def withdraw(session: Session, pack_id: int, now: datetime, doer: Doer = COMMAND_LINE) -> Pack | Refused:
    """Give out no more serials of the pack; those that were given stay good. A second time changes nothing.

    Refused: UNKNOWN_PACK.
    """
    return _set_withdrawn(session, pack_id, now, doer, is_withdrawn=True)


def restore(session: Session, pack_id: int, now: datetime, doer: Doer = COMMAND_LINE) -> Pack | Refused:
    """Give out the pack's serials again, in its old place. Refused: UNKNOWN_PACK."""
    return _set_withdrawn(session, pack_id, now, doer, is_withdrawn=False)


def _set_withdrawn(session: Session, pack_id: int, now: datetime, doer: Doer, *, is_withdrawn: bool) -> Pack | Refused:
    campaign_id = session.scalar(select(Pack.campaign_id).where(Pack.id == pack_id, Pack.is_whole))
    if campaign_id is None:
        return Refused(Reason.UNKNOWN_PACK, str(pack_id))
    locks.campaign(session, campaign_id)  # a batch under way gives out what it has counted; the next one sees this
    pack = session.get_one(Pack, pack_id, populate_existing=True)
    if (pack.withdrawn_at is not None) != is_withdrawn:
        pack.withdrawn_at = now if is_withdrawn else None
        action: Action = "pack.withdrawn" if is_withdrawn else "pack.restored"
        _record(session, doer, action, pack, {"left": pack.size - pack.taken}, now)
    return pack


def packs(session: Session, campaign_id: int) -> list[tuple[Pack, int]]:
    """The campaign's packs in the order they are given out, each with how many of its serials came back."""
    returned = select(func.count()).where(ReturnedSerial.pack_id == Pack.id).correlate(Pack).scalar_subquery()
    is_whole = (Pack.campaign_id == campaign_id) & Pack.is_whole
    rows = session.execute(select(Pack, returned).where(is_whole).order_by(Pack.id))
    return [(pack, count) for pack, count in rows]


def codes_after(session: Session, pack_id: int, after: int = 0) -> list[tuple[int, str]]:
    """The next codes of a pack of unique serials behind the place `after`, each with its place; none at its end."""
    found = select(Serial.position, Serial.code).where(Serial.pack_id == pack_id, Serial.position > after)
    rows = session.execute(found.order_by(Serial.position).limit(READ_AT_ONCE))
    return [(position, code) for position, code in rows]


def codes(session: Session, places: Mapping[int, tuple[int, int]]) -> dict[int, str]:
    """The codes at (pack, position), by whatever key each was asked under."""
    found: dict[tuple[int, int], str] = {}
    for pack_id in {pack_id for pack_id, _ in places.values()}:
        positions = [position for of_pack, position in places.values() if of_pack == pack_id]
        rows = session.connection().execute(_CODES, {"pack": pack_id, "positions": positions}).all()
        found.update({(pack_id, position): code for position, code in rows})
        if not rows:
            fixed = session.get_one(Pack, pack_id).fixed_code or ""
            found.update({(pack_id, position): fixed for position in positions})
    return {key: found[place] for key, place in places.items()}


_CODES = select(Serial.position, Serial.code).where(
    Serial.pack_id == bindparam("pack"), among(Serial.position, "positions")
)


def stock(session: Session, campaign_id: int) -> int:
    """How many serials of the campaign can still be given out."""
    return session.scalar(_STOCK, {"campaign": campaign_id}) or 0


def stock_of(campaign_id: SQLColumnExpression[int]) -> SQLColumnExpression[int]:
    """`stock` as part of a larger query, whose `campaign_id` it takes."""
    pack, other = aliased(Pack), aliased(Pack)
    left = select(func.coalesce(func.sum(pack.size - pack.taken), 0)).where(
        pack.campaign_id == campaign_id, pack.withdrawn_at.is_(None)
    )
    returned = (
        select(func.count())
        .select_from(ReturnedSerial)
        .join(other, other.id == ReturnedSerial.pack_id)
        .where(other.campaign_id == campaign_id, other.withdrawn_at.is_(None))
    )
    return cast(left.correlate_except(pack).scalar_subquery(), BigInteger) + (
        returned.correlate_except(ReturnedSerial, other).scalar_subquery()
    )


def given_of(campaign_id: SQLColumnExpression[int]) -> SQLColumnExpression[int]:
    """How many serials of the campaign coupons have, as part of a larger query, without a look at the redemptions."""
    pack, other, third = aliased(Pack), aliased(Pack), aliased(Pack)
    taken = select(func.coalesce(func.sum(pack.taken), 0)).where(pack.campaign_id == campaign_id)
    returned = (
        select(func.count())
        .select_from(ReturnedSerial)
        .join(other, other.id == ReturnedSerial.pack_id)
        .where(other.campaign_id == campaign_id)
    )
    burnt = (
        select(func.count())
        .select_from(UndoneRedemption)
        .join(third, third.id == UndoneRedemption.pack_id)
        .where(third.campaign_id == campaign_id, UndoneRedemption.is_burnt)
    )
    back = returned.correlate_except(ReturnedSerial, other).scalar_subquery()
    gone = burnt.correlate_except(UndoneRedemption, third).scalar_subquery()
    return cast(taken.correlate_except(pack).scalar_subquery(), BigInteger) - back - gone


_STOCK = select(stock_of(bindparam("campaign", type_=BigInteger)))
