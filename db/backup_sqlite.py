"""SQLite's part of backups: a copy by SQLite itself, and a file that takes the database's place."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from db import schema
from db.backup_problem import BackupError, Problem
from db.database import Database

COMPANIONS = ("-wal", "-shm", "-journal")  # files that SQLite keeps beside a database that is open
IN_USE_WAIT = 2  # seconds for which whoever has the database open may still end
BUSY, LOCKED, CORRUPT, NOT_A_DATABASE = 5, 6, 11, 26  # SQLite's result codes


def path_of(database: Database) -> Path:
    """The file that `database` is in."""
    return Path(database.engine.url.database or "")


def save(database: Database, draft: Path) -> None:
    """Copy `database` into the empty file `draft`, in one step: writers go on, and are not in it.

    Raises:
        BackupError: DATABASE_DAMAGED, FILE_FAILED.
    """
    with _failures(Problem.DATABASE_DAMAGED), closing(database.engine.raw_connection()) as source:
        driver: Any = source.driver_connection
        with closing(sqlite3.connect(draft, isolation_level=None)) as target:
            driver.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # nothing beside it
            _check(target)


def revision(file: Path) -> str:
    """The schema's revision in the backup `file`, which is only read.

    Raises:
        BackupError: NOT_A_BACKUP, DAMAGED, FILE_FAILED.
    """
    address = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
    with _failures(Problem.DAMAGED), closing(sqlite3.connect(address, uri=True)) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            raise BackupError(Problem.NOT_A_BACKUP) from error
        if row is None:
            raise BackupError(Problem.NOT_A_BACKUP)
        return str(row[0])


def restore(database: Database, file: Path, draft: Path) -> Path | None:
    """Put a checked and upgraded copy of `file`, made in `draft`, in the place of `database`.

    Returns where the database was put that was there, if it was damaged; None otherwise.

    Raises:
        BackupError: DAMAGED, UPGRADE_FAILED, IN_USE, FILE_FAILED.
    """
    shutil.copyfile(file, draft)
    with _failures(Problem.DAMAGED), closing(sqlite3.connect(draft)) as connection:
        _check(connection)
    upgraded = Database(f"sqlite:///{draft}")
    try:
        schema.upgrade(upgraded)
    except DBAPIError as error:
        raise BackupError(Problem.UPGRADE_FAILED, str(error).splitlines()[0]) from error
    finally:
        upgraded.dispose()
    with _failures(Problem.DAMAGED), closing(sqlite3.connect(draft)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    sync(draft)
    database.dispose()
    live = path_of(database)
    set_aside = _replace(live, draft)
    sync(live.parent)
    return set_aside


def sync(path: Path) -> None:
    """Wait until a file, or what a folder lists, is on the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _replace(live: Path, draft: Path) -> Path | None:
    if not live.exists():
        _set_aside(live, draft)
        return None
    found = live.stat()
    draft.chmod(found.st_mode & 0o777)
    with suppress(PermissionError):  # ours already, or nobody's business
        os.chown(draft, found.st_uid, found.st_gid)
    try:
        with _failures(Problem.DATABASE_DAMAGED):
            _take_place(live, draft)
    except BackupError as error:
        if error.problem is not Problem.DATABASE_DAMAGED:
            raise
        return _set_aside(live, draft)
    return None


def _take_place(live: Path, draft: Path) -> None:
    with closing(sqlite3.connect(live, isolation_level=None, timeout=IN_USE_WAIT)) as connection:
        # Ends the write-ahead log, which SQLite does only where nobody else has the database open.
        if connection.execute("PRAGMA journal_mode = DELETE").fetchone() != ("delete",):
            raise BackupError(Problem.IN_USE)
        connection.execute("BEGIN EXCLUSIVE")
        draft.replace(live)


def _set_aside(live: Path, draft: Path) -> Path:
    """Keep a database that SQLite cannot read, or what it left; the log first, which is not to become the new one's."""
    kept = live.with_name(f"{live.name}.damaged-{os.getpid()}")
    for suffix in (*COMPANIONS, ""):
        with suppress(FileNotFoundError):
            Path(f"{live}{suffix}").rename(f"{kept}{suffix}")
    draft.rename(live)
    return kept


def _check(connection: sqlite3.Connection) -> None:
    found = [row[0] for row in connection.execute("PRAGMA integrity_check(1)")]
    if found != ["ok"]:
        raise sqlite3.DatabaseError(found[0])


@contextmanager
def _failures(damage: Problem) -> Iterator[None]:
    """Tell what SQLite says: that the file is in use, that it is damaged, or that the disk failed."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", CORRUPT) & 0xFF  # without its extension; _check's has none
        problem = {BUSY: Problem.IN_USE, LOCKED: Problem.IN_USE, CORRUPT: damage, NOT_A_DATABASE: damage}.get(code)
        raise BackupError(problem or Problem.FILE_FAILED, str(error)) from error
