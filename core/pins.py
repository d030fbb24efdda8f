"""PINs: with one, staff sign in on their store's devices. Guessing is limited here, before any hash is looked at.

Twice: wrong ones in a row are followed by waits that grow, until a right one; and so that nobody guesses a little after
each right one, their own or the other's, so many wrong ones in all are borne in mind and only time forgets them.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, case, literal, select, update
from sqlalchemy.orm import Session

from core import audit, spelling, users
from core.audit import Deed, Doer
from core.reasons import Reason
from core.refusal import Refused
from db.base import BigId, UtcDateTime
from db.tables import Device, User

SHORTEST, LONGEST, MADE = 4, 8, 6  # digits
# Of one person so many wrong ones, of all on a device so many: three people may have forgotten theirs.
TRIES, TRIES_ON_DEVICE = 5, 15
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60))  # the last one from then on
# Wrong ones that are borne in mind, of one person and of all on a device, and how many seconds pass until the next of
# them is forgotten: nobody's PIN is guessed more than 39 times in the first day and 24 in any other.
IN_MIND, FORGOTTEN_EVERY = 15, 3_600
IN_MIND_ON_DEVICE, FORGOTTEN_ON_DEVICE_EVERY = 60, 600
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
    values = {"pin_hash": pin_hash, "pin_tries": 0, "pin_tries_after": None, "pin_wrong_until": 0}
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
        by_user = _counted(session, _OF_USER, user_id, now, *stands)
        if by_user and by_user.reason == Reason.PIN_WAIT:
            return by_user
        on_device = _counted(session, _ON_DEVICE, device_id, now)
        if on_device:
            counted.rollback()
            return on_device
    if by_user:
        return by_user
    return Try(user_id, device_id, session.scalars(select(User.pin_hash).where(User.id == user_id)).one())


@dataclass(frozen=True)
class _Limit:
    """How many tries in a row there are, how many wrong ones are borne in mind, and after how long one is forgotten."""

    table: type[User | Device]
    tries: int
    in_mind: int
    every: int


_OF_USER = _Limit(User, TRIES, IN_MIND, FORGOTTEN_EVERY)
_ON_DEVICE = _Limit(Device, TRIES_ON_DEVICE, IN_MIND_ON_DEVICE, FORGOTTEN_ON_DEVICE_EVERY)


def _counted(
    session: Session, limit: _Limit, row_id: int, now: datetime, *conditions: ColumnElement[bool]
) -> Refused | None:
    """A conditional update: as long as one waits there is no row to change."""
    table, tries, at = limit.table, limit.tries, int(now.timestamp())
    now_tried = table.pin_tries + 1
    waits = [(now_tried == tries + number, now + wait) for number, wait in enumerate(WAITS)]
    moments = [(condition, literal(moment, UtcDateTime)) for condition, moment in waits]
    after = case((now_tried < tries, None), *moments, else_=literal(now + WAITS[-1], UtcDateTime))
    wrong_until = case((table.pin_wrong_until > at, table.pin_wrong_until), else_=literal(at, BigId)) + limit.every
    full_at = at + (limit.in_mind - 1) * limit.every
    may_try: ColumnElement[bool] = (table.pin_tries_after.is_(None) | (table.pin_tries_after <= now)) & (
        table.pin_wrong_until <= full_at
    )
    counted = update(table).where(table.id == row_id, may_try, *conditions)
    values = {"pin_tries": now_tried, "pin_tries_after": after, "pin_wrong_until": wrong_until}
    if session.execute(counted.values(values).returning(table.id)).first():
        return None
    waiting = select(table.pin_tries_after, table.pin_wrong_until).where(table.id == row_id, ~may_try, *conditions)
    row = session.execute(waiting).first()
    return Refused(Reason.PIN_WAIT, _until(limit, *row).isoformat()) if row else Refused(Reason.PIN_WRONG)


def waits_until(after: datetime | None, wrong_until: int, now: datetime) -> datetime | None:
    """Until when somebody of whom this is kept is not let try; None where they may."""
    until = _until(_OF_USER, after, wrong_until)
    return until if until > now else None


def _until(limit: _Limit, after: datetime | None, wrong_until: int) -> datetime:
    is_forgotten = datetime.fromtimestamp(max(0, wrong_until - (limit.in_mind - 1) * limit.every), UTC)
    return max(after, is_forgotten) if after else is_forgotten


def was_right(session: Session, tried: Try) -> bool:
    """The PIN was right: whoever signs in begins anew, and of the wrong ones this is none.

    Those before it stay in mind. False where an owner gave them another PIN meanwhile.
    """
    of_user = update(User).where(User.id == tried.user_id, User.pin_hash == tried.pin_hash)
    if session.execute(of_user.values(_anew(_OF_USER)).returning(User.id)).scalar_one_or_none() is None:
        return False
    session.execute(update(Device).where(Device.id == tried.device_id).values(_anew(_ON_DEVICE)))
    return True


def _anew(limit: _Limit) -> dict[str, Any]:
    return {"pin_tries": 0, "pin_tries_after": None, "pin_wrong_until": limit.table.pin_wrong_until - limit.every}
