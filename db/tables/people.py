"""What lets people in beside their passwords, and the mails to them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, identity


class LoginLink(Base):
    """A link with which somebody chooses a new password, once. Only the digest of what stands in it is kept.

    `made_by` is None where they asked for it themselves, by mail.
    """

    __tablename__ = "login_links"

    id: Mapped[identity]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class EndedSession(Base):
    """A session whose owner has logged out, by its key; known until it would have ended by itself."""

    __tablename__ = "ended_sessions"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    ends_at: Mapped[datetime]


class RecoveryCode(Base):
    """Stands in for a one-time code, once, where the phone is lost. Only its digest is kept."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime | None]


class Mail(Base):
    """A mail to somebody who works here; written out only when it leaves, so that no link stands in a row.

    `asked` is what somebody entered who has forgotten a password: whether that is anybody is found out by the job, not
    by the page. `sending` past its time has an `unknown` outcome, and is not repeated.
    """

    __tablename__ = "mails"
    __table_args__ = (
        CheckConstraint("kind IN ('forgotten', 'invitation', 'changed')", name="kind_known"),
        CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'failed', 'unknown', 'nobody')",
            name="state_known",
        ),
        CheckConstraint("asked IS NOT NULL OR user_id IS NOT NULL", name="to_somebody"),
        Index(
            "ix_mails_due",
            "due_at",
            postgresql_where=text("state IN ('pending', 'sending')"),
            sqlite_where=text("state IN ('pending', 'sending')"),
        ),
    )

    id: Mapped[identity]
    kind: Mapped[str] = mapped_column(String(12))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    asked: Mapped[str | None] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), server_default="pending")
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default="0")
    sent_at: Mapped[datetime | None]
    detail: Mapped[str] = mapped_column(String(300), server_default="")
