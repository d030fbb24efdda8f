"""Campaigns and the pictures they show."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.base import Base, Json, identity
from db.tables.shop import Store


class Image(Base):
    """A picture, kept once however often it is used; its id is the SHA-256 of its bytes, in hexadecimal.

    `unused_since` is set where nothing needs it (`core.unused_images`), which is looked for once a day.
    """

    __tablename__ = "images"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    content_type: Mapped[str] = mapped_column(String(40))
    content: Mapped[bytes]
    width: Mapped[int]
    height: Mapped[int]
    unused_since: Mapped[datetime | None]


class Campaign(Base):
    """What is given away, when, to whom how often, and how its page looks.

    Once ended (`ended_at`) nothing of it is sent or redeemed; what was redeemed before can still be verified. One
    that is not published is a draft, of which nothing is sent yet; one that is archived is over and out of the way.

    Nothing is verified before `used_from`, nor in other stores than those of CampaignStore, where there are any. Staff
    find one that is `is_at_counter` in every customer's profile and may claim it for them; `is_first_purchase`: it is
    for a customer's first purchase, and stays in their profile once it was used.

    Its texts are in `language`; `translations` has them in others: {"en": {"name": ..., "instructions": ...}}.
    `revision` counts its changes, so that nobody changes what they have not seen.
    """

    __tablename__ = "campaigns"
    __table_args__ = (
        CheckConstraint("redemption_limit >= 1", name="redemption_limit_positive"),
        CheckConstraint("expires_after_seconds >= 1", name="expires_after_positive"),
        CheckConstraint("expires_from IN ('sending', 'redemption')", name="expires_from_known"),
        CheckConstraint("barcode IN ('qr', 'code39', 'code128')", name="barcode_known"),
        CheckConstraint("sends_from < sends_until", name="sending_period_in_order"),
        CheckConstraint("used_in IN ('store', 'online', 'both')", name="used_in_known"),
        CheckConstraint("limit_by IN ('person', 'contact')", name="limit_by_known"),
        CheckConstraint("total_limit >= 1", name="total_limit_positive"),
        # Counted down by every redemption where there is a total limit: the constraint is what holds it.
        CheckConstraint("(total_limit IS NULL) = (total_left IS NULL)", name="total_left_with_total_limit"),
        CheckConstraint("total_left >= 0 AND total_left <= total_limit", name="total_left_within_total_limit"),
        CheckConstraint("changed_in IN ('file', 'console')", name="changed_in_known"),
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
    limit_by: Mapped[str] = mapped_column(String(8), server_default="person")
    image_id: Mapped[str | None] = mapped_column(ForeignKey("images.id"))
    barcode: Mapped[str] = mapped_column(String(12))
    background_color: Mapped[str] = mapped_column(String(7))
    button_color: Mapped[str] = mapped_column(String(7))
    button_text_color: Mapped[str] = mapped_column(String(7))
    has_verify_button: Mapped[bool]
    is_published: Mapped[bool] = mapped_column(server_default=text("true"))
    used_in: Mapped[str] = mapped_column(String(8), server_default="both")
    products_url: Mapped[str | None] = mapped_column(String(500))
    shown_until: Mapped[datetime | None]
    used_from: Mapped[datetime | None]
    is_at_counter: Mapped[bool] = mapped_column(server_default=text("false"))
    is_first_purchase: Mapped[bool] = mapped_column(server_default=text("false"))
    total_limit: Mapped[int | None]
    total_left: Mapped[int | None]
    language: Mapped[str] = mapped_column(String(8), server_default="zh-TW")
    sold_out_text: Mapped[str] = mapped_column(server_default="")
    expired_text: Mapped[str] = mapped_column(server_default="")
    translations: Mapped[dict[str, Any]] = mapped_column(Json, server_default="{}")
    archived_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(server_default="1")
    changed_in: Mapped[str] = mapped_column(String(8), server_default="file")
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    honoured_in: Mapped[list[Store]] = relationship(secondary="campaign_stores", viewonly=True)

    @property
    def stores(self) -> tuple[str, ...]:
        """The names of the stores in which its coupons are honoured, in order; none: in all of them."""
        return tuple(sorted(store.name for store in self.honoured_in))

    @stores.setter
    def stores(self, names: Iterable[str]) -> None:
        """Of a campaign that is not stored: of one that is, `core.campaigns.stores` keeps them."""
        self.honoured_in = [Store(name=name) for name in names]


class CampaignStore(Base):
    """A store in which a campaign's coupons are honoured; of one without any they are in all."""

    __tablename__ = "campaign_stores"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True, autoincrement=False)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True, autoincrement=False)
