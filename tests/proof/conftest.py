"""Databases that may be crashed; figures and seeds, worth seeing when all is well, too."""

import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import make_url

from db import schema
from db.database import Database
from tests.databases import PostgresServer, Sqlite

Say = Callable[[str], None]


@pytest.fixture
def say(capfd: pytest.CaptureFixture[str]) -> Say:
    """Print a line past pytest's capturing."""

    def line(words: str) -> None:
        with capfd.disabled():
            sys.stdout.write(f"\n{words}")
            sys.stdout.flush()

    return line


@dataclass(frozen=True)
class Ground:
    """A migrated database; its server where it has one, the test's own to crash."""

    url: str
    server: PostgresServer | None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "ground" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--db")
        metafunc.parametrize("ground", ["sqlite", "postgresql"] if chosen == "both" else [chosen], indirect=True)


@pytest.fixture
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    """A database that may be crashed."""
    if request.param == "sqlite":
        sqlite: Sqlite = request.getfixturevalue("sqlite")
        yield Ground(sqlite.fresh(tmp_path), None)
        return
    server = PostgresServer()
    url = make_url(server.url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    database = Database(url)
    schema.upgrade(database)
    database.dispose()
    yield Ground(url, server)
    server.stop()


@pytest.fixture
def no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers of SQLite stand in no line of this process's own: what excludes others is BEGIN IMMEDIATE alone."""
    monkeypatch.setattr(Database, "_turn", lambda _: nullcontext())


@pytest.fixture
def unguarded(on_postgres: Database) -> Database:
    """A database whose locks a control takes away: PostgreSQL's, as SQLite has one writer whatever is not locked."""
    return on_postgres
