"""Campaigns and the pictures they show."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, identity


class Image(Base):
    """A picture, kept once however often it is used; its id is the SHA-256 of its bytes, in hexadecimal."""

    __tablename__ = "images"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    content_type: Mapped[str] = mapped_column(String(40))
    content: Mapped[bytes]
    width: Mapped[int]
    height: Mapped[int]


class Campaign(Base):
    """What is given away, when, to whom how often, and how its page looks.

    Once ended (`ended_at`) nothing of it is sent or redeemed; what was redeemed before can still be verified.
    """

    __tablename__ = "campaigns"
    __table_args__ = (
        CheckConstraint("redemption_limit >= 1", name="redemption_limit_positive"),
        CheckConstraint("expires_after_seconds >= 1", name="expires_after_positive"),
        CheckConstraint("expires_from IN ('sending', 'redemption')", name="expires_from_known"),
        CheckConstraint("barcode IN ('qr', 'code39', 'code128')", name="barcode_known"),
        CheckConstraint("sends_from < sends_until", name="sending_period_in_order"),
    )

    id: Mapped[identity]
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    instructions: Mapped[str]
    sends_from: Mapped[datetime | None]
    sends_until: Mapped[datetime | None]
    expires_from: Mapped[str] = mapped_column(String(12))
    expires_after_seconds: Mapped[int]
    redemption_limit: Mapped[int]
    image_id: Mapped[str | None] = mapped_column(ForeignKey("images.id"))
    barcode: Mapped[str] = mapped_column(String(12))
    background_color: Mapped[str] = mapped_column(String(7))
    button_color: Mapped[str] = mapped_column(String(7))
    button_text_color: Mapped[str] = mapped_column(String(7))
    has_verify_button: Mapped[bool]
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
