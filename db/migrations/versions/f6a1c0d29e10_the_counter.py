"""the counter: devices, PINs, POS machines' keys, what happened without a network, and who hears of it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.base import BigId, Json, UtcDateTime

revision = "f6a1c0d29e10"
down_revision = "e5b4d1f20a66"
branch_labels = None
depends_on = None

NO, DIGEST = sa.text("false"), sa.String(64)


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, UtcDateTime(timezone=True))


# SQLite adds a column to a table that is there as long as everything about it stands with the column.
COLUMNS: dict[str, tuple[tuple[sa.Column[Any], str], ...]] = {
    "stores": (
        (sa.Column("undo_minutes", BigId, nullable=False, server_default="15"), "undo_minutes >= 0"),
        (sa.Column("idle_minutes", BigId, nullable=False, server_default="5"), "idle_minutes >= 1"),
        (_moment("closed_at"), ""),
    ),
    "users": (
        (sa.Column("pin_hash", sa.String(255), nullable=False, server_default=""), ""),
        (sa.Column("pin_tries", BigId, nullable=False, server_default="0"), ""),
        (_moment("pin_tries_after"), ""),
    ),
    "campaigns": (
        (_moment("used_from"), ""),
        (sa.Column("is_at_counter", sa.Boolean, nullable=False, server_default=NO), ""),
        (sa.Column("is_first_purchase", sa.Boolean, nullable=False, server_default=NO), ""),
    ),
    "verifications": (
        (sa.Column("device_id", BigId), "devices"),
        (sa.Column("api_key_id", BigId), "api_keys"),
        (sa.Column("is_offline", sa.Boolean, nullable=False, server_default=NO), ""),
    ),
    "verification_attempts": (
        (sa.Column("device_id", BigId), "devices"),
        (sa.Column("api_key_id", BigId), "api_keys"),
        (_moment("device_at"), ""),
        (sa.Column("nonce", DIGEST), ""),
        (
            sa.Column("is_offline", sa.Boolean, nullable=False, server_default=NO),
            "NOT is_offline OR (nonce IS NOT NULL AND device_at IS NOT NULL)",
        ),
    ),
}
PLAIN_VALUE = "lower(replace(replace(replace(replace(value, ' ', ''), '-', ''), '(', ''), ')', ''))"
CHECK_NAMES = {
    "undo_minutes": "undo_minutes_counted",
    "idle_minutes": "idle_minutes_positive",
    "is_offline": "offline_tells_when",
}


def upgrade() -> None:
    _devices_and_keys()
    for table, columns in COLUMNS.items():
        for column, rule in columns:
            _add(table, column, rule)
    op.create_table(
        "campaign_stores",
        sa.Column("campaign_id", BigId, nullable=False, autoincrement=False),
        sa.Column("store_id", BigId, nullable=False, autoincrement=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_campaign_stores_campaign_id_campaigns"),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name="fk_campaign_stores_store_id_stores"),
        sa.PrimaryKeyConstraint("campaign_id", "store_id", name="pk_campaign_stores"),
    )
    _attempts()
    _webhooks()
    op.create_index("ix_contact_attributes_plain_value", "contact_attributes", [sa.text(PLAIN_VALUE)])


def _add(table: str, column: sa.Column[Any], rule: str) -> None:
    """A column of a table that is there, with what it must be: a check, or the table whose rows it names."""
    words = sa.schema.CreateColumn(column).compile(op.get_bind())
    said = ""
    if column.name in ("device_id", "api_key_id"):
        said = f"CONSTRAINT fk_{table}_{column.name}_{rule} REFERENCES {rule} (id)"
    elif rule:
        said = f"CONSTRAINT ck_{table}_{CHECK_NAMES[column.name]} CHECK ({rule})"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {words} {said}")


def _devices_and_keys() -> None:
    op.create_table(
        "devices",
        sa.Column("id", BigId, nullable=False),
        sa.Column("store_id", BigId, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", BigId),
        sa.Column("binding_digest", DIGEST),
        _moment("binding_ends_at"),
        sa.Column("token_digest", DIGEST),
        _moment("bound_at"),
        _moment("seen_at"),
        _moment("revoked_at"),
        sa.Column("pin_tries", BigId, nullable=False, server_default="0"),
        _moment("pin_tries_after"),
        sa.CheckConstraint("(binding_digest IS NULL) = (binding_ends_at IS NULL)", name="binding_ends"),
        sa.CheckConstraint("(token_digest IS NULL) = (bound_at IS NULL)", name="bound_since"),
        sa.CheckConstraint(
            "revoked_at IS NULL OR (token_digest IS NULL AND binding_digest IS NULL)",
            name="revoked_is_unbound",
        ),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name="fk_devices_store_id_stores"),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name="fk_devices_created_by_users"),
        sa.PrimaryKeyConstraint("id", name="pk_devices"),
        sa.UniqueConstraint("binding_digest", name="uq_devices_binding_digest"),
        sa.UniqueConstraint("token_digest", name="uq_devices_token_digest"),
    )
    op.create_index("ix_devices_store_id", "devices", ["store_id"])
    op.create_table(
        "api_keys",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("store_id", BigId),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("secret_digest", DIGEST, nullable=False),
        sa.Column("previous_digest", DIGEST),
        _moment("previous_until"),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", BigId),
        _moment("used_at"),
        _moment("revoked_at"),
        sa.CheckConstraint("(previous_digest IS NULL) = (previous_until IS NULL)", name="previous_ends"),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name="fk_api_keys_store_id_stores"),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name="fk_api_keys_created_by_users"),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("prefix", name="uq_api_keys_prefix"),
    )
    op.create_table(
        "api_replies",
        sa.Column("api_key_id", BigId, nullable=False, autoincrement=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("request_digest", DIGEST, nullable=False),
        sa.Column("status", BigId, nullable=False),
        sa.Column("body", sa.String, nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_keys.id"], name="fk_api_replies_api_key_id_api_keys"),
        sa.PrimaryKeyConstraint("api_key_id", "idempotency_key", name="pk_api_replies"),
    )
    op.create_index("ix_api_replies_at", "api_replies", ["at"])


def _attempts() -> None:
    op.create_index("ix_verification_attempts_nonce", "verification_attempts", ["nonce"], unique=True)
    op.create_index(
        "ix_verification_attempts_store_id_attempted_at", "verification_attempts", ["store_id", "attempted_at"]
    )
    op.create_table(
        "verification_conflicts",
        sa.Column("attempt_id", BigId, nullable=False, autoincrement=False),
        _moment("settled_at"),
        sa.Column("settled_by", BigId),
        sa.Column("note", sa.String(200), nullable=False, server_default=""),
        sa.CheckConstraint("settled_by IS NULL OR settled_at IS NOT NULL", name="settled_when"),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["verification_attempts.id"],
            name="fk_verification_conflicts_attempt_id_verification_attempts",
        ),
        sa.ForeignKeyConstraint(["settled_by"], ["users.id"], name="fk_verification_conflicts_settled_by_users"),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_verification_conflicts"),
    )
    _create_partial_index("verification_conflicts", "open", ["attempt_id"], "settled_at IS NULL")
    op.create_index("ix_undone_verifications_store_id_undone_at", "undone_verifications", ["store_id", "undone_at"])


def _create_partial_index(table: str, name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(
        f"ix_{table}_{name}", table, columns, sqlite_where=condition, postgresql_where=condition, unique=False
    )


def _webhooks() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("kinds", Json, nullable=False),
        sa.Column("secret_salt", DIGEST, nullable=False),
        sa.Column("previous_salt", DIGEST),
        _moment("previous_until"),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", BigId),
        _moment("disabled_at"),
        sa.Column("detail", sa.String(300), nullable=False, server_default=""),
        sa.CheckConstraint("(previous_salt IS NULL) = (previous_until IS NULL)", name="previous_ends"),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name="fk_webhook_endpoints_created_by_users"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_endpoints"),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", BigId, nullable=False),
        sa.Column("endpoint_id", BigId, nullable=False),
        sa.Column("event_id", DIGEST, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("coupon_id", BigId),
        sa.Column("body", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        _moment("due_at"),
        sa.Column("attempts", BigId, nullable=False, server_default="0"),
        _moment("attempted_at"),
        _moment("delivered_at"),
        sa.Column("status", BigId),
        sa.Column("detail", sa.String(300), nullable=False, server_default=""),
        sa.CheckConstraint("delivered_at IS NULL OR due_at IS NULL", name="delivered_is_not_due"),
        sa.CheckConstraint("attempts >= 0", name="attempts_counted"),
        sa.CheckConstraint("coupon_id IS NOT NULL OR kind = 'test'", name="about_a_coupon"),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoints.id"], name="fk_webhook_deliveries_endpoint_id_webhook_endpoints"
        ),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupons.id"], name="fk_webhook_deliveries_coupon_id_coupons"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
    )
    op.create_index(
        "ix_webhook_deliveries_endpoint_id_event_id", "webhook_deliveries", ["endpoint_id", "event_id"], unique=True
    )
    op.create_index("ix_webhook_deliveries_coupon_id", "webhook_deliveries", ["coupon_id"])
    op.create_index("ix_webhook_deliveries_endpoint_id_id", "webhook_deliveries", ["endpoint_id", "id"])
    _create_partial_index("webhook_deliveries", "due", ["endpoint_id", "due_at"], "due_at IS NOT NULL")
    is_failed = "due_at IS NULL AND delivered_at IS NULL"
    _create_partial_index("webhook_deliveries", "failed", ["endpoint_id", "id"], is_failed)
    op.create_table(
        "webhook_feeds",
        sa.Column("name", sa.String(24), nullable=False),
        sa.Column("seen", BigId, nullable=False),
        _moment("seen_at"),
        sa.Column("goal", BigId, nullable=False),
        _moment("goal_at"),
        sa.Column("goal_transaction", BigId, nullable=False),
        sa.CheckConstraint("seen <= goal", name="seen_within_goal"),
        sa.PrimaryKeyConstraint("name", name="pk_webhook_feeds"),
    )
