"""Devices: the phones, tablets and tills of a store, bound by a code that counts once, and shut out again."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session

from core import audit, naming
from core.audit import Action, Deed, Doer
from core.reasons import Reason
from core.refusal import Refused
from core.user_codes import plain
from db.tables import Device, Store

GOOD_FOR = timedelta(minutes=15)
SEEN_EVERY = timedelta(minutes=1)
LONGEST_NAME = 64
CODE_BYTES = 10  # 16 letters, for who types them into a till without a camera
TOKEN_BYTES = 32
BINDING = Doer(None, "/pos/bind")  # whoever has the code; nobody is logged in there


@dataclass(frozen=True)
class Code:
    """A code that binds a device, shown once: kept nowhere."""

    device_id: int
    code: str
    ends_at: datetime


@dataclass(frozen=True)
class Listed:
    """A device as an owner sees it; one that is neither bound nor revoked waits for its code to be scanned."""

    device_id: int
    store_id: int
    store_name: str
    name: str
    bound_at: datetime | None
    binding_ends_at: datetime | None
    seen_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class Bound:
    """The device behind a token, which was not revoked."""

    device_id: int
    name: str
    store_id: int
    store_name: str
    idle_minutes: int
    is_closed: bool
    seen_at: datetime | None


def of_store(session: Session, store_id: int) -> Sequence[Listed]:
    """The devices of a store, revoked ones last."""
    rows = session.execute(_LISTED.where(Device.store_id == store_id)).all()
    return [Listed(*row) for row in rows]


def all_of(session: Session) -> Sequence[Listed]:
    """Every device."""
    return [Listed(*row) for row in session.execute(_LISTED).all()]


def one(session: Session, device_id: int) -> Listed | None:
    """One of them."""
    row = session.execute(_LISTED.where(Device.id == device_id)).one_or_none()
    return Listed(*row) if row else None


_LISTED: Select[*tuple[Any, ...]] = (
    select(
        Device.id,
        Device.store_id,
        Store.name,
        Device.name,
        Device.bound_at,
        Device.binding_ends_at,
        Device.seen_at,
        Device.revoked_at,
    )
    .join(Store, Store.id == Device.store_id)
    .order_by(Store.name, Device.revoked_at.is_not(None), func.lower(Device.name), Device.id)
)


def add(session: Session, doer: Doer, store_id: int, name: str, now: datetime) -> Code | Refused:
    """A new device of the store, and the code that binds it. Refused: DEVICE_NAME_MALFORMED."""
    kept, code = _named(name), _new_code()
    if isinstance(kept, Refused):
        return kept
    device = Device(
        store_id=store_id,
        name=kept,
        created_at=now,
        created_by=doer.user_id,
        binding_digest=_digest(plain(code)),
        binding_ends_at=now + GOOD_FOR,
    )
    session.add(device)
    session.flush()
    _record(session, doer, "device.added", device.id, now)
    return Code(device.id, code, now + GOOD_FOR)


def rename(session: Session, doer: Doer, device_id: int, name: str, now: datetime) -> Refused | None:
    """Another name for a device, in what was done on it, too. Refused: DEVICE_NAME_MALFORMED."""
    kept = _named(name)
    if isinstance(kept, Refused):
        return kept
    device = session.get_one(Device, device_id)
    if device.name != kept:
        before, device.name = device.name, kept
        session.flush()
        _record(session, doer, "device.renamed", device_id, now, before=before)
    return None


def new_code(session: Session, doer: Doer, device_id: int, now: datetime) -> Code | None:
    """Another code for a device that is there, revoked or not; one made before counts no more. None: there is none.

    What is bound stays so until the code is used: then the new phone takes its place, and the old one is out.
    """
    code, ends_at = _new_code(), now + GOOD_FOR
    values = {"binding_digest": _digest(plain(code)), "binding_ends_at": ends_at, "revoked_at": None}
    made = update(Device).where(Device.id == device_id).values(values)
    if session.execute(made.returning(Device.id)).scalar_one_or_none() is None:
        return None
    _record(session, doer, "device.code_made", device_id, now)
    return Code(device_id, code, ends_at)


def bind(session: Session, entered: str, now: datetime) -> tuple[int, str] | Refused:
    """Bind the device whose code this is: its id, and the token that it is known by from now on, kept nowhere here.

    Of two who open the same code one binds it, and the other is told BINDING_OVER, as is who comes too late or guesses.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    bound = (
        update(Device)
        .where(Device.binding_digest == _digest(plain(entered)), Device.binding_ends_at > now)
        .values(
            token_digest=_digest(token),
            bound_at=now,
            seen_at=now,
            binding_digest=None,
            binding_ends_at=None,
            pin_tries=0,
            pin_tries_after=None,
            pin_wrong_until=0,
        )
    )
    device_id = session.execute(bound.returning(Device.id)).scalar_one_or_none()
    if device_id is None:
        return Refused(Reason.BINDING_OVER)
    _record(session, BINDING, "device.bound", device_id, now)
    return device_id, token


def revoke(session: Session, doer: Doer, device_id: int, now: datetime) -> None:
    """Let the device into nothing any more, from its next request on."""
    values = {
        "revoked_at": now,
        "token_digest": None,
        "bound_at": None,
        "binding_digest": None,
        "binding_ends_at": None,
    }
    revoked = update(Device).where(Device.id == device_id, Device.revoked_at.is_(None)).values(values)
    if session.execute(revoked.returning(Device.id)).scalar_one_or_none() is not None:
        _record(session, doer, "device.revoked", device_id, now)


def known(session: Session, token: str) -> Bound | None:
    """The device that has this token; None where there is none, or it was revoked or bound anew."""
    row = session.execute(_BOUND.where(Device.token_digest == _digest(token))).one_or_none()
    return Bound(*row) if row else None


_BOUND: Select[*tuple[Any, ...]] = select(
    Device.id,
    Device.name,
    Store.id,
    Store.name,
    Store.idle_minutes,
    Store.closed_at.is_not(None),
    Device.seen_at,
).join(Store, Store.id == Device.store_id)


def is_seen_long_ago(device: Bound, now: datetime) -> bool:
    """Whether it is time to write down that the device was seen."""
    return device.seen_at is None or device.seen_at <= now - SEEN_EVERY


def see(session: Session, device: Bound, now: datetime) -> None:
    """Write down that the device was seen; of many requests at once one does."""
    is_old = or_(Device.seen_at.is_(None), Device.seen_at <= now - SEEN_EVERY)
    session.execute(update(Device).where(Device.id == device.device_id, is_old).values(seen_at=now))


def _named(name: str) -> str | Refused:
    kept = name.strip()
    return kept if naming.is_good(kept, LONGEST_NAME) else Refused(Reason.DEVICE_NAME_MALFORMED, kept)


def _new_code() -> str:
    made = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().lower()
    return "-".join(made[at : at + 4] for at in range(0, len(made), 4))


def _digest(secret: str) -> str:
    """A fast one is enough for 80 random bits that count for 15 minutes, and for the 256 of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _record(session: Session, doer: Doer, action: Action, device_id: int, now: datetime, **more: str) -> None:
    name, store = session.execute(
        select(Device.name, Store.name).join(Store, Store.id == Device.store_id).where(Device.id == device_id)
    ).one()
    audit.record(session, doer, Deed(action, "device", name, {"store": store, "device": device_id, **more}), now)
