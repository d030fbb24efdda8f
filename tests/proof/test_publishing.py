"""Publishing, moving people and stopping a start, each with a rival at any moment: nobody gets in between.

Writers of SQLite also stand in a line of their own; here nobody does, so that what excludes others is BEGIN IMMEDIATE.
"""

import threading
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import drafting, publishing
from bot.moving import batches
from bot.publishing import Proven
from core import contacts, flows, moves, timed_start_figures, timed_starts
from core.flows import Draft, Origin
from core.reasons import Reason
from core.refusal import Refused
from core.timed_starts import Whom
from db import locks
from db.database import Database
from db.tables import Conversation, Flow, FlowVersion
from settings import TAIPEI
from tests import cast
from tests.bot.talk import read
from tests.proof import verdict
from tests.proof.interleaving import Work, race

MOST_STATEMENTS = 20
HEAD_START, PATIENCE = 0.5, 20  # seconds
MINUTE = timedelta(minutes=1)
OLD = "  - ask: {text: Name, keep: name}\n  - say: Old\n"
ASKED = {"step": 0, "answers": {}, "waits_for": "answer"}


pytestmark = pytest.mark.usefixtures("no_line")


def test_of_two_who_publish_the_same_start_at_once_one_is_told(database: Database, now: datetime) -> None:
    assert list(_published_both(database, now)) == []


def test_without_the_lock_on_publishing_both_get_the_start(
    unguarded: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(locks, "publishing", lambda _: None)
    assert list(_published_both(unguarded, now)), "nobody ever got in between: the race above proves nothing"


def _published_both(database: Database, now: datetime) -> Iterator[str]:
    """Where two flows that start by one word are both published, or neither is."""
    for at in range(MOST_STATEMENTS):
        word = uuid.uuid4().hex[:8]
        one, other = (_tried(database, f"{name}-{word}", word, now) for name in ("tea", "milk"))
        done = race(database, one, other, at)
        assert done.failures == []
        refused = [one for one in (done.subject, done.rival) if isinstance(one, Refused)]
        assert all(one.reason == Reason.FLOW_OTHERS_CHANGED for one in refused)
        with database.read() as session:
            there = [name for name in flows.in_use(session) if name.endswith(word)]
        if (len(refused), len(there)) != (1, 1):
            yield f"before statement {at}: {there}, {refused}"
        if at > done.steps:
            return
    raise AssertionError(f"more than {MOST_STATEMENTS} statements")


def _tried(database: Database, name: str, word: str, now: datetime) -> Work:
    """What publishes a flow, which was checked and tried before, beside all that was published then."""
    text = f"flow: {name}\nlanguages: [en]\nstarts: [{{words: w{word}}}]\nsteps:\n  - say: hi\n"
    with database.read() as session:
        desk = drafting.desk(session, name, now, TAIPEI)
    proven = drafting.proven(desk, text)
    assert isinstance(proven, Proven)
    return lambda session: drafting.publish(session, desk, proven, Origin("console"), now)


def test_while_people_are_moved_to_a_version_it_stays_the_newest(database: Database, now: datetime) -> None:
    assert _is_overtaken(database, now, HEAD_START) is False
    with database.read() as session:
        assert flows.published(session, "tea").number == 3  # type: ignore[union-attr]  # it was published afterwards
    assert not verdict.broken(database)


def test_without_the_flow_kept_people_are_moved_to_a_version_that_is_overtaken(
    unguarded: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(locks, "flow_kept", lambda session, flow_id: session.get_one(Flow, flow_id))
    assert _is_overtaken(unguarded, now, PATIENCE) is True


def _publish(database: Database, number: int, now: datetime) -> int:
    steps = OLD.replace("Old", str(number))
    with database.write() as session:
        return flows.publish(session, Draft("tea", steps, publishing.document(read(steps)), {}), now)[0].id


def _is_overtaken(database: Database, now: datetime, patience: float) -> bool:
    """Whether a third version is published between the look at which is the newest and the end of the move."""
    old = _publish(database, 1, now)
    with database.write() as session:
        contact = cast.contact(session, cast.MEI, now)
        session.add(Conversation(contact_id=contact.id, flow_version_id=old, state=ASKED, updated_at=now))
    new = _publish(database, 2, now)
    hold, found = moves.hold, list[bool]()
    rival = threading.Thread(target=lambda: _publish(database, 3, now))

    def meanwhile(session: Session, contact_ids: Sequence[int], version_id: int) -> object:
        found.append(_gets_in_between(rival, patience))
        return hold(session, contact_ids, version_id)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(moves, "hold", meanwhile)
        assert batches.move(database, "tea") == batches.Moved(2, people=1)
    rival.join(PATIENCE)
    with database.read() as session:
        assert session.scalars(select(Conversation.flow_version_id)).all() == [new]
    return found == [True]


def _gets_in_between(rival: threading.Thread, patience: float) -> bool:
    """Whether the rival, once begun, comes to its end; one that meets a lock does not before that is given up."""
    rival.start()
    rival.join(patience)
    return not rival.is_alive()


AT = datetime(2026, 12, 24, 10, tzinfo=TAIPEI)
CROWD = [("line", f"U{number:032x}") for number in range(4)]


def test_a_start_that_is_stopped_while_it_begins_has_begun_with_whom_it_says(database: Database) -> None:
    assert list(_wrong_stops(database)) == []


def test_without_the_start_kept_it_begins_with_some_who_are_said_to_be_left(
    unguarded: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(locks, "timed_starts_kept", lambda session, chosen, values: session.execute(chosen, values))
    assert list(_wrong_stops(unguarded)), "no stop ever got in between: the race above proves nothing"


def _wrong_stops(database: Database) -> Iterator[str]:
    """Where what the two did does not add up, when a start is stopped at any moment of beginning with two of four."""
    with database.write() as session:
        version, _ = flows.publish(session, Draft("xmas", "", {}, {}), AT - MINUTE)
        for who in CROWD:
            contact = cast.contact(session, who, AT - MINUTE)
            contacts.tag(session, contact.id, "vip", AT - MINUTE)
    for at in range(MOST_STATEMENTS):
        moment = AT + at * MINUTE
        with database.write() as session:
            assert timed_starts.keep(session, version.flow_id, moment, Whom(("vip",)), moment) == len(CROWD)
        done = race(database, _begin(version, moment), _stop(version, moment), at)
        assert done.failures == []
        with database.read() as session:
            (figures,) = (one for one in timed_start_figures.of_flow(session, "xmas") if one.at == moment)
        left = figures.refused.get(Reason.START_STOPPED, 0)
        if (figures.begun, left, figures.waiting) != (done.subject, done.rival, 0):
            yield f"before statement {at}: {done.subject}, {done.rival}: {figures}"
        elif broken := verdict.broken(database):
            yield f"before statement {at}: {broken}"
        if at > done.steps:
            return
    raise AssertionError(f"more than {MOST_STATEMENTS} statements")


def _begin(version: FlowVersion, moment: datetime) -> Work:
    def work(session: Session) -> int:
        turns = timed_starts.take(session, moment, 2)
        for turn in turns:
            assert turn.start.at == moment
            timed_starts.settle(turn, version.id, moment)
        return len(turns)

    return work


def _stop(version: FlowVersion, moment: datetime) -> Work:
    return lambda session: timed_starts.stop(session, version.flow_id, moment, moment)
