"""The sweep goes on, whatever it meets."""

from datetime import UTC, datetime

import pytest

from core import claims
from tests import cast
from tests.workers.conftest import Post
from workers import periodic, queues
from workers.context import Context


def test_a_place_in_redis_that_cannot_be_read_is_the_beginning(post: Post) -> None:
    post.work.redis.set(periodic.LOOKED_AT, "what another version wrote")
    periodic.find_happened(post.work, datetime.now(UTC))
    assert post.work.redis.get(periodic.LOOKED_AT) == b"0"


def test_a_task_that_breaks_keeps_no_other_from_its_work(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(work: Context, now: datetime) -> None:
        raise ValueError(f"{work.name} at {now}")

    now = datetime.now(UTC)
    with post.work.database.write() as session:
        cast.campaign(session, now)
        claims.claim(session, cast.sent(session, cast.MEI, now), now)
    monkeypatch.setattr(periodic, "TASKS", (breaks, *periodic.TASKS))
    periodic.one_round(post.work, now)
    assert queues.queue(post.work.redis, queues.REDEMPTION).count == 1
