"""Flows that begin at a time, with a worker's jobs and the periodic work."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from bot import beginning
from core import clock, contacts, invariants, timed_start_figures, timed_starts
from core.outgoing import BULK
from core.reasons import Reason
from core.timed_start_figures import Figures
from db.database import Database
from db.tables import Contact, Conversation, FlowVersion, OutboxMessage, StaffNotice, TimedStart, TimedStartContact
from settings import TAIPEI
from tests import cast
from tests.workers.conftest import Post
from workers import periodic, queues
from workers.jobs import starting

MANY = [f"U{number:032x}" for number in range(300)]
AT = datetime(2026, 12, 24, 10, tzinfo=TAIPEI)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
XMAS = """
flow: xmas
title: Christmas
languages: [zh-Hant]
starts:
  - at: 2026-12-24 10:00
    with: {tag: vip}
steps:
  - say: 聖誕快樂
  - ask: {text: 想喝什麼？, keep: drink}
"""
OTHER = """
flow: other
title: Words
languages: [zh-Hant]
starts:
  - words: [點餐]
steps:
  - ask: {text: 幾位？, keep: guests}
  - hand_over: asks
"""


@pytest.fixture(autouse=True)
def at(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The clock stands at the one time in the list, which tests set."""
    times = [AT]
    monkeypatch.setattr(clock, "now", lambda: times[0])
    return times


def known(post: Post, *accounts: str, tag: str = "vip", channel: str = "line") -> None:
    """Contacts with the tag, who have done nothing for a while."""
    with post.work.database.write() as session:
        for one in accounts:
            contact = contacts.ensure(session, channel, one, AT - DAY)
            contacts.note_profile(contact, one[:3], "", "zh-TW", AT - DAY)
            contacts.tag(session, contact.id, tag, AT - DAY)


def come(post: Post, now: datetime = AT) -> None:
    """The periodic process's round, and the job that it may have rung for."""
    periodic.find_moments(post.work, now)
    periodic.wake_starts(post.work, now)
    if queues.queue(post.work.redis, queues.BULK).count:
        post.work.redis.delete("rq:queue:bulk")
        starting.start(0)
        post.rest()
    periodic.find_moments(post.work, now)


def figures(database: Database) -> list[Figures]:
    with database.read() as session:
        found = timed_start_figures.of_flow(session, "xmas")
        assert [one.invariant.name for one in invariants.check(session) if one.examples] == []
    return found


def counts(database: Database) -> tuple[int, int, int, dict[str, int]]:
    """Of the one moment: the audience, begun, waiting, refused."""
    (one,) = figures(database)
    return one.audience, one.begun, one.waiting, one.refused


def test_a_moment_begins_the_flow_once_with_everybody_who_has_the_tag(post: Post) -> None:
    post.publish(XMAS, AT - DAY)
    known(post, *MANY)
    known(post, cast.EVE[1], tag="cold")
    come(post, AT - timedelta(seconds=1))
    assert (post.line.sent, figures(post.work.database)) == ([], [])
    for hours in range(3):
        come(post, AT + hours * HOUR)
    assert sorted(to for to, texts, _ in post.line.sent if texts == ["聖誕快樂", "想喝什麼？"]) == sorted(MANY)
    assert len(post.line.sent) == len(MANY)
    assert counts(post.work.database) == (300, 300, 0, {})
    with post.work.database.read() as session:
        assert set(session.scalars(select(OutboxMessage.urgency))) == {BULK}
        assert session.scalars(select(TimedStart.finished_at)).one() is not None


def test_who_gets_the_tag_after_the_moment_is_not_begun_with(post: Post) -> None:
    post.publish(XMAS, AT - DAY)
    known(post, *MANY[:2])
    periodic.find_moments(post.work, AT)
    known(post, MANY[2])
    come(post)
    assert counts(post.work.database) == (2, 2, 0, {})
    assert post.texts(MANY[2]) == []


def test_channel_and_language_narrow_the_audience(post: Post) -> None:
    narrowed = XMAS.replace("{tag: vip}", "{tag: [vip, gold], channel: line, language: zh-Hant}")
    post.publish(narrowed, AT - DAY)
    known(post, *MANY[:2])
    known(post, MANY[2], tag="gold")
    known(post, MANY[2])  # has both, and is one
    known(post, cast.ALEX[1], channel="messenger")
    with post.work.database.write() as session:
        session.execute(update(Contact).where(Contact.account_id == MANY[1]).values(language="en-US"))
    come(post)
    assert sorted(to for to, _, _ in post.line.sent) == [MANY[0], MANY[2]]


@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "not killed"])
def test_a_worker_that_is_killed_in_between_begins_with_nobody_twice(
    post: Post, monkeypatch: pytest.MonkeyPatch, *, is_killed: bool
) -> None:
    """Killed is a process whose transaction was never committed, at each third contact."""
    post.publish(XMAS, AT - DAY)
    known(post, *MANY[:40])
    periodic.find_moments(post.work, AT)
    begin, seen = beginning.begin, []

    def dying(*given: object) -> object:
        seen.append(1)
        if is_killed and len(seen) % 3 == 0:
            raise KeyboardInterrupt
        return begin(*given)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(beginning, "begin", dying)
    if is_killed:
        for _ in range(4):
            with pytest.raises(KeyboardInterrupt):
                starting.start(0)
    monkeypatch.setattr(beginning, "begin", begin)
    starting.start(0)
    post.rest()
    come(post)
    assert sorted(to for to, _, _ in post.line.sent) == sorted(MANY[:40])
    assert counts(post.work.database) == (40, 40, 0, {})


def test_a_process_killed_while_it_freezes_the_audience_leaves_all_of_it_or_nothing(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.publish(XMAS, AT - DAY)
    known(post, *MANY[:5])

    def dying(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(timed_starts, "_counted", dying)
        periodic.find_moments(post.work, AT)
    assert figures(post.work.database) == []
    come(post)
    assert counts(post.work.database) == (5, 5, 0, {})


def test_two_periodic_processes_keep_a_moment_once(post: Post) -> None:
    post.publish(XMAS, AT - DAY)
    known(post, *MANY[:5])
    with post.work.database.read() as session:
        found = beginning.come(session, post.work.catalog, post.work.shop, AT)
    kept = []
    for _ in range(2):
        with post.work.database.write() as session:
            kept.append(beginning.keep(session, found[0], AT))
    assert kept == [5, None]


def test_moments_that_are_over_are_asked_for_together(post: Post) -> None:
    asked = list[int]()
    for count in (1, 40):
        moments = "".join(
            f"  - at: 2026-12-{1 + day // 2:02} {8 + day % 2}:30\n    with: {{tag: vip}}\n" for day in range(count)
        )
        post.publish(XMAS.replace("starts:\n", f"starts:\n{moments}"), AT - 60 * DAY)
        for _ in range(2):  # they are kept, and finished
            periodic.find_moments(post.work, AT)
        statements = list[str]()

        def note(*given: Any, statements: list[str] = statements) -> None:  # noqa: ANN401 (SQLAlchemy's signature)
            statements.append(given[2])

        event.listen(post.work.database.engine, "before_cursor_execute", note)
        periodic.find_moments(post.work, AT)
        event.remove(post.work.database.engine, "before_cursor_execute", note)
        asked.append(len(statements))
    assert len(figures(post.work.database)) == 41
    assert asked[0] == asked[1]


def test_a_moment_missed_while_all_was_down_is_caught_up_with_for_six_hours(post: Post, at: list[datetime]) -> None:
    post.publish(XMAS, AT - DAY)
    known(post, *MANY[:3])
    at[0] = AT + 5 * HOUR
    come(post, at[0])
    assert counts(post.work.database) == (3, 3, 0, {})


def test_a_moment_longer_ago_is_kept_as_missed(post: Post, at: list[datetime]) -> None:
    post.publish(XMAS, AT - DAY)
    known(post, *MANY[:3])
    at[0] = AT + 7 * HOUR
    come(post, at[0])
    (found,) = figures(post.work.database)
    assert (found.audience, found.begun, found.reason) == (0, 0, Reason.START_MISSED)
    assert post.line.sent == []


def test_whose_turn_does_not_come_within_six_hours_is_left(post: Post, at: list[datetime]) -> None:
    post.publish(XMAS, AT - DAY)
    known(post, *MANY[:3])
    periodic.find_moments(post.work, AT)
    at[0] = AT + 7 * HOUR
    come(post, at[0])
    assert counts(post.work.database) == (3, 0, 0, {"start_missed": 3})


def test_a_moment_that_is_over_when_it_is_published_begins_nothing(post: Post) -> None:
    post.publish(XMAS, AT + timedelta(seconds=1))
    known(post, *MANY[:3])
    come(post, AT + HOUR)
    assert (figures(post.work.database), post.line.sent) == ([], [])


def test_publishing_again_and_going_back_do_not_begin_it_twice(post: Post) -> None:
    known(post, *MANY[:3])
    newer = XMAS.replace("聖誕快樂", "佳節愉快")
    post.publish(XMAS, AT - DAY)
    post.publish(newer, AT - HOUR)
    come(post)
    for text in (XMAS, newer, XMAS):
        post.publish(text, AT + HOUR)
        come(post, AT + 2 * HOUR)
    assert [texts[0] for _, texts, _ in post.line.sent] == ["佳節愉快"] * 3
    assert counts(post.work.database) == (3, 3, 0, {})


def test_a_new_version_published_before_the_moment_was_found_does_not_lose_it(post: Post) -> None:
    known(post, *MANY[:3])
    post.publish(XMAS, AT - DAY)
    post.publish(XMAS.replace("聖誕快樂", "佳節愉快"), AT + timedelta(minutes=1))
    come(post, AT + timedelta(minutes=2))
    assert [texts[0] for _, texts, _ in post.line.sent] == ["佳節愉快"] * 3


def test_a_version_that_cannot_be_read_any_more_keeps_no_other_flow_from_beginning(post: Post) -> None:
    known(post, *MANY[:3])
    post.publish(XMAS, AT - DAY)
    post.publish(XMAS.replace("聖誕快樂", "佳節愉快"), AT + HOUR)
    post.publish(XMAS.replace("flow: xmas", "flow: yule"), AT - DAY)
    with post.work.database.write() as session:
        first = select(func.min(FlowVersion.id)).scalar_subquery()
        older = {"flow": "xmas", "of": "an older Tessera"}
        session.execute(update(FlowVersion).where(FlowVersion.id == first).values(document=older))
    come(post, AT + 2 * HOUR)
    assert figures(post.work.database) == []
    assert sorted(to for to, _, _ in post.line.sent) == sorted(MANY[:3])


def test_publishing_without_the_start_stops_it_for_whom_it_has_not_begun(post: Post) -> None:
    post.publish(XMAS, AT - DAY)
    known(post, *MANY[:3])
    periodic.find_moments(post.work, AT)
    post.publish(XMAS.replace("2026-12-24 10:00", "2027-12-24 10:00"), AT)
    come(post)
    assert counts(post.work.database) == (3, 0, 0, {"start_withdrawn": 3})
    assert post.line.sent == []


def test_it_takes_the_place_of_an_open_question_and_interrupts_neither_a_chat_nor_a_person(
    post: Post, at: list[datetime]
) -> None:
    post.publish(XMAS, AT - DAY)
    post.publish(OTHER, AT - DAY)
    known(post, *MANY[:4])
    wrote = {0: AT - HOUR, 1: AT - timedelta(minutes=3), 2: AT - HOUR}
    for place, time in wrote.items():
        at[0] = time
        post.write("點餐", time, MANY[place])
        post.answer(MANY[place])
    at[0] = AT - HOUR
    post.write("四位", at[0] + timedelta(seconds=1), MANY[2])
    post.answer(MANY[2])
    at[0] = AT
    come(post)
    assert [post.texts(one)[1:] for one in MANY[:3]] == [["聖誕快樂", "想喝什麼？"], [], []]
    assert counts(post.work.database) == (4, 2, 1, {"taken_over": 1})
    at[0] = AT + timedelta(minutes=8)
    come(post, at[0])
    assert post.texts(MANY[1])[1:] == ["聖誕快樂", "想喝什麼？"]
    assert counts(post.work.database) == (4, 3, 0, {"taken_over": 1})


def test_who_has_written_something_unhandled_is_answered_first(post: Post) -> None:
    post.publish(XMAS, AT - DAY)
    post.publish(OTHER, AT - DAY)
    known(post, MANY[0])
    post.write("點餐", AT - HOUR, MANY[0])
    come(post)
    assert counts(post.work.database) == (1, 0, 1, {})
    post.answer(MANY[0])
    come(post)
    assert post.texts(MANY[0]) == ["幾位？", "聖誕快樂", "想喝什麼？"]


def test_who_has_blocked_the_shop_is_not_begun_with(post: Post) -> None:
    post.publish(XMAS, AT - DAY)
    known(post, *MANY[:2])
    with post.work.database.write() as session:
        session.execute(update(Contact).where(Contact.account_id == MANY[0]).values(unreachable_since=AT - DAY))
    come(post)
    assert counts(post.work.database) == (2, 1, 0, {"unreachable": 1})


def test_a_flow_that_fails_for_some_begins_with_the_others_and_tells_the_staff_once(post: Post) -> None:
    post.publish(
        XMAS.replace(
            "  - say: 聖誕快樂",
            '  - say: "{% if attributes.bad %}{{ 1 + contact.name }}{% endif %}聖誕快樂"',
        ),
        AT - DAY,
    )
    known(post, *MANY[:30])
    with post.work.database.write() as session:
        for place in (3, 17):
            (contact_id,) = session.scalars(select(Contact.id).where(Contact.account_id == MANY[place]))
            contacts.set_attribute(session, contact_id, "bad", "yes", AT)
    come(post)
    assert counts(post.work.database) == (30, 28, 0, {"flow_template": 2})
    assert [place for place, one in enumerate(MANY[:30]) if not post.texts(one)] == [3, 17]
    with post.work.database.read() as session:
        assert session.scalar(select(func.count()).select_from(StaffNotice)) == 1
        reasons = session.scalars(select(Conversation.stopped_reason).where(Conversation.stopped_at.is_not(None))).all()
        assert reasons == ["flow_template"] * 2


def test_a_start_that_breaks_for_some_is_settled_for_them_and_told_of_once(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.publish(XMAS, AT - DAY)
    known(post, *MANY[:10])
    begin = beginning.begin

    def breaking(*given: Any) -> object:  # noqa: ANN401 (as `begin`)
        if given[1].contact.account_id in {MANY[3], MANY[7]}:
            raise ValueError("ours \0")
        return begin(*given)

    monkeypatch.setattr(beginning, "begin", breaking)
    come(post)
    assert counts(post.work.database) == (10, 8, 0, {"flow_broke": 2})
    with post.work.database.read() as session:
        assert session.scalars(select(StaffNotice.text)).all() == ["flow_broke: flow xmas: ValueError: ours \ufffd"]


def test_starts_make_way_for_everything_else(post: Post) -> None:
    post.publish(XMAS, AT - DAY)
    known(post, *MANY[:20])
    periodic.find_moments(post.work, AT)
    post.work.bell.wake("waits")
    starting.start(0)
    assert counts(post.work.database) == (20, 0, 20, {})
    assert queues.queue(post.work.redis, queues.BULK).count == 1  # comes back afterwards


def test_each_of_two_workers_takes_other_contacts(post: Post) -> None:
    post.publish(XMAS, AT - DAY)
    known(post, *MANY[:4])
    periodic.find_moments(post.work, AT)
    with post.work.database.write() as session:
        mine = {turn.contact.id for turn in timed_starts.take(session, AT, 2)}
        if not post.work.database.is_sqlite:  # where nobody else can write meanwhile
            with post.work.database.write() as other:
                theirs = {turn.contact.id for turn in timed_starts.take(other, AT, 10)}
            assert (len(theirs), mine & theirs) == (2, set())
    assert len(mine) == 2


def test_of_two_flows_at_one_moment_both_begin_one_after_the_other(post: Post) -> None:
    post.publish(XMAS, AT - DAY)
    post.publish(XMAS.replace("flow: xmas", "flow: yule").replace("聖誕快樂", "平安夜"), AT - DAY)
    known(post, *MANY[:3])
    come(post)
    assert post.texts(MANY[0]) == ["聖誕快樂", "想喝什麼？", "平安夜", "想喝什麼？"]
    with post.work.database.read() as session:
        done = select(func.count()).select_from(TimedStartContact).where(TimedStartContact.done_at.is_not(None))
        assert session.scalar(done) == 6
