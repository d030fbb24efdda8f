"""Packs of serials: a numbered sequence and a cursor. No row of a pack is updated when a serial is given out."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, identity


class Pack(Base):
    """A campaign's serials, given out in order of position 1 to `size`; `taken` is the last position given.

    From a pack that was withdrawn no more are given; those that were given stay good.

    With a `fixed_code` every position stands for that one code and there are no rows in `serials`. One that is not
    whole is still being filled by an import: its size is not known, and it gives out nothing.
    """

    __tablename__ = "packs"
    __table_args__ = (
        CheckConstraint("size >= 1", name="size_positive"),
        CheckConstraint("taken >= 0 AND taken <= size", name="taken_within_size"),
        CheckConstraint("is_whole OR withdrawn_at IS NOT NULL", name="given_out_only_whole"),
    )

    id: Mapped[identity]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    fixed_code: Mapped[str | None] = mapped_column(String(16), index=True)
    size: Mapped[int]
    taken: Mapped[int]
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    is_whole: Mapped[bool] = mapped_column(server_default=text("true"), default=True)


class Serial(Base):
    """One code at its place in a pack. Never changed once imported."""

    __tablename__ = "serials"
    # Code first: the same index keeps codes unique within a campaign and finds a code typed at the counter. No foreign
    # keys: on PostgreSQL they more than double what a million rows cost (22 s became 55 to 63), as each row asks anew
    # for its pack. `flask doctor` looks for serials without theirs (`serial_of_its_pack`).
    __table_args__ = (UniqueConstraint("code", "campaign_id"),)

    pack_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    campaign_id: Mapped[int]
    code: Mapped[str] = mapped_column(String(64))


class ReturnedSerial(Base):
    """A position that an undone redemption gave back: it is given out again before the pack goes on."""

    __tablename__ = "returned_serials"

    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    returned_at: Mapped[datetime]


class StockLevel(Base):
    """A number of serials left at which the marketer is warned; `warned_at` while the stock is at it or below."""

    __tablename__ = "stock_levels"
    __table_args__ = (CheckConstraint("level >= 0", name="level_not_negative"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True, autoincrement=False)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    warned_at: Mapped[datetime | None]
