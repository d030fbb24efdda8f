"""What came in from the channels, where each contact stands and what it waits for, and what goes out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Json, identity
from db.live import POSTGRESQL, SQLITE


class InboxEvent(Base):
    """One webhook event, stored once, exactly as the platform wrote it."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "event_id"),
        CheckConstraint("failure IS NULL OR handled_at IS NOT NULL", name="failure_is_handled"),
        Index("ix_inbox_channel_account_id", "channel", "account_id"),  # an account's whole conversation
        Index(
            "ix_inbox_account_waiting",
            "channel",
            "account_id",
            "occurred_at",
            sqlite_where=text("handled_at IS NULL"),
            postgresql_where=text("handled_at IS NULL"),
        ),
    )

    id: Mapped[identity]
    channel: Mapped[str] = mapped_column(String(16))
    event_id: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[str] = mapped_column(String(64))
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    body: Mapped[dict[str, Any]]
    handled_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(String(40))
    failure_detail: Mapped[str | None] = mapped_column(String(500))


class Conversation(Base):
    """Where a contact stands in a flow. While `handed_over_at` is set a person answers, not the bot.

    `stopped_at` is set where the flow failed for this contact, with the reason, until the next flow starts.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        CheckConstraint("(handed_over_at IS NULL) = (hand_over_reason IS NULL)", name="handed_over_with_reason"),
        CheckConstraint("(stopped_at IS NULL) = (stopped_reason IS NULL)", name="stopped_with_reason"),
        Index(
            "ix_conversations_under_way",
            "flow_version_id",
            "contact_id",
            "stopped_at",  # these two so that PostgreSQL counts without a look at the rows
            "handed_over_at",
            sqlite_where=text(SQLITE.format(state="state")),
            postgresql_where=text(POSTGRESQL.format(state="state")),
        ),
    )

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True, autoincrement=False)
    flow_version_id: Mapped[int | None] = mapped_column(ForeignKey("flow_versions.id"))
    state: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]
    handed_over_at: Mapped[datetime | None]
    hand_over_reason: Mapped[str | None] = mapped_column(String(200))
    stopped_at: Mapped[datetime | None]
    stopped_reason: Mapped[str | None] = mapped_column(String(40))
    stopped_detail: Mapped[str | None] = mapped_column(String(500))


class Wait(Base):
    """What a contact's flow waits for beside the customer's words: a time, something that happens to a coupon, or both.

    `due_at` None: only what happens. `happens` lists 'opened', 'redeemed' or 'verified', of the contact's newest
    coupon (of the campaign, where one is named).
    """

    __tablename__ = "waits"
    __table_args__ = (CheckConstraint("due_at IS NOT NULL OR CAST(happens AS TEXT) <> '[]'", name="for_something"),)

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True, autoincrement=False)
    flow_version_id: Mapped[int] = mapped_column(ForeignKey("flow_versions.id"))
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    happens: Mapped[list[str]] = mapped_column(Json)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"))
    created_at: Mapped[datetime]


class StaffNotice(Base):
    """Something that the shop's people should see about a contact, a campaign or a webhook, until one of them has."""

    __tablename__ = "staff_notices"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN contact_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN campaign_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN endpoint_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="about_one",
        ),
        Index(
            "ix_staff_notices_unseen",
            "id",
            sqlite_where=text("seen_at IS NULL"),
            postgresql_where=text("seen_at IS NULL"),
        ),
    )

    id: Mapped[identity]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"), index=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"))
    endpoint_id: Mapped[int | None] = mapped_column(ForeignKey("webhook_endpoints.id"))
    text: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class OutboxMessage(Base):
    """One message object of a platform, stored before it is sent.

    `key` is the row's own UUID; `request_key` the key of the first row of the request it went out in (LINE's retry
    key), fixed at the first attempt so that a repeat is the same request. `is_in_doubt`: an attempt was made whose
    outcome nobody knows. `user_id`: a person wrote it. `urgency`: 0 live chat, 1 reminder, 2 bulk.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint(
            "status IN ('pending', 'sending', 'sent', 'held', 'failed', 'unknown')",
            name="status_known",
        ),
        CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent_with_time"),
        CheckConstraint("status NOT IN ('held', 'failed', 'unknown') OR reason IS NOT NULL", name="reason_kept"),
        CheckConstraint(
            "status <> 'sending' OR (worker IS NOT NULL AND attempted_at IS NOT NULL)", name="sending_by_somebody"
        ),
        CheckConstraint("urgency IN (0, 1, 2)", name="urgency_known"),
        Index(
            "ix_outbox_contact_id_open",
            "contact_id",
            "id",
            sqlite_where=text("status IN ('pending', 'sending')"),
            postgresql_where=text("status IN ('pending', 'sending')"),
        ),
        Index(
            "ix_outbox_contact_id_held",
            "contact_id",
            sqlite_where=text("status = 'held'"),
            postgresql_where=text("status = 'held'"),
        ),
        Index("ix_outbox_request_key", "request_key"),
    )

    id: Mapped[identity]
    key: Mapped[UUID] = mapped_column(unique=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    coupon_id: Mapped[int | None] = mapped_column(ForeignKey("coupons.id"))
    payload: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(String(40))
    detail: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    reply_token: Mapped[str | None] = mapped_column(String(200))
    reply_until: Mapped[datetime | None]
    request_key: Mapped[UUID | None]
    attempts: Mapped[int]
    first_attempt_at: Mapped[datetime | None]
    attempted_at: Mapped[datetime | None]
    is_in_doubt: Mapped[bool]
    worker: Mapped[str | None] = mapped_column(String(64))
    sent_at: Mapped[datetime | None]
    platform_message_id: Mapped[str | None] = mapped_column(String(200))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    urgency: Mapped[int] = mapped_column(SmallInteger, server_default="0")


class ChannelNote(Base):
    """What a platform told of the shop's account, such as its quota, and when."""

    __tablename__ = "channel_notes"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[Any] = mapped_column(Json, nullable=False)
    noted_at: Mapped[datetime]
