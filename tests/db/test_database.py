"""Transactions that read: they change nothing, and what was prepared for them is kept."""

import math

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError, OperationalError

from db import database as database_module
from db.database import Database
from db.tables import Person


def test_a_transaction_that_reads_keeps_no_change(database: Database) -> None:
    insert = text("INSERT INTO persons (created_at) VALUES ('2026-12-01 04:00:00')")
    if database.is_sqlite:
        with database.read() as session:
            session.execute(insert)
    else:
        with pytest.raises(InternalError, match="read-only"), database.read() as session:
            session.execute(insert)
    with database.read() as session:
        assert session.query(Person).count() == 0
    with database.write() as session:  # on the same connection
        session.execute(insert)
    with database.read() as session:
        assert session.query(Person).count() == 1


def test_what_was_prepared_outlives_the_transactions_that_read(database: Database) -> None:
    if database.is_sqlite:
        return  # SQLite's driver keeps its own statements
    asked = text("SELECT count(*) FROM persons WHERE id > 7")
    for _ in range(8):  # psycopg prepares what comes for the sixth time
        with database.read() as session:
            session.execute(asked)
    with database.read() as session:
        prepared = session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert [one for one in prepared if "id > 7" in one] != []


def test_a_transaction_may_be_silent_for_long_only_where_it_shows_one_moment(database: Database) -> None:
    if database.is_sqlite:
        return  # SQLite ends no transaction by itself
    silence = text("SHOW idle_in_transaction_session_timeout")
    shown = []
    for transaction in (database.snapshot, database.read, database.write):  # one after another on one connection
        with transaction() as session:
            shown.append(session.scalar(silence))
            process = session.scalars(text("SELECT pg_backend_pid()")).one()
        with database.read() as session:
            assert session.scalars(text("SELECT pg_backend_pid()")).one() == process
    assert shown == ["0", "4s", "4s"]


def test_a_transaction_that_shows_one_moment_keeps_no_change_and_sees_none(database: Database) -> None:
    insert = text("INSERT INTO persons (created_at) VALUES ('2026-12-01 04:00:00')")
    with database.snapshot() as session:
        before = session.query(Person).count()
        with database.write() as other:
            other.execute(insert)
        assert session.query(Person).count() == before
    if not database.is_sqlite:
        with pytest.raises(InternalError, match="read-only"), database.snapshot() as session:
            session.execute(insert)
    with database.read() as session:
        assert session.query(Person).count() == before + 1


@pytest.mark.parametrize("rested", [0, math.inf])
def test_a_lost_connection_is_replaced_before_it_is_used_or_after_one_failure(
    database: Database, monkeypatch: pytest.MonkeyPatch, rested: float
) -> None:
    if database.is_sqlite:
        return  # its connections are not lost
    monkeypatch.setattr(database_module, "RESTED", rested)
    with database.read() as session:
        lost = session.scalars(text("SELECT pg_backend_pid()")).one()
    other = Database(database.engine.url.render_as_string(hide_password=False))
    with other.write() as session:
        session.execute(text("SELECT pg_terminate_backend(:lost, 5000)"), {"lost": lost})
    other.dispose()
    if rested:
        with pytest.raises(OperationalError), database.read() as session:
            session.scalars(text("SELECT 1")).one()
    with database.read() as session:
        assert session.scalars(text("SELECT pg_backend_pid()")).one() != lost
