"""PINs: with one, staff sign in on their store's devices. Guessing is limited here, before any hash is looked at."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, case, literal, select, update
from sqlalchemy.orm import Session

from core import audit, spelling, users
from core.audit import Deed, Doer
from core.reasons import Reason
from core.refusal import Refused
from db.base import UtcDateTime
from db.tables import Device, User

SHORTEST, LONGEST, MADE = 4, 8, 6  # digits
# Of one person so many wrong ones, of all on a device so many: three people may have forgotten theirs.
TRIES, TRIES_ON_DEVICE = 5, 15
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60))  # the last one from then on
ON_THE_PAD = {"2580", "0852", "1379", "1397", "7931"}  # a column and the corners


@dataclass(frozen=True)
class Try:
    """A PIN that was counted and may be looked at."""

    user_id: int
    device_id: int
    pin_hash: str


def plain(entered: str) -> str:
    """The digits, of whichever width they were typed; anything else stays, and is then malformed."""
    return spelling.narrow(entered).strip()


def check(pin: str) -> Refused | None:
    """Whether somebody may have this PIN. Refused: PIN_MALFORMED, PIN_TRIVIAL (one that is guessed first)."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        return Refused(Reason.PIN_MALFORMED)
    return Refused(Reason.PIN_TRIVIAL) if _is_trivial(pin) else None


def _is_trivial(pin: str) -> bool:
    """1111 and 1234, backwards too; 1212 and 123123; 1122; 2580."""
    steps = {(int(later) - int(before)) % 10 for before, later in pairwise(pin)}
    is_repeated = any(
        pin == pin[:length] * (len(pin) // length) for length in range(1, len(pin) // 2 + 1) if len(pin) % length == 0
    )
    is_doubled = len(pin) % 2 == 0 and pin[::2] == pin[1::2]
    return steps in ({0}, {1}, {9}) or is_repeated or is_doubled or pin in ON_THE_PAD


def make() -> str:
    """One that nobody chose."""
    while True:
        made = f"{secrets.randbelow(10**MADE):0{MADE}}"
        if check(made) is None:
            return made


def put(session: Session, doer: Doer, user_id: int, pin_hash: str, now: datetime) -> Refused | None:
    """Give somebody a PIN, hashed as a password is; all their sessions end. Refused: NOT_STAFF."""
    username = _set(session, user_id, pin_hash)
    if username is None:
        return Refused(Reason.NOT_STAFF)
    users.end_sessions(session, user_id)
    audit.record(session, doer, Deed("user.pin_set", "user", username, {}), now)
    return None


def take_away(session: Session, doer: Doer, user_id: int, now: datetime) -> None:
    """They sign in with no PIN any more; whoever did is out."""
    had = session.scalar(select(User.pin_hash != "").where(User.id == user_id))
    username = _set(session, user_id, "")
    if username is not None and had:
        users.end_sessions(session, user_id)
        audit.record(session, doer, Deed("user.pin_removed", "user", username, {}), now)


def _set(session: Session, user_id: int, pin_hash: str) -> str | None:
    values = {"pin_hash": pin_hash, "pin_tries": 0, "pin_tries_after": None}
    changed = update(User).where(User.id == user_id, User.role == "staff").values(values)
    return session.execute(changed.returning(User.username)).scalar_one_or_none()


def count(session: Session, user_id: int, device_id: int, now: datetime) -> Try | Refused:
    """Count a try of this person on this device, before it is known whether it is right.

    So of a hundred that are sent at once no more are looked at than of a hundred one after the other. Refused: PIN_WAIT
    (too many were wrong: `detail` is until when, ISO 8601), PIN_WRONG (nobody who signs in there; counted for the
    device alone).
    """
    stands = (
        User.role == "staff",
        User.disabled_at.is_(None),
        User.pin_hash != "",
        User.store_id.in_(select(Device.store_id).where(Device.id == device_id, Device.token_digest.is_not(None))),
    )
    with session.begin_nested() as counted:  # the user's row first, as in `was_right`
        by_user = _counted(session, User, user_id, TRIES, now, *stands)
        if by_user and by_user.reason == Reason.PIN_WAIT:
            return by_user
        on_device = _counted(session, Device, device_id, TRIES_ON_DEVICE, now)
        if on_device:
            counted.rollback()
            return on_device
    if by_user:
        return by_user
    return Try(user_id, device_id, session.scalars(select(User.pin_hash).where(User.id == user_id)).one())


def _counted(
    session: Session,
    table: type[User | Device],
    row_id: int,
    tries: int,
    now: datetime,
    *conditions: ColumnElement[bool],
) -> Refused | None:
    """A conditional update: as long as one waits there is no row to change."""
    now_tried = table.pin_tries + 1
    waits = [(now_tried == tries + number, now + wait) for number, wait in enumerate(WAITS)]
    moments = [(condition, literal(moment, UtcDateTime)) for condition, moment in waits]
    after = case((now_tried < tries, None), *moments, else_=literal(now + WAITS[-1], UtcDateTime))
    may_try: ColumnElement[bool] = table.pin_tries_after.is_(None) | (table.pin_tries_after <= now)
    counted = update(table).where(table.id == row_id, may_try, *conditions)
    if session.execute(counted.values(pin_tries=now_tried, pin_tries_after=after).returning(table.id)).first():
        return None
    until = session.scalar(select(table.pin_tries_after).where(table.id == row_id, ~may_try, *conditions))
    return Refused(Reason.PIN_WAIT, until.isoformat()) if until else Refused(Reason.PIN_WRONG)


def was_right(session: Session, tried: Try) -> bool:
    """The PIN was right: whoever signs in begins anew. False where an owner gave them another one meanwhile."""
    of_user = update(User).where(User.id == tried.user_id, User.pin_hash == tried.pin_hash)
    values: dict[str, Any] = {"pin_tries": 0, "pin_tries_after": None}
    if session.execute(of_user.values(values).returning(User.id)).scalar_one_or_none() is None:
        return False
    session.execute(update(Device).where(Device.id == tried.device_id).values(values))
    return True
