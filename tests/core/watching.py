"""What an operator sees of a test's database."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from core import gauges
from db.database import Database

CHANNELS = ("line", "messenger")
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def look(database: Database, at: datetime) -> gauges.Readings:
    with database.snapshot() as session:  # however slow the machine is
        return gauges.read(session, CHANNELS, at)


def seen(database: Database, at: datetime, *names: str) -> list[Mapping[gauges.Labels, float]]:
    found = look(database, at)
    return [found[name] for name in names]
