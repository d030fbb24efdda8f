"""What is done to users: added, changed, shut out and let in again. Each deed is kept in the audit log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from core import audit, users
from core.audit import Action, Deed, Doer
from core.reasons import Reason
from core.refusal import Refused
from core.users import Role, UserError
from db import locks
from db.tables import Store, User


@dataclass(frozen=True)
class Wanted:
    """What a user is to be."""

    username: str
    role: Role
    store: str = ""
    email: str = ""


@dataclass(frozen=True)
class Person:
    """A user as an owner sees them."""

    user_id: int
    username: str
    role: Role
    store: str | None
    email: str | None
    logged_in_at: datetime | None
    disabled_at: datetime | None
    has_password: bool
    codes_since: datetime | None


def all_of(session: Session) -> Sequence[Person]:
    """Everybody, who may log in first, by name."""
    rows = session.execute(_PEOPLE.order_by(User.disabled_at.is_not(None), func.lower(User.username))).all()
    return [Person(*row) for row in rows]


def one(session: Session, user_id: int) -> Person | None:
    """One of them."""
    row = session.execute(_PEOPLE.where(User.id == user_id)).one_or_none()
    return Person(*row) if row else None


_COLUMNS: Sequence[Any] = (
    User.id,
    User.username,
    User.role,
    Store.name,
    User.email,
    User.logged_in_at,
    User.disabled_at,
    User.password_hash != "",
    User.codes_since,
)
_PEOPLE: Select[*tuple[Any, ...]] = select(*_COLUMNS).outerjoin(Store, Store.id == User.store_id)


def stores(session: Session) -> Sequence[str]:
    """The names of all stores."""
    return session.scalars(select(Store.name).order_by(Store.name)).all()


def add(session: Session, doer: Doer, wanted: Wanted, password: str | None, now: datetime) -> User:
    """Add a user; without a password they choose one by a link.

    Raises:
        UserError: as `users.create`, or there is no store of that name.
    """
    _must_be_there(session, wanted.store)
    user = users.create(session, wanted.username, password, wanted.role, wanted.store, now, wanted.email)
    _record(session, doer, "user.added", user, {"role": user.role, "store": wanted.store, "email": user.email}, now)
    return user


def change(session: Session, doer: Doer, user_id: int, wanted: Wanted, now: datetime) -> Refused | None:
    """Give a user another role, store or address; the name stays.

    Raises:
        UserError: as `add`.
    """
    _must_be_there(session, wanted.store)
    user, owners = locks.user_and_owners(session, user_id)
    if wanted.role != "owner" and _is_last(user, owners):
        return Refused(Reason.LAST_OWNER, user.username)
    before = _kept(user)
    users.give_email(session, user, wanted.email)
    user.store_id = users.checked_store(session, wanted.role, wanted.store)
    user.role = wanted.role
    _changed(session, doer, user, before, now)
    return None


def _must_be_there(session: Session, store: str) -> None:
    """A mistyped name makes no store."""
    name = store.strip()
    if name and name not in stores(session):
        there = ", ".join(stores(session)) or "none yet"
        raise UserError(Reason.UNKNOWN_STORE, f"There is no store {name!r}. There are: {there}.")


def change_email(session: Session, doer: Doer, user_id: int, email: str, now: datetime) -> None:
    """Give a user another address, and leave the rest as it is: an owner may be changing it at this very moment.

    Raises:
        UserError: as `users.create`.
    """
    user, _ = locks.user_and_owners(session, user_id)
    before = _kept(user)
    users.give_email(session, user, email)
    _changed(session, doer, user, before, now)


def _kept(user: User) -> dict[str, Any]:
    return {"role": user.role, "store": user.store_id, "email": user.email}


def _changed(session: Session, doer: Doer, user: User, before: Mapping[str, Any], now: datetime) -> None:
    after = _kept(user)
    if before != after:
        _record(session, doer, "user.changed", user, {"before": before, "after": after}, now)
    if before["email"] != after["email"]:
        users.end_links(session, user.id, now)  # they went to where somebody else may read them


def disable(session: Session, doer: Doer, user_id: int, now: datetime) -> Refused | None:
    """Shut a user out at once: sessions and links end. What they did stays theirs."""
    user, owners = locks.user_and_owners(session, user_id)
    if _is_last(user, owners):
        return Refused(Reason.LAST_OWNER, user.username)
    if user.disabled_at is None:
        user.disabled_at = now
        users.end_sessions(session, user_id)
        users.end_links(session, user_id, now)
        _record(session, doer, "user.disabled", user, {}, now)
    return None


def enable(session: Session, doer: Doer, user_id: int, now: datetime) -> None:
    """Let a user in again, with the password they had."""
    user, _ = locks.user_and_owners(session, user_id)
    if user.disabled_at is not None:
        user.disabled_at = None
        _record(session, doer, "user.enabled", user, {}, now)


def end_sessions(session: Session, doer: Doer, user_id: int, now: datetime) -> None:
    """Log a user out everywhere."""
    users.end_sessions(session, user_id)
    _record(session, doer, "user.sessions_ended", session.get_one(User, user_id), {}, now)


def choose(session: Session, user_id: int, language: str, time_zone: str) -> None:
    """In which language and zone a user reads the pages."""
    session.execute(update(User).where(User.id == user_id).values(language=language, time_zone=time_zone))


def record(session: Session, doer: Doer, action: Action, user_id: int, now: datetime) -> None:
    """Keep a deed of which no more is to be told, such as 'user.password_changed'."""
    _record(session, doer, action, session.get_one(User, user_id), {}, now)


def _is_last(user: User, owners: Sequence[User]) -> bool:
    """Whether nobody could manage people without this one."""
    return [owner.id for owner in owners] == [user.id]


def _record(session: Session, doer: Doer, action: Action, user: User, detail: Mapping[str, Any], now: datetime) -> None:
    audit.record(session, doer, Deed(action, "user", user.username, detail), now)
