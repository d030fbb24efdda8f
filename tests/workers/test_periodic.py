"""The sweep goes on, whatever it meets."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from bot import beginning
from core import (
    api_replies,
    claims,
    flows,
    images,
    outgoing,
    records_changes,
    statistics,
    unused_images,
    user_links,
    users,
)
from core.flows import Draft
from core.imports.uploads import Wish
from db.tables import ApiReply, BadRow, FlowTurn, Image, Import, LoginLink
from settings import TAIPEI
from tests import cast
from tests.core.test_images import png
from tests.core.test_imports import begun, work
from tests.pos.api import till
from tests.workers.conftest import Post
from tests.workers.test_starting import XMAS
from workers import bell, news, periodic, queues
from workers.context import Context


def test_a_place_in_redis_that_cannot_be_read_is_the_beginning(post: Post) -> None:
    post.work.redis.set(periodic.LOOKED_AT, "what another version wrote")
    periodic.find_happened(post.work, datetime.now(UTC))
    assert post.work.redis.get(periodic.LOOKED_AT) == b"0"


def test_pictures_that_nothing_needs_are_looked_for_once_a_day(post: Post) -> None:
    now = datetime.now(UTC)
    left = []
    for place in range(2):
        with post.work.database.write() as session:
            images.store(session, png((64, 64 + place)), "a.png")
            session.execute(update(Image).values(unused_since=now - unused_images.KEPT))
        periodic.remove_pictures(post.work, now)
        with post.work.database.read() as session:
            left.append(len(session.scalars(select(Image.id)).all()))
    assert left == [0, 1]


def test_bad_rows_and_links_go_once_they_are_over_for_30_days(post: Post) -> None:
    now, database = datetime.now(UTC), post.work.database
    over = begun(database, now, b"serial\nA1\n=1\n", Wish("a", takes_good=True))
    work(database, now)
    open_one = begun(database, now, b"serial\nB1\n=1\n")
    work(database, now)
    with database.write() as session:
        ann = users.create(session, "ann", None, "owner", None, now).id
        for made_at in (now, now + timedelta(hours=1)):
            user_links.make(session, ann, user_links.BY_MAIL, None, made_at)

    def left(after: timedelta) -> tuple[list[int], int]:
        post.work.redis.delete(periodic.OLD)
        for at in (now + after, now + timedelta(days=99)):  # the second, of the same day, looks at nothing
            periodic.forget_old(post.work, at)
        with database.read() as session:
            links = len(session.scalars(select(LoginLink.id)).all())
            return list(session.scalars(select(BadRow.import_id).order_by(BadRow.import_id))), links

    month = timedelta(days=30)
    assert left(month - timedelta(seconds=1)) == ([over, open_one], 2)
    assert left(month) == ([open_one], 2)
    assert left(month + timedelta(hours=1)) == ([open_one], 1)
    with database.read() as session:
        assert session.get_one(Import, over).bad == 1


def test_replies_to_machines_are_forgotten_after_two_days(post: Post) -> None:
    now = datetime.now(UTC)
    key = till.key(post.work.database, now, store=None)
    for number, age in enumerate((0, 47, 48, 99)):
        at = now - timedelta(hours=age)
        with post.work.database.write() as session:
            asked = api_replies.Asked(key.key_id, f"request-{number}", "0" * 64)
            api_replies.keep(session, asked, api_replies.Reply(200, "{}"), at)
    periodic.forget_replies(post.work, now)
    with post.work.database.read() as session:
        kept = session.scalars(select(ApiReply.idempotency_key).order_by(ApiReply.idempotency_key)).all()
    assert kept == ["request-0", "request-1"]


def test_a_moment_that_cannot_be_kept_keeps_no_other_flow_waiting(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 12, 24, 10, tzinfo=TAIPEI)
    for name in ("xmas", "yule"):
        post.publish(XMAS.replace("flow: xmas", f"flow: {name}"), now - timedelta(days=1))
    keep = beginning.keep

    def breaking(session: Session, found: beginning.Come, at: datetime) -> int | None:
        if found.flow == "xmas":
            raise ValueError("ours")
        return keep(session, found, at)

    monkeypatch.setattr(beginning, "keep", breaking)
    with capture_logs() as lines:
        periodic.find_moments(post.work, now)
    assert [(line["event"], line["flow"]) for line in lines] == [("moment_not_kept", "xmas"), ("moment_came", "yule")]


def test_the_sweep_rings_no_more_where_a_crowd_waits(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    with post.work.database.write() as session:
        for number in range(3):
            contact = cast.contact(session, ("line", f"U{number}"), now)
            outgoing.store(session, outgoing.rows(contact.id, [{"text": "a"}], now - timedelta(minutes=1)))
    chat = queues.queue(post.work.redis, queues.CHAT)
    monkeypatch.setattr(bell, "CROWD", 3)
    for _ in range(2):
        periodic.wake_deliveries(post.work, now)
        assert chat.count == 3
        for flag in post.work.redis.keys("tessera:awake:*"):  # as after some seconds
            post.work.redis.delete(flag)
    post.work.redis.delete("rq:queue:chat")
    periodic.wake_deliveries(post.work, now)
    assert chat.count == 3


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


def test_news_that_cannot_be_read_are_left_out(post: Post) -> None:
    strange = {b"line/U1": 1.0, b"no account": 2.0, b"\xff/\xfe": 3.0, b"line/U2": 1e300}
    post.work.redis.zadd(news.NEWS, strange)
    news.add(post.work.redis, ["line/U3"])
    assert [new.account_id for new in news.take(post.work.redis, 8)] == ["U1", "U3"]
    assert not news.is_any(post.work.redis)


def test_what_happens_to_coupons_is_counted_within_two_rounds(post: Post) -> None:
    now = datetime.now(UTC)
    with post.work.database.write() as session:
        cast.campaign(session, now)
        cast.sent(session, cast.MEI, now)
    for _ in range(2):
        periodic.count_records(post.work, now)
    with post.work.database.read() as session:
        assert statistics.funnels(session, [1])[1].sent == 1
        assert records_changes.as_of(session, now) == now
