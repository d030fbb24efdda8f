from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot import conversation
from core import clock, inbox
from core.outcomes import Failure
from core.reasons import Reason
from db.database import Database
from db.tables import Conversation, FlowTurn, InboxEvent, OutboxMessage, StaffNotice
from tests import cast
from tests.workers.conftest import Post
from workers import answering, news, outlet, queues, sending
from workers.jobs import conversing, delivering
from workers.outlet import MOST

SECOND = timedelta(seconds=1)
OTHERS = [f"U{number:032x}" for number in range(20)]
NAME = """
flow: name
title: A name
languages: [en]
starts:
  - words: [hello]
steps:
  - ask: {keep: name, text: "Your name?"}
  - ask: {keep: town, text: "And your town, {{ answers.name }}?"}
  - say: "{{ answers.name }} of {{ answers.town }}"
"""
FAILS = """
flow: fails
title: Fails for some
languages: [en]
starts:
  - words: [trouble]
steps:
  - ask: {keep: what, text: "What?"}
  - say: "1"
"""
SIX = """
flow: six
title: Six messages
languages: [en]
starts:
  - words: [six]
steps: [say: "1", say: "2", say: "3", say: "4", say: "5", say: "6"]
"""


def kept(database: Database) -> list[OutboxMessage]:
    with database.read() as session:
        return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def test_an_accounts_events_are_answered_in_the_order_of_their_time(post: Post, now: datetime) -> None:
    post.publish(NAME, now)
    post.write("Taipei", now + 2 * SECOND)
    post.write("hello", now)
    post.write("Mei", now + SECOND)
    post.answer()
    assert post.texts() == ["Your name?", "And your town, Mei?", "Mei of Taipei"]
    assert {(row.status, row.attempts) for row in kept(post.work.database)} == {("sent", 1)}
    with post.work.database.read() as session:
        assert session.scalars(select(FlowTurn.steps).order_by(FlowTurn.id)).all() == [[0], [1], [2]]


def test_many_accounts_are_answered_together_each_with_its_own(post: Post, now: datetime) -> None:
    post.publish(NAME, now)
    for place, words in enumerate(("hello", "name of {}", "town of {}")):
        for one in OTHERS:
            post.write(words.format(one[-2:]), now + place * SECOND, one)
    post.answer(*OTHERS)
    for one in OTHERS:
        mine = one[-2:]
        assert post.texts(one) == [
            "Your name?",
            f"And your town, name of {mine}?",
            f"name of {mine} of town of {mine}",
        ]


@pytest.mark.usefixtures("failing")
def test_a_flow_that_fails_for_one_contact_stops_there_and_harms_nobody_else(post: Post, now: datetime) -> None:
    post.publish(FAILS, now)
    for one in OTHERS[:5]:
        post.write("trouble", now, one)
    post.answer(*OTHERS[:5])
    for place, one in enumerate(OTHERS[:5]):
        post.write("four" if place == 2 else "twelve chars", now + SECOND, one)
    post.answer(*OTHERS[:5])
    assert [post.texts(one)[1:] for one in OTHERS[:5]] == [["1"], ["1"], [], ["1"], ["1"]]
    with post.work.database.read() as session:
        stopped = session.scalars(select(Conversation).where(Conversation.stopped_at.is_not(None))).one()
        event = session.scalars(select(InboxEvent).where(InboxEvent.failure.is_not(None))).one()
        notice = session.scalars(select(StaffNotice)).one()
    assert (stopped.stopped_reason, event.failure) == (Reason.FLOW_TEMPLATE, Reason.FLOW_TEMPLATE)
    assert stopped.state["step"] == 0  # where the contact stood
    assert "step 2" in str(stopped.stopped_detail)
    assert "step 2" in notice.text


@pytest.mark.usefixtures("failing")
def test_who_was_stopped_goes_on_with_the_next_flow(post: Post, now: datetime) -> None:
    post.publish(FAILS, now)
    post.publish(NAME, now)
    for place, words in enumerate(("trouble", "four", "anything", "hello")):
        post.write(words, now + place * SECOND)
    post.answer()
    assert post.texts() == ["What?", "Your name?"]
    with post.work.database.read() as session:
        assert session.scalars(select(Conversation.stopped_reason)).all() == [None]


def test_an_event_that_nobody_can_handle_is_given_up_alone(
    post: Post, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.publish(NAME, now)
    handle = conversation.handle

    def breaking(*given: object) -> object:
        if getattr(given[1], "account_id", "") == OTHERS[0]:
            raise ValueError("broken \0 \ud800")
        return handle(*given)  # type: ignore[arg-type]  # what it was given

    monkeypatch.setattr(conversation, "handle", breaking)
    for one in OTHERS[:3]:
        post.write("hello", now, one)
    post.answer(*OTHERS[:3])
    assert [post.texts(one) for one in OTHERS[:3]] == [[], ["Your name?"], ["Your name?"]]
    with post.work.database.read() as session:
        failures = session.execute(select(InboxEvent.account_id, InboxEvent.failure).order_by(InboxEvent.id)).all()
        assert session.scalar(select(func.count()).where(InboxEvent.handled_at.is_(None))) == 0
    assert [tuple(row) for row in failures] == [(OTHERS[0], "event_unreadable"), (OTHERS[1], None), (OTHERS[2], None)]


def test_five_messages_are_the_reply_and_the_rest_is_delivered_after_them(post: Post, now: datetime) -> None:
    post.publish(SIX, now)
    post.write("six", now)
    post.answer()
    sent = [(texts, bool(token)) for _, texts, token in post.line.sent]
    assert sent == [(["1", "2", "3", "4", "5"], True), (["6"], False)]


def jobs(post: Post) -> int:
    return sum(queues.queue(post.work.redis, name).count for name in queues.QUEUES)


def test_messenger_is_answered_by_the_same_job_one_message_after_the_other(post: Post, now: datetime) -> None:
    post.publish(SIX, now)
    people = [cast.ALEX[1], *[str(10**15 + number) for number in range(9)]]
    for one in people:
        post.write_to_page("six", now, one)
    answering.answer(post.work, [("messenger", one) for one in people])
    assert post.work.outlet.wait_for_room(MOST, 10)
    assert jobs(post) == 0
    for one in people:
        assert [texts for to, texts, _ in post.messenger.sent if to == one] == [[str(number)] for number in range(1, 7)]
    assert {(row.status, row.attempts, row.worker) for row in kept(post.work.database)} == {("sent", 1, "worker:test")}


def test_what_a_killed_worker_had_not_come_to_is_not_in_doubt(
    post: Post, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.publish(NAME, now)
    post.write_to_page("hello", now)
    monkeypatch.setattr(post.work.outlet, "deliver", lambda *_: True)  # it dies with the message in its hands
    answering.answer(post.work, [("messenger", cast.ALEX[1])])
    (row,) = kept(post.work.database)
    assert (row.status, row.attempts, row.worker, jobs(post)) == ("pending", 0, None, 0)
    monkeypatch.undo()
    delivering.deliver(str(row.contact_id))  # the sweep has found it
    post.rest()
    assert [(to, texts) for to, texts, _ in post.messenger.sent] == [(cast.ALEX[1], ["Your name?"])]


def test_what_comes_after_messengers_hours_is_held(post: Post, now: datetime) -> None:
    post.publish(NAME, now)
    post.write_to_page("hello", clock.now() - timedelta(days=1))  # its webhook came late
    answering.answer(post.work, [("messenger", cast.ALEX[1])])
    assert post.work.outlet.wait_for_room(MOST, 10)
    assert [(row.status, row.reason) for row in kept(post.work.database)] == [("held", "window_closed")]
    assert (post.messenger.sent, jobs(post)) == ([], 0)


def test_a_worker_that_has_no_room_leaves_messages_to_jobs(
    post: Post, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.publish(NAME, now)
    monkeypatch.setattr(outlet, "MOST", 0)
    post.write_to_page("hello", now)
    answering.answer(post.work, [("messenger", cast.ALEX[1])])
    assert (jobs(post), post.messenger.sent) == (1, [])
    monkeypatch.undo()
    post.rest()
    assert [texts for _, texts, _ in post.messenger.sent] == [["Your name?"]]


def test_what_could_not_be_sent_waits_with_its_reason(
    post: Post, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.publish(NAME, now)
    away = Failure(Reason.CHANNEL_UNAVAILABLE, "HTTP 500", may_retry=True, is_unknown=False)
    monkeypatch.setattr(sending, "attempt", lambda *_: away)
    post.write("hello", now)
    post.answer()
    (row,) = kept(post.work.database)
    assert (row.status, row.reason, row.attempts) == ("pending", "channel_unavailable", 1)
    assert row.reply_token is not None


def test_the_job_answers_all_who_have_news_and_ends(post: Post, now: datetime) -> None:
    post.publish(NAME, now)
    for one in OTHERS:
        post.write("hello", now, one)
    post.work.bell.wake("inbox", *[f"line/{one}" for one in OTHERS])
    post.work.bell.wake("inbox", *[f"line/{one}" for one in OTHERS])
    assert queues.queue(post.work.redis, queues.CHAT).count == 1
    post.work.redis.delete("rq:queue:chat", "rq:queue:redemption", "rq:queue:reminders")  # nobody waits any more
    conversing.converse(0)
    post.rest()
    assert sorted(to for to, _, _ in post.line.sent) == sorted(OTHERS)
    assert queues.queue(post.work.redis, queues.CHAT).count > 0  # more than one batch: another was asked for help


def test_words_of_somebody_new_are_answered_by_name(post: Post, now: datetime) -> None:
    post.publish(NAME.replace("Your name?", "You are {{ contact.name }}?"), now)
    post.write("hello", now, cast.EVE[1])
    post.answer(cast.EVE[1])
    assert post.texts(cast.EVE[1]) == ["You are Uee?"]


def test_whoever_floods_the_shop_goes_back_into_the_line(
    post: Post, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "MOST_ROUNDS", 3)
    post.publish(NAME, now)
    for number in range(4):
        post.write("hello" if number == 0 else str(number), now + number * SECOND)
    post.answer()
    assert len(post.texts()) < 4
    (again,) = news.take(post.work.redis, 8)
    assert (again.channel, again.account_id) == ("line", cast.MEI[1])
    post.answer()
    with post.work.database.read() as session:
        assert session.scalar(select(func.count()).where(InboxEvent.handled_at.is_(None))) == 0
    assert news.take(post.work.redis, 8) == []


def test_whoever_floods_the_shop_lets_nobody_else_wait(
    post: Post, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "MOST_ROUNDS", 3)
    post.publish(NAME, now)
    for account_id in (cast.MEI[1], cast.EVE[1]):
        post.write("hello", now, account_id)
        post.answer(account_id)
    for number in range(inbox.LOOKED_AT + 5):
        post.write(str(number), now + SECOND + timedelta(milliseconds=number), cast.EVE[1])
    post.write("Mei", now + timedelta(minutes=1))
    post.answer(cast.EVE[1], cast.MEI[1])
    assert post.texts()[-1] == "And your town, Mei?"
    assert len(post.texts(cast.EVE[1])) < 5
