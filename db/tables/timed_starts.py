"""Flows that begin at a time: each moment once, and the contacts for whom it came."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, identity


class TimedStart(Base):
    """A moment at which a flow begins. The row is made with its contacts, in one transaction, once the moment has come.

    `audience` is the number of contacts; `reason` is set where the whole start came to nothing.
    """

    __tablename__ = "timed_starts"
    __table_args__ = (
        UniqueConstraint("flow_id", "at"),
        CheckConstraint("reason IS NULL OR finished_at IS NOT NULL", name="reason_when_finished"),
    )

    id: Mapped[identity]
    flow_id: Mapped[int] = mapped_column(ForeignKey("flows.id"))
    at: Mapped[datetime]
    found_at: Mapped[datetime]
    audience: Mapped[int]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)
    reason: Mapped[str | None] = mapped_column(String(40))


class TimedStartContact(Base):
    """A contact of a start: not its turn yet, or begun with a version, or not begun with the reason."""

    __tablename__ = "timed_start_contacts"
    __table_args__ = (
        CheckConstraint(
            "(done_at IS NULL AND flow_version_id IS NULL AND reason IS NULL)"
            " OR (done_at IS NOT NULL AND (flow_version_id IS NOT NULL OR reason IS NOT NULL))",
            name="done_with_outcome",
        ),
        Index(
            "ix_timed_start_contacts_open",
            "start_id",
            "contact_id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    start_id: Mapped[int] = mapped_column(ForeignKey("timed_starts.id"), primary_key=True, autoincrement=False)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True, autoincrement=False)
    done_at: Mapped[datetime | None]
    flow_version_id: Mapped[int | None] = mapped_column(ForeignKey("flow_versions.id"))
    reason: Mapped[str | None] = mapped_column(String(40))
