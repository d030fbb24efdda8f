"""Links with which somebody chooses a password: unguessable, for a time, and once."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core import audit, users
from core.audit import Deed, Doer
from core.users import Account
from db.tables import LoginLink

BY_MAIL = timedelta(hours=1)  # somebody waits for it
BY_HAND = timedelta(hours=1)
INVITATION = timedelta(days=3)
KEPT = timedelta(days=30)  # once it is over
BYTES = 32


def make(session: Session, user_id: int, lasts: timedelta, made_by: int | None, now: datetime) -> str:
    """The secret part of a new link; it is kept nowhere."""
    token = secrets.token_urlsafe(BYTES)
    session.add(
        LoginLink(
            user_id=user_id,
            digest=_digest(token),
            made_by=made_by,
            created_at=now,
            expires_at=now + lasts,
            used_at=None,
        )
    )
    return token


def whose(session: Session, token: str, now: datetime) -> Account | None:
    """Whose password the link sets; None where it is used, over, or was never there."""
    user_id = session.scalar(
        select(LoginLink.user_id).where(
            LoginLink.digest == _digest(token), LoginLink.used_at.is_(None), LoginLink.expires_at > now
        )
    )
    return users.account(session, user_id) if user_id else None


def use(session: Session, token: str, password_hash: str, now: datetime) -> Account | None:
    """Set the password, once: of two that try at the same moment one gets None, and so does who comes later."""
    known = whose(session, token, now)
    taken = session.execute(
        update(LoginLink)
        .where(LoginLink.digest == _digest(token), LoginLink.used_at.is_(None), LoginLink.expires_at > now)
        .values(used_at=now)
        .returning(LoginLink.user_id)
    ).scalar_one_or_none()
    if known is None or taken is None:
        return None
    users.set_password(session, known.user_id, password_hash, now)
    doer = Doer(known.user_id, known.username)
    audit.record(session, doer, Deed("user.password_chosen", "user", known.username, {"by": "link"}), now)
    return known


def forget(session: Session, now: datetime) -> int:
    """Remove those that have been over for KEPT, used or not; how many. Who made and used them is in the audit log."""
    done = session.execute(delete(LoginLink).where(LoginLink.expires_at <= now - KEPT))
    return int(done.rowcount)  # type: ignore[attr-defined]  # CursorResult


def _digest(token: str) -> str:
    """A fast one is enough for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
