"""Reading the audit log: who did what to what, the newest first, a page at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core import spelling
from db.tables import AuditEntry

PAGE = 50
EXPORTED = 1_000
CHOICES = 200  # names of people and of deeds that are offered


@dataclass(frozen=True)
class Sought:
    """What is asked for; empty or None asks for all."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Page:
    """Some entries, and the ids before which and after which there are more; None where there are none."""

    entries: Sequence[AuditEntry]
    before: int | None
    after: int | None


def page(
    session: Session, sought: Sought, after: int | None = None, before: int | None = None, size: int = PAGE
) -> Page:
    """The entries after an id (older ones), or those just before one, or the newest."""
    statement = select(AuditEntry).where(*_conditions(session, sought))
    if before:
        rows = session.scalars(statement.where(AuditEntry.id > before).order_by(AuditEntry.id).limit(size + 1)).all()
        found, is_before, is_after = rows[:size][::-1], len(rows) > size, True
    else:
        older = statement.where(AuditEntry.id < after) if after else statement
        rows = session.scalars(older.order_by(AuditEntry.id.desc()).limit(size + 1)).all()
        found, is_before, is_after = rows[:size], after is not None, len(rows) > size
    first, last = (found[0].id, found[-1].id) if found else (None, None)
    return Page(found, first if is_before else None, last if is_after else None)


def actors(session: Session) -> list[str]:
    """Whoever has done something, each found by one look into the index."""
    return _distinct(session, AuditEntry.actor)


def actions(session: Session) -> list[str]:
    """Whatever has been done, likewise."""
    return _distinct(session, AuditEntry.action)


def _distinct(session: Session, column: InstrumentedAttribute[str]) -> list[str]:
    found: list[str] = []
    while len(found) < CHOICES:
        later = column > (found[-1] if found else "")
        name = session.scalar(select(column).where(later).order_by(column).limit(1))
        if name is None:
            break
        found.append(name)
    return found


def _conditions(session: Session, sought: Sought) -> Iterator[ColumnElement[bool]]:
    if sought.actor:
        yield AuditEntry.actor == sought.actor
    if sought.action:
        yield AuditEntry.action == sought.action
    if sought.subject:
        kinds = _distinct(session, AuditEntry.subject_kind)  # with these the index of subjects is of use
        spellings = {sought.subject, spelling.reference(sought.subject)}  # a coupon's as it is printed
        yield AuditEntry.subject_kind.in_(kinds) & AuditEntry.subject.in_(spellings)
    if sought.since:
        yield AuditEntry.at >= sought.since
    if sought.until:
        yield AuditEntry.at < sought.until
