"""Workers that are killed while a flow begins at its time: with each contact it begins once all the same."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, insert, select

from core import clock, invariants, timed_start_figures
from db.database import Database
from db.tables import Contact, ContactTag, OutboxMessage, Person, TimedStartContact
from tests.workers.conftest import Post
from workers import periodic
from workers.jobs import starting

COUNT = 240
XMAS = """
flow: xmas
languages: [zh-Hant]
starts:
  - at: {at}
    with: {{tag: vip}}
steps:
  - say: 聖誕快樂
  - tag: greeted
  - ask: {{text: 想喝什麼？, keep: drink}}
"""


def crowd(database: Database, count: int, at: datetime) -> None:
    """So many contacts with the tag."""
    blank = {"channel": "line", "name": "", "picture_url": "", "language": "zh-TW", "created_at": at}
    numbers = range(1, count + 1)
    with database.write() as session:
        session.execute(insert(Person), [{"id": number, "created_at": at} for number in numbers])
        rows = [{"id": number, "person_id": number, "account_id": f"U{number:032x}", **blank} for number in numbers]
        session.execute(insert(Contact), rows)
        session.execute(insert(ContactTag), [{"contact_id": one, "tag": "vip", "tagged_at": at} for one in numbers])


def done(database: Database) -> int:
    with database.read() as session:
        is_done = TimedStartContact.done_at.is_not(None)
        return session.scalar(select(func.count()).select_from(TimedStartContact).where(is_done)) or 0


def test_kill_9_at_any_moment_begins_with_nobody_twice_and_forgets_nobody(
    post: Post, database_url: str, redis_url: str
) -> None:
    database, now = post.work.database, datetime.now(UTC)
    at = now.astimezone(post.work.shop.timezone) - timedelta(minutes=2)
    post.publish(XMAS.format(at=f"{at:%Y-%m-%d %H:%M}"), now - timedelta(hours=1))
    crowd(database, COUNT, now - timedelta(days=1))
    periodic.find_moments(post.work, now)
    for goal in (50, 150):
        post.work.redis.flushall()  # no wake-up of the last one is left
        worker = subprocess.Popen([sys.executable, "-m", "tests.workers.starter", database_url, redis_url])
        while done(database) < goal:
            assert worker.poll() is None
            time.sleep(0.002)
        worker.kill()
        worker.wait()
    assert goal <= done(database) <= COUNT
    post.work.redis.flushall()
    starting.start(0)
    post.rest()
    periodic.find_moments(post.work, clock.now())
    with database.read() as session:
        (figures,) = timed_start_figures.of_flow(session, "xmas")
        assert (figures.audience, figures.begun, figures.waiting, figures.refused) == (COUNT, COUNT, 0, {})
        assert figures.finished_at is not None
        told = select(func.count()).select_from(OutboxMessage).group_by(OutboxMessage.contact_id)
        assert list(session.scalars(told)) == [2] * COUNT
        assert [one.invariant.name for one in invariants.check(session) if one.examples] == []
