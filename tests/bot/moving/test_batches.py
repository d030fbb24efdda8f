"""People moved from older versions to the newest one, in the database: each wholly, once, before or after an event."""

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import publishing
from bot.language.model import Flow
from bot.moving import batches
from bot.moving.carrying import Carrier, Stays
from bot.moving.forecast import forecast
from bot.state import State
from bot.surroundings import known
from core import conversations, flow_history, flows, moves
from core.flows import Draft
from core.reasons import Reason
from db import locks
from db.database import Database
from db.tables import Contact, Conversation, FlowVersion, Wait
from tests import cast
from tests.bot.talk import read
from tests.deeds import deeds

OLD = """\
  - ask: {text: Name, keep: name}
  - id: later
    wait: {for: 2 days}
  - say: Old
  - id: gone
    ask: {text: Gone, keep: gone}
"""
NEW = OLD.replace("Old", "New").replace("id: gone", "id: other").replace("  - ask", "  - say: Hi\n  - ask", 1)
NAMED = {"step": 0, "answers": {}, "waits_for": "answer"}
WAITING = {"step": 1, "answers": {"name": "Mei"}, "waits_for": "wait"}
GONE = {"step": 3, "answers": {"name": "Mei"}, "waits_for": "answer"}
OVER = {"step": 4, "answers": {}, "waits_for": "", "is_ended": True}


def publish(database: Database, steps: str, now: datetime) -> int:
    """The id of the version that these steps are."""
    with database.write() as session:
        version, is_new = flows.publish(session, Draft("tea", steps, publishing.document(read(steps)), {}), now)
        assert is_new
        return version.id


def stand(database: Database, version_id: int, states: Sequence[dict[str, Any]], now: datetime) -> list[int]:
    """A contact for each state, with the row that it waits by; their ids."""
    with database.write() as session:
        ids = []
        for number, state in enumerate(states):
            contact = cast.contact(session, ("line", f"U{number:032x}"), now)
            ids.append(contact.id)
            session.add(Conversation(contact_id=contact.id, flow_version_id=version_id, state=state, updated_at=now))
            if state["waits_for"] == "wait":
                due_at = now + timedelta(days=2)
                row = Wait(contact_id=contact.id, flow_version_id=version_id, due_at=due_at, happens=[], created_at=now)
                session.add(row)
        return ids


def places(database: Database) -> list[tuple[int | None, int, int | None]]:
    """Each contact's version, step, and its wait's version."""
    with database.read() as session:
        rows = session.execute(
            select(Conversation, Wait)
            .outerjoin(Wait, Wait.contact_id == Conversation.contact_id)
            .order_by(Conversation.contact_id)
        )
        return [
            (conversation.flow_version_id, conversation.state["step"], getattr(wait, "flow_version_id", None))
            for conversation, wait in rows
        ]


@pytest.fixture
def old(database: Database, now: datetime) -> int:
    return publish(database, OLD, now)


def test_people_are_moved_with_their_waits_and_who_cannot_be_stays(database: Database, old: int, now: datetime) -> None:
    ids = stand(database, old, [NAMED, WAITING, GONE, OVER, WAITING, NAMED], now)
    with database.write() as session:
        conversations.hand_over(session, ids[4], "asks", now)
        conversations.stop(session.get_one(Conversation, ids[5]), Reason.FLOW_BROKE, "", now)
    new = publish(database, NEW, now)
    moved = batches.move(database, "tea")
    assert moved == batches.Moved(2, people=3)
    assert places(database) == [
        (new, 1, None),
        (new, 2, new),
        (old, 3, None),
        (old, 4, None),
        (new, 2, new),
        (old, 0, None),
    ]
    with database.read() as session:
        conversation, wait = session.get_one(Conversation, ids[1]), session.get_one(Wait, ids[1])
        assert conversation.state["answers"] == {"name": "Mei"}
        assert (conversation.updated_at, wait.due_at) == (now, now + timedelta(days=2))


def test_what_will_happen_is_said_before_by_version_and_step(database: Database, old: int, now: datetime) -> None:
    stand(database, old, [NAMED, WAITING, GONE, GONE, OVER], now)
    with database.read() as session:
        found = forecast(session, read(NEW), 2, known(session, now))
    assert (found.movable, found.staying, found.people) == (2, 2, 4)
    (left,) = found.left
    assert (left.number, left.reason, left.people, left.step and left.step.id) == (1, "move_step_gone", 2, "gone")
    assert [version for version, *_ in places(database)] == [old] * 5


def test_moving_twice_moves_nobody_twice(database: Database, old: int, now: datetime) -> None:
    stand(database, old, [NAMED, WAITING, GONE], now)
    publish(database, NEW, now)
    batches.move(database, "tea")
    before = places(database)
    assert batches.move(database, "tea") == batches.Moved(2, people=0)
    assert places(database) == before
    assert deeds(database, "flow")[-1:] == [("flask", "flow.people_moved", "tea")]
    assert [done for _, done, _ in deeds(database, "flow")].count("flow.people_moved") == 1


def test_people_come_from_every_older_version(database: Database, old: int, now: datetime) -> None:
    newer = publish(database, OLD.replace("Old", "Newer"), now)
    stand(database, old, [WAITING], now)
    with database.write() as session:
        contact = cast.contact(session, cast.EVE, now)
        session.add(Conversation(contact_id=contact.id, flow_version_id=newer, state=NAMED, updated_at=now))
    new = publish(database, NEW, now)
    assert batches.move(database, "tea") == batches.Moved(3, people=2)
    assert places(database) == [(new, 2, new), (new, 1, None)]


def test_nothing_is_published_and_nobody_is_behind(database: Database, now: datetime) -> None:
    assert batches.move(database, "tea") is None
    publish(database, OLD, now)
    assert batches.move(database, "tea") == batches.Moved(1)


def test_when_it_is_killed_each_person_is_wholly_in_one_version_and_the_next_run_goes_on(
    database: Database, old: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(database, old, [WAITING] * 5, now)
    new = publish(database, NEW, now)
    monkeypatch.setattr(batches, "BATCH", 2)
    done, move = list[int](), moves.move

    def die(conversation: Conversation, wait: Wait | None, version_id: int, state: dict[str, Any]) -> None:
        move(conversation, wait, version_id, state)
        done.append(conversation.contact_id)
        if len(done) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(moves, "move", die)
    with pytest.raises(KeyboardInterrupt):
        batches.move(database, "tea")
    assert places(database) == [(new, 2, new)] * 2 + [(old, 1, old)] * 3
    monkeypatch.setattr(moves, "move", move)
    assert batches.move(database, "tea") == batches.Moved(2, people=3)
    assert places(database) == [(new, 2, new)] * 5


def test_who_goes_on_after_the_first_look_is_judged_where_they_are_then(
    database: Database, old: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = stand(database, old, [NAMED, NAMED, NAMED, NAMED], now)
    new = publish(database, NEW, now)
    look = moves.under_way

    def go_on(session: Session, version_id: int, after: int) -> list[tuple[int, dict[str, Any]]]:
        page = look(session, version_id, after)
        if after:
            return page
        with database.write() as other:
            conversations = [other.get_one(Conversation, one) for one in ids]
            conversations[0].state = GONE
            conversations[1].state = OVER
            conversations[2].state = {**WAITING, "answers": {"name": "Alex"}}
            other.add(Wait(contact_id=ids[2], flow_version_id=version_id, due_at=now, happens=[], created_at=now))
        return page

    monkeypatch.setattr(moves, "under_way", go_on)
    assert batches.move(database, "tea") == batches.Moved(2, people=2)
    assert places(database) == [(old, 3, None), (old, 4, None), (new, 2, new), (new, 1, None)]


def test_a_person_whose_event_is_being_handled_is_moved_afterwards(
    database: Database, old: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = stand(database, old, [NAMED, NAMED], now)
    new = publish(database, NEW, now)
    comes, lock = threading.Event(), locks.contacts_with

    def announce(session: Session, contact_ids: Sequence[int]) -> None:
        comes.set()
        lock(session, contact_ids)

    monkeypatch.setattr(locks, "contacts_with", announce)
    found = list[batches.Moved | None]()
    mover = threading.Thread(target=lambda: found.append(batches.move(database, "tea")))
    with database.write() as session:
        locks.contact(session, ids[0])
        mover.start()
        if not database.is_sqlite:  # where its transaction does not even begin before this one has ended
            assert comes.wait(20)
        session.get_one(Conversation, ids[0]).state = WAITING
        session.add(Wait(contact_id=ids[0], flow_version_id=old, due_at=now, happens=[], created_at=now))
    mover.join(20)
    assert found == [batches.Moved(2, people=2)]
    assert places(database) == [(new, 2, new), (new, 1, None)]


def test_nobody_is_moved_to_a_version_that_another_one_has_replaced(
    database: Database, old: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(database, old, [NAMED] * 3, now)
    publish(database, NEW, now)
    monkeypatch.setattr(batches, "BATCH", 1)
    hold = moves.hold

    def publish_then(
        session: Session, contact_ids: Sequence[int], version_id: int
    ) -> list[tuple[Conversation, Wait | None]]:
        flows.publish(session, Draft("tea", "3", publishing.document(read(NEW.replace("New", "3"))), {}), now)
        return hold(session, contact_ids, version_id)

    monkeypatch.setattr(moves, "hold", publish_then)
    assert batches.move(database, "tea") == batches.Moved(2, people=1, is_whole=False)
    with database.read() as session:
        third = flow_history.numbered(session, "tea", 3)
    monkeypatch.setattr(moves, "hold", hold)
    assert batches.move(database, "tea") == batches.Moved(3, people=3)
    assert third and {version for version, *_ in places(database)} == {third.id}


def test_without_time_nobody_is_moved_and_it_says_so(database: Database, old: int, now: datetime) -> None:
    stand(database, old, [NAMED], now)
    publish(database, NEW, now)
    assert batches.move(database, "tea", seconds=-1) == batches.Moved(2, is_whole=False)
    assert places(database) == [(old, 0, None)]


def test_many_pages_of_people_are_all_found(
    database: Database, old: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "PAGE", 3)
    stand(database, old, [NAMED, OVER, WAITING, GONE] * 4, now)
    new = publish(database, NEW, now)
    assert batches.move(database, "tea") == batches.Moved(2, people=8)
    assert [version for version, *_ in places(database)].count(new) == 8
    with database.read() as session:
        flow = Flow.model_validate(flows.version(session, new).document)
        found = forecast(session, flow, 2, known(session, now))
        assert (found.movable, found.staying) == (0, 4)
        assert session.query(Contact).count() == 16


def test_time_is_looked_at_after_a_page_in_which_nobody_can_be_moved(
    database: Database, old: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "PAGE", 2)
    stand(database, old, [GONE] * 4, now)
    publish(database, NEW, now)
    assert batches.move(database, "tea", seconds=-1) == batches.Moved(2, is_whole=False)
    assert batches.move(database, "tea") == batches.Moved(2)


CALLER = {"version_id": 0, "step": 2, "answers": {"name": "Mei"}}
CALLED = {"version_id": 9, "frames": [CALLER]}
STANDING = [
    NAMED,
    WAITING,
    {**WAITING, "answers": {"name": "Alex"}},
    {**WAITING, "answers": {"name": "Alex", "town": "Taipei"}, "coupon": {"url": "https://a.example"}},
    {**WAITING, "coupon": {}},
    GONE,
    {**GONE, **CALLED, "answers": {"size": "L"}},
    {**GONE, **CALLED, "answers": {"size": "XL"}},
    {**NAMED, **CALLED, "frames": [{"version_id": 0, "step": 4, "answers": {}}, CALLER]},
    OVER,
]


def test_people_who_stand_alike_are_one_row_and_judged_as_each_of_them_would_be(
    database: Database, old: int, now: datetime
) -> None:
    """Each state three times: what is counted is what a look at each person finds."""
    stand(database, old, STANDING * 3, now)
    new = read(NEW.replace("New", '"{{ answers.name }}"'))
    with database.read() as session:
        rows = moves.standing(session, old)
        shop = known(session, now)
        found = forecast(session, new, 2, shop)
    assert sorted(row.people for row in rows) == [3, 3, 3, 3, 6, 9]
    carrier = Carrier(read(OLD), new, shop)
    each = [carrier.carried(State.from_json(state)) for state in STANDING * 3 if state is not OVER]
    stays = Counter(one for one in each if isinstance(one, Stays))
    assert (found.movable, found.staying) == (len(each) - stays.total(), stays.total())
    told = {(left.step.index if left.step else -1, left.reason, left.detail): left.people for left in found.left}
    assert told == {(one.step, one.reason, one.detail): people for one, people in stays.items()}


def test_of_a_version_that_cannot_be_read_nobody_is_moved_and_it_is_said(
    database: Database, old: int, now: datetime
) -> None:
    stand(database, old, [NAMED, WAITING, OVER], now)
    new = publish(database, NEW, now)
    with database.write() as session:
        spoilt = session.get_one(FlowVersion, old)
        spoilt.document = {**spoilt.document, "steps": [{"dance": True}]}
    with database.read() as session:
        found = forecast(session, read(NEW), 2, known(session, now))
    assert [(left.number, left.step, left.reason, left.people) for left in found.left] == [
        (1, None, "flow_unreadable", 2)
    ]
    assert batches.move(database, "tea") == batches.Moved(2)
    assert new not in {version for version, *_ in places(database)}
