"""Coupons and what happened to them. Each of the four times stands in one place only."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, identity


class Coupon(Base):
    """A coupon sent to a contact: `sent_at` and `opened_at` are here, redeemed and verified in their own tables.

    `token` opens its page and is a secret; `reference` is for people to read out and opens nothing.
    PostgreSQL keeps a tenth of a page free, so that a coupon that is opened stays on its page and out of all indexes.
    """

    __tablename__ = "coupons"
    __table_args__ = (
        CheckConstraint("opened_at >= sent_at", name="opened_after_sent"),
        {"postgresql_with": {"fillfactor": 90}},
    )

    id: Mapped[identity]
    token: Mapped[str] = mapped_column(String(32), unique=True)
    reference: Mapped[str] = mapped_column(String(8), unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    flow_version_id: Mapped[int | None] = mapped_column(ForeignKey("flow_versions.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # the person who sent it by hand
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]


Index("ix_coupons_campaign_id_id", Coupon.campaign_id, Coupon.id)


class SendRefusal(Base):
    """A coupon that was asked for and not sent, and why."""

    __tablename__ = "send_refusals"
    __table_args__ = (Index(None, "campaign_id", "id"),)

    id: Mapped[identity]
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"))
    campaign_slug: Mapped[str] = mapped_column(String(64))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    flow_version_id: Mapped[int | None] = mapped_column(ForeignKey("flow_versions.id"))
    reason: Mapped[str] = mapped_column(String(40))
    refused_at: Mapped[datetime]


class PageHit(Base):
    """Who fetched a coupon's page: a person who saw it, a link preview, a prefetch. Kept, counted, never mixed."""

    __tablename__ = "page_hits"
    __table_args__ = (
        UniqueConstraint("coupon_id", "kind", "user_agent"),
        CheckConstraint("kind IN ('seen', 'preview', 'prefetch')", name="kind_known"),
    )

    id: Mapped[identity]
    coupon_id: Mapped[int] = mapped_column(ForeignKey("coupons.id"))
    kind: Mapped[str] = mapped_column(String(12))
    user_agent: Mapped[str] = mapped_column(String(200))
    hits: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class Claim(Base):
    """A tap on Redeem, in the campaign's mailbox until a job answers it. `outcome` is 'redeemed' or a reason."""

    __tablename__ = "claims"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (outcome IS NULL)", name="answered_with_outcome"),
        # A double tap, two tabs, two phones: one coupon has one unanswered claim.
        Index(
            "uq_claims_coupon_id_waiting",
            "coupon_id",
            unique=True,
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
        Index(
            "ix_claims_campaign_id_waiting",
            "campaign_id",
            "id",
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
        Index("ix_claims_coupon_id_id", "coupon_id", "id"),
        Index(
            "ix_claims_campaign_id_refused",
            "campaign_id",
            "id",
            sqlite_where=text("outcome <> 'redeemed'"),
            postgresql_where=text("outcome <> 'redeemed'"),
        ),
    )

    id: Mapped[identity]
    coupon_id: Mapped[int] = mapped_column(ForeignKey("coupons.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    claimed_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(40))


class Redemption(Base):
    """A serial given to a coupon. The constraints are the guard: they hold whatever the code does.

    `ordinal` is the lowest number from 1 that no other redemption of this person has in the campaign;
    `redemption_limit` is the limit then in force. Only a merge of persons, whose row `merge_id` names, may bring a
    person more than that: then the limit is raised with the ordinal.
    """

    __tablename__ = "redemptions"
    __table_args__ = (
        UniqueConstraint("coupon_id"),
        UniqueConstraint("campaign_id", "person_id", "ordinal"),
        UniqueConstraint("pack_id", "position"),
        CheckConstraint("ordinal >= 1 AND ordinal <= redemption_limit", name="ordinal_within_limit"),
        CheckConstraint("position >= 1", name="position_positive"),
        CheckConstraint("expires_at >= redeemed_at", name="expires_after_redeemed"),
    )

    id: Mapped[identity]
    coupon_id: Mapped[int] = mapped_column(ForeignKey("coupons.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    ordinal: Mapped[int]
    redemption_limit: Mapped[int]
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"))
    position: Mapped[int]
    redeemed_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    merge_id: Mapped[int | None] = mapped_column(ForeignKey("person_merges.id"))


class Verification(Base):
    """A redeemed coupon honoured at the counter, once. `verified_at` is the POS's own time where it gave one.

    `is_offline` where the device had no network then and told it later.
    """

    __tablename__ = "verifications"
    __table_args__ = (CheckConstraint("via IN ('page', 'pos')", name="via_known"),)

    redemption_id: Mapped[int] = mapped_column(ForeignKey("redemptions.id"), primary_key=True, autoincrement=False)
    verified_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    via: Mapped[str] = mapped_column(String(8))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    store_id: Mapped[int | None] = mapped_column(ForeignKey("stores.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("devices.id"))
    api_key_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id"))
    is_offline: Mapped[bool] = mapped_column(server_default=text("false"))


class UndoneRedemption(Base):
    """A redemption that was taken back: what it was, by whom, when and why. Triggers keep it for ever.

    Its serial went back to the pack, or is burnt: nobody gets it any more.
    """

    __tablename__ = "undone_redemptions"
    __table_args__ = (
        CheckConstraint("undone_at >= redeemed_at", name="undone_after_redeemed"),
        Index(
            "uq_undone_redemptions_burnt",
            "pack_id",
            "position",
            unique=True,
            sqlite_where=text("is_burnt"),
            postgresql_where=text("is_burnt"),
        ),
    )

    id: Mapped[identity]
    coupon_id: Mapped[int] = mapped_column(ForeignKey("coupons.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"))
    position: Mapped[int]
    redeemed_at: Mapped[datetime]
    undone_at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(String(200))
    is_burnt: Mapped[bool] = mapped_column(server_default=text("false"))


class UndoneVerification(Base):
    """A verification that was taken back: what it was, by whom, when and why. Triggers keep it for ever.

    `user_id`, `device_id` and `api_key_id` are whoever took it back, and on or with what.
    """

    __tablename__ = "undone_verifications"
    __table_args__ = (
        CheckConstraint("undone_at >= recorded_at", name="undone_after_recorded"),
        Index("ix_undone_verifications_store_id_undone_at", "store_id", "undone_at"),
    )

    id: Mapped[identity]
    coupon_id: Mapped[int] = mapped_column(ForeignKey("coupons.id"), index=True)
    verified_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    via: Mapped[str] = mapped_column(String(8))
    verified_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    store_id: Mapped[int | None] = mapped_column(ForeignKey("stores.id"))
    undone_at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("devices.id"))
    api_key_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id"))
    reason: Mapped[str] = mapped_column(String(200))


class VerificationAttempt(Base):
    """Every try at the counter, refused ones too. `outcome` is 'verified' or a reason. Triggers keep it for ever.

    `device_at` is the device's own time where it gave one. Of one that was offline `nonce` tells a repeated upload.
    """

    __tablename__ = "verification_attempts"
    __table_args__ = (
        CheckConstraint("NOT is_offline OR (nonce IS NOT NULL AND device_at IS NOT NULL)", name="offline_tells_when"),
        Index(None, "nonce", unique=True),
        Index("ix_verification_attempts_store_id_attempted_at", "store_id", "attempted_at"),
    )

    id: Mapped[identity]
    coupon_id: Mapped[int | None] = mapped_column(ForeignKey("coupons.id"), index=True)
    entered: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(40))
    attempted_at: Mapped[datetime]
    via: Mapped[str] = mapped_column(String(8))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    store_id: Mapped[int | None] = mapped_column(ForeignKey("stores.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("devices.id"))
    api_key_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id"))
    device_at: Mapped[datetime | None]
    is_offline: Mapped[bool] = mapped_column(server_default=text("false"))
    nonce: Mapped[str | None] = mapped_column(String(64))
