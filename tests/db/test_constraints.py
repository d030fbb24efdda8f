"""What the database itself refuses of conversations, and what an upgrade makes of rows from before it did."""

import sqlite3
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Connection, event, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import flows, outgoing
from core.flows import Draft
from db import schema
from db.base import Base
from db.database import Database
from db.tables import Conversation, InboxEvent, Wait
from tests import cast

BEFORE, AFTER = "b8e2f7316c04", "c7d10e5a9b43"  # the last schema without them, the first with them

WORDS = {
    "NOON": "'2026-12-01 04:00:00+00:00'",
    "FIRST": f"'{1:032x}'",
    "SECOND": f"'{2:032x}'",
    "THIRD": f"'{3:032x}'",
}

BREAKS = (
    "UPDATE conversations SET handed_over_at = NOON",
    "UPDATE conversations SET hand_over_reason = 'asks'",
    "UPDATE conversations SET stopped_at = NOON",
    "UPDATE conversations SET stopped_reason = 'flow_broke'",
    "UPDATE inbox SET failure = 'event_unreadable'",
    "UPDATE outbox SET status = 'sending', attempted_at = NOON",
    "UPDATE outbox SET status = 'sending', worker = 'worker:1'",
    "UPDATE outbox SET urgency = 3",
    "UPDATE outbox SET urgency = -1",
    "UPDATE waits SET due_at = NULL",
    "UPDATE flows SET published_number = 2",
    "UPDATE flows SET published_number = 0",
    "INSERT INTO flows (id, name, published_number) VALUES (2, 'coffee', 1)",
    "DELETE FROM flow_versions WHERE number = 1",
)
HOLDS = (
    "UPDATE conversations SET handed_over_at = NOON, hand_over_reason = ''",
    "UPDATE conversations SET stopped_at = NOON, stopped_reason = 'flow_broke'",
    "UPDATE inbox SET failure = 'event_unreadable', handled_at = NOON",
    "UPDATE outbox SET status = 'sending', worker = 'worker:1', attempted_at = NOON, urgency = 2",
    """UPDATE waits SET due_at = NULL, happens = '["opened"]'""",
)


@pytest.fixture
def chat(database: Database, now: datetime) -> Database:
    """Mei waits in a flow, an event of hers is not handled, a message to her not sent."""
    with database.write() as session:
        mei = cast.contact(session, cast.MEI, now).id
        version, _ = flows.publish(session, Draft("tea", "...", {}, {}), now)
        session.add(Conversation(contact_id=mei, flow_version_id=version.id, state={}, updated_at=now))
        session.add(Wait(contact_id=mei, flow_version_id=version.id, due_at=now, happens=[], created_at=now))
        came = {"channel": "line", "event_id": "e1", "account_id": cast.MEI[1], "body": {}}
        session.add(InboxEvent(**came, occurred_at=now, received_at=now))
        outgoing.store(session, outgoing.rows(mei, [{"text": "hello"}], now))
    return database


def test_every_check_that_the_tables_declare_is_in_the_database(database: Database) -> None:
    with database.read() as session:
        found = inspect(session.connection())
        there = {name: {one["name"] for one in found.get_check_constraints(name)} for name in Base.metadata.tables}
    declared = {
        name: {str(one.name) for one in table.constraints if isinstance(one, CheckConstraint)}
        for name, table in Base.metadata.tables.items()
    }
    assert there == declared


def do(session: Session, statement: str) -> None:
    for word, value in WORDS.items():
        statement = statement.replace(word, value)
    session.connection().exec_driver_sql(statement)


@pytest.mark.parametrize("statement", BREAKS)
def test_the_database_refuses_what_must_not_be(chat: Database, statement: str) -> None:
    with pytest.raises(IntegrityError), chat.write() as session:
        do(session, statement)


@pytest.mark.parametrize("statement", HOLDS)
def test_the_database_takes_what_may_be(chat: Database, statement: str) -> None:
    with chat.write() as session:
        do(session, statement)


# As columns of the schema before, so that the statements stay true to it.
OLD = (
    "INSERT INTO persons (id, created_at) VALUES (1, NOON), (2, NOON), (3, NOON), (4, NOON)",
    (
        "INSERT INTO contacts (id, person_id, channel, account_id, name, picture_url, language, created_at)"
        " SELECT id, id, 'line', 'U' || id, '', '', '', NOON FROM persons"
    ),
    "INSERT INTO flows (id, name, published_number) VALUES (1, 'tea', 1), (2, 'lost', 7), (3, 'empty', 0)",
    (
        "INSERT INTO flow_versions (id, flow_id, number, source, document, pictures, published_at)"
        " VALUES (1, 1, 1, '', '{}', '{}', NOON), (2, 2, 1, '', '{}', '{}', NOON),"
        " (3, 2, 3, '', '{}', '{}', NOON)"
    ),
    (
        "INSERT INTO conversations (contact_id, flow_version_id, state, updated_at, handed_over_at, hand_over_reason,"
        " stopped_at, stopped_reason) VALUES (1, 1, '{}', NOON, NOON, NULL, NOON, NULL),"
        " (2, 1, '{}', NOON, NULL, 'asks', NULL, 'flow_broke'), (3, 1, '{}', NOON, NOON, 'asks', NULL, NULL)"
    ),
    (
        "INSERT INTO waits (contact_id, flow_version_id, due_at, happens, created_at)"
        " VALUES (1, 1, NULL, '[]', NOON), (2, 1, NOON, '[]', NOON), (3, 1, NULL, '[\"opened\"]', NOON)"
    ),
    (
        "INSERT INTO inbox (id, channel, event_id, account_id, occurred_at, received_at, body, failure)"
        " VALUES (1, 'line', 'e1', 'U1', NOON, NOON, '{}', 'event_unreadable'),"
        " (2, 'line', 'e2', 'U1', NOON, NOON, '{}', NULL)"
    ),
    (
        "INSERT INTO outbox (id, key, contact_id, payload, status, created_at, due_at, attempts, is_in_doubt, worker,"
        " attempted_at, urgency) VALUES (1, FIRST, 1, '{}', 'sending', NOON, NOON, 1, false, NULL, NOON, 0),"
        " (2, SECOND, 2, '{}', 'sending', NOON, NOON, 1, false, 'w', NULL, 7),"
        " (3, THIRD, 3, '{}', 'sending', NOON, NOON, 1, false, 'w', NOON, 1)"
    ),
    "INSERT INTO timed_starts (id, flow_id, at, found_at, audience) VALUES (1, 1, NOON, NOON, 0)",
)


def _as_on_macos(connection: Any, _record: object) -> None:  # noqa: ANN401 (a DBAPI connection has no type)
    """SQLite as it is where nobody may change what made a table: it passes over the wish to."""

    def decide(what: int, name: str | None, *_: object) -> int:
        is_wish = (what, name) == (sqlite3.SQLITE_PRAGMA, "writable_schema")
        return sqlite3.SQLITE_IGNORE if is_wish else sqlite3.SQLITE_OK

    connection.set_authorizer(decide)


@pytest.mark.parametrize("is_defensive", [False, True], ids=["", "defensive"])
def test_rows_from_before_are_mended_and_the_others_left(empty_url: str, is_defensive: bool) -> None:  # noqa: FBT001 (a parameter)
    database = Database(empty_url)
    if is_defensive and database.is_sqlite:
        event.listen(database.engine, "connect", _as_on_macos)
    schema.upgrade(database, BEFORE)
    with database.write() as session:
        for statement in OLD:
            do(session, statement)
        indexes = _indexes(session.connection())
    old = Database(empty_url)  # the version before, which has the tables open
    with old.read() as session:
        session.execute(text("SELECT 1 FROM outbox"))
    schema.upgrade(database, AFTER)
    assert _rebuilt(database) == (is_defensive and database.is_sqlite)
    with pytest.raises(IntegrityError), old.write() as session:
        session.execute(text("UPDATE outbox SET urgency = 3"))
    old.dispose()
    with database.read() as session:
        now_there = _indexes(session.connection())
        assert {table: now_there[table] & kept for table, kept in indexes.items()} == indexes

        def found(columns: str, table: str) -> list[tuple[object, ...]]:
            return [tuple(row) for row in session.execute(text(f"SELECT {columns} FROM {table} ORDER BY 1"))]  # noqa: S608

        reasons = "contact_id, handed_over_at IS NULL, hand_over_reason, stopped_at IS NULL, stopped_reason"
        assert found(reasons, "conversations") == [
            (1, False, "", False, "flow_broke"),
            (2, True, None, True, None),
            (3, False, "asks", True, None),
        ]
        assert found("contact_id", "waits") == [(2,), (3,)]
        assert found("id, handled_at IS NULL", "inbox") == [(1, False), (2, True)]
        messages = [(1, "pending", True, 0), (2, "pending", True, 2), (3, "sending", False, 1)]
        assert found("id, status, is_in_doubt, urgency", "outbox") == messages
        assert found("id, name, published_number", "flows") == [(1, "tea", 1), (2, "lost", 3)]
        assert found("id, flow_id", "flow_versions") == [(1, 1), (2, 2), (3, 2)]
    schema.upgrade(database)
    assert schema.differences(database) == []
    database.dispose()


def _rebuilt(database: Database) -> bool:
    """Whether SQLite has made the table of messages again; a table that was renamed has its name in quotes."""
    if not database.is_sqlite:
        return False
    with database.read() as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        words = session.execute(text("SELECT sql FROM sqlite_master WHERE name = 'outbox'")).scalar_one()
    return str(words).startswith('CREATE TABLE "outbox"')


def _indexes(connection: Connection) -> dict[str, set[str | None]]:
    found = inspect(connection)
    return {name: {one["name"] for one in found.get_indexes(name)} for name in found.get_table_names()}
