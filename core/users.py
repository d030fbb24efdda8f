"""Users: the owners, marketers and staff who log in, and the stores that staff stand in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from functools import cache
from typing import Any, Literal

import argon2
from sqlalchemy import ColumnElement, Select, bindparam, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import naming
from core.reasons import Reason
from db.insert import insert_unless_there
from db.tables import EndedSession, LoginLink, Store, User

Role = Literal["owner", "marketer", "staff"]
ROLES: tuple[Role, ...] = ("owner", "marketer", "staff")
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200  # characters
LONGEST_NAME, LONGEST_STORE, LONGEST_EMAIL = 64, 100, 254  # characters, as the columns are wide
EMAIL = re.compile(r"[^@\s<>,;:\"\\()\[\]]+@[^@\s<>,;:\"\\()\[\]]+\.[^@\s<>,;:\"\\()\[\].]{2,}")

_hasher = argon2.PasswordHasher()


class UserError(ValueError):
    """A user that cannot be as asked; the message says why, `reason` is its code."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


@dataclass(frozen=True)
class Account:
    """A user as the doors know them. Empty: `language` is the browser's, `time_zone` the shop's."""

    user_id: int
    username: str
    role: str
    store_id: int | None
    store_name: str | None
    email: str | None
    language: str
    time_zone: str
    session_number: int
    codes_since: datetime | None

    @property
    def session_id(self) -> str:
        """What this user's sessions carry: another number ends them."""
        return f"{self.user_id}.{self.session_number}"


def create(
    session: Session,
    username: str,
    password: str | None,
    role: Role,
    store: str | None,
    now: datetime,
    email: str | None = None,
) -> User:
    """Add a user; for staff the store is made where there is none of that name. Without a password: by a link, later.

    Raises:
        UserError: the name or address is taken or malformed, the password too short, or staff without a store.
    """
    name, address = entered_name(username), checked_email(email or "")
    if not naming.is_good(name, LONGEST_NAME):
        raise UserError(Reason.USER_NAME_MALFORMED, "The user name must have 1 to 64 characters that can be seen.")
    if password is not None:
        check_password(password)
    if session.scalar(select(User.id).where(User.username == name)):
        raise _taken(name)
    user = User(
        username=name,
        password_hash=hashed(password) if password is not None else "",
        role=role,
        store_id=checked_store(session, role, store),
        created_at=now,
        email=address,
    )
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:  # somebody has the address, or was faster by the name
        raise _address_taken(address) if _has_address(session, address) else _taken(name) from None
    return user


def give_email(session: Session, user: User, email: str) -> None:
    """Give a user another address, or none; that nobody else has it, the unique index says.

    Raises:
        UserError: it is no address, or another user has it.
    """
    address = checked_email(email)
    try:
        with session.begin_nested():
            user.email = address
    except IntegrityError:
        raise _address_taken(address) from None


def entered_name(entered: str) -> str:
    """A name or address as it is looked for: however else it was entered, it is the same to whoever counts tries."""
    return entered.replace("\0", "").strip()


def _taken(name: str) -> UserError:
    return UserError(Reason.USER_NAME_TAKEN, f"There is a user {name!r} already.")


def _has_address(session: Session, address: str | None) -> bool:
    return address is not None and session.scalar(select(User.id).where(User.email == address)) is not None


def _address_taken(address: str | None) -> UserError:
    return UserError(Reason.EMAIL_TAKEN, f"Another user has the address {address}.")


def check_password(password: str) -> None:
    """Whether somebody may have this password.

    Raises:
        UserError: it is too short or too long.
    """
    if len(password) < SHORTEST_PASSWORD:
        sentence = f"The password has {len(password)} characters; it must have at least {SHORTEST_PASSWORD}."
        raise UserError(Reason.PASSWORD_TOO_SHORT, sentence)
    if len(password) > LONGEST_PASSWORD:
        sentence = f"The password has {len(password)} characters; it may have {LONGEST_PASSWORD}."
        raise UserError(Reason.PASSWORD_TOO_LONG, sentence)


def checked_store(session: Session, role: Role, store: str | None) -> int | None:
    """The id of the store that a user of this role stands in, made where there is none of that name.

    Raises:
        UserError: staff without a store, or a name that is too long.
    """
    name = (store or "").replace("\0", "").strip()
    if role == "staff" and not name:
        raise UserError(Reason.STORE_MISSING, "Staff need a store: say which one.")
    if len(name) > LONGEST_STORE:
        raise UserError(Reason.STORE_MISSING, f"A store's name has at most {LONGEST_STORE} characters.")
    return ensure_store(session, name).id if name else None


def checked_email(email: str) -> str | None:
    """The address as it is kept, None where none is given.

    Raises:
        UserError: it is none.
    """
    address = email.strip().lower()
    if not address:
        return None
    if len(address) > LONGEST_EMAIL or not EMAIL.fullmatch(address) or not _can_be_mailed(address):
        raise UserError(Reason.EMAIL_MALFORMED, f"{email!r} is no e-mail address.")
    return address


def _can_be_mailed(address: str) -> bool:
    """Whether a mail can be addressed so: not where a letter is none of ASCII, or a dot stands before the @."""
    try:
        return address.isascii() and address.isprintable() and bool(Address(addr_spec=address))
    except (ValueError, MessageError):
        return False


def hashed(password: str) -> str:
    """The password as it is kept. Takes some 50 ms: ask before a transaction is open."""
    return _hasher.hash(password)


def set_password(session: Session, user_id: int, password_hash: str, now: datetime) -> None:
    """Another password: all sessions end, and no link that was made before counts any more."""
    session.execute(update(User).where(User.id == user_id).values(password_hash=password_hash))
    end_sessions(session, user_id)
    end_links(session, user_id, now)


def end_sessions(session: Session, user_id: int) -> None:
    """Whoever is logged in as this user must log in again."""
    session.execute(update(User).where(User.id == user_id).values(session_number=User.session_number + 1))


def note_log_in(session: Session, user_id: int, now: datetime) -> None:
    """Somebody has logged in as this user."""
    session.execute(update(User).where(User.id == user_id).values(logged_in_at=now))


def end_links(session: Session, user_id: int, now: datetime) -> None:
    """No link of this user counts any more."""
    open_ones = (LoginLink.user_id == user_id, LoginLink.used_at.is_(None), LoginLink.expires_at > now)
    # Not `now`: whoever uses one at this very moment may have looked at the clock before.
    session.execute(update(LoginLink).where(*open_ones).values(expires_at=LoginLink.created_at))


def id_of(session: Session, username: str) -> int | None:
    """The user of this name, or None."""
    return session.scalar(select(User.id).where(User.username == username.strip()))


def ensure_store(session: Session, name: str) -> Store:
    """The store of that name, made where there is none."""
    insert_unless_there(session, Store, {"name": name}, ["name"])
    return session.scalars(select(Store).where(Store.name == name)).one()


@dataclass(frozen=True)
class Claimed:
    """Whom somebody says to be, and the hash that their password must have; of nobody there is one too."""

    account: Account | None
    password_hash: str


def claimed(session: Session, username: str) -> Claimed:
    """The account of this name, if it may log in. Ask `is_right` for the password either way: it takes as long."""
    may_be = User.username == entered_name(username), User.disabled_at.is_(None)
    row = session.execute(_CLAIMED.where(*may_be)).one_or_none()  # one question, whoever it is
    if row is None or not row[0]:
        return Claimed(None, _nobody())
    return Claimed(Account(*row[1:]), row[0])


def authenticate(session: Session, username: str, password: str) -> Account | None:
    """The account whose name and password these are, or None; a disabled one is None too. Takes as long either way."""
    found = claimed(session, username)
    return found.account if is_right(found.password_hash, password) else None


@cache
def _nobody() -> str:
    """Compared against where there is no such user, so that the answer takes as long and tells nothing."""
    return _hasher.hash("nobody has this password")


def is_right(password_hash: str, password: str) -> bool:
    """Whether this is the password that was kept so."""
    try:
        return _hasher.verify(password_hash, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def account(session: Session, user_id: int) -> Account | None:
    """The account with this id, or None where there is none or it is disabled: asked again with every request."""
    return _account(session, User.id == user_id)


def of_session(session: Session, user_id: int, key: str) -> Account | None:
    """The same, unless their session with this key was ended (`core.user_sessions`)."""
    row = session.execute(_OF_SESSION, {"user_id": user_id, "key": key}).one_or_none()
    return Account(*row) if row else None


def by_name_or_email(session: Session, entered: str) -> Account | None:
    """The account of this name, or with this address."""
    known = entered_name(entered)
    return _account(session, User.username == known) or _account(session, User.email == known.lower())


def _account(session: Session, condition: ColumnElement[bool]) -> Account | None:
    row = session.execute(_ACCOUNTS.where(condition, User.disabled_at.is_(None))).one_or_none()
    return Account(*row) if row else None


_COLUMNS: Sequence[Any] = (
    User.id,
    User.username,
    User.role,
    User.store_id,
    Store.name,
    User.email,
    User.language,
    User.time_zone,
    User.session_number,
    User.codes_since,
)
_CLAIMED: Select[*tuple[Any, ...]] = select(User.password_hash, *_COLUMNS).outerjoin(Store, Store.id == User.store_id)
_ACCOUNTS: Select[*tuple[Any, ...]] = select(*_COLUMNS).outerjoin(Store, Store.id == User.store_id)
# Asked with every request: built once, as building it takes longer than its answer.
_OF_SESSION = _ACCOUNTS.where(
    User.id == bindparam("user_id"),
    User.disabled_at.is_(None),
    ~exists().where(EndedSession.key == bindparam("key")),
)
