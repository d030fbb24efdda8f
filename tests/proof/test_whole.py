"""A migration, which comes to its tables one by one, and a customer who comes the other way."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from db import locks
from db.database import Database
from tests.proof.interleaving import Deed, race_whole

MOST_STEPS = 20
PATIENCE = 20  # seconds
CUSTOMER = ("UPDATE coupons SET opened_at = opened_at", "UPDATE claims SET outcome = outcome")


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch, no_line: None) -> None:
    del no_line
    monkeypatch.setattr(locks, "WHOLE_PAUSE", 0.05)


def migrate(database: Database, column: str) -> Deed:
    def deed() -> None:
        with database.engine.execution_options(tessera_write=True).begin() as connection:
            locks.whole(connection, PATIENCE)
            for table in ("claims", "coupons"):
                connection.execute(text(f"ALTER TABLE {table} ADD COLUMN {column} integer"))

    return deed


def serve(database: Database) -> Deed:
    def deed() -> None:
        with database.write() as session:
            for words in CUSTOMER:
                session.execute(text(words))

    return deed


@pytest.mark.parametrize("is_migrating", [True, False], ids=["the customer comes second", "the migration comes second"])
def test_a_migration_fails_no_customer_and_no_customer_a_migration(database: Database, *, is_migrating: bool) -> None:
    assert list(_failures(database, is_migrating=is_migrating)) == []


@pytest.mark.parametrize("is_migrating", [True, False], ids=["the customer comes second", "the migration comes second"])
def test_without_the_whole_lock_they_wait_for_each_other(
    unguarded: Database, monkeypatch: pytest.MonkeyPatch, *, is_migrating: bool
) -> None:
    """The control: PostgreSQL ends one of the two (deadlock_detected)."""

    def no_lock(connection: Connection, patience: float) -> None:
        del connection, patience

    monkeypatch.setattr(locks, "whole", no_lock)
    found = next(_failures(unguarded, is_migrating=is_migrating), None)
    assert "deadlock" in str(found)


def _failures(database: Database, *, is_migrating: bool) -> Iterator[BaseException]:
    for at in range(MOST_STEPS):
        migration, customer = migrate(database, f"noted_{at}"), serve(database)
        subject, rival = (migration, customer) if is_migrating else (customer, migration)
        done = race_whole(database, subject, rival, at)
        yield from done.failures
        if at > done.steps:
            return
    raise AssertionError(f"more than {MOST_STEPS} steps")
