"""The shop: its stores and the people who work for it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, identity


class Store(Base):
    """A place with a counter."""

    __tablename__ = "stores"

    id: Mapped[identity]
    name: Mapped[str] = mapped_column(String(100), unique=True)


class User(Base):
    """Somebody who logs in: a marketer at the console, staff at a store's counter."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("role IN ('marketer', 'staff')", name="role_known"),
        CheckConstraint("role <> 'staff' OR store_id IS NOT NULL", name="staff_have_a_store"),
    )

    id: Mapped[identity]
    username: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(12))
    store_id: Mapped[int | None] = mapped_column(ForeignKey("stores.id"))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
