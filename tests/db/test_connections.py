"""A connection to PostgreSQL that was lost while it rested is replaced before anybody uses it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db import database as database_module
from db.database import Database
from tests.databases import Postgres


@pytest.fixture
def resting(postgres: Postgres) -> Iterator[Database]:
    """A database whose one connection rests in the pool, ended by the server meanwhile."""
    url = postgres.fresh()
    database, other = Database(url, pool_size=1), Database(url)
    with database.read() as session:
        process = session.scalar(text("SELECT pg_backend_pid()"))
    with other.read() as session:
        # Waits up to so many milliseconds until it has ended.
        assert session.scalar(text("SELECT pg_terminate_backend(:process, 10000)"), {"process": process})
    other.dispose()
    yield database
    database.dispose()
    postgres.drop(url)


def works(database: Database) -> bool:
    with database.read() as session:
        return bool(session.scalar(text("SELECT 1")) == 1)


def test_a_connection_that_has_rested_is_asked_and_replaced(resting: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "RESTED", 0)
    assert works(resting)


def test_one_that_was_just_used_is_not_asked_fails_once_and_is_replaced_then(
    resting: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "RESTED", float("inf"))
    with pytest.raises(DBAPIError):
        works(resting)
    assert works(resting)
