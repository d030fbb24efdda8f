"""Drafts of flows: texts that are under way in the console, one a flow, which customers do not meet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from core.reasons import Reason
from core.refusal import Refused
from db.insert import insert_unless_there
from db.tables import FlowDraft, User


@dataclass(frozen=True)
class Saved:
    """A draft: its text, the number of the version that it began from (0: none), and who saved it last, and when."""

    name: str
    source: str
    based_on: int
    updated_at: datetime
    username: str | None


def load(session: Session, name: str) -> Saved | None:
    """A flow's draft, or None."""
    return next((draft for draft in all_of(session) if draft.name == name), None)


def all_of(session: Session) -> list[Saved]:
    """Every draft, in the order of the flows' names."""
    rows = session.execute(
        select(FlowDraft.name, FlowDraft.source, FlowDraft.based_on, FlowDraft.updated_at, User.username)
        .outerjoin(User, User.id == FlowDraft.user_id)
        .order_by(FlowDraft.name)
    )
    return [Saved(*row) for row in rows]


def save(
    session: Session,
    name: str,
    source: str,
    based_on: int,
    seen: datetime | None,
    by: tuple[int, datetime],
) -> Refused | None:
    """Keep the text, unless the draft is another one than was `seen` (None: there was none).

    `by` is the user's id and now. Of two who save at once one is refused: the row count, or the key, decides.
    """
    user_id, now = by
    values: dict[str, Any] = {"source": source, "based_on": based_on, "updated_at": now, "user_id": user_id}
    if seen is None:
        done = insert_unless_there(session, FlowDraft, {"name": name, **values}, ["name"]) is not None
    else:
        kept = update(FlowDraft).where(FlowDraft.name == name, FlowDraft.updated_at == seen).values(values)
        done = cast("CursorResult[Any]", session.execute(kept)).rowcount == 1
    return None if done else Refused(Reason.FLOW_DRAFT_CHANGED, name)


def discard(session: Session, name: str, seen: datetime) -> Refused | None:
    """Throw the draft away, unless it is another one than was `seen`."""
    gone = session.execute(delete(FlowDraft).where(FlowDraft.name == name, FlowDraft.updated_at == seen))
    return None if cast("CursorResult[Any]", gone).rowcount == 1 else Refused(Reason.FLOW_DRAFT_CHANGED, name)
