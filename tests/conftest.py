"""Fixtures that every room's tests share: a fresh database of each kind, a fixed moment, and a browser."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import argon2
import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Dialect, Engine, Pool
from sqlalchemy.orm import Mapper
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from core import clock, users
from db.database import POSTGRES_CONNECTION, Database
from tests import doors
from tests.databases import Postgres, Sqlite
from tests.doors import House
from tests.proof import sizes
from tests.watch import Watch

IN_MEMORY, ROOM = Path("/dev/shm"), 4_000_000_000  # noqa: S108 (where Linux has files in memory); bytes


def pytest_configure() -> None:
    """Hurry where the machine lets us: most tests have a database copied for them, and a shop is six programs.

    What tests write is kept in memory, unless the environment says where, or it is a proof, whose databases are large.
    Where Python is told to keep nothing that it has compiled, it keeps it in the virtual environment.
    """
    is_told = {"TMPDIR", "TEMP", "TMP"} & set(os.environ)
    if not is_told and not sizes.IS_PROOF and _has_room(IN_MEMORY):
        os.environ["TMPDIR"] = str(IN_MEMORY)
        tempfile.tempdir = None
    if sys.prefix != sys.base_prefix and os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(Path(sys.prefix) / "compiled"))


def _has_room(folder: Path) -> bool:
    """Whether one can write there, much, and start programs."""
    if not os.access(folder, os.W_OK) or os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return False
    return shutil.disk_usage(folder).free > ROOM


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--db",
        choices=("sqlite", "postgresql", "both"),
        default="both",
        help="run the database tests on one kind only",
    )


# The files that take longest, in the order to begin them: else one process would be left with the last of them. Between
# two that start whole shops is one that does not, so that seldom both processes have a shop.
FIRST = (
    "proof/test_interleavings.py",
    "proof/test_conversations.py",
    "console/test_accessibility.py",
    "proof/test_races.py",
    "proof/test_state_machine.py",
    "system/test_chat.py",
    "proof/test_old_data.py",
    "system/test_killed_demo.py",
    "workers/test_two_workers.py",
    "proof/test_counters.py",
    "proof/test_full_disk.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {Path(__file__).parent / file: place for place, file in enumerate(FIRST)}
    assert all(path.exists() for path in places), FIRST
    items.sort(key=lambda item: places.get(item.path, len(FIRST)))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name in {"database_url", "shared_url", "empty_url"} & set(metafunc.fixturenames):
        chosen = metafunc.config.getoption("--db")
        kinds = ["sqlite", "postgresql"] if chosen == "both" else [chosen]
        if metafunc.definition.get_closest_marker("any_database"):
            kinds = kinds[-1:]
        metafunc.parametrize(name, kinds, indirect=True)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """A password's hash costs a quarter of a second of processor time on purpose; here hundreds of tests log in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(users, "_hasher", argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_routes() -> Iterator[None]:
    """Werkzeug compiles every address into two functions, 70 ms an application; here hundreds have the same."""
    compiled: dict[object, Any] = {}
    compile_anew = Rule._compile_builder  # noqa: SLF001 (there is no public place to keep it)

    def compile_once(rule: Rule, append_unknown: bool = True) -> Any:  # noqa: ANN401, FBT001, FBT002 (Werkzeug's own)
        key = (rule.rule, append_unknown, tuple(rule._trace), repr(rule.defaults))  # noqa: SLF001
        if key not in compiled:
            compiled[key] = compile_anew(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compile_once)
        yield


class _Compiled(BytecodeCache):
    """Templates as they were compiled once, whichever application asks for them."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session", autouse=True)
def quick_templates() -> Iterator[None]:
    """Compiling its templates is a third of what a test of pages takes; here hundreds of applications have the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", _Compiled())
        yield


class _Alike:
    """A cache of compiled statements for all engines, whose dialects count as one where they are of one kind."""

    def __init__(self) -> None:
        self._compiled: LRUCache[Any, Any] = LRUCache(10_000)

    def get(self, key: tuple[Any, ...]) -> Any:  # noqa: ANN401 (a compiled statement)
        return self._compiled.get(self._of_kind(key))

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:  # noqa: ANN401 (as above)
        self._compiled[self._of_kind(key)] = compiled

    @staticmethod
    def _of_kind(key: tuple[Any, ...]) -> tuple[Any, ...]:
        dialect: Dialect = key[0]
        return (dialect.name, dialect.driver, dialect.paramstyle, dialect.server_version_info, *key[1:])


@pytest.fixture(scope="session", autouse=True)
def quick_statements() -> Iterator[None]:
    """An engine compiles every statement once; here thousands of engines have the same ones."""
    compiled, make = _Alike(), Engine.__init__  # what a mapper inserts and updates has a cache of its own

    def make_with_compiled(engine: Engine, pool: Pool, dialect: Dialect, *given: Any, **more: Any) -> None:  # noqa: ANN401 (SQLAlchemy's own)
        make(engine, pool, dialect, *given, **more)
        engine._compiled_cache = compiled  # type: ignore[assignment]  # noqa: SLF001 (there is no public place to keep it)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "__init__", make_with_compiled)
        patch.setattr(Mapper, "_compiled_cache", _Alike())
        yield


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Sqlite:
    return Sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = Postgres(is_durable=False)  # tests that crash PostgreSQL start one of their own
    yield server
    server.stop()


def _migrated(request: pytest.FixtureRequest, directory: Path) -> Iterator[str]:
    if request.param == "sqlite":
        sqlite: Sqlite = request.getfixturevalue("sqlite")
        yield sqlite.fresh(directory)
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.fresh()
    yield url
    server.drop_later(url)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database of each kind; gone afterwards."""
    yield from _migrated(request, tmp_path)


@pytest.fixture(scope="module")
def shared_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """As `database_url`, for all tests of a module: of those that start a whole shop."""
    yield from _migrated(request, tmp_path_factory.mktemp("shared"))


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a single table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.sqlite3'}"
        return
    server = request.getfixturevalue("postgres")
    url = server.empty()
    yield url
    server.drop_later(url)


@pytest.fixture
def on_postgres(postgres: Postgres) -> Iterator[Database]:
    """For what SQLite cannot do: it has one writer at a time, whatever is not locked."""
    url = postgres.fresh()
    opened = Database(url)
    yield opened
    opened.dispose()
    postgres.drop_later(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def now() -> datetime:
    """The moment at which every test begins."""
    return datetime(2026, 12, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def watch(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """The clock, five minutes after the beginning; set it by its `at`."""
    hands = Watch(now + timedelta(minutes=5))
    monkeypatch.setattr(clock, "now", hands)
    return hands


@pytest.fixture
def house(database: Database, database_url: str, tmp_path: Path) -> Iterator[House]:
    """The whole application, jobs run in place."""
    made = doors.make(database, database_url, tmp_path)
    yield made
    made.app.extensions["tessera"].database.dispose()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium.

    The pages come from this process, and a machine that tests share may keep it waiting for seconds: PostgreSQL takes
    it for cut off no sooner than the browser would.
    """
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setitem(POSTGRES_CONNECTION, "options", "-c idle_in_transaction_session_timeout=30000")
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--disable-dev-shm-usage"])
        yield opened
        opened.close()
