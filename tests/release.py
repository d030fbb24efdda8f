"""A flow's file published, as a test that is about something else needs it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from bot import publishing, surroundings
from bot.language.model import Flow
from core import flows
from core.refusal import Refused
from db.tables import FlowVersion


def publish(session: Session, file: Path, now: datetime, others: Sequence[Flow] = ()) -> tuple[FlowVersion, bool]:
    """The file's version, and whether it is new; `others` are flows beside those that are published."""
    in_use, known = flows.in_use(session), surroundings.known(session, now)
    text = publishing.proven(publishing.check_file(file), [*others, *(known.flows or {}).values()], in_use)
    assert not isinstance(text, Refused), text
    done = publishing.publish(session, text, now)
    assert not isinstance(done, Refused), done
    return done
