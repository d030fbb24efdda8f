"""Users: the marketers and the staff who log in, and the stores that staff stand in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import argon2
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.insert import insert_unless_there
from db.tables import Store, User

Role = Literal["marketer", "staff"]
ROLES: tuple[Role, ...] = ("marketer", "staff")
SHORTEST_PASSWORD = 10  # characters

_hasher = argon2.PasswordHasher()
# Compared against where there is no such user, so that the answer takes as long and tells nothing.
_NOBODY = _hasher.hash("nobody has this password")


class UserError(ValueError):
    """A user that cannot be as asked; the message says why."""


@dataclass(frozen=True)
class Account:
    """A user as the doors know them."""

    user_id: int
    username: str
    role: str
    store_id: int | None
    store_name: str | None


def create(session: Session, username: str, password: str, role: Role, store: str | None, now: datetime) -> User:
    """Add a user; for staff the store is made where there is none of that name.

    Raises:
        UserError: the name is taken or empty, the password too short, or staff without a store.
    """
    if not 1 <= len(username.strip()) <= 64:  # noqa: PLR2004 (the column's width)
        raise UserError("The user name must have 1 to 64 characters.")
    if len(password) < SHORTEST_PASSWORD:
        raise UserError(f"The password has {len(password)} characters; it must have at least {SHORTEST_PASSWORD}.")
    if role == "staff" and not store:
        raise UserError("Staff need a store: say which one.")
    if session.scalar(select(User.id).where(User.username == username.strip())):
        raise UserError(f"There is a user {username.strip()!r} already.")
    user = User(
        username=username.strip(),
        password_hash=_hasher.hash(password),
        role=role,
        store_id=ensure_store(session, store).id if store else None,
        created_at=now,
    )
    session.add(user)
    session.flush()
    return user


def id_of(session: Session, username: str) -> int | None:
    """The user of this name, or None."""
    return session.scalar(select(User.id).where(User.username == username.strip()))


def ensure_store(session: Session, name: str) -> Store:
    """The store of that name, made where there is none."""
    insert_unless_there(session, Store, {"name": name}, ["name"])
    return session.scalars(select(Store).where(Store.name == name)).one()


def authenticate(session: Session, username: str, password: str) -> Account | None:
    """The account whose name and password these are, or None; a disabled one is None too. Takes as long either way."""
    user = session.scalar(select(User).where(User.username == username.strip(), User.disabled_at.is_(None)))
    try:
        _hasher.verify(user.password_hash if user else _NOBODY, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return None
    return account(session, user.id) if user else None


def account(session: Session, user_id: int) -> Account | None:
    """The account with this id, or None where there is none or it is disabled: asked again with every request."""
    row = session.execute(
        select(User.id, User.username, User.role, User.store_id, Store.name)
        .outerjoin(Store, Store.id == User.store_id)
        .where(User.id == user_id, User.disabled_at.is_(None)),
    ).one_or_none()
    return Account(*row) if row else None
