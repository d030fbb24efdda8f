"""The schema's versions: bring a database up to date, say which version it has, write a new migration."""

import time
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from db import locks
from db.base import Base
from db.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"
PATIENCE = 120  # seconds for which an upgrade tries to have the tables for itself
PAUSE = 1  # seconds between two tries, in which a shop that is open catches up


class InUseError(Exception):
    """Somebody had a transaction open on the tables for as long as an upgrade was patient."""


def upgrade(database: Database, revision: str = "head") -> None:
    """Run every migration up to `revision` that `database` does not have yet, all of them in one transaction.

    Safe while a shop is open: on PostgreSQL nobody waits longer than `locks.WHOLE_WAIT` for an upgrade that waits
    itself, and then for its statements alone.

    Raises:
        InUseError: another transaction (a backup, say) did not end; nothing is changed.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with database.engine.execution_options(tessera_write=True).begin() as connection:
                upgrade_within(connection, revision)
        except OperationalError as error:
            if not locks.is_wait_over(error):
                raise
            if time.monotonic() > deadline:
                raise InUseError from error
            time.sleep(PAUSE)
        else:
            return


def upgrade_within(connection: Connection, revision: str = "head") -> None:
    """The same within the transaction of `connection`.

    Raises:
        OperationalError: as `locks.whole` does.
    """
    found = MigrationContext.configure(connection).get_current_revision()
    if found == (newest() if revision == "head" else revision):
        return
    locks.whole(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def current(database: Database) -> str | None:
    """The revision that `database` has; None where it is empty."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The revision that this code needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def revisions() -> list[str]:
    """Every revision that this code knows, oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]


def differences(database: Database) -> list[object]:
    """What the tables declare and the migrations do not build, or the other way round; empty when they agree."""
    with database.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def revision(database: Database, message: str) -> None:
    """Write a migration from the difference between `database` and the tables."""
    with database.engine.execution_options(tessera_write=True).begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
