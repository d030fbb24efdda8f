"""Keys of POS machines and vendors: made, shown once, changed with an overlap, revoked, and known at each request."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from core import audit, naming
from core.audit import Action, Deed, Doer
from core.reasons import Reason
from core.refusal import Refused
from db import locks
from db.tables import ApiKey, Store, User

Scope = Literal["lookup", "verify", "use", "undo", "upload"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
LONGEST_NAME = 64  # characters, as the column is wide
OVERLAP, LONGEST_OVERLAP = timedelta(hours=24), timedelta(days=30)
NOTED_EVERY = timedelta(minutes=1)  # when a key was used last is written no oftener
MARK = "tessera_"  # what programs that look for lost secrets find
BYTES = 32
_NOBODY = "0" * 64  # compared with where there is no such key, so that the answer takes as long and tells nothing


@dataclass(frozen=True)
class Key:
    """A key as an owner sees it, and as a request is known by it. `store_id` None: each request names its store."""

    key_id: int
    name: str
    prefix: str
    scopes: tuple[Scope, ...]
    store_id: int | None
    store_name: str | None
    created_at: datetime
    created_by: str | None
    used_at: datetime | None
    previous_until: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class Made:
    """A key's whole secret, to be shown once: it is kept nowhere."""

    key_id: int
    secret: str


def make(
    session: Session, doer: Doer, name: str, scopes: Sequence[str], store_id: int | None, now: datetime
) -> Made | Refused:
    """A new key. Refused: KEY_NAME_MALFORMED, KEY_WITHOUT_SCOPES (none, or one there is not), UNKNOWN_STORE."""
    called = name.strip()
    if not naming.is_good(called, LONGEST_NAME):
        return Refused(Reason.KEY_NAME_MALFORMED)
    if not scopes or not set(scopes) <= set(SCOPES):
        return Refused(Reason.KEY_WITHOUT_SCOPES)
    store = session.get(Store, store_id) if store_id is not None else None
    if store_id is not None and store is None:
        return Refused(Reason.UNKNOWN_STORE)
    prefix = MARK + secrets.token_hex(4)
    secret = _secret(prefix)
    row = ApiKey(
        name=called,
        store_id=store_id,
        scopes=[one for one in SCOPES if one in scopes],
        prefix=prefix,
        secret_digest=_digest(secret),
        created_at=now,
        created_by=doer.user_id,
    )
    session.add(row)
    session.flush()
    _record(session, doer, "api_key.made", row, now, scopes=row.scopes, store=store.name if store else "")
    return Made(row.id, secret)


def rotate(session: Session, doer: Doer, key_id: int, overlap: timedelta, now: datetime) -> Made | Refused:
    """Another secret for the key. The one before still counts for `overlap`; one before that no more.

    Refused: KEY_REVOKED.
    """
    row = locks.api_key(session, key_id)
    if row.revoked_at is not None:
        return Refused(Reason.KEY_REVOKED, row.name)
    secret = _secret(row.prefix)
    is_kept = overlap > timedelta(0)
    row.previous_digest = row.secret_digest if is_kept else None
    row.previous_until = now + min(overlap, LONGEST_OVERLAP) if is_kept else None
    row.secret_digest = _digest(secret)
    hours = int(overlap.total_seconds() // 3600)
    _record(session, doer, "api_key.rotated", row, now, hours=hours)
    return Made(row.id, secret)


def revoke(session: Session, doer: Doer, key_id: int, now: datetime) -> Refused | None:
    """Let nobody in with the key any more, at once and for good; what was done with it stays.

    Refused: KEY_REVOKED.
    """
    row = locks.api_key(session, key_id)
    if row.revoked_at is not None:
        return Refused(Reason.KEY_REVOKED, row.name)
    row.revoked_at = now
    row.previous_digest = row.previous_until = None
    _record(session, doer, "api_key.revoked", row, now)
    return None


def known(session: Session, secret: str, now: datetime) -> Key | None:
    """Whose secret this is; None for a guessed, a changed and a revoked one alike, and as slowly."""
    prefix = secret[: len(MARK) + 8]
    row = session.scalars(select(ApiKey).where(ApiKey.prefix == prefix)).one_or_none() if _is_plain(secret) else None
    told = _digest(secret)
    is_present = hmac.compare_digest(told, row.secret_digest if row else _NOBODY)
    is_previous = hmac.compare_digest(told, (row and row.previous_digest) or _NOBODY)
    if row is None or row.revoked_at is not None:
        return None
    may = is_present or (is_previous and row.previous_until is not None and now < row.previous_until)
    return one(session, row.id) if may else None


def note_use(session: Session, key_id: int, now: datetime) -> None:
    """When the key was used, at most once a minute."""
    is_old = or_(ApiKey.used_at.is_(None), ApiKey.used_at < now - NOTED_EVERY)
    session.execute(update(ApiKey).where(ApiKey.id == key_id, is_old).values(used_at=now))


def is_noted(key: Key, now: datetime) -> bool:
    """Whether its last use needs no writing yet."""
    return key.used_at is not None and key.used_at >= now - NOTED_EVERY


def all_of(session: Session) -> list[Key]:
    """Every key, who still lets in first, newest first."""
    rows = session.execute(_KEYS.order_by(ApiKey.revoked_at.is_not(None), ApiKey.id.desc())).all()
    return [_key(row) for row in rows]


def one(session: Session, key_id: int) -> Key | None:
    """One of them."""
    row = session.execute(_KEYS.where(ApiKey.id == key_id)).one_or_none()
    return _key(row) if row else None


def by_prefix(session: Session, prefix: str) -> Key | None:
    """The one that people tell by this prefix."""
    row = session.execute(_KEYS.where(ApiKey.prefix == prefix)).one_or_none()
    return _key(row) if row else None


_COLUMNS: Sequence[Any] = (
    ApiKey.id,
    ApiKey.name,
    ApiKey.prefix,
    ApiKey.scopes,
    ApiKey.store_id,
    Store.name,
    ApiKey.created_at,
    User.username,
    ApiKey.used_at,
    ApiKey.previous_until,
    ApiKey.revoked_at,
)
_KEYS: Select[*tuple[Any, ...]] = (
    select(*_COLUMNS).outerjoin(Store, Store.id == ApiKey.store_id).outerjoin(User, User.id == ApiKey.created_by)
)


def _key(row: Any) -> Key:  # noqa: ANN401 (a row of _KEYS)
    values: dict[str, Any] = dict(zip((one.name for one in fields(Key)), row, strict=True))
    return Key(**values | {"scopes": tuple(values["scopes"])})


def _secret(prefix: str) -> str:
    return f"{prefix}_{secrets.token_urlsafe(BYTES)}"


def _digest(secret: str) -> str:
    """A fast one is enough for 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _is_plain(secret: str) -> bool:
    """PostgreSQL compares no text with a NUL in it."""
    return secret.isascii() and secret.isprintable()


def _record(session: Session, doer: Doer, action: Action, row: ApiKey, now: datetime, **detail: object) -> None:
    audit.record(session, doer, Deed(action, "api_key", row.prefix, {"name": row.name, **detail}), now)
