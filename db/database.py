"""The way to the database: one engine a process, transactions for reading and for writing."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from db.turns import Line

# Seconds that a writer waits for another one's transaction on SQLite before it fails with "database is locked".
SQLITE_WAIT = 15

RESTED = 1.0  # seconds after which a connection to PostgreSQL is asked whether it is still there, before it is used

# Connections that a process keeps at the most. All are kept: those beyond the pool's size would be made anew, and their
# statements planned anew, with each request.
CONNECTIONS = 20

# What PostgreSQL calls our connections (pg_stat_activity), so that a restore sees whether the shop is open.
NAME = "tessera"

# A host that is cut off says goodbye to nobody. PostgreSQL ends a transaction, with its locks, in which nothing was
# asked for so long (milliseconds); and whoever waits for PostgreSQL's answer learns that it is out of reach (seconds).
POSTGRES_SILENCE = 4_000
POSTGRES_CONNECTION = {
    "application_name": NAME,
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 11_000,  # milliseconds; keepalives are silent while something sent is not acknowledged
    "options": f"-c idle_in_transaction_session_timeout={POSTGRES_SILENCE}",
}


class Database:
    """Transactions against SQLite or PostgreSQL.

    On SQLite a writing transaction begins with BEGIN IMMEDIATE: it waits its turn at the start instead of failing in
    the middle, and what it has read cannot change under it. On PostgreSQL rows are locked (db/locks.py).
    """

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._reading = self.engine.execution_options(postgresql_readonly=True)
        apart = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._still = self._reading.execution_options(**apart)
        self._writing = self.engine.execution_options(tessera_write=True)
        file = self.engine.url.database
        self._line = Line(Path(f"{file}-turn")) if self.is_sqlite and file else None

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite (one writer at a time) rather than PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads; PostgreSQL refuses a change, SQLite does not keep it.

        On PostgreSQL it ends with COMMIT: at a ROLLBACK psycopg forgets all that was prepared on the connection, and
        each statement would be planned anew.
        """
        with Session(self._reading, expire_on_commit=False, autoflush=False) as session:
            yield session
            if not self.is_sqlite:
                session.commit()

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A transaction that only reads, all of it at one moment, however long it takes.

        PostgreSQL lets it be silent for as long as it likes: it holds no lock that anybody waits for, and on a starved
        machine more than POSTGRES_SILENCE can pass between two of its questions.
        """
        with Session(self._still, expire_on_commit=False, autoflush=False) as session:
            if not self.is_sqlite:
                session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that is committed at the end of the block, or rolled back whole when the block raises."""
        with self._turn(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def _turn(self) -> AbstractContextManager[object]:
        """This writer's turn in the line of SQLite's writers; PostgreSQL needs none."""
        return self._line.turn() if self._line else nullcontext()

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        given = make_url(url).query  # what the operator has set goes first
        connection = {name: value for name, value in POSTGRES_CONNECTION.items() if name not in given}
        engine = create_engine(url, pool_size=CONNECTIONS, max_overflow=0, connect_args=connection)
        _ping_after_rest(engine)
        return engine
    engine = create_engine(url, pool_size=CONNECTIONS, max_overflow=0)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _ping_after_rest(engine: Engine) -> None:
    """Replace connections that have rested and were lost meanwhile; one just used is not asked, which costs a question.

    Where that one was lost its transaction fails, and SQLAlchemy then replaces all that are as old.
    """

    def note_use(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["used_at"] = time.monotonic()

    def ping(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        used_at = record.info.get("used_at")  # none: it is new
        if used_at is None or time.monotonic() - used_at < RESTED:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", note_use)
    event.listen(engine, "checkout", ping)


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 (a DBAPI connection has no type)
    connection.isolation_level = None  # the driver begins nothing by itself; _begin_sqlite does
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {SQLITE_WAIT * 1000}",  # milliseconds; first, so that the switch to WAL waits too
        "journal_mode = WAL",
        "foreign_keys = ON",
        "synchronous = FULL",  # a committed redemption survives a power cut, not only a crash
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    is_write = connection.get_execution_options().get("tessera_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")
