"""Backups: the whole database in one file, and back. What is particular to SQLite or PostgreSQL is next door."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import inspect, select, table
from sqlalchemy.exc import DatabaseError

from db import backup_postgres, backup_sqlite, schema
from db.backup_postgres import Programs
from db.backup_problem import BackupError, Problem
from db.database import Database

FILLED = {"alembic_version", "record_feeds"}  # by migrations
MAGIC = {b"SQLite format 3\0": "SQLite", b"PGDMP": "PostgreSQL"}  # how a file of each kind begins


@dataclass(frozen=True)
class Restored:
    """`revision` is the schema that the backup had; `set_aside` where a damaged database was put, if there was one."""

    revision: str
    set_aside: Path | None


def save(database: Database, file: Path, programs: Programs, *, force: bool) -> int:
    """Write all of `database`, as it is at one moment, into `file`; returns its size in bytes.

    The shop goes on meanwhile. `file` is there whole or not at all; one that was there is replaced where `force`.

    Raises:
        BackupError: FILE_EXISTS, FILE_FAILED, IS_THE_DATABASE, NO_SHOP, DATABASE_DAMAGED, UNREACHABLE, or one of the
            programs'.
    """
    _refuse_the_database_itself(database, file)
    if file.exists() and not force:
        raise BackupError(Problem.FILE_EXISTS)
    _refuse_no_shop(database)
    with _file_errors(), _beside(file) as draft:
        if database.is_sqlite:
            backup_sqlite.save(database, draft)
        else:
            backup_postgres.save(database, programs, draft)
        backup_sqlite.sync(draft)
        _put_in_place(draft, file, force=force)
        backup_sqlite.sync(file.parent)
        return file.stat().st_size


def restore(database: Database, file: Path, programs: Programs, *, force: bool) -> Restored:
    """Make `database` what it was when `file` was written, in this code's schema.

    What `database` has is replaced where `force`. It is changed at the very end and at once: where anything fails, it
    is as it was.

    Raises:
        BackupError: whatever `Problem` says, but FILE_EXISTS.
    """
    _refuse_the_database_itself(database, file)
    with _file_errors():
        kind = _kind(file)
        if not database.is_sqlite:
            backup_postgres.reach(database)
        if kind != ("SQLite" if database.is_sqlite else "PostgreSQL"):
            raise BackupError(Problem.OTHER_KIND, kind)
        revision = backup_sqlite.revision(file) if database.is_sqlite else backup_postgres.revision(programs, file)
        if revision not in schema.revisions():
            raise BackupError(Problem.NEWER, revision)
        if not force and not _is_empty(database):
            raise BackupError(Problem.NOT_EMPTY)
        if not database.is_sqlite:
            backup_postgres.restore(database, programs, file)
            return Restored(revision, None)
        with _beside(backup_sqlite.path_of(database)) as draft:
            return Restored(revision, backup_sqlite.restore(database, file, draft))


def _refuse_the_database_itself(database: Database, file: Path) -> None:
    if not database.is_sqlite:
        return
    live = backup_sqlite.path_of(database)
    if live.exists() and file.exists() and file.samefile(live):
        raise BackupError(Problem.IS_THE_DATABASE)


def _refuse_no_shop(database: Database) -> None:
    """Settings that point elsewhere would have nothing backed up, night after night, and a good backup replaced."""
    if not database.is_sqlite:
        backup_postgres.reach(database)
    elif not backup_sqlite.path_of(database).exists():
        raise BackupError(Problem.NO_SHOP, _place(database))
    with suppress(DatabaseError):  # a file that cannot be read; `backup_sqlite.save` says how
        if schema.current(database) is None:
            raise BackupError(Problem.NO_SHOP, _place(database))


def _place(database: Database) -> str:
    if database.is_sqlite:
        return str(backup_sqlite.path_of(database))
    return database.engine.url.set(drivername="postgresql").render_as_string()


def _kind(file: Path) -> str:
    with file.open("rb") as opened:
        start = opened.read(max(map(len, MAGIC)))
    for magic, kind in MAGIC.items():
        if start.startswith(magic):
            return kind
    raise BackupError(Problem.NOT_A_BACKUP)


def _is_empty(database: Database) -> bool:
    """Whether no table has a row but those that the schema comes with; a file that cannot be read may have."""
    try:
        with database.read() as session:
            names = set(inspect(session.connection()).get_table_names()) - FILLED
            return not any(session.execute(select(1).select_from(table(name)).limit(1)).first() for name in names)
    except DatabaseError:
        if database.is_sqlite:
            return False
        raise


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A new file that only we can read, in the folder of `file`; gone at the end unless it was renamed."""
    number, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    os.close(number)
    try:
        yield Path(name)
    finally:
        for suffix in ("", *backup_sqlite.COMPANIONS):
            Path(name + suffix).unlink(missing_ok=True)


def _put_in_place(draft: Path, file: Path, *, force: bool) -> None:
    if not force:
        with suppress(PermissionError, NotImplementedError):  # a file system without hard links
            file.hardlink_to(draft)
            return
    draft.replace(file)


@contextmanager
def _file_errors() -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise BackupError(Problem.FILE_EXISTS) from error
    except OSError as error:
        raise BackupError(Problem.FILE_FAILED, f"{error.filename or 'the disk'}: {error.strerror}") from error
