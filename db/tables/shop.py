"""The shop: its stores and the people who work for it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, identity


class Store(Base):
    """A place with a counter.

    Staff may take back what they verified there for `undo_minutes`; a device there asks for the PIN again once nobody
    has touched it for `idle_minutes`. At a closed one nothing is verified any more.
    """

    __tablename__ = "stores"
    __table_args__ = (
        CheckConstraint("undo_minutes >= 0", name="undo_minutes_counted"),
        CheckConstraint("idle_minutes >= 1", name="idle_minutes_positive"),
    )

    id: Mapped[identity]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    undo_minutes: Mapped[int] = mapped_column(server_default="15")
    idle_minutes: Mapped[int] = mapped_column(server_default="5")
    closed_at: Mapped[datetime | None]


class User(Base):
    """Somebody who logs in: an owner or a marketer at the console, staff at a store's counter.

    `password_hash` is empty until they have chosen one by a link. `language` and `time_zone` are empty until they have
    chosen: then the browser's and the shop's count. `session_number` is in each of their sessions; another number ends
    all of them. `code_salt`: with the server's key, what their one-time codes are made of; asked for once `codes_since`
    is set. `code_step` is the last half minute of which a code was taken. With the PIN staff sign in on their store's
    devices: `pin_tries` counts the wrong ones since the last right one, and none is looked at before `pin_tries_after`.
    Others before that one are borne in mind: at `pin_wrong_until` (seconds since 1970) all of them will be forgotten.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'marketer', 'staff')", name="role_known"),
        CheckConstraint("role <> 'staff' OR store_id IS NOT NULL", name="staff_have_a_store"),
        CheckConstraint("codes_since IS NULL OR code_salt IS NOT NULL", name="codes_have_a_salt"),
        Index("ix_users_email", "email", unique=True),
    )

    id: Mapped[identity]
    username: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(12))
    store_id: Mapped[int | None] = mapped_column(ForeignKey("stores.id"))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    email: Mapped[str | None] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(8), server_default="")
    time_zone: Mapped[str] = mapped_column(String(64), server_default="")
    logged_in_at: Mapped[datetime | None]
    session_number: Mapped[int] = mapped_column(server_default="1")
    code_salt: Mapped[str | None] = mapped_column(String(64))
    code_step: Mapped[int] = mapped_column(server_default="0")
    codes_since: Mapped[datetime | None]
    pin_hash: Mapped[str] = mapped_column(String(255), server_default="")
    pin_tries: Mapped[int] = mapped_column(server_default="0")
    pin_tries_after: Mapped[datetime | None]
    pin_wrong_until: Mapped[int] = mapped_column(server_default="0")
