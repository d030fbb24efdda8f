"""What stands at a counter besides people: devices and POS machines, and what came of working without a network."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Json, identity
from db.tables.records import Feed


class Device(Base):
    """A phone, tablet or till that belongs to a store, and that its staff sign in on with a PIN.

    It is made in the console, with a code that is good once, until `binding_ends_at`; who opens it there binds it and
    is given a token, which its cookie holds. Of both only the digests are kept. A revoked one is let into nothing.
    `pin_tries` counts the wrong PINs on it since the last right one; none is looked at before `pin_tries_after`. Others
    before that one are borne in mind: at `pin_wrong_until` (seconds since 1970) all of them will be forgotten.
    """

    __tablename__ = "devices"
    __table_args__ = (
        CheckConstraint("(binding_digest IS NULL) = (binding_ends_at IS NULL)", name="binding_ends"),
        CheckConstraint("(token_digest IS NULL) = (bound_at IS NULL)", name="bound_since"),
        CheckConstraint(
            "revoked_at IS NULL OR (token_digest IS NULL AND binding_digest IS NULL)", name="revoked_is_unbound"
        ),
    )

    id: Mapped[identity]
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    binding_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    binding_ends_at: Mapped[datetime | None]
    token_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    bound_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    pin_tries: Mapped[int] = mapped_column(server_default="0")
    pin_tries_after: Mapped[datetime | None]
    pin_wrong_until: Mapped[int] = mapped_column(server_default="0")


class ApiKey(Base):
    """A POS machine's or vendor's way in. Only digests of its secret are kept; `prefix` is what people tell it by.

    One with a `store_id` acts in that store alone; one without names the store with each request. Once its secret has
    been changed, the one before still counts until `previous_until`.
    """

    __tablename__ = "api_keys"
    __table_args__ = (CheckConstraint("(previous_digest IS NULL) = (previous_until IS NULL)", name="previous_ends"),)

    id: Mapped[identity]
    name: Mapped[str] = mapped_column(String(64))
    store_id: Mapped[int | None] = mapped_column(ForeignKey("stores.id"))
    scopes: Mapped[list[str]] = mapped_column(Json)
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    secret_digest: Mapped[str] = mapped_column(String(64))
    previous_digest: Mapped[str | None] = mapped_column(String(64))
    previous_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiReply(Base):
    """What was answered to a request with an `Idempotency-Key`: the same request again is answered the same.

    `request_digest` is over method, path and body. The row is written in the transaction that did what it tells of: one
    that is still being answered has none.
    """

    __tablename__ = "api_replies"
    __table_args__ = (Index(None, "at"),)

    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id"), primary_key=True, autoincrement=False)
    idempotency_key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[str]
    at: Mapped[datetime]


class VerificationConflict(Base):
    """A device without a network let somebody have what the shop would have refused: a fact, for the owner to see.

    The attempt has the refusal's reason as its outcome. Open until somebody has looked at it.
    """

    __tablename__ = "verification_conflicts"
    __table_args__ = (
        CheckConstraint("settled_by IS NULL OR settled_at IS NOT NULL", name="settled_when"),
        Index(
            "ix_verification_conflicts_open",
            "attempt_id",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    attempt_id: Mapped[int] = mapped_column(
        ForeignKey("verification_attempts.id"), primary_key=True, autoincrement=False
    )
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(String(200), server_default="")


class WebhookEndpoint(Base):
    """Where a shop's other systems hear of what happened to coupons. A deleted one is disabled for good.

    Its secret is made of `secret_salt` with the server's key. Once it has been changed, what is sent is signed with the
    one before as well until `previous_until`.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        CheckConstraint("(previous_salt IS NULL) = (previous_until IS NULL)", name="previous_ends"),
        CheckConstraint("deleted_at IS NULL OR disabled_at IS NOT NULL", name="deleted_is_disabled"),
    )

    id: Mapped[identity]
    name: Mapped[str] = mapped_column(String(64))
    url: Mapped[str] = mapped_column(String(500))
    kinds: Mapped[list[str]] = mapped_column(Json)
    secret_salt: Mapped[str] = mapped_column(String(64))
    previous_salt: Mapped[str | None] = mapped_column(String(64))
    previous_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    disabled_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    detail: Mapped[str] = mapped_column(String(300), server_default="")


class WebhookFeed(Feed, Base):
    """How far events have been found for the endpoints; made with the first of them."""

    __tablename__ = "webhook_feeds"


class WebhookDelivery(Base):
    """An event on its way to an endpoint: tried with growing waits until it is taken, or given up.

    `event_id` is the same however often it is sent, so that whoever hears it twice can tell. `due_at` is NULL once it
    is delivered or given up; while it is being sent it is the time at which it is sent again if nobody says what came
    of it. Until that is known for the first time `status` is NULL and `detail` empty. Only a test is about no coupon.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index(None, "endpoint_id", "event_id", unique=True),
        Index(None, "endpoint_id", "id"),
        Index(
            "ix_webhook_deliveries_due",
            "endpoint_id",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "ix_webhook_deliveries_failed",
            "endpoint_id",
            "id",
            sqlite_where=text("due_at IS NULL AND delivered_at IS NULL"),
            postgresql_where=text("due_at IS NULL AND delivered_at IS NULL"),
        ),
        CheckConstraint("delivered_at IS NULL OR due_at IS NULL", name="delivered_is_not_due"),
        CheckConstraint("attempts >= 0", name="attempts_counted"),
        CheckConstraint("coupon_id IS NOT NULL OR kind = 'test'", name="about_a_coupon"),
    )

    id: Mapped[identity]
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoints.id"))
    event_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    coupon_id: Mapped[int | None] = mapped_column(ForeignKey("coupons.id"), index=True)
    body: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    attempted_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    status: Mapped[int | None]
    detail: Mapped[str] = mapped_column(String(300), server_default="")
