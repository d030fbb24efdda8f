"""A version that this Tessera cannot read: who is in it stops there with the reason, and everybody else goes on."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core import clock, contacts
from core.reasons import Reason
from db.tables import Conversation, Flow, FlowVersion, InboxEvent, StaffNotice, TimedStart
from settings import TAIPEI
from tests import cast
from tests.workers.conftest import Post
from workers import periodic
from workers.jobs import reminding

MINUTE = timedelta(minutes=1)
ASKS = "flow: asks\nlanguages: [en]\nstarts: [{words: ask}]\nsteps:\n  - ask: {text: Which, choices: [a], keep: x}\n"
WAITS = "flow: waits\nlanguages: [en]\nstarts: [{words: wait}]\nsteps:\n  - wait: 1 minute\n  - say: late\n"
OTHER = "flow: other\nlanguages: [en]\nstarts: [{words: other}]\nsteps:\n  - say: hello\n"


def spoil(post: Post, name: str) -> None:
    """Make what the flow's versions say what no model knows; each process has forgotten what it read."""
    with post.work.database.write() as session:
        rows = session.scalars(select(FlowVersion).join(Flow, Flow.id == FlowVersion.flow_id).where(Flow.name == name))
        for version in rows:
            version.document = {**version.document, "steps": [{"dance": True}]}
    post.work.catalog.__init__()  # type: ignore[misc]  # as a process that was just started


def stopped(post: Post) -> list[tuple[str | None, str | None]]:
    with post.work.database.read() as session:
        rows = session.execute(select(Conversation.stopped_reason, Conversation.stopped_detail))
        return [(reason, detail) for reason, detail in rows]


def test_an_answer_to_its_question_stops_the_flow_and_tells_the_staff(post: Post, now: datetime) -> None:
    for text in (ASKS, OTHER):
        post.publish(text, now)
    post.write("ask", now)
    post.answer()
    spoil(post, "asks")
    post.write("a", now + MINUTE)
    post.answer()
    ((reason, detail),) = stopped(post)
    assert reason == Reason.FLOW_UNREADABLE
    assert str(detail).startswith("flow asks: version 1:5:5: error: a step is one of: say")
    with post.work.database.read() as session:
        assert session.scalars(select(InboxEvent.failure).order_by(InboxEvent.id)).all() == [None, "flow_unreadable"]
        assert "flow_unreadable" in session.scalars(select(StaffNotice.text)).one()
    post.write("other", now + 2 * MINUTE)
    post.answer()
    assert post.texts()[-1] == "hello"
    assert stopped(post) == [(None, None)]


def test_a_word_that_starts_another_flow_does_so_from_its_question(post: Post, now: datetime) -> None:
    for text in (ASKS, OTHER):
        post.publish(text, now)
    post.write("ask", now)
    post.answer()
    spoil(post, "asks")
    post.write("other", now + MINUTE)
    post.answer()
    assert post.texts()[-1] == "hello"
    with post.work.database.read() as session:
        assert session.scalars(select(StaffNotice.text)).all() == []


def test_the_end_of_its_wait_stops_it_there(post: Post, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    post.publish(WAITS, now)
    monkeypatch.setattr(clock, "now", lambda: now)
    post.write("wait", now)
    post.answer()
    spoil(post, "waits")
    monkeypatch.setattr(clock, "now", lambda: now + 2 * MINUTE)
    reminding.remind(0)
    ((reason, _),) = stopped(post)
    assert reason == Reason.FLOW_UNREADABLE
    with post.work.database.read() as session:
        assert "flow_unreadable" in session.scalars(select(StaffNotice.text)).one()
    assert post.texts() == []


def test_the_moments_of_all_other_flows_come(post: Post) -> None:
    """The version in force at its moment cannot be read; the one that is published by now can."""
    at = datetime(2026, 12, 24, 10, tzinfo=TAIPEI)
    timed = (
        "flow: {}\nlanguages: [en]\nstarts:\n  - {{at: 2026-12-24 10:00, with: {{tag: vip}}}}\nsteps:\n  - say: hi\n"
    )
    post.publish(timed.format("alpha"), at - MINUTE)
    post.publish(timed.format("beta"), at - MINUTE)
    spoil(post, "alpha")
    post.publish(timed.format("alpha").replace("hi", "hello"), at + MINUTE)
    with post.work.database.write() as session:
        contacts.tag(session, cast.contact(session, cast.MEI, at).id, "vip", at)
    periodic.find_moments(post.work, at + 2 * MINUTE)
    with post.work.database.read() as session:
        names = session.scalars(select(Flow.name).join(TimedStart, TimedStart.flow_id == Flow.id)).all()
    assert names == ["beta"]
