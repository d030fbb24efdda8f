"""Serial packs: imported from a CSV file, or one fixed code many times, and what is left of them."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, SQLColumnExpression, bindparam, cast, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from core import symbologies
from core.reasons import Reason
from core.refusal import Refused
from db import locks
from db.several import among, insert_all
from db.tables import Pack, ReturnedSerial, Serial, UndoneRedemption

MAX_FILE_BYTES = 10_000_000  # the seed's "less than 10 MB"
MAX_FIXED_LENGTH = 16
MAX_FIXED_QUANTITY = 1_000_000
INSERTED_AT_ONCE = 5_000  # rows a statement
LOOKED_UP_AT_ONCE = 500  # codes in one IN (...)


@dataclass(frozen=True)
class BadRow:
    """A row of the file that cannot be a serial; `row` counts from 1, the header being row 1."""

    row: int
    code: str
    refusal: Refused


class PackError(ValueError):
    """A pack that cannot be added, with a sentence that says why; `rows` are the file's bad rows, if it was they."""

    def __init__(self, message: str, rows: list[BadRow] | None = None) -> None:
        super().__init__(message)
        self.rows = rows or []


def import_csv(session: Session, campaign_id: int, content: bytes, now: datetime) -> Pack:
    """Add a pack from a CSV file: one column, whose first row names it, one serial a row. All rows or none.

    Raises:
        PackError: not UTF-8, 10 MB or more, more than one column, no serial, or rows that cannot be used: empty,
            twice in the file, already in the campaign, or not fit for the campaign's barcode; or another import of the
            same serials came first. The transaction is then to be rolled back.
    """
    campaign = locks.campaign_kept(session, campaign_id)  # a million rows take a while; nobody waits for them
    name, rows = read_csv(content)
    bad = list(_bad_rows(rows, campaign.barcode)) or _already_there(session, campaign_id, rows)
    if bad:
        raise PackError(f"{len(bad):,} of {len(rows):,} rows cannot be used; nothing was imported.", bad)
    pack = _add_pack(session, campaign_id, name, None, len(rows), now)
    try:
        for start in range(0, len(rows), INSERTED_AT_ONCE):
            chunk = enumerate(rows[start : start + INSERTED_AT_ONCE], start + 1)
            placed = [(position, code) for position, (_, code) in chunk]
            values = {"pack_id": pack.id, "campaign_id": campaign_id}
            insert_all(session, Serial, [values | {"position": position, "code": code} for position, code in placed])
    except IntegrityError as error:
        raise PackError(
            "Another import added some of these serials at this very moment. Look, and try again."
        ) from error
    return pack


def add_fixed(session: Session, campaign_id: int, code: str, quantity: int, now: datetime) -> Pack:
    """Add a pack in which every one of `quantity` serials is the same `code`: one row, whatever the quantity.

    Raises:
        PackError: a code of more than 16 characters or not fit for the campaign's barcode; a quantity not within
            1 and 1,000,000.
    """
    campaign = locks.campaign_kept(session, campaign_id)
    if not 1 <= len(code.strip()) <= MAX_FIXED_LENGTH:
        raise PackError(f"The fixed serial {code!r} has {len(code)} characters; expected 1 to {MAX_FIXED_LENGTH}.")
    if not 1 <= quantity <= MAX_FIXED_QUANTITY:
        raise PackError(f"The quantity is {quantity:,}; expected 1 to {MAX_FIXED_QUANTITY:,}.")
    refusal = symbologies.refusal(campaign.barcode, code.strip())
    if refusal:
        raise PackError(f"{refusal.detail}. Choose another code, or another barcode for the campaign.")
    return _add_pack(session, campaign_id, code.strip(), code.strip(), quantity, now)


def read_csv(content: bytes) -> tuple[str, list[tuple[int, str]]]:
    """The column's name, and (row number, code) of every row that is not blank; row 1 is the header.

    Raises:
        PackError: the file cannot be read as one named column of UTF-8 text.
    """
    if len(content) >= MAX_FILE_BYTES:
        raise PackError(
            f"The file has {len(content):,} bytes; it must be under {MAX_FILE_BYTES:,} (10 MB). Split it into packs."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackError(
            f"The file is not UTF-8 (byte {error.start + 1}). Save it as CSV UTF-8 and try again."
        ) from error
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise PackError(f"The file is not a CSV file: {error}.") from error
    if not lines or not lines[0] or not lines[0][0].strip():
        raise PackError("The first row must name the column, such as: serial")
    wide = next((i for i, cells in enumerate(lines, 1) if len(cells) > 1), None)
    if wide:
        raise PackError(f"Row {wide} has {len(lines[wide - 1])} columns; the file may have only one.")
    rows = [(i, cells[0].strip()) for i, cells in enumerate(lines[1:], 2) if cells]
    if not rows:
        raise PackError("The file has a header and no serials.")
    return lines[0][0].strip()[:100], rows


def _bad_rows(rows: list[tuple[int, str]], barcode: str) -> Iterator[BadRow]:
    first_seen: dict[str, int] = {}
    for row, code in rows:
        if not code:
            yield BadRow(row, code, Refused(Reason.SERIAL_EMPTY, "the row is empty"))
        elif code in first_seen:
            yield BadRow(row, code, Refused(Reason.SERIAL_DUPLICATE, f"{code!r} is already in row {first_seen[code]}"))
        elif refusal := symbologies.refusal(barcode, code):
            yield BadRow(row, code, refusal)
        first_seen.setdefault(code, row)


def _already_there(session: Session, campaign_id: int, rows: list[tuple[int, str]]) -> list[BadRow]:
    """The rows whose code an earlier pack has. The unique index would refuse them too, without saying which."""
    if session.scalar(select(Pack.id).where(Pack.campaign_id == campaign_id).limit(1)) is None:
        return []
    there: set[str] = set(
        session.scalars(select(Pack.fixed_code).where(Pack.campaign_id == campaign_id, Pack.fixed_code.is_not(None)))
    )
    for start in range(0, len(rows), LOOKED_UP_AT_ONCE):
        codes = [code for _, code in rows[start : start + LOOKED_UP_AT_ONCE]]
        there.update(
            session.scalars(select(Serial.code).where(Serial.code.in_(codes), Serial.campaign_id == campaign_id))
        )
    return [
        BadRow(row, code, Refused(Reason.SERIAL_DUPLICATE, f"{code!r} is already in an earlier pack"))
        for row, code in rows
        if code in there
    ]


def _add_pack(session: Session, campaign_id: int, name: str, fixed_code: str | None, size: int, now: datetime) -> Pack:
    pack = Pack(campaign_id=campaign_id, name=name, fixed_code=fixed_code, size=size, taken=0, created_at=now)
    session.add(pack)
    session.flush()
    return pack


def withdraw(session: Session, pack_id: int, now: datetime) -> Pack | Refused:
    """Give out no more serials of the pack; those that were given stay good. A second time changes nothing.

    Refused: UNKNOWN_PACK.
    """
    return _set_withdrawn(session, pack_id, now)


def restore(session: Session, pack_id: int) -> Pack | Refused:
    """Give out the pack's serials again, in its old place. Refused: UNKNOWN_PACK."""
    return _set_withdrawn(session, pack_id, None)


def _set_withdrawn(session: Session, pack_id: int, at: datetime | None) -> Pack | Refused:
    campaign_id = session.scalar(select(Pack.campaign_id).where(Pack.id == pack_id))
    if campaign_id is None:
        return Refused(Reason.UNKNOWN_PACK, str(pack_id))
    locks.campaign(session, campaign_id)  # a batch under way gives out what it has counted; the next one sees this
    pack = session.get_one(Pack, pack_id, populate_existing=True)
    pack.withdrawn_at = at and (pack.withdrawn_at or at)
    return pack


def packs(session: Session, campaign_id: int) -> list[tuple[Pack, int]]:
    """The campaign's packs in the order they are given out, each with how many of its serials came back."""
    returned = select(func.count()).where(ReturnedSerial.pack_id == Pack.id).correlate(Pack).scalar_subquery()
    rows = session.execute(select(Pack, returned).where(Pack.campaign_id == campaign_id).order_by(Pack.id))
    return [(pack, count) for pack, count in rows]


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
