"""Mails to those who work here: rows that leave through a job, each at most once as far as anybody can know.

A row says what kind of mail to whom; the words, and the link in them, are made when it leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from core import mail_texts, user_links, users
from core.reasons import Reason
from core.shop import Shop
from core.users import Account
from db.tables import Mail

Kind = Literal["forgotten", "invitation", "changed"]

# After each attempt that failed and may be repeated; then the mail is given up.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 20, 60, 180))
SENDING_ENDS = timedelta(minutes=5)  # longer than any job runs: whoever was sending it is dead
KEPT = timedelta(days=30)
LONGEST_DETAIL = 300  # characters


@dataclass(frozen=True)
class Letter:
    """A mail as it leaves. `key` is the same in every attempt."""

    mail_id: int
    key: str
    to: str
    subject: str
    text: str


@dataclass(frozen=True)
class Failed:
    """What came of an attempt: 'later' may be repeated, 'never' not, of 'unknown' nobody knows whether it arrived."""

    how: Literal["later", "never", "unknown"]
    detail: str


def to_user(session: Session, kind: Kind, user_id: int, language: str, now: datetime) -> int:
    """A mail to a user; it goes to the address they have when it leaves. The row's id, for the bell."""
    return _add(session, Mail(kind=kind, user_id=user_id, language=language), now)


def to_whoever_is(session: Session, asked: str, language: str, now: datetime) -> int:
    """A mail with a link to whomever this name or address is of; nobody here finds out whether there is anybody."""
    return _add(session, Mail(kind="forgotten", asked=asked[: users.LONGEST_EMAIL], language=language), now)


def _add(session: Session, mail: Mail, now: datetime) -> int:
    session.execute(delete(Mail).where(Mail.created_at < now - KEPT, Mail.state.not_in(["pending", "sending"])))
    mail.created_at = mail.due_at = now
    session.add(mail)
    session.flush()
    return mail.id


def due(session: Session, now: datetime) -> Sequence[int]:
    """Mails whose time has come, and those that a dead worker left."""
    open_ones = select(Mail.id).where(Mail.state.in_(["pending", "sending"]), Mail.due_at <= now)
    return session.scalars(open_ones.order_by(Mail.due_at).limit(100)).all()


def begin(session: Session, mail_id: int, shop: Shop, now: datetime) -> Letter | None:
    """The mail as it leaves, taken by this worker alone; None where another has it, or it goes to nobody.

    Commit before it is sent. One that was being sent for longer than a job lasts is not sent again: it may have gone.
    """
    if session.execute(_given_up(mail_id, now)).scalar_one_or_none():
        return None
    taken = update(Mail).where(Mail.id == mail_id, Mail.state == "pending", Mail.due_at <= now)
    values = {"state": "sending", "due_at": now + SENDING_ENDS, "attempts": Mail.attempts + 1}
    mail = session.scalars(taken.values(values).returning(Mail), execution_options={"populate_existing": True}).first()
    if mail is None:
        return None
    account = _recipient(session, mail)
    if account is None or not account.email:
        mail.state, mail.asked = "nobody", mail.asked and ""  # it may be anything, even a password in the wrong field
        return None
    mail.user_id, mail.asked = account.user_id, None
    link = _link(session, mail.kind, account, shop, now)
    words = mail_texts.words(mail.kind, mail.language, shop, account.username, link)
    return Letter(mail.id, f"{mail.kind}-{mail.id}-{int(mail.created_at.timestamp())}", account.email, *words)


def _given_up(mail_id: int, now: datetime) -> ReturningUpdate[tuple[int]]:
    dead = update(Mail).where(Mail.id == mail_id, Mail.state == "sending", Mail.due_at <= now)
    return dead.values(state="unknown", detail="the worker that was sending it died").returning(Mail.id)


def _recipient(session: Session, mail: Mail) -> Account | None:
    if mail.user_id is not None:
        return users.account(session, mail.user_id)
    return users.by_name_or_email(session, mail.asked or "")


def _link(session: Session, kind: str, account: Account, shop: Shop, now: datetime) -> str:
    if kind == "changed":
        return f"{shop.public_url}/forgotten"
    lasts = user_links.INVITATION if kind == "invitation" else user_links.BY_MAIL
    return f"{shop.public_url}/password/{user_links.make(session, account.user_id, lasts, None, now)}"


def settle(session: Session, letter: Letter, failed: Failed | None, now: datetime) -> None:
    """Keep what came of it. What may be repeated waits longer each time."""
    mail = session.get_one(Mail, letter.mail_id)
    if mail.state != "sending":
        return  # it took so long that it was given up meanwhile
    if failed is None:
        mail.state, mail.sent_at, mail.detail = "sent", now, ""
        return
    mail.detail = failed.detail[:LONGEST_DETAIL]
    if failed.how == "unknown":
        mail.state = "unknown"
    elif failed.how == "later" and mail.attempts <= len(WAITS):
        mail.state, mail.due_at = "pending", now + WAITS[mail.attempts - 1]
    else:
        mail.state = "failed"


def why(failed: Failed) -> Reason:
    """The code that the log has."""
    known = {"later": Reason.MAIL_UNREACHABLE, "never": Reason.MAIL_REFUSED, "unknown": Reason.OUTCOME_UNKNOWN}
    return known[failed.how]
