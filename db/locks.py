"""Every lock in one place.

Rules: take locks first in a transaction, before reading what they guard; replies to machines before users before
stores before publishing before flows before contacts before imports before campaigns and timed starts before
redemptions before messages; several of a kind in the order of their ids, or only those that nobody holds; no network
call while one is held. On SQLite a writing transaction already excludes every other: these are only the plain SELECT.
"""

import hashlib
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Result, Select, bindparam, func, inspect, or_, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from db.several import among
from db.tables import (
    ApiKey,
    Campaign,
    Contact,
    Coupon,
    Flow,
    Import,
    OutboxMessage,
    RecordFeed,
    Redemption,
    Store,
    TimedStart,
    User,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookFeed,
)

Reader = type[RecordFeed] | type[WebhookFeed]  # who reads `core.feeds`, by the table of how far

# Milliseconds. Well under PostgreSQL's deadlock_timeout (1 s): where it crosses the shop, this gives way, not the shop.
WHOLE_WAIT = 500
WHOLE_PAUSE = 1  # seconds between two tries, in which a shop that is open catches up
LONG_SILENCE = 300_000  # milliseconds between two statements for whoever reads a million rows; else see db/database.py
PUBLISHING = 0x7E55E2A  # what PostgreSQL knows that lock by; of this kind there is only the next one besides
HEARING = 0x7E55E2B
WAIT_IS_OVER = ("57014", "55P03", "40P01")  # query_canceled, lock_not_available, deadlock_detected


class InUseError(Exception):
    """Others had transactions open on the tables for as long as one was patient who wanted them for itself."""


def user_and_owners(session: Session, user_id: int) -> tuple[User, list[User]]:
    """The user, and all owners who may log in, whom nobody else changes until this transaction ends.

    All of them: of two owners who shut each other out one waits here, and then sees that the other is the last.
    """
    rows = session.scalars(
        select(User)
        .where(or_(User.id == user_id, User.role == "owner"))
        .order_by(User.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True),
    ).all()
    owners = [user for user in rows if user.role == "owner" and user.disabled_at is None]
    return next(user for user in rows if user.id == user_id), owners


def store(session: Session, store_id: int) -> Store | None:
    """The store, where there is one, which nobody else changes until this transaction ends."""
    return session.execute(
        select(Store)
        .where(Store.id == store_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True),
    ).scalar_one_or_none()


def publishing(session: Session) -> None:
    """Nobody else publishes any flow until this transaction ends.

    One for all flows, because what is checked is about all of them: two flows must not have the same start. PostgreSQL
    has no row for that, since the other flow may not be there yet.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(PUBLISHING)))


def flow_kept(session: Session, flow_id: int) -> Flow:
    """The flow, of which nobody publishes another version until this transaction ends; who moves people shares it."""
    return session.execute(
        select(Flow).where(Flow.id == flow_id).with_for_update(read=True).execution_options(populate_existing=True),
    ).scalar_one()


def campaign(session: Session, campaign_id: int) -> Campaign:
    """The campaign, with nobody else giving out its serials or changing it until this transaction ends.

    NO KEY UPDATE, because every new coupon's foreign key takes a KEY SHARE lock on this row: sending goes on meanwhile.
    """
    return session.execute(
        select(Campaign)
        .where(Campaign.id == campaign_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True),
    ).scalar_one()


def campaign_kept(session: Session, campaign_id: int) -> Campaign:
    """The campaign, which nobody can change until this transaction ends; its serials are given out meanwhile.

    For transactions that think for long between two statements, as no other may.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = {LONG_SILENCE}"))
    return session.execute(
        select(Campaign)
        .where(Campaign.id == campaign_id)
        .with_for_update(read=True, key_share=True)
        .execution_options(populate_existing=True),
    ).scalar_one()


def campaign_sent(session: Session, slug: str) -> Campaign | None:
    """The campaign of that name, where there is one, as it stays until this transaction ends but for its serials.

    For sending its coupon, whose foreign key takes the same lock: a campaign does not become a draft in between.
    """
    return session.scalar(_CAMPAIGN_SENT, {"slug": slug}, execution_options={"populate_existing": True})


_CAMPAIGN_SENT = select(Campaign).where(Campaign.slug == bindparam("slug")).with_for_update(read=True, key_share=True)


def campaign_alone(session: Session, slug: str) -> Campaign | None:
    """The campaign of that name, where there is one, with nobody else at it, who keeps it or is sending its coupons.

    For changing what others have read of it and rely on.
    """
    return session.execute(
        select(Campaign).where(Campaign.slug == slug).with_for_update().execution_options(populate_existing=True),
    ).scalar_one_or_none()


def campaign_added_to(session: Session, campaign_id: int) -> Campaign:
    """The campaign, with nobody else who keeps it: no import puts codes into it until this transaction ends.

    For a fixed code, which no index compares with the unique ones. An import's chunk is waited for, some tenths of a
    second; its customers are served meanwhile.
    """
    return session.execute(
        select(Campaign).where(Campaign.id == campaign_id).with_for_update().execution_options(populate_existing=True),
    ).scalar_one()


def campaigns_of(session: Session, tokens: Sequence[str]) -> list[Campaign]:
    """The campaigns of the coupons with these tokens, each locked as by `campaign`."""
    return list(session.scalars(_CAMPAIGNS_OF, {"tokens": tokens}, execution_options={"populate_existing": True}))


_CAMPAIGNS_OF = (
    select(Campaign)
    .where(Campaign.id.in_(select(Coupon.campaign_id).where(among(Coupon.token, "tokens"))))
    .order_by(Campaign.id)
    .with_for_update(key_share=True)
)


def contact(session: Session, contact_id: int) -> Contact:
    """The contact, with nobody else stepping its conversation or sending to it until this transaction ends."""
    return session.execute(
        select(Contact)
        .where(Contact.id == contact_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True),
    ).scalar_one()


def contacts_of(session: Session, accounts: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Contact]:
    """The contacts with these (channel, account id), where there are some, each locked as by `contact`."""
    values = {"channels": {channel for channel, _ in accounts}, "accounts": [account for _, account in accounts]}
    rows = session.scalars(_CONTACTS_OF, values, execution_options={"populate_existing": True})
    found = {(contact.channel, contact.account_id): contact for contact in rows}
    return {account: found[account] for account in accounts if account in found}


_CONTACTS_OF = (
    select(Contact)
    .where(among(Contact.channel, "channels"), among(Contact.account_id, "accounts"))
    .order_by(Contact.id)
    .with_for_update(key_share=True)
)


def contacts_with(session: Session, contact_ids: Sequence[int]) -> None:
    """The contacts with these ids, each locked as by `contact`; whoever holds one is waited for."""
    session.execute(_CONTACTS_WITH, {"contacts": list(contact_ids)})


_CONTACTS_WITH = (
    select(Contact.id).where(among(Contact.id, "contacts")).order_by(Contact.id).with_for_update(key_share=True)
)


def contacts_free(session: Session, chosen: Select[Contact]) -> list[Contact]:
    """Those of the `chosen` contacts that nobody holds, each locked as by `contact`.

    What else `chosen` asks for may have changed before they were locked: look at it again.
    """
    free = chosen.with_for_update(of=Contact, key_share=True, skip_locked=True)
    return list(session.scalars(free, execution_options={"populate_existing": True}))


def import_alone(session: Session, import_id: int) -> Import | None:
    """The import, where there is one, with nobody else loading, choosing or discarding it until this transaction ends.

    For transactions that think for long between two statements: a chunk of a file is read between them.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = {LONG_SILENCE}"))
    return session.execute(
        select(Import)
        .where(Import.id == import_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True),
    ).scalar_one_or_none()


def timed_start(session: Session, flow_id: int, at: datetime) -> TimedStart:
    """The start of a flow at its time, with nobody else beginning, stopping or finishing it until this ends."""
    return session.execute(
        select(TimedStart)
        .where(TimedStart.flow_id == flow_id, TimedStart.at == at)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True),
    ).scalar_one()


def timed_starts_kept(
    session: Session, chosen: Select[*tuple[Any, ...]], values: dict[str, Any]
) -> Result[*tuple[Any, ...]]:
    """Those of the `chosen` rows whose start is under way and which nobody stops until this transaction ends.

    Whoever waits here for one who stops it gets nothing of it: PostgreSQL looks at the start once more.
    """
    kept = chosen.where(TimedStart.finished_at.is_(None)).with_for_update(of=TimedStart, read=True)
    return session.execute(kept, values, execution_options={"populate_existing": True})


def redemption_kept(session: Session, coupon_id: int) -> Redemption | None:
    """The coupon's redemption, which nobody can undo until this transaction ends; None where there is none."""
    return _redemption(session, coupon_id, is_kept=True)


def redemption(session: Session, coupon_id: int) -> Redemption | None:
    """The coupon's redemption, with nobody else verifying or undoing it until this transaction ends."""
    return _redemption(session, coupon_id, is_kept=False)


def _redemption(session: Session, coupon_id: int, *, is_kept: bool) -> Redemption | None:
    """Verifying shares the row, as the new row's foreign key would; undoing has it alone."""
    return session.execute(
        select(Redemption)
        .where(Redemption.coupon_id == coupon_id)
        .with_for_update(read=is_kept, key_share=is_kept)
        .execution_options(populate_existing=True),
    ).scalar_one_or_none()


def messages(session: Session, row_ids: Sequence[int]) -> dict[int, OutboxMessage]:
    """The outbox' rows with these ids, with nobody else changing what is to become of them."""
    rows = session.scalars(_MESSAGES, {"rows": list(row_ids)}, execution_options={"populate_existing": True})
    return {row.id: row for row in rows}


_MESSAGES = (
    select(OutboxMessage)
    .where(among(OutboxMessage.id, "rows"))
    .order_by(OutboxMessage.id)
    .with_for_update(key_share=True)
)


def messages_free(session: Session, chosen: Select[int]) -> list[int]:
    """Those of the `chosen` ids of outbox rows that nobody holds, each locked as by `messages`."""
    return list(session.scalars(chosen.with_for_update(key_share=True, skip_locked=True)))


def api_key(session: Session, key_id: int) -> ApiKey:
    """The key of a POS machine, which nobody else changes or revokes until this transaction ends."""
    return session.execute(
        select(ApiKey)
        .where(ApiKey.id == key_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True),
    ).scalar_one()


def reply_alone(session: Session, api_key_id: int, idempotency_key: str) -> bool:
    """Whether nobody else is answering a request with this idempotency key; then nobody does until this one ends.

    Not waited for: what takes long need not be held up twice. There is no row yet, so PostgreSQL locks a number made of
    both; two that have the same one by chance are told to come again. First of all locks in a transaction.
    """
    if session.get_bind().dialect.name != "postgresql":
        return True
    named = f"{api_key_id} {idempotency_key}".encode()
    number = int.from_bytes(hashlib.sha256(named).digest()[:8], signed=True)
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(number))))


def feeds(session: Session, reader: Reader) -> list[RecordFeed | WebhookFeed]:
    """How far a reader has looked at the feeds, with nobody else doing so for it until this transaction ends.

    Whoever has it takes none of the locks above.
    """
    theirs = select(reader).order_by(reader.name).with_for_update()
    return list(session.scalars(theirs, execution_options={"populate_existing": True}))


def endpoints(session: Session) -> None:
    """Nobody else begins to send webhooks until this transaction ends; there may be no row yet that could be locked."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(HEARING)))


def webhook_endpoint(session: Session, endpoint_id: int) -> WebhookEndpoint:
    """The endpoint, which nobody else changes until this transaction ends; deliveries for it are made meanwhile."""
    return session.execute(
        select(WebhookEndpoint)
        .where(WebhookEndpoint.id == endpoint_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True),
    ).scalar_one()


def deliveries_free(session: Session, chosen: Select[WebhookDelivery]) -> list[WebhookDelivery]:
    """Those of the `chosen` deliveries of webhooks that nobody holds, whom nobody else takes until this ends."""
    free = chosen.with_for_update(key_share=True, skip_locked=True, of=WebhookDelivery)
    return list(session.scalars(free, execution_options={"populate_existing": True}))


def whole(connection: Connection, patience: float) -> None:
    """Every table, with nobody else reading or writing any of them until this transaction ends.

    All at once and first: a migration that came to its tables one by one would meet a redemption coming the other way.
    Nobody waits longer than WHOLE_WAIT for a `whole` that waits itself.

    Raises:
        InUseError: for `patience` seconds there was always somebody whose transaction did not end.
    """
    if connection.dialect.name == "sqlite":
        return
    connection.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = {LONG_SILENCE}"))
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in sorted(inspect(connection).get_table_names()))
    deadline = time.monotonic() + patience
    while names and not _locked(connection, names):
        if time.monotonic() > deadline:
            raise InUseError
        time.sleep(WHOLE_PAUSE)


def _locked(connection: Connection, names: str) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(text(f"SET LOCAL statement_timeout = {WHOLE_WAIT}"))
            connection.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
            connection.execute(text("SET LOCAL statement_timeout TO DEFAULT"))
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) in WAIT_IS_OVER:
            return False
        raise
    return True
