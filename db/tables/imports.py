"""Packs in the making: what a marketer uploaded or asked for, how far it has come, and what was wrong in it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Json, identity


class Import(Base):
    """A pack that is being filled: from an uploaded file, or with codes that are generated as `pattern` says.

    `state`: it asks what the file's first row or encoding is, it is loading, it has bad rows and the marketer is to
    choose, it is done, it is discarding what it had, it is discarded. `wants`: whether it ends with the good rows where
    others are bad. `rows_done` and what was made of them are changed in the transaction that makes it, so whoever goes
    on after a crash does no row twice and leaves none out.
    """

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint("source IN ('file', 'generated')", name="source_known"),
        CheckConstraint("wants IN ('all', 'good')", name="wants_known"),
        CheckConstraint(
            "state IN ('asking', 'loading', 'choosing', 'done', 'discarding', 'discarded')", name="state_known"
        ),
        CheckConstraint("rows_done >= 0 AND good >= 0 AND bad >= 0 AND good + bad <= rows_done", name="counts_add_up"),
        CheckConstraint(
            "(finished_at IS NULL) = (state IN ('asking', 'loading', 'choosing', 'discarding'))", name="over_with_time"
        ),
    )

    id: Mapped[identity]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    pack_id: Mapped[int | None] = mapped_column(ForeignKey("packs.id"), index=True)
    source: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(100))
    pattern: Mapped[dict[str, Any] | None] = mapped_column(Json)
    encoding: Mapped[str | None] = mapped_column(String(12))
    has_header: Mapped[bool | None]
    first_row: Mapped[str] = mapped_column(String(100))
    wants: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(40))
    rows_total: Mapped[int]
    rows_done: Mapped[int]
    good: Mapped[int]
    bad: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ImportChunk(Base):
    """Some whole rows of an uploaded file, as its bytes; gone once all are done.

    `first_row` counts from 1; `first_position` is the place in the pack of its first good row, once it is loaded.
    """

    __tablename__ = "import_chunks"

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_row: Mapped[int]
    rows: Mapped[int]
    first_position: Mapped[int | None]
    content: Mapped[bytes]


class BadRow(Base):
    """A row that cannot be a serial, and why; of an import's only the first so many are kept."""

    __tablename__ = "import_bad_rows"

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id"), primary_key=True, autoincrement=False)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(String(300))
