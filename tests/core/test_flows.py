"""Versions and drafts of flows: what replaces what, and what is never lost silently."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import drafts, flow_figures, flow_history, flows, users
from core.flow_figures import Busy, Figures
from core.flows import Draft, Origin
from core.reasons import Reason
from core.refusal import Refused
from db.database import Database
from db.tables import Conversation, FlowTurn
from tests import cast
from tests.deeds import deeds


def draft(text: str, name: str = "tea") -> Draft:
    return Draft(name, text, {"flow": name, "steps": [{"say": text}]}, {})


def published(session: Session, text: str, now: datetime, origin: Origin) -> int | Reason:
    """The number of the version, or why it was refused."""
    found = flows.overtaken(session, draft(text), origin)
    return found.reason if found else flows.publish(session, draft(text), now, origin)[0].number


def mia(session: Session, now: datetime) -> int:
    return users.create(session, "mia", "a long password", "marketer", None, now).id


def test_files_replace_what_came_from_files(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert [published(session, text, now, Origin()) for text in ("one", "two", "two", "one")] == [1, 2, 2, 3]
    assert deeds(database) == [("flask", "flow.published", "tea")] * 3


def test_a_file_does_not_replace_a_version_of_the_console(database: Database, now: datetime) -> None:
    with database.write() as session:
        user_id = mia(session, now)
        published(session, "one", now, Origin())
        assert published(session, "two", now, Origin("console", user_id, based_on=1)) == 2
        found = flows.overtaken(session, draft("one"), Origin())
        assert found == flows.Overtaken(Reason.FLOW_CHANGED_IN_CONSOLE, "tea", 2, "mia", now)
        with pytest.raises(ValueError, match="meanwhile"):
            flows.publish(session, draft("one"), now, Origin())
        assert [entry.number for entry in flow_history.of_flow(session, "tea")] == [2, 1]


@pytest.mark.parametrize("origin", [Origin(based_on=2), Origin(based_on=None)])
def test_a_file_that_follows_the_console_or_says_so_is_published(
    origin: Origin, database: Database, now: datetime
) -> None:
    with database.write() as session:
        published(session, "one", now, Origin("console", mia(session, now)))
        published(session, "two", now, Origin("console", None, based_on=1))
        assert published(session, "three", now, origin) == 3


def test_the_text_that_is_published_already_is_no_conflict(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert published(session, "one", now, Origin("console")) == 1
        assert published(session, "one", now, Origin()) == 1


@pytest.mark.parametrize("via", ["files", "console"])
def test_the_console_does_not_replace_a_version_its_draft_did_not_begin_from(
    via: flows.Via, database: Database, now: datetime
) -> None:
    with database.write() as session:
        published(session, "one", now, Origin())
        published(session, "two", now, Origin(via, None, based_on=1))
        assert published(session, "mine", now, Origin("console", None, based_on=1)) == Reason.FLOW_CHANGED_MEANWHILE
        assert published(session, "mine", now, Origin("console", None, based_on=2)) == 3


def test_versions_are_listed_with_who_published_them_from_where(database: Database, now: datetime) -> None:
    with database.write() as session:
        published(session, "one", now, Origin())
        published(session, "two", now, Origin("console", mia(session, now), based_on=1))
        found = [(one.number, one.via, one.username, one.is_published) for one in flow_history.of_flow(session, "tea")]
        assert found == [(2, "console", "mia", True), (1, "files", None, False)]
        assert [(one.name, one.number) for one in flow_history.published(session)] == [("tea", 2)]
        assert flow_history.numbered(session, "tea", 3) is None


def test_of_two_who_save_a_draft_one_is_refused_and_nothing_of_the_other_is_lost(
    database: Database, now: datetime
) -> None:
    later = now + timedelta(minutes=1)
    with database.write() as session:
        user_id = mia(session, now)
        assert drafts.save(session, "tea", "mine", 0, None, (user_id, now)) is None
        refused = Refused(Reason.FLOW_DRAFT_CHANGED, "tea")
        assert drafts.save(session, "tea", "also new", 0, None, (user_id, later)) == refused
        assert drafts.save(session, "tea", "mine, longer", 0, now, (user_id, later)) is None
        assert drafts.save(session, "tea", "theirs", 0, now, (user_id, later)) == refused
        assert drafts.discard(session, "tea", now) == refused
        assert drafts.load(session, "tea") == drafts.Saved("tea", "mine, longer", 0, later, "mia")
        assert drafts.discard(session, "tea", later) is None
        assert drafts.load(session, "tea") is None


def standing(session: Session, who: tuple[str, str], running: int, at: datetime, **state: object) -> Conversation:
    kept = {"step": 0, "answers": {}, "waits_for": "answer", "is_ended": False, "version_id": 0} | state
    made = Conversation(
        contact_id=cast.contact(session, who, at).id, flow_version_id=running, state=kept, updated_at=at
    )
    session.add(made)
    session.flush()
    return made


def test_steps_are_counted_and_who_stands_there(database: Database, now: datetime) -> None:
    long_ago = now - timedelta(days=40)
    with database.write() as session:
        version, _ = flows.publish(session, draft("one"), now, Origin())
        other, _ = flows.publish(session, draft("called", "other"), now, Origin())
        standing(session, cast.MEI, version.id, now - timedelta(days=2))
        standing(session, cast.ALEX, version.id, now, step=1, waits_for="wait")
        stopped = standing(session, cast.EVE, version.id, now, step=1)
        stopped.stopped_at, stopped.stopped_reason = now, Reason.FLOW_TEMPLATE
        standing(session, ("line", "U" + "b" * 32), version.id, now, step=3, is_ended=True)
        standing(session, ("line", "U" + "c" * 32), version.id, now, step=5, version_id=other.id)
        me = cast.contact(session, cast.MEI, now).id
        for at, steps in ((now, [0, 1, 1]), (now, [0]), (long_ago, [0])):
            session.add(FlowTurn(contact_id=me, flow_version_id=version.id, steps=steps, at=at))
        session.flush()
        before = now - timedelta(days=1)
        assert flow_figures.of_version(session, version.id, before, now) == {
            0: Figures(2, 1, 1, 0),
            1: Figures(2, 1, 0, 1),
        }
        assert flow_figures.of_version(session, other.id, before, now) == {5: Figures(0, 1, 0, 0)}
        assert flow_figures.busy(session) == {version.flow_id: Busy(3, 1)}
        assert flow_figures.busy_versions(session, version.flow_id) == {version.id: Busy(3, 1)}


def test_runs_that_are_not_counted_any_more_are_deleted_some_at_a_time_and_no_figure_changes(
    database: Database, now: datetime
) -> None:
    then = now - flow_figures.COUNTED
    with database.write() as session:
        version, _ = flows.publish(session, draft("one"), now, Origin())
        quiet, _ = flows.publish(session, draft("called", "other"), now, Origin())
        me = standing(session, cast.MEI, version.id, then - timedelta(days=9)).contact_id
        for days in (-3, -2, -1, 0, 1):
            at = then + timedelta(days=days)
            session.add(FlowTurn(contact_id=me, flow_version_id=version.id, steps=[0], at=at))
        session.add(FlowTurn(contact_id=me, flow_version_id=quiet.id, steps=[0], at=now))
        session.flush()
        before = flow_figures.of_version(session, version.id, now, now)
        assert before == {0: Figures(2, 1, 1, 0)}
        assert flow_figures.outdated(session, then) == version.id
        assert [flow_figures.forget(session, version.id, then, 2) for _ in range(3)] == [2, 1, 0]
        assert flow_figures.outdated(session, then) is None
        assert flow_figures.of_version(session, version.id, now, now) == before
        assert session.scalars(select(FlowTurn.at).order_by(FlowTurn.at)).all() == [then, then + timedelta(days=1), now]
