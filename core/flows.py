"""Published flows: immutable versions, and which of them runs. What a flow means is `bot/`' business."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit
from core.audit import Deed
from core.reasons import Reason
from core.refusal import Refused
from db import locks
from db.tables import Flow, FlowVersion, User

Via = Literal["files", "console"]


@dataclass(frozen=True)
class Draft:
    """A checked flow about to be published: the marketer's text, what it was read as, and its pictures' image ids."""

    name: str
    source: str
    document: dict[str, Any]
    pictures: dict[str, str]


@dataclass(frozen=True)
class Origin:
    """Where a draft comes from, and who publishes it.

    `based_on` is the number of the version that it was made from, 0 for none; None: it may replace whatever there is.
    """

    via: Via = "files"
    user_id: int | None = None
    based_on: int | None = 0


FILES = Origin()


@dataclass(frozen=True)
class Overtaken(Refused):
    """The published version is one that the draft's author has not seen: its number, who published it and when."""

    number: int = 0
    username: str | None = None
    published_at: datetime | None = None


def overtaken(session: Session, draft: Draft, origin: Origin) -> Overtaken | None:
    """Why the draft must not be published, or None, which stays true until the transaction ends: nobody else publishes.

    What came from files may replace what came from files, for they have a history of their own. Nothing else may
    replace a version that it was not made from, unless it says the same.
    """
    locks.publishing(session)
    newest = published(session, draft.name)
    if newest is None or origin.based_on is None or newest.number <= origin.based_on or _is_same(newest, draft):
        return None
    if newest.via == "files" and origin.via == "files":
        return None
    reason = Reason.FLOW_CHANGED_IN_CONSOLE if origin.via == "files" else Reason.FLOW_CHANGED_MEANWHILE
    user = session.get(User, newest.user_id) if newest.user_id else None
    username = user.username if user else None
    return Overtaken(reason, draft.name, newest.number, username, newest.published_at)


def publish(session: Session, draft: Draft, now: datetime, origin: Origin = FILES) -> tuple[FlowVersion, bool]:
    """Make `draft` the version that new conversations begin with; those under way finish on their own version.

    The same text and pictures as the published version change nothing: then the second value is False.

    Raises:
        ValueError: it is `overtaken`; whoever calls this has asked.
    """
    if overtaken(session, draft, origin):
        raise ValueError(f"{draft.name} was published by somebody else meanwhile.")
    newest = published(session, draft.name)
    if newest and _is_same(newest, draft):
        return newest, False
    flow = session.scalar(select(Flow).where(Flow.name == draft.name)) or Flow(name=draft.name, published_number=1)
    session.add(flow)
    session.flush()
    highest = session.scalar(select(func.max(FlowVersion.number)).where(FlowVersion.flow_id == flow.id)) or 0
    version = FlowVersion(
        flow_id=flow.id,
        number=highest + 1,
        source=draft.source,
        document=draft.document,
        pictures=draft.pictures,
        published_at=now,
        user_id=origin.user_id,
        via=origin.via,
    )
    session.add(version)
    flow.published_number = version.number
    session.flush()
    detail = {"version": version.number, "replaces": newest.number if newest else None, "where": origin.via}
    doer = audit.somebody(session, origin.user_id)
    audit.record(session, doer, Deed("flow.published", "flow", draft.name, detail), now)
    return version, True


def _is_same(version: FlowVersion, draft: Draft) -> bool:
    return (version.source, version.document, version.pictures) == (draft.source, draft.document, draft.pictures)


def in_use(session: Session) -> dict[str, int]:
    """The ids of the versions that new conversations begin with, by their flows' names and in the order of these."""
    running = (
        select(Flow.name, FlowVersion.id)
        .join(Flow, (Flow.id == FlowVersion.flow_id) & (Flow.published_number == FlowVersion.number))
        .order_by(Flow.name)
    )
    return {name: version_id for name, version_id in session.execute(running)}  # noqa: C416 (rows, not pairs, for mypy)


def published(session: Session, name: str) -> FlowVersion | None:
    """The version of this flow that new conversations begin with, or None where there is none."""
    return session.scalar(
        select(FlowVersion)
        .join(Flow, (Flow.id == FlowVersion.flow_id) & (Flow.published_number == FlowVersion.number))
        .where(Flow.name == name)
    )


def version(session: Session, version_id: int) -> FlowVersion:
    """A version by its id."""
    return session.get_one(FlowVersion, version_id)


def in_force(session: Session, flow_id: int, at: datetime) -> int | None:
    """The id of the version that new conversations began with at that time, or None where there was none yet.

    Each publishing, and each going back, makes the version with the highest number.
    """
    return session.scalar(
        select(FlowVersion.id)
        .where(FlowVersion.flow_id == flow_id, FlowVersion.published_at <= at)
        .order_by(FlowVersion.number.desc())
        .limit(1)
    )
