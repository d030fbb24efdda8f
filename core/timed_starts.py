"""Flows that begin at a time: each moment once, its contacts frozen when it comes, each begun or not with a reason.

What a flow is, and which moments it has, is `bot/`' business.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Select, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from core import inbox
from core.reasons import Reason
from core.refusal import Refused
from db import locks
from db.base import BigId
from db.insert import insert_unless_there
from db.several import among
from db.tables import Contact, ContactTag, Flow, FlowVersion, TimedStart, TimedStartContact

STOPPED = Reason.START_STOPPED
LATEST = timedelta(hours=6)  # after the moment; a greeting that comes later than that is none
QUIET = timedelta(minutes=10)  # since the contact's last act: who is chatting is not interrupted


@dataclass(frozen=True)
class Whom:
    """Contacts with one of the tags; with a channel or languages (as their platforms tell them), only those."""

    tags: tuple[str, ...]
    channel: str | None = None
    languages: tuple[str, ...] | None = None


@dataclass
class Turn:
    """A contact whose turn it is, locked, and which start's."""

    contact: Contact
    start: TimedStart
    flow_name: str
    row: TimedStartContact


@dataclass(frozen=True)
class Kept:
    """A flow, and which of its moments have been found before."""

    flow_id: int
    moments: frozenset[datetime]


def kept(session: Session, version_ids: Collection[int]) -> dict[int, Kept]:
    """Of each of these versions its flow, with the moments that were kept of it."""
    if not version_ids:
        return {}
    rows = session.execute(_KEPT, {"versions": list(version_ids)}).all()
    by_version = dict[int, tuple[int, set[datetime]]]()
    for version_id, flow_id, at in rows:
        _, found = by_version.setdefault(version_id, (flow_id, set()))
        found |= {at} - {None}
    return {version_id: Kept(flow_id, frozenset(found)) for version_id, (flow_id, found) in by_version.items()}


_KEPT = (
    select(FlowVersion.id, FlowVersion.flow_id, TimedStart.at)
    .outerjoin(TimedStart, TimedStart.flow_id == FlowVersion.flow_id)
    .where(among(FlowVersion.id, "versions"))
)


def languages(session: Session, tags: Sequence[str]) -> list[str]:
    """The languages of the contacts with one of the tags, each once."""
    return list(session.scalars(select(Contact.language).where(_has_tag(tags)).distinct()))


def keep(session: Session, flow_id: int, at: datetime, whom: Whom, now: datetime) -> int | None:
    """Keep the moment with all for whom it comes as they are now; how many. None where that was done before.

    A moment longer ago than LATEST is kept as missed, with nobody.
    """
    values = {"flow_id": flow_id, "at": at, "found_at": now, "audience": 0}
    start_id = insert_unless_there(session, TimedStart, values, ["flow_id", "at"])
    if start_id is None:
        return None
    start = session.get_one(TimedStart, start_id)
    if now - at > LATEST:
        start.finished_at, start.reason = now, Reason.START_MISSED
        return 0
    chosen = _chosen(whom).with_only_columns(literal(start_id, BigId), Contact.id)
    session.execute(insert(TimedStartContact).from_select(["start_id", "contact_id"], chosen))
    start.audience = session.scalar(_counted(start_id)) or 0
    return start.audience


def count(session: Session, whom: Whom) -> int:
    """For how many it would come now."""
    return session.scalar(_chosen(whom).with_only_columns(func.count(Contact.id))) or 0


def _chosen(whom: Whom) -> Select[Contact]:
    chosen = select(Contact).where(_has_tag(whom.tags))
    if whom.channel:
        chosen = chosen.where(Contact.channel == whom.channel)
    return chosen if whom.languages is None else chosen.where(Contact.language.in_(whom.languages))


def _has_tag(tags: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(ContactTag.contact_id == Contact.id, ContactTag.tag.in_(tags)).correlate(Contact)


def _counted(start_id: int) -> Select[int]:
    return select(func.count()).select_from(TimedStartContact).where(TimedStartContact.start_id == start_id)


def take(session: Session, now: datetime, count: int) -> list[Turn]:
    """Up to `count` contacts whose turn it is, locked; those that others hold are left.

    Left as well is who has acted within QUIET, and who has done something that is not handled yet: that comes first.
    """
    chosen = _ready(now).order_by(TimedStartContact.start_id, TimedStartContact.contact_id).limit(count)
    free = {contact.id: contact for contact in locks.contacts_free(session, chosen)}
    open_rows = (
        select(TimedStartContact, TimedStart, Flow.name)
        .join(TimedStart, TimedStart.id == TimedStartContact.start_id)
        .join(Flow, Flow.id == TimedStart.flow_id)
        .where(TimedStartContact.done_at.is_(None), among(TimedStartContact.contact_id, "contacts"))
        .order_by(TimedStartContact.start_id, TimedStartContact.contact_id)
    )
    rows = locks.timed_starts_kept(session, open_rows, {"contacts": list(free)})
    turns = dict[int, Turn]()  # a contact's earlier start first; the later one has its own turn
    for row, start, name in rows:
        turns.setdefault(row.contact_id, Turn(free[row.contact_id], start, name, row))
    return list(turns.values())


def is_any_ready(session: Session, now: datetime) -> bool:
    """Whether `take` would find somebody, where others hold nobody."""
    return session.scalar(_ready(now).with_only_columns(Contact.id).limit(1)) is not None


def _ready(now: datetime) -> Select[Contact]:
    is_quiet = or_(Contact.window_opened_at.is_(None), Contact.window_opened_at <= now - QUIET)
    return (
        select(Contact)
        .join(TimedStartContact, TimedStartContact.contact_id == Contact.id)
        .join(TimedStart, TimedStart.id == TimedStartContact.start_id)
        .where(TimedStartContact.done_at.is_(None), ~inbox.has_news, or_(is_quiet, TimedStart.at < now - LATEST))
    )


def settle(turn: Turn, outcome: int | Reason, now: datetime) -> None:
    """The contact has begun with this version of the flow, or has not for this reason."""
    turn.row.done_at = now
    if isinstance(outcome, Reason):
        turn.row.reason = outcome
    else:
        turn.row.flow_version_id = outcome


def stop(session: Session, flow_id: int, at: datetime, now: datetime) -> int | Refused:
    """Begin with nobody any more at this moment, which may be still ahead; with how many it does not begin by that.

    Whoever is being begun with at this instant is waited for, and counts as begun.
    """
    values = {"flow_id": flow_id, "at": at, "found_at": now, "audience": 0, "finished_at": now, "reason": STOPPED}
    if insert_unless_there(session, TimedStart, values, ["flow_id", "at"]) is not None:
        return 0
    start = locks.timed_start(session, flow_id, at)
    if start.finished_at:
        return Refused(Reason.START_OVER)
    left = session.execute(
        update(TimedStartContact)
        .where(TimedStartContact.start_id == start.id, TimedStartContact.done_at.is_(None))
        .values(done_at=now, reason=STOPPED)
        .execution_options(synchronize_session=False)
    )
    start.finished_at, start.reason = now, STOPPED
    return cast("CursorResult[Any]", left).rowcount


def resume(session: Session, flow_id: int, at: datetime, now: datetime) -> Refused | None:
    """Have a moment begin after all that was stopped while it was ahead, as it still is."""
    gone = session.execute(
        delete(TimedStart).where(
            TimedStart.flow_id == flow_id,
            TimedStart.at == at,
            TimedStart.at > now,
            TimedStart.reason == STOPPED,
            TimedStart.found_at < TimedStart.at,
        )
    )
    return None if cast("CursorResult[Any]", gone).rowcount == 1 else Refused(Reason.START_OVER)


def is_any_open(session: Session) -> bool:
    """Whether a start is under way."""
    return session.scalar(select(TimedStart.id).where(TimedStart.finished_at.is_(None)).limit(1)) is not None


def finish(session: Session, now: datetime) -> None:
    """The starts of which every contact's turn has come are finished."""
    is_open = exists().where(TimedStartContact.start_id == TimedStart.id, TimedStartContact.done_at.is_(None))
    session.execute(
        update(TimedStart)
        .where(TimedStart.finished_at.is_(None), ~is_open)
        .values(finished_at=now)
        .execution_options(synchronize_session=False)
    )
