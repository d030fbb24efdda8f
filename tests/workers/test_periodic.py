"""The sweep goes on, whatever it meets."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from core import claims, flows
from core.flows import Draft
from db.tables import FlowTurn
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


def test_what_flows_ran_is_forgotten_by_days_once_it_is_kept_long_enough(post: Post) -> None:
    now = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
    kept = datetime(2026, 9, 2, tzinfo=UTC)  # the 90th day before
    with post.work.database.write() as session:
        version, _ = flows.publish(session, Draft("tea", "...", {}, {}), now)
        mei = cast.contact(session, cast.MEI, now).id
        for at in (kept - timedelta(seconds=1), kept, now):
            session.add(FlowTurn(contact_id=mei, flow_version_id=version.id, steps=[0], at=at))
    for _ in range(2):
        periodic.forget_runs(post.work, now)
        with post.work.database.read() as session:
            assert session.scalars(select(FlowTurn.at).order_by(FlowTurn.at)).all() == [kept, now]
