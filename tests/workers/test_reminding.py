from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot import conversation
from core import conversations, coupons, waits
from core.reasons import Reason
from db.database import Database
from db.tables import Contact, Conversation, Coupon, OutboxMessage, StaffNotice, Wait
from tests import cast
from tests.workers.conftest import REMINDER, Post
from workers import draining, periodic, queues
from workers.jobs import reminding

DAY = timedelta(days=1)
MANY = [f"U{number:032x}" for number in range(30)]
FAILS = """
flow: patient
title: Fails for some
languages: [en]
starts:
  - words: [trouble]
steps:
  - ask: {keep: what, text: "What?"}
  - wait: {for: 1 day}
  - say: "1"
"""


@pytest.fixture
def shop(post: Post, now: datetime) -> Post:
    """A campaign, and a flow that sends its coupon and waits until it is redeemed, or for two days."""
    with post.work.database.write() as session:
        cast.campaign(session, now, codes=50)
    post.publish(REMINDER, now)
    return post


def waiting(shop: Post, *accounts: str) -> None:
    """The accounts have got as far as the wait."""
    for one in accounts or (cast.MEI[1],):
        shop.write("提醒", datetime.now(UTC), one)
    shop.answer(*accounts)


def pass_time(database: Database, days: int) -> None:
    """As if all that waits had begun so long ago."""
    with database.write() as session:
        for wait in session.scalars(select(Wait)):
            assert wait.due_at is not None
            wait.due_at -= days * DAY
            conversation = session.get_one(Conversation, wait.contact_id)
            conversation.state = {**conversation.state, "due_at": wait.due_at.isoformat()}


def remind(shop: Post) -> None:
    reminding.remind(0)
    shop.rest()


def count(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Wait)) or 0


def test_a_wait_that_is_over_goes_on_once_however_often_it_is_looked_at(shop: Post) -> None:
    waiting(shop)
    remind(shop)
    assert (shop.texts(), count(shop.work.database)) == (["券"], 1)
    pass_time(shop.work.database, 3)
    for _ in range(3):
        remind(shop)
    assert (shop.texts(), count(shop.work.database)) == (["券", "別忘了"], 0)
    with shop.work.database.read() as session:
        assert session.scalars(select(OutboxMessage.urgency).order_by(OutboxMessage.id)).all() == [0, 1]


def test_all_that_is_due_goes_on_however_many(shop: Post) -> None:
    waiting(shop, *MANY)
    pass_time(shop.work.database, 3)
    remind(shop)
    assert sorted(to for to, texts, _ in shop.line.sent if texts == ["別忘了"]) == sorted(MANY)
    assert count(shop.work.database) == 0


def test_what_happens_to_the_coupon_ends_the_wait(shop: Post) -> None:
    waiting(shop, *MANY[:3])
    with shop.work.database.read() as session:
        tokens = session.scalars(select(Coupon.token).order_by(Coupon.id)).all()
    with shop.work.database.write() as session:
        coupons.open_page(session, tokens[0], "phone", datetime.now(UTC))  # it waits for more than that
    cast.redeem(shop.work.database, tokens[1], datetime.now(UTC))
    periodic.find_happened(shop.work, datetime.now(UTC))
    remind(shop)
    assert [shop.texts(one) for one in MANY[:3]] == [["券"], ["券", "謝謝"], ["券"]]
    assert count(shop.work.database) == 2


def test_a_wait_found_due_too_early_goes_on_waiting(shop: Post) -> None:
    waiting(shop)
    with shop.work.database.write() as session:
        due_at = session.scalars(select(Wait.due_at)).one()
        session.execute(update(Wait).values(due_at=datetime.now(UTC) - DAY))
    remind(shop)
    with shop.work.database.read() as session:
        assert session.scalars(select(Wait.due_at)).all() == [due_at]
    assert shop.texts() == ["券"]


def test_who_writes_first_is_answered_first_and_another_flow_ends_the_wait(shop: Post) -> None:
    waiting(shop)
    pass_time(shop.work.database, 3)
    shop.write("提醒", datetime.now(UTC))
    remind(shop)
    assert shop.texts() == ["券"]
    shop.answer()
    remind(shop)
    assert (shop.texts(), count(shop.work.database)) == (["券", "券"], 1)


def test_who_is_with_a_person_is_reminded_once_the_bot_is_back(shop: Post) -> None:
    waiting(shop)
    pass_time(shop.work.database, 3)
    with shop.work.database.write() as session:
        mei = session.scalars(select(Conversation.contact_id)).one()
        conversations.hand_over(session, mei, "asks", datetime.now(UTC))
    remind(shop)
    assert shop.texts() == ["券"]
    with shop.work.database.write() as session:
        conversations.give_back(session, mei)
    remind(shop)
    assert shop.texts() == ["券", "別忘了"]


def test_a_contact_held_by_another_worker_is_left_to_it(shop: Post) -> None:
    waiting(shop, *MANY[:2])
    pass_time(shop.work.database, 3)
    now = datetime.now(UTC)
    with shop.work.database.write() as session:
        held = waits.take_due(session, now, 1)
        if not shop.work.database.is_sqlite:  # where nobody else can write meanwhile
            with shop.work.database.write() as other:
                found = [contact.id for contact in waits.take_due(other, now, 10)]
            with shop.work.database.read() as reading:
                assert found == list(reading.scalars(select(Contact.id).where(Contact.id != held[0].id)))
    assert len(held) == 1


def test_reminders_make_way_for_a_live_chat(shop: Post) -> None:
    waiting(shop, *MANY)
    pass_time(shop.work.database, 3)
    shop.work.bell.wake("claims", "1")
    remind(shop)
    assert count(shop.work.database) == len(MANY)
    assert queues.queue(shop.work.redis, queues.REMINDERS).count == 1  # comes back afterwards
    shop.work.redis.delete("rq:queue:chat", "rq:queue:redemption", "rq:queue:reminders")  # nobody waits any more
    remind(shop)
    assert count(shop.work.database) == 0


def test_reminders_end_after_a_while_and_come_back(shop: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting(shop, *MANY[:2])
    pass_time(shop.work.database, 3)
    shop.work.redis.delete("rq:queue:chat", "rq:queue:redemption", "rq:queue:reminders")  # nobody waits any more
    with monkeypatch.context() as brief:
        brief.setattr(draining, "LONGEST", 0.0)
        remind(shop)
    assert (count(shop.work.database), queues.queue(shop.work.redis, queues.REMINDERS).count) == (2, 1)
    remind(shop)
    assert count(shop.work.database) == 0


@pytest.mark.usefixtures("failing")
def test_a_flow_that_fails_after_a_wait_stops_and_the_others_are_reminded(post: Post, now: datetime) -> None:
    post.publish(FAILS, now)
    for words in ("trouble", "{}"):
        for place, one in enumerate(MANY):
            post.write(words.format("four" if place in {3, 17} else "twelve chars"), datetime.now(UTC), one)
    post.answer(*MANY)
    pass_time(post.work.database, 2)
    remind(post)
    assert [place for place, one in enumerate(MANY) if post.texts(one)[1:] != ["1"]] == [3, 17]
    with post.work.database.read() as session:
        reasons = session.scalars(select(Conversation.stopped_reason).where(Conversation.stopped_at.is_not(None))).all()
        assert reasons == [Reason.FLOW_TEMPLATE] * 2
        assert session.scalar(select(func.count()).select_from(StaffNotice)) == 1  # says it of all
    assert count(post.work.database) == 0


def test_a_wait_that_breaks_stops_alone_with_its_place_kept(shop: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting(shop, *MANY[:3])
    pass_time(shop.work.database, 3)
    resume = conversation.resume

    def breaking(*given: Any) -> object:  # noqa: ANN401 (as `resume`)
        if given[1].account_id == MANY[1]:
            raise ValueError("ours \0")
        return resume(*given)

    monkeypatch.setattr(conversation, "resume", breaking)
    remind(shop)
    assert [shop.texts(one)[1:] for one in MANY[:3]] == [["別忘了"], [], ["別忘了"]]
    with shop.work.database.read() as session:
        stopped = session.scalars(select(Conversation).where(Conversation.stopped_at.is_not(None))).one()
        notice = session.scalars(select(StaffNotice.text)).one()
    assert (stopped.stopped_reason, stopped.stopped_detail) == (Reason.FLOW_BROKE, "ValueError: ours \ufffd")
    assert notice == "flow_broke: ValueError: ours \ufffd"
    assert (stopped.state["step"], count(shop.work.database)) == (1, 0)


def test_the_sweep_rings_where_a_wait_is_due(shop: Post) -> None:
    waiting(shop)
    shop.work.redis.delete("rq:queue:chat", "rq:queue:redemption", "rq:queue:reminders")  # nobody waits any more
    periodic.wake_waits(shop.work, datetime.now(UTC))
    assert queues.queue(shop.work.redis, queues.REMINDERS).count == 0
    periodic.wake_waits(shop.work, datetime.now(UTC) + 3 * DAY)
    assert queues.queue(shop.work.redis, queues.REMINDERS).count == 1
