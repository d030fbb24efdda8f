"""Endpoints of outgoing webhooks: where other systems of the shop hear of what happened to coupons."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from core import audit, feeds, hook_addresses, naming, staff_notices
from core.audit import Action, Deed, Doer
from core.reasons import Reason
from core.refusal import Refused
from db import locks
from db.tables import StaffNotice, WebhookEndpoint, WebhookFeed

KINDS = ("sent", "opened", "redeemed", "verified", "undone")
LONGEST_NAME = 64
OVERLAP = timedelta(hours=24)  # for which the secret before counts as well
DETAIL_KEPT = 300  # characters
RECEIVER = Doer(name="webhook")  # who has answered that it is gone


@dataclass(frozen=True)
class Wanted:
    """What an endpoint is to be."""

    name: str
    url: str
    kinds: Sequence[str]


@dataclass(frozen=True)
class Endpoint:
    """An endpoint; its secrets are made of `salts` (`core.hook_signing`), the second counts until `previous_until`."""

    endpoint_id: int
    name: str
    url: str
    kinds: Sequence[str]
    salts: Sequence[str]
    previous_until: datetime | None
    created_at: datetime
    disabled_at: datetime | None
    detail: str


def refusal(wanted: Wanted, *, is_inside_allowed: bool) -> Reason | None:
    """Why there can be no such endpoint."""
    if not naming.is_good(wanted.name.strip(), LONGEST_NAME):
        return Reason.WEBHOOK_NAME_MALFORMED
    if not wanted.kinds or not set(wanted.kinds) <= set(KINDS):
        return Reason.WEBHOOK_KINDS_MISSING
    return hook_addresses.refusal(wanted.url.strip(), is_inside_allowed=is_inside_allowed)


def add(session: Session, doer: Doer, wanted: Wanted, now: datetime, *, is_inside_allowed: bool) -> int | Refused:
    """A new endpoint, which hears of what happens from now on: its id. Refused as by `refusal`."""
    if reason := refusal(wanted, is_inside_allowed=is_inside_allowed):
        return Refused(reason)
    _begin_where_first(session, now)
    made = WebhookEndpoint(**_values(wanted), secret_salt=_salt(), created_at=now, created_by=doer.user_id)
    session.add(made)
    session.flush()
    _record(session, doer, "webhook.added", made, _told({"url": made.url, "kinds": made.kinds}), now)
    return made.id


def change(
    session: Session, doer: Doer, endpoint_id: int, wanted: Wanted, now: datetime, *, is_inside_allowed: bool
) -> Refused | None:
    """Another name, address or other kinds, for what is sent and what happens from now on. Refused as by `refusal`."""
    if reason := refusal(wanted, is_inside_allowed=is_inside_allowed):
        return Refused(reason)
    endpoint = locks.webhook_endpoint(session, endpoint_id)
    before = {"name": endpoint.name, "url": endpoint.url, "kinds": endpoint.kinds}
    after = _values(wanted)
    if before != after:
        for name, value in after.items():
            setattr(endpoint, name, value)
        _record(session, doer, "webhook.changed", endpoint, {"before": _told(before), "after": _told(after)}, now)
    return None


def rotate(session: Session, doer: Doer, endpoint_id: int, now: datetime) -> None:
    """Another secret. For a day what is sent is signed with the one before as well."""
    endpoint = locks.webhook_endpoint(session, endpoint_id)
    endpoint.previous_salt, endpoint.previous_until = endpoint.secret_salt, now + OVERLAP
    endpoint.secret_salt = _salt()
    _record(session, doer, "webhook.secret_changed", endpoint, {}, now)


def disable(session: Session, doer: Doer, endpoint_id: int, now: datetime) -> None:
    """Nothing is sent there, and no event is kept for it. What waits, waits."""
    endpoint = locks.webhook_endpoint(session, endpoint_id)
    if endpoint.disabled_at is None:
        endpoint.disabled_at, endpoint.detail = now, ""
        _record(session, doer, "webhook.disabled", endpoint, {}, now)


def enable(session: Session, doer: Doer, endpoint_id: int, now: datetime) -> None:
    """It hears of what happens from now on, and what waited is sent."""
    _begin_where_first(session, now)
    endpoint = locks.webhook_endpoint(session, endpoint_id)
    if endpoint.disabled_at is not None and endpoint.deleted_at is None:
        endpoint.disabled_at, endpoint.detail = None, ""
        staff_notices.see_all_of(session, endpoint_id, doer.user_id, now)
        _record(session, doer, "webhook.enabled", endpoint, {}, now)


def delete(session: Session, doer: Doer, endpoint_id: int, now: datetime) -> None:
    """Disable it for good, and show it nowhere any more; its secrets are lost. Its deliveries go as all do, with time.

    The row stays for them: to delete a month of deliveries at once would hold everybody else up.
    """
    endpoint = locks.webhook_endpoint(session, endpoint_id)
    if endpoint.deleted_at is None:
        endpoint.disabled_at, endpoint.deleted_at = endpoint.disabled_at or now, now
        endpoint.secret_salt, endpoint.previous_salt, endpoint.previous_until = "", None, None
        staff_notices.see_all_of(session, endpoint_id, doer.user_id, now)
        _record(session, doer, "webhook.deleted", endpoint, {"url": endpoint.url}, now)


def is_gone(session: Session, endpoint_id: int, detail: str, now: datetime) -> None:
    """The endpoint has said that it is there no more: it is disabled, and owners are told."""
    endpoint = locks.webhook_endpoint(session, endpoint_id)
    if endpoint.disabled_at is not None:
        return
    endpoint.disabled_at, endpoint.detail = now, detail[:DETAIL_KEPT] or "410"  # most say nothing with it
    _record(session, RECEIVER, "webhook.disabled", endpoint, {"answer": 410}, now)
    text = f"停用了：對方說它已經不在了（410）{staff_notices.BETWEEN}was disabled: it answered that it is gone (410)"
    session.add(StaffNotice(endpoint_id=endpoint_id, text=text, created_at=now))


def is_any(session: Session) -> bool:
    """Whether anybody is to hear of anything."""
    return bool(session.scalar(select(exists().where(WebhookEndpoint.disabled_at.is_(None)))))


def count(session: Session) -> int:
    """How many are to hear of something."""
    return session.scalar(select(func.count()).where(WebhookEndpoint.disabled_at.is_(None))) or 0


def all_of(session: Session, now: datetime) -> list[Endpoint]:
    """Every endpoint that is not deleted, in the order in which they were added."""
    there = select(WebhookEndpoint).where(WebhookEndpoint.deleted_at.is_(None))
    return [_endpoint(one, now) for one in session.scalars(there.order_by(WebhookEndpoint.id))]


def one(session: Session, endpoint_id: int, now: datetime) -> Endpoint | None:
    """The endpoint with this id; None where there is none, or it was deleted."""
    found = session.get(WebhookEndpoint, endpoint_id, populate_existing=True)
    return _endpoint(found, now) if found and found.deleted_at is None else None


def record(
    session: Session, doer: Doer, action: Action, endpoint_id: int, detail: dict[str, Any], now: datetime
) -> None:
    """Keep a deed that is done to an endpoint elsewhere."""
    _record(session, doer, action, session.get_one(WebhookEndpoint, endpoint_id), detail, now)


def _begin_where_first(session: Session, now: datetime) -> None:
    """Nobody looks at the feeds for nobody: where this is the first to hear, it hears nothing of what was before.

    Two that come first at once wait for each other here, so that the second finds the first.
    """
    locks.endpoints(session)
    if not is_any(session):
        feeds.begin(session, WebhookFeed, now)


def _values(wanted: Wanted) -> dict[str, Any]:
    kinds = [kind for kind in KINDS if kind in wanted.kinds]
    return {"name": wanted.name.strip(), "url": wanted.url.strip(), "kinds": kinds}


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """What the audit log has of them, which marketers read as well and nobody can erase."""
    return {**values, "url": hook_addresses.shown(values["url"])}


def _salt() -> str:
    return secrets.token_hex(16)


def _endpoint(row: WebhookEndpoint, now: datetime) -> Endpoint:
    is_overlap = row.previous_salt is not None and row.previous_until is not None and now < row.previous_until
    return Endpoint(
        endpoint_id=row.id,
        name=row.name,
        url=row.url,
        kinds=tuple(row.kinds),
        salts=(row.secret_salt, *([row.previous_salt] if is_overlap and row.previous_salt else [])),
        previous_until=row.previous_until if is_overlap else None,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        detail=row.detail,
    )


def _record(
    session: Session, doer: Doer, action: Action, endpoint: WebhookEndpoint, detail: dict[str, Any], now: datetime
) -> None:
    told = {"name": endpoint.name, **detail}
    audit.record(session, doer, Deed(action, "webhook", str(endpoint.id), told), now)
