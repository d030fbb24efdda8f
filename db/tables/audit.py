"""What people did in the shop's name, kept for ever."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, identity


class AuditEntry(Base):
    """One deed: who, when, what, to what, and what it was before. No row is ever changed or removed: triggers refuse.

    `actor` is the name as it was then; `user_id` is None for who works at the command line. `subject` names what it was
    done to within its `subject_kind`, such as a campaign's slug.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_subject_kind_subject_id", "subject_kind", "subject", "id"),
        Index(None, "actor", "id"),
        Index(None, "action", "id"),
        Index(None, "at"),
    )

    id: Mapped[identity]
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(40))
    subject_kind: Mapped[str] = mapped_column(String(24))
    subject: Mapped[str] = mapped_column(String(100))
    detail: Mapped[dict[str, Any]]
