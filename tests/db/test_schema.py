from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, StatementError

from db import schema
from db.base import Base
from db.database import Database
from db.tables import Person
from tests.databases import Postgres


def test_migrations_build_exactly_what_the_tables_declare(database: Database) -> None:
    assert schema.differences(database) == []
    assert schema.current(database) == schema.newest()


def test_migrations_leave_room_on_postgresqls_pages_where_the_tables_declare_it(postgres: Postgres) -> None:
    database = Database(postgres.fresh())
    options = text("SELECT relname, reloptions FROM pg_class WHERE relkind = 'r' AND reloptions IS NOT NULL")
    with database.read() as session:
        found = {row.relname: row.reloptions for row in session.execute(options)}
    database.dispose()
    declared = {name: table.dialect_options["postgresql"]["with"] for name, table in Base.metadata.tables.items()}
    assert "coupons" in found
    assert found == {
        name: [f"{key}={value}" for key, value in words.items()] for name, words in declared.items() if words
    }


def test_an_upgrade_of_an_up_to_date_database_changes_nothing(database: Database) -> None:
    schema.upgrade(database)
    assert schema.current(database) == schema.newest()


def test_a_time_without_a_zone_is_not_stored(database: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"), database.write() as session:
        session.add(Person(created_at=datetime(2026, 1, 1)))  # noqa: DTZ001 (the mistake that is tested)
    with database.read() as session:
        assert session.query(Person).count() == 0


def test_foreign_keys_are_enforced(database: Database, now: datetime) -> None:
    from db.tables import Contact  # noqa: PLC0415 (beside its use)

    blank = {"name": "", "picture_url": "", "language": "", "created_at": now}
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(Contact(person_id=999, channel="line", account_id="U1", **blank))


def test_a_block_that_raises_leaves_nothing(database: Database, now: datetime) -> None:
    with pytest.raises(RuntimeError), database.write() as session:
        session.add(Person(created_at=now))
        session.flush()
        raise RuntimeError
    with database.read() as session:
        assert session.query(Person).count() == 0
