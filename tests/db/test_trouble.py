"""The database in trouble is told apart from what it will never take."""

import pytest
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.exc import NoResultFound, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFreeError
from sqlalchemy.orm import Session

from db.database import Database
from db.tables import ContactTag, Person
from db.trouble import is_trouble
from tests.databases import Postgres


def error_of(database: Database, statement: str, **values: object) -> SQLAlchemyError:
    with pytest.raises(SQLAlchemyError) as found, database.write() as session:
        session.execute(text(statement), values)
    return found.value


def test_what_is_not_there_yet_is_trouble(database: Database) -> None:
    assert is_trouble(error_of(database, "SELECT * FROM of_a_later_version"))


def test_a_database_that_nobody_reaches_is_trouble() -> None:
    for url in ("sqlite:////nowhere/at/all.sqlite3", "postgresql+psycopg://nobody@/nothing?host=/nowhere"):
        engine = create_engine(url)
        with pytest.raises(SQLAlchemyError) as found, Session(engine) as session:
            session.execute(select(1))
        assert is_trouble(found.value)
        engine.dispose()
    assert is_trouble(NoConnectionFreeError())


def test_what_it_refuses_is_none(database: Database) -> None:
    with pytest.raises(SQLAlchemyError) as found, database.write() as session:
        session.execute(insert(ContactTag).values(contact_id=1, tag="x", tagged_at=None))
    assert not is_trouble(found.value)
    assert not is_trouble(error_of(database, "SELECT :what", what=object()))
    with pytest.raises(NoResultFound) as nothing, database.read() as session:
        session.scalars(select(Person)).one()
    assert not is_trouble(nothing.value)
    assert not is_trouble(ValueError())


def test_what_is_beyond_its_limits_is_none(postgres: Postgres) -> None:
    database = Database(postgres.fresh())
    columns = ", ".join(f"c{number} int" for number in range(2000))
    assert not is_trouble(error_of(database, f"CREATE TABLE too_wide ({columns})"))
    database.dispose()
