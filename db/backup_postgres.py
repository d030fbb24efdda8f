"""PostgreSQL's part of backups: pg_dump writes the file, pg_restore reads it, and one transaction takes it in."""

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Cursor
from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError

from db import locks, schema
from db.backup_problem import BackupError, Problem
from db.base import Base
from db.database import Database
from db.locks import InUseError

IN_USE_WAIT = 2  # seconds for which connections of programs that have just ended may still be there
PATIENCE = 30  # seconds for which whoever uses the database may still end
OTHERS = text(
    "SELECT host(client_addr) AS place, count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = current_setting('application_name')"
    " AND pid <> pg_backend_pid() GROUP BY place ORDER BY place"
)
TRIGGERED = text(
    "SELECT DISTINCT proname FROM pg_trigger"
    " JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid"
    " WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace AND relname = ANY(:tables)"
)
COPY = re.compile(rb"COPY .* FROM stdin;\n")
END_OF_COPY = b"\\.\n"
CHUNK = 1 << 18  # bytes sent at a time
# For psql alone; and a setting that programs of PostgreSQL 17 and later write for servers that may not know it.
LEFT_OUT = (b"\\restrict ", b"\\unrestrict ", b"SET transaction_timeout ")
TABLE = re.compile(r"^\d+; \d+ \d+ TABLE (?!DATA )\S+ (\S+) ", re.MULTILINE)


@dataclass(frozen=True)
class Programs:
    """Where pg_dump and pg_restore are ("": on PATH), and this process's environment with changes."""

    folder: str
    environment: Callable[[Mapping[str, str]], dict[str, str]]

    def path(self, name: str) -> str:
        """The program `name`.

        Raises:
            BackupError: PROGRAM_MISSING.
        """
        found = shutil.which(name, path=self.folder or None)
        if found is None:
            raise BackupError(
                Problem.PROGRAM_MISSING, f"{name} is not {f'in {self.folder}' if self.folder else 'on PATH'}"
            )
        return found


def reach(database: Database) -> None:
    """Connect once.

    Raises:
        BackupError: UNREACHABLE.
    """
    try:
        database.engine.connect().close()
    except OperationalError as error:
        raise BackupError(Problem.UNREACHABLE, str(error.orig).splitlines()[0]) from error


def save(database: Database, programs: Programs, draft: Path) -> None:
    """Dump `database` into the file `draft`; others go on meanwhile, and what they write is not in it.

    Raises:
        BackupError: UNREACHABLE, PROGRAM_MISSING, PROGRAM_OLD, PROGRAM_FAILED.
    """
    reach(database)
    with database.engine.connect() as connection:
        _refuse_older(programs.path("pg_dump"), connection)
        schema_name = connection.dialect.default_schema_name
    _, found = database.engine.dialect.create_connect_args(database.engine.url)
    password = found.pop("password", None)
    found.pop("context", None)  # psycopg's own
    words = [
        programs.path("pg_dump"),
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        "--no-password",
        f"--schema={schema_name}",
        f"--file={draft}",
        f"--dbname={make_conninfo(**found)}",
    ]
    _output(words, Problem.PROGRAM_FAILED, programs.environment({"PGPASSWORD": password} if password else {}))


def revision(programs: Programs, file: Path) -> str:
    """The schema's revision in the backup `file`.

    Raises:
        BackupError: NOT_A_BACKUP, DAMAGED, PROGRAM_MISSING.
    """
    words = [programs.path("pg_restore"), "--data-only", "--table=alembic_version", "--file=-", str(file)]
    lines = iter(_output(words, Problem.DAMAGED).encode().splitlines(keepends=True))
    for line in lines:
        if COPY.fullmatch(line):
            found = next(lines, END_OF_COPY)
            if found != END_OF_COPY:
                return found.decode().strip()
    raise BackupError(Problem.NOT_A_BACKUP)


def restore(database: Database, programs: Programs, file: Path) -> None:
    """Replace the tables of `database` by those in `file` and upgrade them, all in one transaction.

    pg_restore itself could not: its own transaction ends before the upgrade, which may fail too.

    Raises:
        BackupError: SHOP_OPEN, DAMAGED, UPGRADE_FAILED, IN_USE, PROGRAM_MISSING, PROGRAM_OLD.
    """
    pg_restore = programs.path("pg_restore")
    _refuse_an_open_shop(database)
    in_file = TABLE.findall(_output([pg_restore, "--list", str(file)], Problem.DAMAGED))
    with database.engine.connect() as connection:
        try:
            with connection.begin():
                _refuse_older(pg_restore, connection)
                locks.whole(connection, PATIENCE)
                _drop(connection, {*in_file, *Base.metadata.tables, "alembic_version"})
                _take_in(connection, [pg_restore, f"--schema={connection.dialect.default_schema_name}", str(file)])
                schema.upgrade_within(connection)
        except InUseError as error:
            raise BackupError(Problem.IN_USE) from error
        except psycopg.Error as error:  # said to the driver, so not in SQLAlchemy's form
            raise BackupError(Problem.DAMAGED, str(error).splitlines()[0]) from error
        except DBAPIError as error:
            raise BackupError(Problem.UPGRADE_FAILED, str(error).splitlines()[0]) from error
        finally:
            connection.invalidate()  # the dump has set up the session for itself


def _refuse_an_open_shop(database: Database) -> None:
    """Most connections of an open shop rest, and no lock tells of them; they have the name that this one has."""
    deadline = time.monotonic() + IN_USE_WAIT
    while True:
        with database.engine.connect() as connection:  # anew: a transaction sees one list of connections only
            others = connection.execute(OTHERS).all()
        if not others:
            return
        if time.monotonic() > deadline:
            places = ", ".join(f"{count} from {place or 'this machine'}" for place, count in others)
            raise BackupError(Problem.SHOP_OPEN, f"connections: {places}")
        time.sleep(0.1)


def _drop(connection: Connection, names: set[str]) -> None:
    quote = connection.dialect.identifier_preparer.quote
    there = sorted(names & set(inspect(connection).get_table_names()))
    if there:
        functions = connection.scalars(TRIGGERED, {"tables": there}).all()  # they do not go with their tables
        connection.execute(text(f"DROP TABLE {', '.join(map(quote, there))}"))
        for function in functions:
            connection.execute(text(f"DROP FUNCTION {quote(function)}"))


def _take_in(connection: Connection, words: list[str]) -> None:
    """Run what pg_restore writes, as psql would."""
    driver: Any = connection.connection.driver_connection
    whole = [*words[:-1], "--no-owner", "--no-privileges", "--no-comments", "--file=-", words[-1]]
    with tempfile.TemporaryFile() as said, driver.cursor() as cursor:
        with subprocess.Popen(whole, stdout=subprocess.PIPE, stderr=said) as program:  # noqa: S603 (a found program)
            try:
                is_whole = _run(cursor, program.stdout or ())
            except BaseException:
                program.kill()
                raise
        if program.returncode or not is_whole:
            said.seek(0)
            raise BackupError(Problem.DAMAGED, _last_line(said.read().decode(errors="replace")))
        cursor.execute("RESET ALL")


def _run(cursor: Cursor[Any], script: Iterable[bytes]) -> bool:
    """Whether the script did not end within a table's rows."""
    sql: list[bytes] = []
    lines = iter(script)
    for line in lines:
        if COPY.fullmatch(line):
            cursor.execute(b"".join(sql), prepare=False)
            sql.clear()
            if not _copy(cursor, line, lines):
                return False
        elif not line.startswith(LEFT_OUT):
            sql.append(line)
    cursor.execute(b"".join(sql), prepare=False)
    return True


def _copy(cursor: Cursor[Any], statement: bytes, lines: Iterator[bytes]) -> bool:
    chunk = bytearray()
    with cursor.copy(statement) as copy:
        for line in lines:
            if line == END_OF_COPY:
                copy.write(chunk)
                return True
            chunk += line
            if len(chunk) > CHUNK:
                copy.write(chunk)
                chunk.clear()
    return False


def _refuse_older(program: str, connection: Connection) -> None:
    server = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    found = re.search(r"\d+", _output([program, "--version"], Problem.PROGRAM_FAILED))
    if found is None or int(found[0]) < server:
        version = found[0] if found else "unknown"
        raise BackupError(Problem.PROGRAM_OLD, f"{program} is of PostgreSQL {version}, the server is {server}")


def _output(words: list[str], problem: Problem, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(words, capture_output=True, check=False, env=environment)  # noqa: S603 (a found program)
    if done.returncode:
        raise BackupError(problem, _last_line(done.stderr.decode(errors="replace")))
    return done.stdout.decode(errors="replace")


def _last_line(said: str) -> str:
    return (said.strip().splitlines() or [""])[-1]
