"""One-time codes (TOTP, RFC 6238) beside the password, and the recovery codes for a lost phone.

The secret in somebody's phone is made of the server's key and a number in their row: neither the database nor a backup
of it holds one, and no page can show it again.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core import audit, spelling
from core.audit import Deed, Doer
from db.tables import RecoveryCode, User

SECRET_BYTES = 20  # as RFC 4226 recommends
RECOVERY_CODES = 10
RECOVERY_BYTES = 10  # 16 letters
SPAN = 1  # half minutes that a phone's clock may be wrong, either way


def begin(session: Session, user_id: int) -> str | None:
    """A new number of which the secret is made; None where codes are on.

    A new one each time: whoever has begun before, and perhaps was somebody else, knows a secret that counts no more.
    """
    is_off = (User.id == user_id) & User.codes_since.is_(None)
    made = update(User).where(is_off).values(code_salt=secrets.token_hex(16))
    return session.scalar(made.returning(User.code_salt))


def begun(session: Session, user_id: int) -> str | None:
    """The number that is there from `begin`; None where codes are on, or nobody has begun."""
    user = session.get_one(User, user_id)
    return user.code_salt if user.codes_since is None else None


def uri(key: str, salt: str, username: str, shop: str) -> str:
    """What a phone's app reads from the QR code."""
    return pyotp.TOTP(secret(key, salt)).provisioning_uri(name=username, issuer_name=shop.replace(":", " "))


def secret(key: str, salt: str) -> str:
    """The secret as it is typed into an app by hand."""
    made = hmac.new(key.encode(), f"one-time codes {salt}".encode(), hashlib.sha256).digest()
    return base64.b32encode(made[:SECRET_BYTES]).decode()


def turn_on(session: Session, doer: Doer, key: str, code: str, now: datetime) -> Sequence[str] | None:
    """Ask for codes from now on, once the first is right; the recovery codes, which are shown now only. Else None."""
    user = session.get_one(User, doer.user_id)
    if user.codes_since is not None or not _take_code(session, user, key, plain(code), now):
        return None
    # With the salt of which the code was made: somebody may have begun anew at this very moment.
    session.execute(update(User).where(User.id == user.id).values(codes_since=now, code_salt=user.code_salt))
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    made = [_recovery_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user.id, digest=_digest(one), used_at=None) for one in made)
    audit.record(session, doer, Deed("user.codes_on", "user", user.username, {}), now)
    return made


def turn_off(session: Session, doer: Doer, user_id: int, now: datetime) -> None:
    """Ask for the password alone."""
    user = session.get_one(User, user_id)
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    if user.codes_since is not None:
        audit.record(session, doer, Deed("user.codes_off", "user", user.username, {}), now)
    user.codes_since, user.code_salt = None, None


def take(session: Session, user_id: int, key: str, entered: str, now: datetime) -> bool:
    """Whether this is a code of the moment, or a recovery code; either counts once, also for two that try at once."""
    user = session.get_one(User, user_id)
    words = plain(entered)
    if words.isdigit():
        return _take_code(session, user, key, words, now)
    taken = session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.digest == _digest(words), RecoveryCode.used_at.is_(None))
        .values(used_at=now)
        .returning(RecoveryCode.user_id)
    ).scalar_one_or_none()
    if taken is not None:
        audit.record(session, Doer(user_id, user.username), Deed("user.recovery_code", "user", user.username, {}), now)
    return taken is not None


def plain(entered: str) -> str:
    """A code as it was meant: narrow letters and digits, of whichever width they were typed, and nothing else."""
    narrow = spelling.narrow(entered)
    return "".join(one for one in narrow if one.isascii() and one.isalnum()).lower()


def recovery_codes_left(session: Session, user_id: int) -> int:
    """How many recovery codes were not used yet."""
    unused = (RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0


def _take_code(session: Session, user: User, key: str, code: str, now: datetime) -> bool:
    """The row remembers the last half minute whose code was taken: none counts again, nor an older one."""
    if user.code_salt is None:
        return False
    codes = pyotp.TOTP(secret(key, user.code_salt))
    for offset in range(-SPAN, SPAN + 1):
        if hmac.compare_digest(codes.at(now, counter_offset=offset), code):
            step = codes.timecode(now) + offset
            newer = update(User).where(User.id == user.id, User.code_step < step).values(code_step=step)
            return session.execute(newer.returning(User.id)).scalar_one_or_none() is not None
    return False


def _recovery_code() -> str:
    """Four groups of four letters and digits."""
    made = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(made[at : at + 4] for at in range(0, len(made), 4))


def _digest(code: str) -> str:
    """A fast one is enough for 80 random bits."""
    return hashlib.sha256(code.replace("-", "").encode()).hexdigest()
