"""Stores: what an owner sees and says of each. What is honoured in which is verification's matter."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit, naming, pins
from core.audit import Action, Deed, Doer
from core.reasons import Reason
from core.refusal import Refused
from core.users import LONGEST_STORE
from db import locks
from db.insert import insert_unless_there
from db.tables import Device, Store, User

UNDO_MINUTES = range(24 * 60 + 1)
IDLE_MINUTES = range(1, 8 * 60 + 1)


@dataclass(frozen=True)
class Wanted:
    """What a store is to be: `undo_minutes` to take a verification back, `idle_minutes` until a device there locks."""

    name: str
    undo_minutes: int = 15
    idle_minutes: int = 5


@dataclass(frozen=True)
class Place:
    """A store as an owner sees it; `staff` and `devices` are how many may sign in there, and on how many."""

    store_id: int
    name: str
    undo_minutes: int
    idle_minutes: int
    closed_at: datetime | None
    staff: int
    devices: int


@dataclass(frozen=True)
class Staff:
    """Somebody who stands in a store. `waits_until`: after too many wrong PINs none of theirs is looked at before."""

    user_id: int
    username: str
    has_pin: bool
    waits_until: datetime | None
    logged_in_at: datetime | None


_staff = select(func.count()).where(User.store_id == Store.id, User.role == "staff", User.disabled_at.is_(None))
_devices = select(func.count()).where(Device.store_id == Store.id, Device.token_digest.is_not(None))
_PLACES: Select[*tuple[Any, ...]] = select(
    Store.id,
    Store.name,
    Store.undo_minutes,
    Store.idle_minutes,
    Store.closed_at,
    _staff.correlate(Store).scalar_subquery(),
    _devices.correlate(Store).scalar_subquery(),
)


def all_of(session: Session) -> Sequence[Place]:
    """Every store, open ones first, by name."""
    rows = session.execute(_PLACES.order_by(Store.closed_at.is_not(None), func.lower(Store.name), Store.id)).all()
    return [Place(*row) for row in rows]


def one(session: Session, store_id: int) -> Place | None:
    """One of them."""
    row = session.execute(_PLACES.where(Store.id == store_id)).one_or_none()
    return Place(*row) if row else None


def by_name(session: Session, name: str) -> Place | None:
    """The store of this name."""
    row = session.execute(_PLACES.where(Store.name == name.strip())).one_or_none()
    return Place(*row) if row else None


def staff(session: Session, store_id: int, now: datetime) -> Sequence[Staff]:
    """Who stands in the store and may sign in, by name."""
    stands = (User.store_id == store_id, User.role == "staff", User.disabled_at.is_(None))
    tried = (User.pin_tries_after, User.pin_wrong_until)
    columns = (User.id, User.username, User.pin_hash != "", *tried, User.logged_in_at)
    rows = session.execute(select(*columns).where(*stands).order_by(func.lower(User.username))).all()
    return [
        Staff(user_id, username, has_pin, pins.waits_until(after, wrong_until, now), logged_in_at)
        for user_id, username, has_pin, after, wrong_until, logged_in_at in rows
    ]


def add(session: Session, doer: Doer, wanted: Wanted, now: datetime) -> int | Refused:
    """Add a store; its id. Refused as `change`."""
    kept = _checked(wanted)
    if isinstance(kept, Refused):
        return kept
    store_id = insert_unless_there(session, Store, asdict(kept), ["name"])
    if store_id is None:
        return Refused(Reason.STORE_NAME_TAKEN, kept.name)
    _record(session, doer, "store.added", kept.name, {}, now)
    return store_id


def change(session: Session, doer: Doer, store_id: int, wanted: Wanted, now: datetime) -> Refused | None:
    """Give a store another name or other times. Refused: STORE_NAME_MALFORMED, STORE_NAME_TAKEN, MINUTES_OUT_OF_RANGE.

    Records tell a store by its number and show the name that it has now.
    """
    kept, store = _checked(wanted), locks.store(session, store_id)
    if isinstance(kept, Refused) or store is None:
        return kept if isinstance(kept, Refused) else None
    before = asdict(Wanted(store.name, store.undo_minutes, store.idle_minutes))
    try:
        with session.begin_nested():
            store.name, store.undo_minutes, store.idle_minutes = kept.name, kept.undo_minutes, kept.idle_minutes
    except IntegrityError:
        return Refused(Reason.STORE_NAME_TAKEN, kept.name)
    after = asdict(kept)
    if before != after:
        _record(session, doer, "store.changed", kept.name, {"before": before, "after": after}, now)
    return None


def close(session: Session, doer: Doer, store_id: int, now: datetime) -> None:
    """From now on nothing is verified there. What was stays; so do its staff and devices."""
    store = locks.store(session, store_id)
    if store is not None and store.closed_at is None:
        store.closed_at = now
        _record(session, doer, "store.closed", store.name, {}, now)


def open_again(session: Session, doer: Doer, store_id: int, now: datetime) -> None:
    """Verify there again."""
    store = locks.store(session, store_id)
    if store is not None and store.closed_at is not None:
        store.closed_at = None
        _record(session, doer, "store.opened", store.name, {}, now)


def _checked(wanted: Wanted) -> Wanted | Refused:
    name = wanted.name.strip()
    if not naming.is_good(name, LONGEST_STORE):
        return Refused(Reason.STORE_NAME_MALFORMED, name)
    if wanted.undo_minutes not in UNDO_MINUTES or wanted.idle_minutes not in IDLE_MINUTES:
        return Refused(Reason.MINUTES_OUT_OF_RANGE)
    return Wanted(name, wanted.undo_minutes, wanted.idle_minutes)


def _record(session: Session, doer: Doer, action: Action, name: str, detail: dict[str, Any], now: datetime) -> None:
    audit.record(session, doer, Deed(action, "store", name, detail), now)
