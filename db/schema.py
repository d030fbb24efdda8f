"""The schema's versions: bring a database up to date, say which version it has, write a new migration."""

import warnings
from functools import cache
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from db import locks
from db.base import Base
from db.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"
PATIENCE = 600  # seconds for which an upgrade tries to have the tables for itself


def upgrade(database: Database, revision: str = "head") -> None:
    """Run every migration up to `revision` that `database` does not have yet, all of them in one transaction.

    Safe while a shop is open: see `locks.whole`.

    Raises:
        InUseError: another transaction (a backup, say) did not end in time; nothing is changed.
    """
    with database.engine.execution_options(tessera_write=True).begin() as connection:
        upgrade_within(connection, revision)


def upgrade_within(connection: Connection, revision: str = "head") -> None:
    """The same within the transaction of `connection`.

    Raises:
        InUseError: as `upgrade` does.
    """
    found = MigrationContext.configure(connection).get_current_revision()
    if found == (newest() if revision == "head" else revision):
        return
    locks.whole(connection, PATIENCE)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def current(database: Database) -> str | None:
    """The revision that `database` has; None where it is empty."""
    with database.read() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


@cache  # reading all migrations takes 16 ms, and code does not change while it runs
def newest() -> str | None:
    """The revision that this code needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def is_behind(found: str | None) -> bool:
    """Whether a database with this revision needs an upgrade; not where a newer version has upgraded it already."""
    return found != newest() and (found is None or found in revisions())


def revisions() -> list[str]:
    """Every revision that this code knows, oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]


def differences(database: Database) -> list[object]:
    """What the tables declare and the migrations do not build, or the other way round; empty when they agree."""
    with warnings.catch_warnings(), database.engine.connect() as connection:
        # SQLite cannot say of what an index of an expression is: those are compared on PostgreSQL.
        for said in ("Skipped unsupported reflection of", "autogenerate skipping metadata-specified"):
            warnings.filterwarnings("ignore", f"{said} expression-based index")
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
