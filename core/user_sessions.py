"""Sessions that were ended one by one: a cookie that somebody has copied opens nothing once its owner has logged out.

All sessions of a user are ended by another number in their row (`core.users.end_sessions`).
"""

import secrets
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from db.insert import insert_unless_there
from db.tables import EndedSession

BYTES = 16


def new_key() -> str:
    """What tells a new session from all others."""
    return secrets.token_hex(BYTES)


def end(session: Session, key: str, until: datetime, now: datetime) -> None:
    """This session is over, and would have been `until` at the latest: no longer need that be known."""
    session.execute(delete(EndedSession).where(EndedSession.ends_at <= now))
    insert_unless_there(session, EndedSession, {"key": key, "ends_at": until}, ["key"])
