"""What a platform told of the shop's account, such as the month's quota, kept so that pages need not ask it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.insert import insert_unless_there
from db.tables import ChannelNote


@dataclass(frozen=True)
class Note:
    """A value, as JSON holds it, and when the platform told it."""

    value: Any
    noted_at: datetime


def note(session: Session, channel: str, name: str, value: Any, now: datetime) -> None:  # noqa: ANN401 (any JSON value)
    """Keep a value under its name; the newest stands."""
    row = {"channel": channel, "name": name, "value": value, "noted_at": now}
    if insert_unless_there(session, ChannelNote, row, ["channel", "name"]) is None:
        session.execute(
            update(ChannelNote)
            .where(ChannelNote.channel == channel, ChannelNote.name == name)
            .values(value=value, noted_at=now)
        )


def renew(session: Session, channel: str, name: str, age: timedelta, now: datetime) -> bool:
    """Keep `now` under a name where nothing, or something older than `age`, is; of two at once one is told True."""
    row = {"channel": channel, "name": name, "value": None, "noted_at": now}
    if insert_unless_there(session, ChannelNote, row, ["channel", "name"]) is not None:
        return True
    is_old = ChannelNote.noted_at <= now - age
    found = session.execute(
        update(ChannelNote)
        .where(ChannelNote.channel == channel, ChannelNote.name == name, is_old)
        .values(noted_at=now)
        .returning(ChannelNote.name)
    )
    return found.scalar_one_or_none() is not None


def read(session: Session, channel: str, name: str) -> Note | None:
    """What was kept last under a name, or None where nothing ever was."""
    found = session.execute(
        select(ChannelNote.value, ChannelNote.noted_at).where(ChannelNote.channel == channel, ChannelNote.name == name)
    ).one_or_none()
    return Note(*found) if found else None
